"""The lines of a trend as shares of their sum, on every day that one of them was read."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from apps.snapshots.rules import SPANS, SpanWord, last_day
from apps.standings import precision
from apps.standings.types import FRESH_DAYS, Point, Series, Trend

Time = tuple[date, SpanWord]


def order_of(time: Time) -> tuple[date, int]:
    """Return what times are sorted by: their first day, then the span in the order of SPANS."""
    return time[0], SPANS.index(time[1])


class Moment(NamedTuple):
    """A day, or a whole month or year, on which shares are known. The percentages are in the order of the lines."""

    day: date  # its first day
    span: SpanWord
    percents: tuple[float | None, ...]  # None: the line has no count
    total: int
    bounds: tuple[str, ...] = ()  # of the percentages; none where every count is a number
    total_bound: str = "="
    points: tuple[Point | None, ...] = ()  # whose counts they are, in the order of the lines

    @property
    def last(self) -> date:
        return last_day(self.day, self.span)


def shares(trend: Trend) -> tuple[Moment, ...]:
    """Return the shares, oldest first. Days count the newest value not older than FRESH_DAYS; spans only their own
    values.

    A line that is silent for longer is out of the sum until it is read again, or every other share would be of a
    sum that nobody has counted. Days on which the sum is 0 are left out.
    """
    lines = [_Line(series) for series in trend.series]
    times = set[Time]().union(*(line.own for line in lines))
    in_order = sorted(times, key=order_of)
    found = []
    for (day, span), points in zip(
        in_order, zip(*(line.at(in_order) for line in lines), strict=True), strict=True
    ):
        counts = [None if point is None else point.followers for point in points]
        total = sum(filter(None, counts))
        if total:
            percents = tuple([None if count is None else 100 * count / total for count in counts])
            found.append(Moment(day, span, percents, total, *_bounds(points), points))
    return tuple(found)


def _bounds(points: Sequence[Point | None]) -> tuple[tuple[str, ...], str]:
    """Return the bounds of the shares, none where every count is a number, and that of their sum."""
    bounds = [point.bound if point is not None and point.followers is not None else "" for point in points]
    often = Counter(filter(None, bounds))
    total = precision.of_sum(*often)
    if total == "=":
        return (), "="
    return tuple([precision.of_share(bound, often) if bound else "=" for bound in bounds]), total


class _Line:
    def __init__(self, series: Series) -> None:
        self._days = [point for point in series.points if point.span == "day"]
        self._keys = [point.day for point in self._days]
        self.own: dict[Time, Point] = {(point.day, point.span): point for point in series.points}

    def at(self, times: Sequence[Time]) -> list[Point | None]:
        """Return the point that says the line's count at each of the times; None where none does."""
        own = self.own
        return [own[time] if time in own else self._before(*time) for time in times]

    def _before(self, day: date, span: SpanWord) -> Point | None:
        return self._newest(day) if span == "day" else None

    def _newest(self, day: date) -> Point | None:
        place = bisect_right(self._keys, day)
        point = self._days[place - 1] if place else None
        return point if point and (day - point.day).days <= FRESH_DAYS else None
