"""Threads accounts."""

from typing import Final
from urllib.parse import quote

from apps.collectors.addresses import name_or_refuse, pasted, refuse_reserved, words
from apps.collectors.instagram import NAME  # the same names, for the same accounts
from apps.collectors.types import NotAnAccount, Refusal, Target

HOSTS: Final = ("threads.com", "threads.net")
RESERVED: Final = {
    **words(Refusal.POST, "t post"),
    **words(Refusal.SEARCH, "search explore"),
    **words(
        Refusal.RESERVED, "login settings activity saved liked intent following for_you custom_feed insights"
    ),
}


def parse(text: str) -> Target:
    """The account an address or @name names, in lower case; raises NotAnAccount."""
    address, name = pasted(text, HOSTS)
    if address is None:
        return _target(name)
    refuse_reserved(address, RESERVED)
    if not address.part(0).startswith("@"):
        raise NotAnAccount(Refusal.BAD_HANDLE, address.seen)
    return _target(address.part(0))


def url(target: Target) -> str:
    return f"https://www.threads.com/@{quote(target.handle, safe='')}" if target.handle else ""


def _target(name: str) -> Target:
    return Target("threads", name_or_refuse(name.lower(), NAME))
