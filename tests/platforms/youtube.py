"""The YouTube Data API's channels.list. States: counted, hidden, forbidden, gone (channelNotFound)."""

import hashlib

from tests.platforms.world import Known, Reply, Request, World, as_json

KEY = "local-youtube-key"


def channel_id(name: str) -> str:
    """Return a channel id that is always the same for a name."""
    return "UC" + hashlib.blake2b(name.casefold().encode(), digest_size=11).hexdigest()


def rounded(followers: int) -> int:
    """Round down to three figures, as YouTube does from 1,000 on."""
    step = 10 ** max(len(str(followers)) - 3, 0)
    return followers // step * step


def answer(world: World, request: Request) -> Reply:
    if request.headers.get("x-goog-api-key", "") != KEY:
        return bad_key()
    asked = [(name, request.one(name)) for name in ("id", "forHandle", "forUsername") if request.one(name)]
    if len(asked) != 1:
        return refusal(400, "incompatibleParameters", "Incompatible parameters specified in the request.")
    name, value = asked[0]
    names = value.split(",") if name == "id" else [value.removeprefix("@")]
    if len(names) > 50:
        return refusal(400, "invalidFilters", "Too many ids.")
    shown = int(request.one("maxResults") or 5)
    items = []
    for wanted in names:
        known = world.find("youtube", f"user/{wanted}" if name == "forUsername" else wanted)
        if known is None:
            continue
        if known.state == "forbidden":
            return refusal(403, "channelForbidden", "The channel does not support the request.")
        if known.state == "gone":
            return refusal(404, "channelNotFound", "The channel could not be found.")
        items.append(_item(known, wanted if name == "id" else ""))
    found: dict[str, object] = {
        "kind": "youtube#channelListResponse",
        "etag": "x1",
        "pageInfo": {"totalResults": len(items), "resultsPerPage": shown},
    }
    if items:
        found["items"] = list(reversed(items))[:shown]  # the order is not the one asked for
    return as_json(found)


def _item(known: Known, asked_id: str) -> dict[str, object]:
    statistics: dict[str, object] = {
        "viewCount": "1834021",
        "hiddenSubscriberCount": False,
        "videoCount": "911",
    }
    if known.state == "hidden":
        statistics["hiddenSubscriberCount"] = True
    elif known.followers is not None:
        statistics["subscriberCount"] = str(rounded(known.followers))
    return {
        "kind": "youtube#channel",
        "etag": "x2",
        "id": known.id or asked_id or channel_id(known.handle),
        "snippet": {
            "title": known.title,
            "customUrl": f"@{known.more.get('custom', known.handle)}",
            "publishedAt": "2014-03-01T08:00:00Z",
            "country": "KZ",
            "thumbnails": {"default": {"url": "https://yt3.ggpht.com/a=s88", "width": 88, "height": 88}},
        },
        "statistics": {**statistics, **known.more.get("statistics", {})},
    }


def refusal(code: int, reason: str, message: str, domain: str = "youtube.channel") -> Reply:
    one = {"message": message, "domain": domain, "reason": reason}
    return as_json({"error": {"code": code, "message": message, "errors": [one]}}, code)


def quota_gone() -> Reply:
    said = "The request cannot be completed because you have exceeded your quota."
    return refusal(403, "quotaExceeded", said, "youtube.quota")


def bad_key() -> Reply:
    return details(
        400, "API_KEY_INVALID", "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT"
    )


def details(code: int, reason: str, message: str, status: str) -> Reply:
    """Return the newer form of a refusal, with the reason under `details`."""
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}
    return as_json({"error": {"code": code, "message": message, "status": status, "details": [info]}}, code)
