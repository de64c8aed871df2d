"""YouTube channels: pages made by the server until about 2017, then data inside a script, in two layouts."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from apps.collectors.archived.pages import (
    NoNumber,
    NoNumberReason,
    Page,
    Shown,
    check_handle,
    dig,
    json_at,
    nothing,
    one_of,
    plain,
    says_how_many_follow,
    word,
)
from apps.collectors.archived.pages import count as read_count
from apps.collectors.outcomes import objects
from apps.collectors.types import Target
from apps.collectors.youtube import ID

ROUNDED_SINCE: Final = datetime(2019, 9, 1, tzinfo=UTC)  # counts are rounded down to three figures
# The channel's own header; the same button stands beside every recommended channel.
HEADER: Final = re.compile(
    r"(?:primary-header-actions|channel-header-subscription-button-container|c4-primary-header-contents)"
)
BUTTON: Final = re.compile(
    r"yt-subscription-button-subscriber-count-branded-horizontal[^<>]{0,300}?(?:title=\"([^\"<>]{1,40})\"[^<>]{0,200})?>"
    r"\s{0,20}([^<>]{1,40})<"
)
ABOUT: Final = re.compile(r"about-stat\"?[^<>]{0,60}>\s{0,20}<b>([^<>]{1,40})</b>([^<>]{1,40})<")
LAYOUTS: Final = ('"c4TabbedHeaderRenderer":', '"pageHeaderRenderer":')
CHANNEL: Final = re.compile(
    r"itemprop=\"(?:channelId|identifier)\" content=\"(UC[A-Za-z0-9_-]{22})\"|"
    r"rel=\"canonical\" href=\"https?://www\.youtube\.com/channel/(UC[A-Za-z0-9_-]{22})\""
)


def spellings(target: Target) -> tuple[str, ...]:
    """Return the addresses under which the archive may have the channel, the likeliest first."""
    places = []
    if target.platform_id:
        places.append(f"youtube.com/channel/{target.platform_id}")
    if target.handle.startswith(("c/", "user/")):
        places.append(f"youtube.com/{quote(target.handle)}")
    elif target.handle:
        places.append(f"youtube.com/@{quote(target.handle, safe='')}")
    return tuple(f"{place}{tail}" for tail in ("", "/about") for place in places)


def read(page: Page) -> Shown:
    """Return the count of subscribers; raises NoNumber."""
    for layout in LAYOUTS:
        place = page.text.find(layout)
        if place >= 0:
            return _of_data(page, layout, json_at(page.text, place + len(layout)))
    shown = one_of(_on_page(page.text))
    if shown is None:
        raise nothing(page)
    named = CHANNEL.search(page.text)
    channel = (named[1] or named[2]) if named else ""
    return Shown(shown.followers, _precision(page, shown), shown.words, channel)


def _on_page(text: str) -> Iterator[tuple[int, str, str]]:
    header = HEADER.search(text)
    button = BUTTON.search(text, header.end(), header.end() + 8000) if header else None
    for words in (button[1], button[2]) if button else ():
        found = read_count(plain(words or "").removesuffix(" subscribers"))
        if found:
            yield (*found, plain(words))
    for said in list(ABOUT.finditer(text))[:10]:
        words = plain(f"{said[1]} {said[2]}").strip(" •")
        found = says_how_many_follow(words)
        if found:
            yield (*found, words)


def _of_data(page: Page, layout: str, header: object) -> Shown:
    named = CHANNEL.search(page.text)
    channel = (named[1] or named[2]) if named else ""
    if layout == LAYOUTS[0]:
        channel = word(dig(header, "channelId")) or channel
        said = dig(header, "subscriberCountText")
        runs = "".join(word(dig(run, "text")) for run in objects(dig(said, "runs"))[:5])
        texts = [word(dig(said, "simpleText")) or runs]
    else:
        view = dig(header, "content", "pageHeaderViewModel", "metadata", "contentMetadataViewModel")
        texts = [
            word(dig(part, "text", "content"))
            for row in objects(dig(view, "metadataRows"))[:10]
            for part in objects(dig(row, "metadataParts"))[:10]
        ]
        for text in texts:
            if text.startswith("@") and not channel and "/" not in page.target.handle:
                check_handle(page, text[1:])
    shown = one_of(
        (*found, words)
        for text in texts
        if (found := says_how_many_follow(words := " ".join(text[:200].split())))
    )
    if shown is None:
        raise NoNumber(NoNumberReason.NO_COUNT)
    return Shown(
        shown.followers, _precision(page, shown), shown.words, channel if ID.fullmatch(channel) else ""
    )


def _precision(page: Page, shown: Shown) -> str:
    """Return the precision: since September 2019 "12K" is 12,000 to 12,099, rounded down to three figures."""
    return "3sf" if shown.precision == "abbrev" and page.captured >= ROUNDED_SINCE else shown.precision
