"""Which module knows which platform: all can read addresses, those in COLLECTORS can be read by a program."""

import re
from collections.abc import Callable
from types import ModuleType
from typing import Final

from apps.collectors import addresses, bluesky, telegram, youtube
from apps.collectors.bluesky import Bluesky
from apps.collectors.platforms import PLATFORMS, SOURCES
from apps.collectors.telegram import Telegram
from apps.collectors.types import Collector, NotAnAccount, Refusal, Target
from apps.collectors.youtube import YouTube

__all__ = ["COLLECTORS", "READ_BY_HAND", "SOURCES", "parse", "url"]

COLLECTORS: Final[dict[str, Callable[..., Collector]]] = {
    "youtube": YouTube,
    "telegram": Telegram,
    "bluesky": Bluesky,
}
# Counts that only people can read: no program of ours ever asks these platforms.
READ_BY_HAND: Final = tuple(code for code in PLATFORMS if code not in COLLECTORS)

ADDRESSES: Final[dict[str, ModuleType]] = {
    "youtube": youtube,
    "telegram": telegram,
    "bluesky": bluesky,
}


def parse(text: str, platform: str = "") -> Target:
    """The account an address of any platform names; a bare name needs the platform. Raises NotAnAccount.

    With a platform the text is read as that platform's. "platform: @name" works without one. Nothing is fetched.
    """
    text = addresses.clean(text)
    if platform:
        target: Target = ADDRESSES[platform].parse(text)
        return target
    named = re.fullmatch(r"([A-Za-z.]{1,12})\s*:\s*(?!//)(.+)", text, re.DOTALL)
    if named and named[1].lower() in ADDRESSES:
        return parse(named[2], named[1].lower())
    return _recognised(text)


def url(target: Target) -> str:
    """The public address of the account, for people; "" where it has none."""
    address: str = ADDRESSES[target.platform].url(target)
    return address


def _recognised(text: str) -> Target:
    """By the scheme or host of an address, else by a shape that only one platform's names have."""
    address = addresses.read(text, HOSTS)
    if address is not None:
        for module in ADDRESSES.values():
            if addresses.is_under(address.host, (*module.HOSTS, *getattr(module, "OTHERS", ()))):
                target: Target = module.parse(text)
                return target
    if re.match(r"tg:", text, re.IGNORECASE):
        return telegram.parse(text)
    if re.match(r"at://|did:|(https?://)?[a-z0-9-]+\.bsky\.social/?\Z", text, re.IGNORECASE):
        return bluesky.parse(text)
    if youtube.ID.fullmatch(text):
        return youtube.parse(text)
    if address is None and not re.match(r"[^@\s]+\.[^@\s.]{2,}\Z", text):
        raise NotAnAccount(Refusal.NEEDS_PLATFORM, text)
    raise NotAnAccount(Refusal.UNKNOWN_HOST, address.host if address else text)


HOSTS: Final = tuple(
    host for module in ADDRESSES.values() for host in (*module.HOSTS, *getattr(module, "OTHERS", ()))
)
