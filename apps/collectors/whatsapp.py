"""WhatsApp channels: addresses only. There is no public API; people read the channel's page."""

import re
from typing import Final
from urllib.parse import quote

from apps.collectors.addresses import name_or_refuse, read_pasted, refuse_reserved, words
from apps.collectors.types import NotAnAccount, Refusal, Target

HOSTS: Final = ("whatsapp.com",)
OTHERS: Final = ("wa.me", "www.wa.me")
# What the address calls a channel; unlike every handle elsewhere its case counts.
CODE: Final = re.compile(r"[A-Za-z0-9_-]{22,24}")
RESERVED: Final = {
    **words(Refusal.PHONE, "send"),
    **words(Refusal.PRIVATE_INVITE, "invite"),
    **words(Refusal.GROUP, "communities"),
    **words(
        Refusal.RESERVED,
        "channel download business security privacy legal contact faq stayconnected features",
    ),
}


def parse(text: str) -> Target:
    """Return the channel an address or its code names; raises NotAnAccount."""
    address, name = read_pasted(text, HOSTS, OTHERS, names_below=True)
    if address is None:
        return _target(name)
    if address.host in OTHERS:
        raise NotAnAccount(Refusal.PHONE, address.seen)
    if address.host == "chat.whatsapp.com":
        raise NotAnAccount(Refusal.PRIVATE_INVITE, address.seen)
    if address.part(0) == "channel" and address.part(1):
        return _target(address.part(1))
    refuse_reserved(address, RESERVED)
    raise NotAnAccount(Refusal.BAD_HANDLE, address.seen)


def url(target: Target) -> str:
    return f"https://whatsapp.com/channel/{quote(target.handle, safe='')}" if target.handle else ""


def _target(code: str) -> Target:
    return Target("whatsapp", name_or_refuse(code, CODE))
