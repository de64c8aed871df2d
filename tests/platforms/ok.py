"""OK.ru: group.getInfo and url.getInfo. States: counted, person, uncounted. More: "error" gives an error of its own."""

import hashlib

from tests.platforms.world import Known, Reply, Request, World, as_json

APPLICATION_KEY = "LOCALKEY"
SECRET_KEY = "local-ok-secret"  # noqa: S105 (opens nothing but this server)
ACCESS_TOKEN = "local-ok-token"  # noqa: S105


def answer(world: World, request: Request) -> Reply:
    asked = {name: values[0] for name, values in request.query.items()}
    token = asked.pop("access_token", "")
    signature = asked.pop("sig", "")
    if asked.get("application_key") != APPLICATION_KEY:
        return error(101, "PARAM_API_KEY : Application not exist")
    if signature != _signature(asked, token):
        return error(104, "PARAM_SIGNATURE : Invalid signature")
    if token not in ("", ACCESS_TOKEN):
        return error(102, "PARAM_SESSION_EXPIRED : Session expired")
    if asked["method"] == "url.getInfo":
        return _resolved(world, asked["url"].rpartition("/")[2])
    numbers = asked["uids"].split(",")
    if len(numbers) > 100:
        return error(100, "PARAM : Too many uids")
    found = []
    for number in numbers:
        known = world.find("ok", number)
        if known is None or known.state == "person":
            continue
        if "error" in known.more:
            return error(known.more["error"], "said so")
        found.append(_group(known, number))
    return as_json(list(reversed(found)))


def _signature(asked: dict[str, str], token: str) -> str:
    secret = hashlib.md5(f"{token}{SECRET_KEY}".encode()).hexdigest() if token else SECRET_KEY  # noqa: S324
    text = "".join(f"{name}={value}" for name, value in sorted(asked.items())) + secret
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324


def _group(known: Known, number: str) -> dict[str, object]:
    group: dict[str, object] = {"uid": number, "name": known.title, "shortname": known.handle}
    if known.state != "uncounted":
        group["members_count"] = known.followers
    return {**group, **known.more}


def _resolved(world: World, name: str) -> Reply:
    known = world.find("ok", name)
    if known is None:
        return as_json({"type": "UNKNOWN", "objectId": 0})
    kind = "PROFILE" if known.state == "person" else "GROUP"
    number = int(known.id or 53 * 10**12 + sum(name.encode()))
    if not known.id:
        world.set("ok", known.handle, known.followers, id=str(number), state=known.state, title=known.title)
    return as_json({"type": kind, "objectId": number, "objectIdStr": str(number)})


def error(code: int, message: str) -> Reply:
    """Return a failure: an object, with HTTP 200."""
    return as_json({"error_code": code, "error_msg": message, "error_data": None})
