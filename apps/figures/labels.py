"""Placement of a chart's labels: names wrapped to a width, line-end labels pushed apart."""

import re
import textwrap
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from apps.figures.formats import language
from apps.figures.short_names import find_short_name

# What every state body's name here ends or begins with, in the form the country itself abbreviates it to.
_SHORTER: Final = (
    (re.compile(r"\bРеспублики Казахстан\b"), "РК"),
    (re.compile(r"\bҚазақстан Республикасы(ның)?(?=\s)"), "ҚР"),
    (re.compile(r" of (the Republic of )?Kazakhstan$"), ""),
)


def short(name: str) -> str:
    """Return a name as a chart has room for: the actor's short one, else with the country abbreviated or left out."""
    return find_short_name(name, language()) or abbreviate(name)


@lru_cache(maxsize=4096)
def abbreviate(name: str) -> str:
    """Abbreviate the country's name, or leave it out."""
    for pattern, replacement in _SHORTER:
        name = pattern.sub(replacement, name)
    return name


@lru_cache(maxsize=4096)  # 25 µs less: a chart asks for each of its labels six times
def wrap(text: str, width: int) -> tuple[str, ...]:
    """Break a text into lines of at most `width` letters; words are broken only where one alone is longer."""
    return tuple(textwrap.wrap(text, width, break_on_hyphens=True)) or ("",)


def spread(centres: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Move labels so that none overlaps another and all lie between `low` and `high`, each as near to its place as it goes.

    Pixels in, pixels out, in the order given. Where they cannot all fit, they run over `high`, still apart.
    """
    order = sorted(range(len(centres)), key=lambda index: centres[index])
    tops: dict[int, float] = {}
    edge = low
    for index in order:
        tops[index] = max(edge, centres[index] - heights[index] / 2)
        edge = tops[index] + heights[index]
    edge = high
    for index in reversed(order):
        tops[index] = min(tops[index], edge - heights[index])
        edge = tops[index]
    if order and tops[order[0]] < low:
        edge = low
        for index in order:
            tops[index] = max(edge, tops[index])
            edge = tops[index] + heights[index]
    return [tops[index] + heights[index] / 2 for index in range(len(centres))]


def clear_place(
    centre: float, height: float, lines: Sequence[tuple[float, float]], low: float, high: float
) -> float:
    """Return the place nearest to `centre` where a label of this height is crossed by the fewest lines.

    Each line is given by its height at the label's left and right edge. Pixels.
    """
    offsets = sorted((step * 2 for step in range(-60, 61)), key=lambda offset: (abs(offset), offset))
    places = [centre + offset for offset in offsets if low <= centre + offset <= high] or [centre]
    covered = [(min(line), max(line)) for line in lines]

    def crossed(place: float) -> int:
        top, bottom = place - height / 2, place + height / 2
        return sum([upper < bottom and lower > top for upper, lower in covered])

    return min(places, key=crossed)  # the first of equals, which is the nearest
