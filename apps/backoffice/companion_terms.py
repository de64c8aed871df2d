"""Quote what the platforms' terms say of programs that read pages, for the operator who turns the companion on.

The words are the platforms' own, in the language in which they were found; no text is known that speaks of a person who
presses a key for each number. Where nothing is quoted, the terms were not read: read them first.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.collectors.platforms import PLATFORMS


@dataclass(frozen=True)
class Quote:
    """A sentence of a platform's terms, and where it was found."""

    words: str
    source: str
    remark: str | Promise = ""
    is_original: bool = False  # whether it was read in the terms themselves, not in what others quote of them


_META_WORDS: Final = (
    "You may not access or collect data from our Products using automated means (without our prior permission) or"
    " attempt to access data you do not have permission to access, regardless of whether such automated access or"
    " collection is undertaken while logged-in to a Facebook account."
)
_META: Final = Quote(_META_WORDS, "Meta, Terms of Service, 3.2.3")
_OF_META: Final = Quote(
    _META_WORDS,
    "Meta, Terms of Service, 3.2.3",
    remark=_("The platform's own terms beside these were not read."),
)
QUOTES: Final[dict[str, Quote]] = {
    "facebook": _META,
    "instagram": _OF_META,
    "threads": _OF_META,
    "whatsapp": _OF_META,
    "x": Quote(
        "NOTE: crawling or scraping the Services in any form, for any purpose without our prior written consent is"
        " expressly prohibited.",
        "X, Terms of Service of 29 September 2023 (techcrunch.com, 2023-09-08)",
    ),
    "tiktok": Quote(
        "extracting any data … using any automated system or software",
        "TikTok, Terms of Service for the United States",
    ),
}


@dataclass(frozen=True)
class PlatformTerms:
    """Platforms whose terms are the same, and whether the operator has turned the companion on for them."""

    names: str
    is_on: bool
    quote: Quote | None


def of_all(turned_on: list[str]) -> list[PlatformTerms]:
    """Return every platform, those that are turned on first, those with terms before those without."""
    groups: dict[tuple[bool, Quote | None], list[str]] = {}
    for code, name in PLATFORMS.items():
        groups.setdefault((code in turned_on, QUOTES.get(code)), []).append(name)
    rows = [PlatformTerms(", ".join(names), is_on, quote) for (is_on, quote), names in groups.items()]
    return sorted(rows, key=lambda row: (not row.is_on, row.quote is None))
