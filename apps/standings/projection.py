"""Projection of the day on which a line may catch up with another or reach its next milestone: a range, or why not.

The slope is Theil and Sen's: the median of the slopes between all pairs of days; where they are many, of every second
or third day. A month of campaigning, a purge or one wrong reading bends a least-squares line; here fewer than 29 % of
such days move nothing. The range is not a confidence interval, which would take the days for independent of each other,
as they are not. It goes from the slowest to the fastest tenth of the slopes between days at least a month apart: the
paces that the year has seen.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from operator import itemgetter
from statistics import median, quantiles

from apps.standings import milestones, precision
from apps.standings.types import FRESH_DAYS, Point, Series

LOOKS_BACK = 365  # days
NEEDS_DAYS = 30  # with a number, of whole days
FAR = 5 * 365.25  # days
DAYS_AT_MOST = 122  # of which all pairs are taken: those of a whole year are 66,000, and say the same
APART = 30  # days between two values whose slope counts in the range


class NoProjectionReason(StrEnum):
    """Why nothing is projected."""

    TOO_FEW_DAYS = "too_few_days"
    STALE = "stale"  # the last value is only last known
    THERE_ALREADY = "there_already"
    NOT_CLOSING = "not_closing"
    WITHIN_ROUNDING = "within_rounding"  # what changed in the year, rounding may have made
    TOO_FAR = "too_far"  # more than five years away even at the fastest pace


@dataclass(frozen=True)
class Projection:
    """Dates, or why there are none. `latest` None beside an `earliest`: not within five years at the slowest pace."""

    target: int | None  # the milestone; None where another line is to be caught up with
    earliest: date | None = None
    likely: date | None = None
    latest: date | None = None
    per_day: float | None = None  # followers closed in a day, by the median slope
    days: int = 0  # with a number
    why_not: NoProjectionReason | None = None


def to_milestone(line: Series, on: date) -> Projection:
    """Project when the line reaches the next milestone above its last count."""
    points = _exact_days(line, on)
    target = milestones.next_after(points[-1].followers or 0) if points else None
    gaps = [(point.day, (target or 0) - (point.followers or 0)) for point in points]
    return _project(gaps, on, target, _tolerance(points))


def to_line(line: Series, ahead: Series, on: date) -> Projection:
    """Project when the line catches up with one that is ahead of it, from the days that both were counted."""
    mine = _exact_days(line, on)
    other = {point.day: point for point in _exact_days(ahead, on)}
    both = [(point, other[point.day]) for point in mine if point.day in other]
    gaps = [(one.day, (two.followers or 0) - (one.followers or 0)) for one, two in both]
    tolerance = _tolerance([one for one, _ in both]) + _tolerance([two for _, two in both])
    return _project(gaps, on, None, tolerance)


def _exact_days(line: Series, on: date) -> list[Point]:
    """Return counts of single days in the last year, without those that are only a bound or of who came before."""
    first = max([on - timedelta(days=LOOKS_BACK - 1), *(one.day for one in line.handovers)])
    return [
        point
        for point in line.points
        if point.span == "day"
        and first <= point.day <= on
        and point.followers is not None
        and point.bound == "="
    ]


def _tolerance(points: Sequence[Point]) -> int:
    if not points:
        return 0
    first, last = points[0], points[-1]
    return precision.tolerance(first.step, last.step, exact=first.precision == last.precision == "exact")


def _project(gaps: Sequence[tuple[date, int]], on: date, target: int | None, tolerance: int) -> Projection:
    """Project when the gap is 0. gaps: followers missing on each day, oldest first."""

    def none(why: NoProjectionReason) -> Projection:
        return Projection(target=target, days=len(gaps), why_not=why)

    if len(gaps) < NEEDS_DAYS:
        return none(NoProjectionReason.TOO_FEW_DAYS)
    last_day, missing = gaps[-1]
    if (on - last_day).days > FRESH_DAYS:
        return none(NoProjectionReason.STALE)
    if missing <= 0:
        return none(NoProjectionReason.THERE_ALREADY)
    if abs(missing - gaps[0][1]) < tolerance:
        return none(NoProjectionReason.WITHIN_ROUNDING)
    pace, slowest, fastest = _paces(gaps)
    if pace <= 0:
        return none(NoProjectionReason.NOT_CLOSING)
    if missing / fastest > FAR:
        return none(NoProjectionReason.TOO_FAR)
    return Projection(
        target=target,
        earliest=_find_end(last_day, missing, fastest),
        likely=_find_end(last_day, missing, pace),
        latest=_find_end(last_day, missing, slowest),
        per_day=pace,
        days=len(gaps),
    )


def _paces(gaps: Sequence[tuple[date, int]]) -> tuple[float, float, float]:
    """Return followers a day by which the gap closes: the median slope, the slowest and the fastest tenth."""
    every_nth = -(-len(gaps) // DAYS_AT_MOST)
    days = [(day.toordinal(), gap) for day, gap in gaps[::-1][::every_nth][::-1]]  # the newest always
    every: list[float] = []
    apart: list[float] = []
    for place, (day, gap) in enumerate(days):
        slopes = [(gap - next_gap) / (later - day) for later, next_gap in days[place + 1 :]]
        every += slopes
        far = bisect_left(days, day + APART, lo=place + 1, key=itemgetter(0))
        apart += slopes[far - place - 1 :]
    pace = median(every)
    if len(apart) < 2:
        return pace, pace, pace
    tenths = quantiles(apart, n=10, method="inclusive")
    return pace, min(tenths[0], pace), max(tenths[-1], pace)


def _find_end(last_day: date, missing: int, pace: float) -> date | None:
    """Return the first day on which nothing is missing at this pace; None where that is not within five years."""
    if pace <= 0 or missing / pace > FAR:
        return None
    return last_day + timedelta(days=-int(-missing // pace))
