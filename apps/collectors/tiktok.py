"""TikTok: addresses only. Its terms leave no way to read foreign accounts by program; people read the page."""

import re
from typing import Final
from urllib.parse import quote

from apps.collectors.addresses import name_or_refuse, read_pasted, refuse_reserved, words
from apps.collectors.types import NotAnAccount, Refusal, Target

HOSTS: Final = ("tiktok.com",)
NAME: Final = re.compile(r"(?=[\w.]{2,24}\Z)[A-Za-z0-9_.]*[A-Za-z0-9_]", re.ASCII)
RESERVED: Final = {
    **words(Refusal.SHORT_LINK, "t"),
    **words(Refusal.VIDEO, "v embed video live"),
    **words(Refusal.SEARCH, "tag discover search explore music channel topics"),
    **words(
        Refusal.RESERVED, "foryou following friends about legal login signup upload setting settings messages"
    ),
}


def parse(text: str) -> Target:
    """Return the account an address or @name names; raises NotAnAccount."""
    address, name = read_pasted(text, HOSTS)
    if address is None:
        return _target(name)
    if address.host in ("vm.tiktok.com", "vt.tiktok.com"):
        raise NotAnAccount(Refusal.SHORT_LINK, address.seen)
    refuse_reserved(address, RESERVED)
    if not address.part(0).startswith("@"):
        raise NotAnAccount(Refusal.BAD_HANDLE, address.seen)
    return _target(address.part(0))


def url(target: Target) -> str:
    return f"https://www.tiktok.com/@{quote(target.handle, safe='')}" if target.handle else ""


def _target(name: str) -> Target:
    return Target("tiktok", name_or_refuse(name, NAME))
