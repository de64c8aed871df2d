"""Views of a trend: change, percent, index, share, gap to the reference; and the sum and median of its lines.

Another line's value on a point's day is its value as of that day, as in the standings. For shares see shares.py.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from statistics import median
from typing import Literal

from apps.standings import changes, precision
from apps.standings.shares import shares
from apps.standings.types import Point, Series, Trend

Sample = Literal["constant", "all"]


class View(StrEnum):
    FOLLOWERS = "followers"
    CHANGE = "change"  # followers more than on the base day
    PERCENT = "percent"  # the same in percent
    INDEX = "index"  # 100 on the base day
    SHARE = "share"  # percent of the sum of all lines that are counted
    GAP = "gap"  # followers more than the reference


@dataclass(frozen=True)
class Drawn:
    """A line and what the view makes of its points: one number each, None where there is none.

    bounds: of the numbers, where they are not those of the points.
    """

    series: Series
    values: tuple[float | None, ...]
    bounds: tuple[str, ...] | None = None

    def point(self, place: int) -> Point:
        """Return a point with the bound of the view's number."""
        point = self.series.points[place]
        return point if self.bounds is None else point._replace(bound=self.bounds[place])


@dataclass(frozen=True)
class Together:
    """The sum and the median of the lines on one day."""

    day: date
    total: int | None
    median: float | None
    counted: int  # lines in the numbers


@dataclass(frozen=True)
class Sum:
    """Lines together over time. In a constant sample the same lines are in every number."""

    sample: Sample
    points: tuple[Together, ...]
    series: tuple[Series, ...]  # whose numbers are summed
    of: int  # lines that could have been


def view(trend: Trend, name: View, base: date | None = None) -> tuple[Drawn, ...]:
    """Return every line of the trend in a view.

    base: the day that change, percent and index start from; None is the first day on which every line that has
    numbers has one (common_base). A line without a count as of that day has no numbers in these views, and one with
    0 there no percent and no index. Without a counted reference there is no gap.
    """
    base = base or common_base(trend)
    lines = [_AsOf(series) for series in trend.series]
    if name in (View.CHANGE, View.PERCENT, View.INDEX):
        return tuple(
            Drawn(
                line.series, _from_base(line, name, base), _bounds(line, line.point(base) if base else None)
            )
            for line in lines
        )
    if name == View.SHARE:
        return _shares(trend)
    if name == View.GAP:
        references = {line.series.platform: line for line in lines if line.series.is_reference}
        return tuple(
            Drawn(line.series, _gaps(line, references), _bounds_of_gaps(line, references)) for line in lines
        )
    return tuple(Drawn(series, tuple(point.followers for point in series.points)) for series in trend.series)


def point_as_of(series: Series, day: date) -> Point | None:
    """Return a line's newest point as of a day."""
    return _AsOf(series).point(day)


def common_base(trend: Trend) -> date | None:
    """Return the first day as of which every line that is ever counted is counted; None where none is."""
    return max((first for series in trend.series if (first := _first_counted(series))), default=None)


def together(trend: Trend, sample: Sample = "constant", since: date | None = None) -> Sum:
    """Sum and median of the lines, the reference left out, on every day that one of them has a value.

    all: whatever is counted as of the day, and how many lines that are. constant: only lines counted as of both
    `since` and the last day; no number as of a day on which one of them has none. `since` None is the first day as
    of which half of the lines that are ever counted have begun, so that neither one early line leaves out all
    others nor one late line cuts off the time before it.
    """
    lines = [_AsOf(series) for series in trend.series if not series.is_reference]
    days = sorted({point.day for line in lines for point in line.series.points})
    chosen = lines
    if sample == "constant" and days:
        since = since or _half_have_begun(lines)
        chosen = [
            line for line in lines if since and line.at(since) is not None and line.at(days[-1]) is not None
        ]
        days = [day for day in days if since and day >= since]
    points = []
    for day in days:
        counts = [count for line in chosen if (count := line.at(day)) is not None]
        broken = not counts or (sample == "constant" and len(counts) < len(chosen))
        points.append(
            Together(
                day=day,
                total=None if broken else sum(counts),
                median=None if broken else median([float(count) for count in counts]),
                counted=len(counts),
            )
        )
    return Sum(sample, tuple(points), tuple(line.series for line in chosen), len(lines))


def _half_have_begun(lines: Sequence["_AsOf"]) -> date | None:
    firsts = sorted(first for line in lines if (first := _first_counted(line.series)))
    return firsts[(len(firsts) - 1) // 2] if firsts else None


def _first_counted(series: Series) -> date | None:
    return next((point.day for point in series.points if point.followers is not None), None)


class _AsOf:
    """A line that can be asked for its count as of a day."""

    def __init__(self, series: Series) -> None:
        self.series = series
        self._days = [point.day for point in series.points]

    def point(self, day: date) -> Point | None:
        """Return the newest point as of the day."""
        place = bisect_right(self._days, day)
        return self.series.points[place - 1] if place else None

    def at(self, day: date) -> int | None:
        """Return the count as of the day; None without one."""
        point = self.point(day)
        return point.followers if point else None


def _from_base(line: _AsOf, name: View, base: date | None) -> tuple[float | None, ...]:
    begun = line.point(base) if base else None
    start = begun.followers if begun else None
    # A change is one of the same accounts.
    counts = [
        point.followers if begun and line.series.are_comparable(*sort_by_day(begun, point)) else None
        for point in line.series.points
    ]
    if start is None or (start == 0 and name == View.INDEX):
        return (None,) * len(counts)
    if name == View.CHANGE:
        return tuple([None if count is None else count - start for count in counts])
    if name == View.PERCENT:
        return tuple([None if count is None else changes.percent(start, count) for count in counts])
    return tuple([None if count is None else 100 * count / start for count in counts])


def _bounds(line: _AsOf, base: Point | None) -> tuple[str, ...]:
    """Return the bounds of what has changed since the base."""
    return tuple([_bound_between(base, point) for point in line.series.points])


def _bounds_of_gaps(line: _AsOf, references: dict[str, _AsOf]) -> tuple[str, ...]:
    reference = references.get(line.series.platform)
    return tuple(
        [
            _bound_between(reference.point(point.day) if reference else None, point)
            for point in line.series.points
        ]
    )


def _bound_between(one: Point | None, other: Point) -> str:
    """Return the bound of the second count less the first, or measured by it."""
    return precision.of_change((one and one.bound) or "=", other.bound or "=")


def sort_by_day(one: Point, other: Point) -> tuple[Point, Point]:
    """Return the two points, the earlier one first."""
    return (one, other) if one.day <= other.day else (other, one)


def _shares(trend: Trend) -> tuple[Drawn, ...]:
    moments = {(moment.day, moment.span): moment for moment in shares(trend)}

    def share(point: Point, place: int) -> tuple[float | None, str]:
        moment = moments.get((point.day, point.span))
        if point.followers is None or moment is None:
            return None, "="
        return moment.percents[place], moment.bounds[place] if moment.bounds else "="

    made = []
    for place, series in enumerate(trend.series):
        pairs = [share(point, place) for point in series.points]
        made.append(Drawn(series, tuple(value for value, _ in pairs), tuple(bound for _, bound in pairs)))
    return tuple(made)


def _gaps(line: _AsOf, references: dict[str, _AsOf]) -> tuple[float | None, ...]:
    reference = references.get(line.series.platform)

    def one(day: date, count: int | None) -> float | None:
        measure = reference.at(day) if reference else None
        return None if count is None or measure is None else count - measure

    return tuple(one(point.day, point.followers) for point in line.series.points)
