"""VK communities and persons, 2016 to about 2023: a heading of its own with the count beside it."""

import re
from collections.abc import Iterator
from typing import Final

from apps.collectors.archived.pages import Page, Shown, count, nothing, one_of, plain
from apps.collectors.types import Target

LABELLED: Final = re.compile(
    r"header_label[^<>]{0,60}>([^<>]{1,40})</span>\s{0,20}<span class=\"header_count[^<>]{0,60}>([^<>]{1,30})<"
)
COUNTER: Final = re.compile(
    r"<div class=\"count\">([^<>]{1,30})</div>\s{0,20}<div class=\"label\">([^<>]{1,40})<"
)
SMALL: Final = re.compile(
    r"class=\"pm_item\"[^<>]{0,200}>([^<>]{1,40})<em class=\"pm_counter\">([^<>]{1,30})</em>"
)
# Friends are not followers, and neither are photos, albums and links, which stand beside them in the same shape.
OF_FOLLOWERS: Final = re.compile(
    r"подписчик(?:и|ов|а)?|участник(?:и|ов|а)?|followers?|members?|жазылушы(?:лар)?|қатысушы(?:лар)?",
    re.IGNORECASE,
)
ID: Final = re.compile(r"\"group_id\":([1-9][0-9]{0,17})[,}]")


def spellings(target: Target) -> tuple[str, ...]:
    """Return the addresses under which the archive may have the page, the likeliest first."""
    number = target.platform_id
    names = [target.handle] if target.handle else []
    if number.startswith("-"):
        names += [f"club{number[1:]}", f"public{number[1:]}"]
    elif number:
        names.append(f"id{number}")
    return tuple(f"{host}/{name}" for host in ("vk.com", "m.vk.com") for name in names)


def read(page: Page) -> Shown:
    """Return the count of followers or members; raises NoNumber."""
    shown = one_of(_find(page.text))
    if shown is None:
        raise nothing(page)
    group = ID.search(page.text)
    return Shown(shown.followers, shown.precision, shown.words, f"-{group[1]}" if group else "")


def _find(text: str) -> Iterator[tuple[int, str, str]]:
    pairs = [(match[1], match[2]) for shape in (LABELLED, SMALL) for match in shape.finditer(text)]
    pairs += [(match[2], match[1]) for match in COUNTER.finditer(text)]
    for label, shown in pairs[:100]:
        found = count(plain(shown)) if OF_FOLLOWERS.fullmatch(plain(label).rstrip(":")) else None
        if found:
            yield (*found, f"{plain(shown)} {plain(label)}")
