"""Counts that are too strange to be taken unseen: judged against what stands and against their neighbours in the file.

As rule 6 of docs/architecture.md doubts a collected reading, but nothing is dropped: such rows wait for a person's word.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final, NamedTuple

DAY: Final = 3  # the span of a count of one day
FLOOR: Final = 100  # followers; a smaller jump is never doubted
NEAR: Final = 92  # days within which tenfold is too much
FAR: Final = 800  # days within which a hundredfold is too much
SWAYS: Final = 0.3  # from one day to the next a total moves by less than this share
MANY_DAYS: Final = 6  # counts from which a series is told to be one of changes
ALIKE: Final = 0.05  # two counts of swapped accounts differ by no more
MOVED: Final = 0.3  # a swap moves a count by more than this share


class Point(NamedTuple):
    """A count of one account. `number` is the row of the file; 0 for what stands already."""

    account: int
    day: date
    span: int
    followers: int
    number: int


@dataclass(frozen=True)
class Doubt:
    """Why a row is doubted: a code of words.DOUBT and the count that it was held against."""

    code: str
    before: int
    day: date
    span: int
    other: int = 0  # the account whose counts were swapped with this one's


def find_doubts(points: Iterable[Point], platforms: dict[int, str] | None = None) -> dict[int, Doubt]:
    """Return row -> doubt. The points may come in any order."""
    series: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        series[point.account].append(point)
    doubts: dict[int, Doubt] = {}
    for one in series.values():
        one.sort(key=lambda point: (point.day, point.span, point.number))
        doubts |= _jumps(one) | _changes(one)
    return _swaps(series, platforms or {}) | doubts


def _jumps(series: Sequence[Point]) -> dict[int, Doubt]:
    """Doubt every point of a jump from which the level returns; of one that stays, its first point alone."""
    doubts: dict[int, Doubt] = {}
    trusted: Point | None = None
    place = 0
    while place < len(series):
        point = series[place]
        if trusted is None or not point.number or not _jump(trusted, point):
            trusted, place = point, place + 1
            continue
        end = place + 1
        while (
            end < len(series)
            and _jump(trusted, series[end])
            and not _jump(series[end - 1], series[end])
            and series[end].number
        ):
            end += 1
        returns = end < len(series) and not _jump(trusted, series[end])
        for doubted in series[place:end] if returns else series[place : place + 1]:
            code = _jump(trusted, doubted)
            doubts[doubted.number] = Doubt(code, trusted.followers, trusted.day, trusted.span)
        if not returns:
            trusted = series[end - 1]
        place = end
    return doubts


def _changes(series: Sequence[Point]) -> dict[int, Doubt]:
    """Doubt all of a file's counts of an account that sway from day to day as daily changes do: up and down, by a third."""
    brought = [point for point in series if point.number and point.span == DAY]
    steps = [(before, after) for before, after in pairwise(brought) if 0 < (after.day - before.day).days <= 7]
    if len(steps) < MANY_DAYS - 1:
        return {}
    wide = [
        after.followers - before.followers
        for before, after in steps
        if abs(after.followers - before.followers) > SWAYS * max(before.followers, after.followers)
    ]
    falls = sum(step < 0 for step in wide)
    if 2 * len(wide) < len(steps) or min(falls, len(wide) - falls) < 2:
        return {}
    first = brought[0]
    return {point.number: Doubt("changes", first.followers, first.day, first.span) for point in brought}


def _jump(before: Point, after: Point) -> str:
    """Return the code of a jump between two counts; "" where there is none."""
    first, second = before.followers, after.followers
    days = abs((after.day - before.day).days)
    if second == 0 and first > 0:
        return "zero" if days <= FAR else ""
    if abs(second - first) <= FLOOR or days > FAR:
        return ""
    if second >= 100 * first:
        return "hundredfold"
    if 100 * second <= first:
        return "hundredth"
    if days > NEAR:
        return ""
    return "tenfold" if second >= 10 * first else "tenth" if 10 * second <= first else ""


def _swaps(series: dict[int, list[Point]], platforms: dict[int, str]) -> dict[int, Doubt]:
    """Doubt two accounts whose counts of one day fit better the other way round."""
    moved: dict[tuple[date, int, str], list[tuple[Point, Point]]] = defaultdict(list)
    for one in series.values():
        for before, after in pairwise(one):
            if (
                after.number
                and before.followers
                and abs(after.followers - before.followers) > MOVED * before.followers
            ):
                moved[after.day, after.span, platforms.get(after.account, "")].append((before, after))
    doubts: dict[int, Doubt] = {}
    for pairs in moved.values():
        for place, (before, after) in enumerate(pairs[:200]):
            for other_before, other_after in pairs[place + 1 : 200]:
                if _alike(after.followers, other_before.followers) and _alike(
                    other_after.followers, before.followers
                ):
                    doubts[after.number] = Doubt(
                        "swapped", before.followers, before.day, before.span, other_after.account
                    )
                    doubts[other_after.number] = Doubt(
                        "swapped", other_before.followers, other_before.day, other_before.span, after.account
                    )
    return doubts


def _alike(one: int, other: int) -> bool:
    return abs(one - other) <= ALIKE * max(one, other)
