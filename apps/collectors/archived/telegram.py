"""Telegram channels and groups: the public page says it exactly, the preview of posts (t.me/s/NAME) abbreviates."""

import re
from collections.abc import Iterator
from typing import Final

from apps.collectors.archived.pages import (
    N,
    NoNumber,
    NoNumberReason,
    Page,
    Shown,
    count,
    nothing,
    one_of,
    plain,
)
from apps.collectors.types import Target

EXTRA: Final = re.compile(r"class=\"tgme_page_extra\"[^<>]{0,60}>([^<>]{1,100})<")
COUNTER: Final = re.compile(
    r"class=\"counter_value\">([^<>]{1,20})</span>\s{0,9}<span class=\"counter_type\">([^<>]{1,40})<"
)
SAID: Final = re.compile(
    rf"{N} (?:subscribers?|members?|подписчик(?:а|ов)?|участник(?:а|ов)?|жазылушы|мүше)(?:, .{{1,40}})?",
    re.IGNORECASE,
)


def spellings(target: Target) -> tuple[str, ...]:
    """Return the addresses under which the archive may have the channel, the likeliest first."""
    name = target.handle
    return (f"t.me/{name}", f"t.me/s/{name}", f"telegram.me/{name}") if name else ()


def read(page: Page) -> Shown:
    """Return the count of subscribers or members; raises NoNumber."""
    shown = one_of(_find(page.text))
    if shown is not None:
        return shown
    if "Telegram: Contact @" in page.text[:20_000] or "tgme_icon_user" in page.text:
        raise NoNumber(NoNumberReason.GONE, "Telegram: Contact")
    raise nothing(page)


def _find(text: str) -> Iterator[tuple[int, str, str]]:
    extra = [plain(match[1]) for match in EXTRA.finditer(text[:1_000_000])][:10]
    counters = [plain(f"{match[1]} {match[2]}") for match in COUNTER.finditer(text[:1_000_000])][:10]
    for words in (*extra, *counters):
        said = SAID.fullmatch(words)
        found = count(said[1]) if said else None
        if found:
            yield (*found, words)
