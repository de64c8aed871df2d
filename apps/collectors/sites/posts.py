"""Tell the address of one thing on a platform from that of the account: a post, a photo, an album, a list, an event.

The texts of a page are full of posts: a minister's, a newspaper's, its own. A body that has an account links the account;
a single post tells whose it is and vouches for nobody. A part of an account (/videos, /about, /@name/live) is the account.
"""

import re
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

# Words of a path behind which one thing is named.
THINGS: Final = {
    "facebook": "post posts photo photos video videos reel reels event events note notes album albums permalink story "
    "stories offers live live_videos",
    "instagram": "p reel reels tv guide story highlights",
    "x": "status statuses list lists moments event events article articles timelines",
    "vk": "post photo video clip album topic article",
    "tiktok": "video photo playlist collection",
    "threads": "post t article",
    "bluesky": "post feed lists starter-pack app.bsky.feed.post app.bsky.feed.generator app.bsky.graph.list",
    "ok": "topic statuses album albums photo photos pphotos video clips post product market note",
    "youtube": "community post posts shorts live playlist playlists video videos",
    "telegram": "s c story",
    "mastodon": "status statuses collections",
}
WORDS: Final = {platform: frozenset(words.split()) for platform, words in THINGS.items()}
NUMBERED: Final = ("telegram", "mastodon", "whatsapp")  # a bare number behind the name is a post
NUMBER: Final = re.compile(r"[0-9]+(?:[-,][0-9]+)*")
# Parameters that name a thing on the page of an account.
PARAMETERS: Final = {
    "facebook": ("story_fbid", "fbid", "v", "album_id", "comment_id"),
    "instagram": ("story_media_id",),
    "vk": ("w", "z"),
    "youtube": ("v", "lb", "list"),
    "telegram": ("comment", "story", "post"),
}
OF_VK: Final = re.compile(
    r"(?:wall|photo|video|clip|topic|album|product|page|poll|story|podcast|note|doc|article)s?-?\d+_\d.*"
    r"|event\d+|@-?[^-]+-.+",
    re.I,
)


def is_post(platform: str, address: str) -> bool:
    """Tell whether an address of this platform names one thing that somebody has put there."""
    parts = urlsplit(address)
    path = [unquote(part).lower() for part in parts.path.split("/") if part]
    if parts.scheme == "at" or _is_name(platform, parts.hostname or ""):
        path.insert(0, parts.netloc)
    given = parse_qs(parts.query)
    for name in PARAMETERS.get(platform, ()):
        # facebook.com/name?v=info is a tab of old, ?v=12 a video
        if name in given and (platform == "youtube" or re.search(r"\d", given[name][0])):
            return True
    if platform == "vk" and any(OF_VK.fullmatch(part) for part in path):
        return True
    if platform == "instagram" and path[:1] == ["stories"]:
        return True  # a day's story, gone tomorrow
    behind = path[_places_of_name(path) :]
    if platform in NUMBERED and any(NUMBER.fullmatch(part) for part in behind):
        return True
    return any(word in WORDS.get(platform, ()) for word in behind[:-1])


def _is_name(platform: str, host: str) -> bool:
    """Tell whether the host itself holds the account's name: name.t.me."""
    return platform == "telegram" and host.count(".") == 2 and not host.startswith("www.")


def _places_of_name(path: list[str]) -> int:
    """Return how many places of the path name the account."""
    match path:
        case ["pages", "category", *_]:
            return 4
        case ["pages" | "people", *_] | ["web" | "deck", "accounts", *_] | ["i", "user", *_]:
            return 3
        case ["s" | "c" | "p" | "pg" | "users" | "user" | "accounts" | "web" | "deck", *_]:
            return 2
        case ["channel" | "profile" | "group" | "video", *_]:
            return 2
        case _:
            return 1
