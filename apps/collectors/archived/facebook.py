"""Facebook pages: how many follow is said in one sentence, beside another that says how many like. Likes never count."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from apps.collectors.archived.pages import (
    FOLLOW_WORD,
    Page,
    Shown,
    nodes,
    nothing,
    one_of,
    says_how_many_follow,
)
from apps.collectors.types import Target

PAGE_ID: Final = re.compile(r"fb://(?:page|profile)/([0-9]{5,25})")
# "78K followers" is what a post may say too: it counts where it leads to the followers or stands in the header.
SHORT: Final = re.compile(r".{1,30}\s(?:followers?|подписчик(?:а|ов)?|жазылушы)", re.IGNORECASE)
OWN: Final = re.compile(r"/followers|[?&]sk=followers|profile_social_context")
BEFORE: Final = 600


def spellings(target: Target) -> tuple[str, ...]:
    """Return the addresses under which the archive may have the page, the likeliest first."""
    if target.handle:
        name = quote(target.handle, safe="")
        return (f"facebook.com/{name}", f"m.facebook.com/{name}", f"facebook.com/{name}/about")
    number = target.platform_id
    return (f"facebook.com/{number}", f"facebook.com/profile.php?id={number}") if number else ()


def read(page: Page) -> Shown:
    """Return the count of followers; raises NoNumber."""
    shown = one_of(_find(page.text))
    if shown is None:
        raise nothing(page)
    ids = set(PAGE_ID.findall(page.text[:400_000]))
    return Shown(shown.followers, shown.precision, shown.words, ids.pop() if len(ids) == 1 else "")


def _find(text: str) -> Iterator[tuple[int, str, str]]:
    for place, words in nodes(text, FOLLOW_WORD):
        found = says_how_many_follow(words)
        if found and (not SHORT.fullmatch(words) or OWN.search(text, max(0, place - BEFORE), place)):
            yield (*found, words)
