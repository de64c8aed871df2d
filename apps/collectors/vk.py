"""VK communities and persons."""

import re
from typing import Final
from urllib.parse import quote

from apps.collectors.addresses import name_or_refuse, pasted, refuse_reserved, words
from apps.collectors.types import NotAnAccount, Refusal, Target

HOSTS: Final = ("vk.com", "vk.ru", "vkontakte.ru", "vk.me", "vk.link", "vkvideo.ru")
OTHERS: Final = ("vk.cc",)
NAME: Final = re.compile(r"[A-Za-z0-9_.]{2,32}")
NUMBERED: Final = re.compile(r"(club|public|event|id)([0-9]{1,18})")
WALL: Final = re.compile(r"wall(-?[0-9]{1,18})(?:_[0-9]+)?")
ID: Final = re.compile(
    r"-?[1-9][0-9]{0,17}"
)  # communities have negative ids, as everywhere in VK's owner ids
ONE_THING: Final = re.compile(
    r"(photo|album|video|clip|topic|market|doc|story|audio|app|note|page|poll|product|artist|podcast|playlist|article)"
    r"s?(-?[0-9]+)(_[0-9]+)*"
)
VIDEOS: Final = ("video", "clip", "podcast")
RESERVED: Final = {
    **words(Refusal.VIDEO, "clips"),
    **words(Refusal.SEARCH, "search"),
    **words(Refusal.SHORT_LINK, "away.php away cc"),
    **words(Refusal.PRIVATE_INVITE, "join invite"),
    **words(
        Refusal.RESERVED,
        "feed im login settings friends groups music market video albums audios bookmarks mail write apps games about "
        "support help terms privacy dev services ads jobs join.php public event club docs stickers calls restore "
        "share.php widget_community.php al_feed.php discover covid19 vkpay write.php wall id",
    ),
}


def parse(text: str) -> Target:
    """The community or person an address, name or number names; raises NotAnAccount.

    A wall entry names the one on whose wall it stands.
    """
    address, name = pasted(text, HOSTS, OTHERS)
    if address is None:
        return _target(name)
    if address.host in OTHERS:
        raise NotAnAccount(Refusal.SHORT_LINK, address.seen)
    parts = address.path
    if parts[:1] == ("video",) and len(parts) > 1 and parts[1].startswith("@"):
        parts = parts[1:]
    first = parts[0] if parts else ""
    wall = WALL.fullmatch(first) or (
        WALL.fullmatch(address.query.get("w", "")) if first.lower() in ("", *RESERVED) else None
    )
    if wall:
        return _by_id(wall[1])
    if first.startswith("@"):
        return _target(first[1:].partition("-")[0])
    thing = ONE_THING.fullmatch(first.lower())
    if thing:
        raise NotAnAccount(Refusal.VIDEO if thing[1] in VIDEOS else Refusal.POST, address.seen)
    if parts == address.path:
        refuse_reserved(address, RESERVED)
    return _target(first)


def url(target: Target) -> str:
    if target.handle:
        return f"https://vk.com/{quote(target.handle, safe='')}"
    number = target.platform_id
    if not number:
        return ""
    return (
        f"https://vk.com/club{quote(number[1:], safe='')}"
        if number.startswith("-")
        else f"https://vk.com/id{number}"
    )


def _by_id(number: str) -> Target:
    if not ID.fullmatch(number):
        raise NotAnAccount(Refusal.BAD_ID, number)
    return Target("vk", platform_id=number)


def _target(name: str) -> Target:
    numbered = NUMBERED.fullmatch(name.lower())
    if numbered:
        return _by_id(numbered[2] if numbered[1] == "id" else f"-{numbered[2]}")
    return Target("vk", handle=name_or_refuse(name, NAME, RESERVED))
