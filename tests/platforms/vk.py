"""VK: groups.getById and users.get. Communities have ids with a minus here, as everywhere in VK.

States: counted, banned, deleted, closed (no count), private, person, uncounted. More: "error" gives an error of its own.
"""

from tests.platforms.world import Known, Reply, Request, World, as_json

TOKEN = "local-vk-token"  # noqa: S105 (opens nothing but this server)


def answer(world: World, request: Request) -> Reply:
    if request.one("access_token") != TOKEN:
        return error(5, "User authorization failed: invalid access_token (4).")
    if request.one("v") != "5.199":
        return error(100, "One of the parameters specified was missing or invalid: v")
    if request.path == "/method/groups.getById":
        return _groups(world, request.one("group_ids").split(","))
    return _people(world, request.one("user_ids").split(","))


def _groups(world: World, names: list[str]) -> Reply:
    if len(names) > 500:
        return error(100, "One of the parameters specified was missing or invalid: group_ids is too long")
    found = []
    for name in names:
        known = world.find("vk", f"-{name}" if name.isdecimal() else name)
        if known is None or _is_person(known):
            continue
        if "error" in known.more:
            return error(known.more["error"], "said so")
        found.append(_group(known, name))
    if not found and len(names) == 1:
        return error(100, "One of the parameters specified was missing or invalid: group_ids is undefined")
    return as_json({"response": {"groups": list(reversed(found)), "profiles": []}})


def _is_person(known: Known) -> bool:
    return known.state == "person" or (known.id != "" and not known.id.startswith("-"))


def _group(known: Known, asked: str) -> dict[str, object]:
    number = int(known.id.lstrip("-") or (asked if asked.isdecimal() else sum(known.handle.encode())))
    group: dict[str, object] = {
        "id": number,
        "name": known.title,
        "screen_name": known.handle if not known.handle.startswith("-") else f"club{number}",
        "is_closed": {"closed": 1, "private": 2}.get(known.state, 0),
        "type": "page",
        "verified": int(known.verified),
        "photo_200": "https://sun1.userapi.com/a.jpg",
    }
    if known.state in ("banned", "deleted"):
        group.update(deactivated=known.state, name="DELETED")
    elif known.state not in ("closed", "private", "uncounted"):
        group["members_count"] = known.followers
    return {**group, **known.more}


def _people(world: World, names: list[str]) -> Reply:
    found = []
    for name in names:
        known = world.find("vk", name)
        if known is None or not _is_person(known):
            continue
        if "error" in known.more:
            return error(known.more["error"], "said so")
        person: dict[str, object] = {
            "id": int(known.id or 1001),
            "first_name": known.title,
            "last_name": "Abenov",
            "screen_name": known.handle,
            "is_closed": known.state == "closed",
            "verified": int(known.verified),
        }
        if known.state in ("banned", "deleted"):
            person.update(deactivated=known.state, first_name="DELETED", last_name="")
        elif known.state not in ("closed", "uncounted"):
            person["followers_count"] = known.followers
        found.append({**person, **known.more})
    return as_json({"response": found})


def error(code: int, message: str) -> Reply:
    """Return a failure, which comes with HTTP 200."""
    asked = [{"key": "method", "value": "groups.getById"}]
    return as_json({"error": {"error_code": code, "error_msg": message, "request_params": asked}})
