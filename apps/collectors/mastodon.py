"""Mastodon accounts, on whichever server."""

import re
from typing import Final
from urllib.parse import quote

from apps.collectors.addresses import Address, clean, is_under, read
from apps.collectors.types import NotAnAccount, Refusal, Target

HOSTS: Final = (
    "mastodon.social",
    "mastodon.online",
    "mstdn.social",
    "mas.to",
    "mastodon.world",
    "fosstodon.org",
)
# Sites with addresses of the same shape that are no Mastodon.
FOREIGN: Final = (
    "medium.com",
    "substack.com",
    "flipboard.com",
    "rumble.com",
    "dzen.ru",
    "rutube.ru",
    "odysee.com",
)
LOCAL: Final = r"[A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*"
DOMAIN: Final = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
NAME: Final = re.compile(rf"(?=[^@]{{1,30}}(?:@|\Z))({LOCAL})(?:@({DOMAIN}))?", re.IGNORECASE)
FULL_NAME: Final = re.compile(rf"(?=[^@]{{1,30}}@.{{4,200}}\Z)({LOCAL})@({DOMAIN})", re.IGNORECASE)
ID: Final = re.compile(rf"([0-9]{{1,25}})@({DOMAIN})", re.IGNORECASE)
HOST: Final = re.compile(DOMAIN, re.IGNORECASE)


def parse(text: str) -> Target:
    """The account an address or @name@host names; raises NotAnAccount. Any host may be a Mastodon server."""
    text = clean(text)
    if FULL_NAME.fullmatch(text.removeprefix("@")):
        return _target(text.removeprefix("@"), "")
    address = read(text, HOSTS)
    if address is None:
        raise NotAnAccount(Refusal.BAD_HANDLE, text)
    if not HOST.fullmatch(address.host) or is_under(address.host, FOREIGN):
        raise NotAnAccount(Refusal.UNKNOWN_HOST, address.host)
    return _of_address(address)


def is_likely(address: Address) -> bool:
    """Whether an address of an unknown host has the shape that accounts have on Mastodon."""
    if not HOST.fullmatch(address.host) or is_under(address.host, FOREIGN):
        return False
    try:
        _of_address(address)
    except NotAnAccount:
        return False
    return True


def url(target: Target) -> str:
    name, _, host = target.handle.partition("@")
    if host:
        return f"https://{host}/@{quote(name, safe='')}"
    number, _, host = target.platform_id.partition("@")
    return f"https://{host}/web/accounts/{quote(number, safe='')}" if host else ""


def _of_address(address: Address) -> Target:
    parts = address.path[1:] if address.part(0) in ("web", "deck") else address.path
    first, second = (*parts, "", "")[:2]
    if first.startswith("@"):
        return _target(first[1:], address.host)
    if first == "users" and second:
        return _target(second, address.host)
    if first == "accounts" and second.isdecimal() and second.isascii() and len(second) <= 25:
        return Target("mastodon", platform_id=f"{second}@{address.host}")
    if first == "tags":
        raise NotAnAccount(Refusal.SEARCH, address.seen)
    raise NotAnAccount(Refusal.RESERVED, address.seen)


def _target(name: str, host: str) -> Target:
    """The account `name`, or `name@other`, as seen on a host."""
    named = NAME.fullmatch(name)
    if not named:
        raise NotAnAccount(Refusal.BAD_HANDLE, name)
    home = named[2] or host
    return Target("mastodon", f"{named[1]}@{home.lower()}")
