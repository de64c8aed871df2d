"""The modules by platform: all can read addresses, those in COLLECTORS can be read by a program."""

import re
from collections.abc import Callable
from types import ModuleType
from typing import Final

from apps.collectors import (
    addresses,
    bluesky,
    facebook,
    instagram,
    mastodon,
    ok,
    telegram,
    threads,
    tiktok,
    vk,
    whatsapp,
    x,
    youtube,
)
from apps.collectors.platforms import PLATFORMS, SOURCES
from apps.collectors.types import Collector, NotAnAccount, Refusal, Target
from apps.collectors.unwrapping import unwrap

__all__ = ["COLLECTORS", "READ_BY_HAND", "SOURCES", "parse", "url"]

COLLECTORS: Final[dict[str, Callable[..., Collector]]] = {
    "facebook": facebook.Facebook,
    "instagram": instagram.Instagram,
    "youtube": youtube.YouTube,
    "x": x.X,
    "telegram": telegram.Telegram,
    "vk": vk.VK,
    "threads": threads.Threads,
    "mastodon": mastodon.Mastodon,
    "bluesky": bluesky.Bluesky,
    "ok": ok.OK,
}
# Read by people alone: TikTok's terms and the lack of an API for WhatsApp channels leave no other way.
READ_BY_HAND: Final = tuple(code for code in PLATFORMS if code not in COLLECTORS)

ADDRESSES: Final[dict[str, ModuleType]] = {
    "facebook": facebook,
    "instagram": instagram,
    "youtube": youtube,
    "x": x,
    "telegram": telegram,
    "tiktok": tiktok,
    "vk": vk,
    "threads": threads,
    "mastodon": mastodon,
    "bluesky": bluesky,
    "ok": ok,
    "whatsapp": whatsapp,
}
_HOSTS: Final = {
    host: code
    for code, module in ADDRESSES.items()
    for host in (*module.HOSTS, *getattr(module, "OTHERS", ()))
}


def parse(text: str, platform: str = "") -> Target:
    """Return the account an address of any platform names; a bare name needs the platform. Raises NotAnAccount.

    With a platform the text is read as that platform's. "platform: @name" works without one. Nothing is fetched.
    """
    text = addresses.clean(unwrap(addresses.clean(unwrap(text[: addresses.LONGEST + 1]))))
    named = re.fullmatch(r"([A-Za-z.]{1,12})\s*:\s*(?!//)(\S.*)", text, re.DOTALL)
    label = _by_label(named[1]) if named else ""
    if named and label and platform in ("", label):
        platform, text = label, named[2]
    platform = platform or _platform(text)
    if platform:
        target: Target = ADDRESSES[platform].parse(text)
        return target
    address = addresses.read(text)
    if address is None and not re.fullmatch(r"[^@\s]+\.[^@\s.]{2,}", text):
        raise NotAnAccount(Refusal.NEEDS_PLATFORM, text)
    raise NotAnAccount(Refusal.UNKNOWN_HOST, address.host if address else text)


def url(target: Target) -> str:
    """Return the public address of the account, for people; "" where it has none."""
    address: str = ADDRESSES[target.platform].url(target)
    return address


def _platform(text: str) -> str:
    """Tell the platform by the scheme or host of an address, else by a shape that only its names have; "" if none."""
    address = addresses.read(text, tuple(_HOSTS))
    if address is not None:
        labels = address.host.split(".")
        for start in range(len(labels)):
            code = _HOSTS.get(".".join(labels[start:]))
            if code:
                return code
    if re.match(r"tg:", text, re.IGNORECASE):
        return "telegram"
    if re.match(
        r"at://|did:|(https?://)?[a-z0-9-]+\.bsky\.social/?\Z", text.removeprefix("@"), re.IGNORECASE
    ):
        return "bluesky"
    if youtube.ID.fullmatch(text):
        return "youtube"
    if mastodon.FULL_NAME.fullmatch(text.removeprefix("@")) or (address and mastodon.is_likely(address)):
        return "mastodon"
    return ""


def _by_label(label: str) -> str:
    """Return the code of the platform whose code or name this is; "" if none."""
    wanted = label.casefold()
    return next((code for code, name in PLATFORMS.items() if wanted in (code, name.casefold())), "")
