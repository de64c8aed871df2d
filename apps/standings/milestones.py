"""Round numbers that were passed: 1, 2 and 5 times every power of ten."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count

from apps.snapshots.models import Precision
from apps.snapshots.rules import last_day
from apps.standings import trends
from apps.standings.types import Point, Resolution, Scope, Series


@dataclass(frozen=True)
class Milestone:
    """A line passed a round number for the first time, between two days, both inclusive."""

    actor_slug: str
    platform: str
    account_id: int | None
    number: int
    after: date  # last day it was below (its span's first day)
    by: date  # first day it was there (its span's last day)
    on: date  # the day on which it shows: the first of that span
    spans: bool


def numbers() -> Iterator[int]:
    """Yield 1, 2, 5, 10, 20, 50 ... without end."""
    for power in count():
        for head in (1, 2, 5):
            yield head * 10**power


def next_after(value: int) -> int:
    """Return the smallest milestone above a count."""
    return next(number for number in numbers() if number > value)


def within(scope: Scope, first: date, last: date) -> list[Milestone]:
    """Return every milestone of the scope's lines that shows on a day from `first` to `last`; newest first, larger
    first.

    Five statements at most: whoever may have passed one in the period is looked at again over all its history, as
    only the first crossing counts.
    """
    lines = trends.lines(scope, first, last, Resolution.DAY, lead=True)
    asked = {line.actor_slug for line in lines if _may_have_passed(line, first)}
    if not asked:
        return []
    history = Scope(
        platform=scope.platform, actors=tuple(sorted(asked)), rows=scope.rows, publish=scope.publish
    )
    found = [
        milestone
        for line in trends.lines(history, trends.first_day(history) or first, last, Resolution.DAY)
        for milestone in find_milestones(line)
        if first <= milestone.on <= last
    ]
    return sorted(found, key=lambda one: (-one.on.toordinal(), -one.number, one.actor_slug, one.platform))


def find_milestones(line: Series) -> list[Milestone]:
    """Return the milestones in a line of days that is whole; in order of time, then smallest first.

    A line passes a number once: between the last day it was surely below and the first day it was surely there,
    before which it never was. Falling back and rising again is no news, so a count that dances around 100,000
    passes it a single time. What it had when it was first counted was not passed. Rounding leaves a step open.
    """
    found: list[Milestone] = []
    seen: list[Point] = []
    had: float = -1
    for point in line.points:
        if point.followers is None:
            continue
        least, _ = _range(point)
        for number in _between(had, least):
            below = next((one for one in reversed(seen) if _range(one)[1] < number), None)
            if below:
                found.append(_milestone(line, number, below, point))
        had = max(had, least)
        seen.append(point)
    return found


def _milestone(line: Series, number: int, below: Point, there: Point) -> Milestone:
    return Milestone(
        actor_slug=line.actor_slug,
        platform=line.platform,
        account_id=line.account_id,
        number=number,
        after=below.day,
        by=last_day(there.day, there.span),
        on=there.day,
        spans=below.span != "day" or there.span != "day",
    )


def _range(point: Point) -> tuple[float, float]:
    """Return what a count may be at least and at most. Three figures are rounded down; other rounding goes both ways."""
    followers = point.followers or 0
    least: float = followers
    most: float = followers
    if point.precision != Precision.EXACT:
        most += point.step
        least -= 0 if point.precision == Precision.THREE_FIGURES else point.step
    return (-1 if point.bound in "<~" else least), (math.inf if point.bound in ">~" else most)


def _between(low: float, high: float) -> list[int]:
    """Return the milestones above the first and not above the second number."""
    found = []
    for number in numbers():
        if number > high:
            break
        if number > low:
            found.append(number)
    return found


def _may_have_passed(line: Series, first: date) -> bool:
    """Tell whether a number lies between what the line surely had when the period began and what it had at most in it."""
    counted = [point for point in line.points if point.followers is not None]
    if not counted or counted[-1].day < first:
        return False
    if line.points[0].followers is None or line.account_id is None:
        return True  # only the whole history can tell
    least = [_range(point)[0] for point in counted]
    return bool(_between(least[0], max(least)))
