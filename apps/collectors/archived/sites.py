"""The sites whose archived pages can be read, and the addresses under which an account may be archived."""

from types import ModuleType
from typing import Final

from apps.collectors.archived import facebook, instagram, telegram, tiktok, vk, x, youtube
from apps.collectors.archived.pages import NoNumber, NoNumberReason, Page, Shown, text_of
from apps.collectors.types import Target
from apps.collectors.wayback import Kept

SITES: Final[dict[str, ModuleType]] = {
    "facebook": facebook,
    "instagram": instagram,
    "youtube": youtube,
    "x": x,
    "telegram": telegram,
    "vk": vk,
    "tiktok": tiktok,
}
# Raised whenever a reader learns a shape: pages that gave no number before are then looked at again.
READERS: Final = 1
# A handle can be given to somebody else, and these pages say whose they are by the id that the API gives too.
# Instagram's pages carry another id than its API.
SAME_ID: Final = ("facebook", "youtube", "x", "vk", "tiktok")


def spellings(target: Target) -> tuple[str, ...]:
    """Return the addresses to ask the archive for, the likeliest first; none where the site's pages are not read.

    Without scheme and "www.": the archive files all of these under one key, and small and capital letters too.
    """
    site = SITES.get(target.platform)
    addresses: tuple[str, ...] = site.spellings(target) if site else ()
    return tuple(dict.fromkeys(addresses))


def read(target: Target, kept: Kept) -> Shown:
    """Return the count that the archived page shows for this account; raises NoNumber, and nothing else."""
    site = SITES.get(target.platform)
    if site is None:
        raise NoNumber(NoNumberReason.NO_READER, target.platform)
    if not ("html" in kept.content_type or "text/" in kept.content_type or not kept.content_type):
        raise NoNumber(NoNumberReason.NOT_A_PAGE, kept.content_type)
    shown: Shown = site.read(Page(text_of(kept.body, kept.content_type), kept.capture.at, target))
    known = target.platform_id
    if known and shown.platform_id and target.platform in SAME_ID and known != shown.platform_id:
        raise NoNumber(NoNumberReason.OTHER_ACCOUNT, shown.platform_id)
    return shown
