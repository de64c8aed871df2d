"""Twitter, later X: pages that the server made, from 2008 to 2020. Since then the page is script alone.

https://github.com/oduwsdl/FollowerCountHistory lists the places in which the count stood over the years.
"""

import re
from collections.abc import Iterator
from typing import Final

from apps.collectors.archived.pages import (
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

# 2014 to 2020: the tab under the header. The number is whole in data-count and in the title, short in the text.
TAB: Final = re.compile(r"ProfileNav-item--followers\b")
DATA_COUNT: Final = re.compile(r"data-count=[\"']?([0-9]{1,12})[\"'\s>]")
TITLE: Final = re.compile(r"(?:data-original-)?title=\"([^\"<>]{1,80})\"")
VALUE: Final = re.compile(r"ProfileNav-value[^<>]{0,200}>([^<>]{1,40})<")
# 2012 to 2014: the third figure of the small profile, with the whole number in a title
MINI: Final = re.compile(r"data-(?:element-term=\"follower_stats\"|nav=[\"']followers[\"'])")
STRONG: Final = re.compile(r"<strong(?: title=\"([^\"<>]{1,40})\")?[^<>]{0,100}>([^<>]{1,40})</strong>")
# 2010 to 2012, and before
BESIDE: Final = re.compile(r"user-stats-followers\"[^<>]{0,200}>\s{0,20}([^<>]{1,40})<")
SIDE: Final = re.compile(r"id=\"followers?_count\"[^<>]{0,100}>\s{0,20}([^<>]{1,40})<")
OWNER: Final = re.compile(r"class=\"ProfileNav\"[^<>]{0,200}data-user-id=\"([0-9]{1,19})\"")
SCRIPT: Final = re.compile(
    r"responsive-web/client-web|id=\"react-root\"|JavaScript is (?:not available|disabled)"
)
PRINTED: Final = re.compile(
    r"[0-9][0-9 ,.\u00a0\u202f']{0,24}(?:(?:[KMB]|тыс|млн|мың)(?![^\W\d_])\.?)?", re.IGNORECASE
)


def spellings(target: Target) -> tuple[str, ...]:
    """Return the addresses under which the archive may have the account, the likeliest first."""
    name = target.handle
    return (f"twitter.com/{name}", f"mobile.twitter.com/{name}", f"x.com/{name}") if name else ()


def read(page: Page) -> Shown:
    """Return the count of followers; raises NoNumber."""
    shown = one_of(_find(page.text))
    if shown is None:
        raise NoNumber(NoNumberReason.SCRIPT_ONLY) if SCRIPT.search(page.text) else nothing(page)
    owner = OWNER.search(page.text)
    return Shown(shown.followers, shown.precision, shown.words, owner[1] if owner else "")


def _find(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield what the first of the shapes that the page has says: later ones may stand in other boxes of the page."""
    for anchor, inside in ((TAB, _tab), (MINI, _mini)):
        place = anchor.search(text)
        if place:
            yield from inside(text[place.end() : place.end() + 1500])
            return
    for shape in (BESIDE, SIDE):
        place = shape.search(text)
        if place:
            yield from _numbers(place[1])
            return


def _tab(window: str) -> Iterator[tuple[int, str, str]]:
    window = window.split("ProfileNav-item--", 1)[0]  # the next tab counts something else
    for shape in (DATA_COUNT, TITLE, VALUE):
        said = shape.search(window)
        if said:
            yield from _numbers(said[1])


def _mini(window: str) -> Iterator[tuple[int, str, str]]:
    said = STRONG.search(window.split("</a>", 1)[0])
    if said:
        yield from _numbers(said[1] or said[2])


def _numbers(words: str) -> Iterator[tuple[int, str, str]]:
    """Yield the one number in a title ("12,345 Followers") or a text; none where there are two."""
    parts = [match[0].strip(" ,.\u00a0\u202f") for match in PRINTED.finditer(plain(words))]
    found = count(parts[0]) if len(parts) == 1 else None
    if found:
        yield (*found, plain(words))
