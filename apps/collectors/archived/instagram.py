"""Instagram profiles: exact in the page's own data until about 2021, abbreviated in its description."""

import html
import re
from collections.abc import Iterator
from typing import Final

from apps.collectors.archived.pages import (
    N,
    NoNumber,
    NoNumberReason,
    Page,
    Shown,
    check_handle,
    count,
    dig,
    json_at,
    nothing,
    one_of,
    whole,
)
from apps.collectors.outcomes import objects
from apps.collectors.types import Target

DATA: Final = "window._sharedData"
# 2012 to 2015, to 2018, to 2021: where a profile's own count stood
PLACES: Final = (
    (("ProfilePage",), ("graphql", "user"), ("edge_followed_by", "count")),
    (("ProfilePage",), ("user",), ("followed_by", "count")),
    (("UserProfile",), ("user",), ("counts", "followed_by")),
)
META: Final = re.compile(
    r"<meta\s{1,9}(?:property=\"og:description\"|name=\"description\")\s{1,9}content=\"([^\"<>]{1,600})\"|"
    r"<meta\s{1,9}content=\"([^\"<>]{1,600})\"\s{1,9}(?:property=\"og:description\"|name=\"description\")"
)
SAID: Final = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        rf"{N} followers?, ",
        rf"{N} подписчик(?:а|ов)?, ",
        rf"подписчики: {N}, ",
        rf"{N} жазылушы, ",
        rf"жазылушылар: {N}, ",
    )
)
NAMED: Final = re.compile(r"\(?@([A-Za-z0-9_.]{1,30})\)?")


def spellings(target: Target) -> tuple[str, ...]:
    """Return the addresses under which the archive may have the profile."""
    return (f"instagram.com/{target.handle}",) if target.handle else ()


def read(page: Page) -> Shown:
    """Return the count of followers; raises NoNumber."""
    place = page.text.find(DATA)
    data = dig(json_at(page.text, place + len(DATA)), "entry_data") if place >= 0 else None
    for pages, user, counted in PLACES:
        found = objects(dig(data, *pages))
        owner = dig(found[0], *user) if found else None
        shown = whole(dig(owner, *counted))
        if shown:
            check_handle(page, dig(owner, "username"))
            return shown
    if objects(dig(data, "LoginAndSignupPage")):
        raise NoNumber(NoNumberReason.LOGIN, "LoginAndSignupPage")
    described = one_of(_find_described(page))
    if described is None:
        raise nothing(page)
    return described


def _find_described(page: Page) -> Iterator[tuple[int, str, str]]:
    """Yield the description begins with the count: what a caption says further on is nobody's count."""
    for meta in list(META.finditer(page.text))[:4]:
        words = " ".join(html.unescape(meta[1] or meta[2]).split())
        for shape in SAID:
            said = shape.match(words)
            found = count(said[1]) if said else None
            if said and found:
                named = NAMED.search(words, said.end())
                check_handle(page, named[1].rstrip(".") if named else "")
                yield (*found, said[0].rstrip(", "))
