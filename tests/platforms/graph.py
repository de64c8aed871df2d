"""Meta's Graph: batches for Facebook pages and Instagram accounts, profile_lookup for Threads.

States of pages: counted, unknown_id (100/33), merged (more["to"]), forbidden (10), transient (2), uncounted.
States of Instagram and Threads accounts: counted, personal, forbidden, transient.
"""

import json
import re
from urllib.parse import parse_qs, unquote

from tests.platforms.world import Known, Reply, Request, World, as_json, invented

TOKEN = "local-graph-token"  # noqa: S105 (opens nothing but this server)
USER_ID = "17841400000000099"


def error(
    code: int, message: str, subcode: int = 0, kind: str = "OAuthException", **more: object
) -> dict[str, object]:
    body: dict[str, object] = {"message": message, "type": kind, "code": code, "fbtrace_id": "A1", **more}
    if subcode:
        body["error_subcode"] = subcode
    return {"error": body}


BAD_TOKEN = error(190, "Error validating access token: The session is invalid", 467)
EXPIRED = error(190, "Error validating access token: Session has expired on Sunday", 463)
PASSWORD_CHANGED = error(190, "Error validating access token: the user has changed the password", 460)
LIMIT = error(4, "(#4) Application request limit reached", is_transient=True)
NO_PERMISSION = error(
    10,
    "(#10) This endpoint requires the 'pages_read_engagement' permission or the 'Page Public Content Access' feature.",
)
TRANSIENT = error(2, "Service temporarily unavailable", is_transient=True)


def answer_facebook(world: World, request: Request) -> Reply:
    return _batch(world, request, _page)


def answer_instagram(world: World, request: Request) -> Reply:
    return _batch(world, request, _discovered)


def _batch(world, request, read) -> Reply:
    if request.one("access_token") != TOKEN:
        return as_json(BAD_TOKEN, 400)
    operations = json.loads(request.one("batch"))
    if not 1 <= len(operations) <= 50:
        return as_json(error(100, "Too many requests in batch"), 400)
    parts = []
    for operation in operations:
        path, _, query = operation["relative_url"].partition("?")
        body, headers = read(world, unquote(path), parse_qs(query))
        failed = "error" in body
        parts.append(
            {
                "code": 400 if failed else 200,
                "headers": [{"name": name, "value": value} for name, value in headers.items()],
                "body": json.dumps(body),
            }
        )
    return as_json(parts)


def _page(world, name, query):
    known = world.find("facebook", name)
    if known is None and name.isdecimal():
        known = Known("facebook", "", state="unknown_id")
    if known is None:
        return error(803, f"(#803) Some of the aliases you requested do not exist: {name}"), {}
    if known.state == "unknown_id":
        said = f"Unsupported get request. Object with ID '{name}' does not exist, cannot be loaded due to missing permissions"
        return error(100, said, 33, "GraphMethodException"), {}
    if known.state == "merged":
        said = f"(#21) Page ID {name} was migrated to page ID {known.more['to']}.  Please update your API calls to the new ID"
        return error(21, said), {}
    failed = _failed(known)
    if failed:
        return failed
    page: dict[str, object] = {
        "id": known.id or str(10**14 + sum(name.encode())),
        "name": known.title,
        "username": known.handle,
        "link": f"https://www.facebook.com/{known.handle}",
        "followers_count": known.followers,
        "fan_count": 75110,
        "verification_status": "blue_verified" if known.verified else "not_verified",
        "is_published": True,
    }
    if known.state == "uncounted":
        del page["followers_count"]
    return {**page, **known.more}, {}


def _discovered(world, path, query):
    assert path == USER_ID
    name = re.fullmatch(r"business_discovery\.username\(([^)]*)\)\{[a-z,_]+\}", query["fields"][0])[1]
    known = world.find("instagram", name)
    if known is None or known.state == "personal":
        more = {
            "is_transient": False,
            "error_user_title": "Cannot find User",
            "error_user_msg": f"The user with username: {name} cannot be found.",
        }
        return error(110, "Invalid user id", 2207013, **more), {}
    failed = _failed(known)
    if failed:
        return failed
    found = {
        "id": known.id or str(17841 * 10**12 + invented(name)),
        "username": known.handle.lower(),
        "name": known.title,
        "followers_count": known.followers,
        "follows_count": 12,
        "media_count": 1205,
    }
    return {"business_discovery": {**found, **known.more}, "id": USER_ID}, {}


def _failed(known):
    if known.state == "forbidden":
        return NO_PERMISSION, {}
    if known.state == "transient":
        return TRANSIENT, {}
    if known.state == "limited":
        usage = {
            "1": [
                {"type": "pages", "call_count": 100, "estimated_time_to_regain_access": known.more["minutes"]}
            ]
        }
        return error(80001, "(#80001) There have been too many calls"), {
            "X-Business-Use-Case-Usage": json.dumps(usage)
        }
    return None


def answer_threads(world: World, request: Request) -> Reply:
    assert request.path == "/v1.0/profile_lookup"
    if request.one("access_token") != TOKEN:
        return as_json(BAD_TOKEN, 401)
    known = world.find("threads", request.one("username"))
    if known is None or known.state == "personal" or known.followers in range(100):
        return as_json(error(100, "Invalid parameter", 2207045), 400)
    failed = _failed(known)
    if failed:
        return as_json(failed[0], 400)
    found = {
        "username": known.handle.lower(),
        "name": known.title,
        "biography": "",
        "is_verified": known.verified,
        "follower_count": known.followers,
    }
    return as_json({**found, **known.more})
