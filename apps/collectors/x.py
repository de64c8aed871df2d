"""X accounts."""

import re
from typing import Final
from urllib.parse import quote

from apps.collectors.addresses import name_or_refuse, pasted, refuse_reserved, words
from apps.collectors.types import NotAnAccount, Refusal, Target

HOSTS: Final = ("x.com", "twitter.com")
OTHERS: Final = ("t.co",)
NAME: Final = re.compile(r"[A-Za-z0-9_]{1,15}")
ID: Final = re.compile(r"[0-9]{1,19}")
RESERVED: Final = {
    **words(Refusal.SEARCH, "search hashtag explore"),
    **words(
        Refusal.RESERVED,
        "home i settings share intent login compose messages notifications tos privacy logout signup account jobs "
        "about download who_to_follow rules lists bookmarks grok oauth widgets",
    ),
}
WITHIN_I: Final = {
    "status": Refusal.POST,
    "web": Refusal.POST,
    "lists": Refusal.GROUP,
    "communities": Refusal.GROUP,
    "events": Refusal.EVENT,
    "spaces": Refusal.EVENT,
    "broadcasts": Refusal.VIDEO,
}


def parse(text: str) -> Target:
    """The account an address, @name or intent link names; raises NotAnAccount."""
    address, name = pasted(text, HOSTS, OTHERS)
    if address is None:
        return _target(name)
    if address.host in OTHERS:
        raise NotAnAccount(Refusal.SHORT_LINK, address.seen)
    first, second = address.part(0).lower(), address.part(1).lower()
    if first == "intent" and second in ("user", "follow"):
        if address.query.get("screen_name"):
            return _target(address.query["screen_name"])
        return _by_id(address.query.get("user_id", ""))
    if first == "i" and second == "user":
        return _by_id(address.part(2))
    if first == "i" and second in WITHIN_I:
        raise NotAnAccount(WITHIN_I[second], address.seen)
    refuse_reserved(address, RESERVED)
    return _target(address.part(0))


def url(target: Target) -> str:
    if target.handle:
        return f"https://x.com/{quote(target.handle, safe='')}"
    return f"https://x.com/i/user/{quote(target.platform_id, safe='')}" if target.platform_id else ""


def _by_id(number: str) -> Target:
    if not ID.fullmatch(number):
        raise NotAnAccount(Refusal.BAD_ID, number)
    return Target("x", platform_id=number)


def _target(name: str) -> Target:
    return Target("x", handle=name_or_refuse(name, NAME, RESERVED))
