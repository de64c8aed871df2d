"""Instagram professional accounts."""

import re
from typing import Final
from urllib.parse import quote

from apps.collectors.addresses import name_or_refuse, pasted, refuse_reserved, words
from apps.collectors.types import NotAnAccount, Refusal, Target

HOSTS: Final = ("instagram.com", "instagr.am")
OTHERS: Final = ("ig.me", "www.ig.me")
NAME: Final = re.compile(r"[a-z0-9_](?:(?:[a-z0-9_]|\.(?!\.)){0,28}[a-z0-9_])?")
RESERVED: Final = {
    **words(Refusal.POST, "p s"),
    **words(Refusal.VIDEO, "reel reels tv live"),
    **words(Refusal.SEARCH, "explore"),
    **words(Refusal.SHORT_LINK, "share"),
    **words(Refusal.GROUP, "channel j"),
    **words(
        Refusal.RESERVED,
        "accounts direct about legal privacy developer web api graphql stories challenge emails directory m _u "
        "press lite download terms",
    ),
}


def parse(text: str) -> Target:
    """The account an address or @name names, in lower case; raises NotAnAccount."""
    address, name = pasted(text, HOSTS, OTHERS)
    if address is None:
        return _target(name)
    first, second = address.part(0).lower(), address.part(1)
    if address.host in OTHERS:
        if first != "m" or not second:
            raise NotAnAccount(Refusal.GROUP if first == "j" else Refusal.RESERVED, address.seen)
        return _target(second)
    if first == "_u" and second:
        return _target(second)
    if first == "stories" and second:
        if second.lower() == "highlights":
            raise NotAnAccount(Refusal.POST, address.seen)
        return _target(second)
    refuse_reserved(address, RESERVED)
    return _target(address.part(0))


def url(target: Target) -> str:
    return f"https://www.instagram.com/{quote(target.handle, safe='')}/" if target.handle else ""


def _target(name: str) -> Target:
    return Target("instagram", name_or_refuse(name.lower(), NAME, RESERVED))
