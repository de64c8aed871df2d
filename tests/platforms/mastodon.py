"""Mastodon servers; the first part of the path is the host. Accounts are known as name@host and as NUMBER@host.

States: counted, hidden (-1), suspended, gone (410), moved (more["moved"]). A host is set by an account named
"@host": state closed (guests refused), old (before 4.3), elsewhere (only WebFinger; more["host"] serves the accounts),
handing (WebFinger redirects to more["host"]).
"""

from tests.platforms.world import Known, Reply, Request, World, as_json, page


def answer(world: World, request: Request) -> Reply:
    host, _, path = request.path.lstrip("/").partition("/")
    server = world.find("mastodon", f"@{host}") or Known("mastodon", f"@{host}")
    if path == ".well-known/webfinger":
        return _webfinger(world, request, host, server)
    if server.state in ("elsewhere", "handing"):
        return page("<html><body>The web site of the ministry</body></html>", 404)
    if server.state == "closed":
        return as_json({"error": "This API requires an authenticated user"}, 401)
    if path == "api/v1/accounts/lookup":
        name = request.one("acct")
        found = world.find("mastodon", name if "@" in name else f"{name}@{host}")
        return _account(found) if found else unknown()
    if path == "api/v1/accounts":
        if server.state == "old":
            return page("<html>not here</html>", 404)
        several = [world.find("mastodon", f"{number}@{host}") for number in request.query.get("id[]", [])]
        return as_json([account(found) for found in several if found])
    found = world.find("mastodon", f"{path.rpartition('/')[2]}@{host}")
    return _account(found) if found else unknown()


def _account(known: Known) -> Reply:
    if known.state == "gone":
        return as_json({"error": "Gone"}, 410)
    return as_json(account(known))


def account(known: Known) -> dict[str, object]:
    name, _, host = known.handle.partition("@")
    shown: dict[str, object] = {
        "id": known.id.partition("@")[0] or str(sum(known.handle.encode())),
        "username": name,
        "acct": name,
        "display_name": known.title,
        "locked": False,
        "url": f"https://{host}/@{name}",
        "uri": f"https://{host}/users/{name}",
        "followers_count": known.followers,
        "following_count": 3,
        "statuses_count": 88,
    }
    if known.state == "hidden":
        shown["followers_count"] = -1
    if known.state == "suspended":
        shown.update(suspended=True, display_name="", followers_count=0)
    return {**shown, **known.more}


def _webfinger(world: World, request: Request, host: str, server: Known) -> Reply:
    name = request.one("resource").removeprefix("acct:")
    if server.state == "handing":
        return Reply(status=301, headers={"Location": f"https://{server.more['host']}/.well-known/webfinger"})
    local = name.partition("@")[0]
    served = server.more.get("host", host) if server.state == "elsewhere" else host
    if not (world.find("mastodon", name) or world.find("mastodon", f"{local}@{served}")):
        return page("", 404)
    link = {"rel": "self", "type": "application/activity+json", "href": f"https://{served}/users/{local}"}
    return as_json({"subject": f"acct:{name}", "links": [link]})


def unknown() -> Reply:
    return as_json({"error": "Record not found"}, 404)
