"""Facebook pages."""

import re
from typing import Final
from urllib.parse import quote

from apps.collectors.addresses import Address, name_or_refuse, pasted, refuse_reserved, words
from apps.collectors.types import NotAnAccount, Refusal, Target

HOSTS: Final = ("facebook.com", "fb.com", "fb.me")
OTHERS: Final = ("fb.watch", "www.fb.watch")
NAME: Final = re.compile(r"[A-Za-z0-9.]{5,50}")
ID: Final = re.compile(r"[0-9]{5,25}")
NAMED_ID: Final = re.compile(r".+-([0-9]{6,25})")  # /Example-Ministry-100000000000001
RESERVED: Final = {
    **words(Refusal.GROUP, "groups group"),
    **words(Refusal.EVENT, "events event e"),
    **words(Refusal.SHORT_LINK, "share s l"),
    **words(
        Refusal.POST,
        "story.php permalink.php photo.php photo photos posts stories notes note.php media story hashtag.php",
    ),
    **words(Refusal.VIDEO, "watch reel reels video.php videos live"),
    **words(Refusal.SEARCH, "search hashtag explore directory public"),
    **words(
        Refusal.RESERVED,
        "profile.php pages people p home.php login login.php marketplace gaming help policies policy.php privacy "
        "settings messages notifications bookmarks friends memories saved sharer sharer.php dialog plugins l.php "
        "business ads games recover legal terms careers tr adsmanager checkpoint r.php reg signup fundraisers jobs "
        "places offers ajax",
    ),
}


def parse(text: str) -> Target:
    """The page or profile an address, name or number names; raises NotAnAccount."""
    address, name = pasted(text, HOSTS, OTHERS)
    if address is None:
        return _target(name)
    if address.host in OTHERS:
        raise NotAnAccount(Refusal.VIDEO, address.seen)
    number = _number(address)
    if number:
        if not ID.fullmatch(number):
            raise NotAnAccount(Refusal.BAD_ID, number)
        return Target("facebook", platform_id=number)
    refuse_reserved(address, RESERVED)
    named = NAMED_ID.fullmatch(address.part(0))
    return Target("facebook", platform_id=named[1]) if named else _target(address.part(0))


def url(target: Target) -> str:
    name = target.handle or target.platform_id
    return f"https://www.facebook.com/{quote(name, safe='')}" if name else ""


def plain(name: str) -> str:
    """A name as Facebook compares it: case and dots do not count."""
    return name.replace(".", "").casefold()


def _number(address: Address) -> str:
    """The id of an address that says in its path or query that it holds one; "" where it does not."""
    first, last = address.part(0), address.path[-1] if address.path else ""
    if first == "profile.php":
        return address.query.get("id", "")
    named = NAMED_ID.fullmatch(address.part(3) if address.part(1) == "category" else address.part(1))
    if first == "pages" and address.part(1) == "category":
        return named[1] if named else last
    if first in ("pages", "people") and len(address.path) > 2:
        return address.part(2)
    if first == "p" and len(address.path) > 1:
        return named[1] if named else last
    return ""


def _target(name: str) -> Target:
    if ID.fullmatch(name):
        return Target("facebook", platform_id=name)
    return Target("facebook", handle=name_or_refuse(name, NAME, RESERVED))
