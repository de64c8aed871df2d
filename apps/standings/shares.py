"""The lines of a trend as shares of their sum, on every day that one of them was read."""

from bisect import bisect_right
from datetime import date
from typing import NamedTuple

from apps.standings.types import FRESH_DAYS, SPANS, Point, Series, SpanWord, Trend, last_day


class Moment(NamedTuple):
    """A day, or a whole month or year, on which shares are known. The percentages are in the order of the lines."""

    day: date  # its first day
    span: SpanWord
    percents: tuple[float | None, ...]  # None: the line has no count
    total: int

    @property
    def last(self) -> date:
        return last_day(self.day, self.span)


def shares(trend: Trend) -> tuple[Moment, ...]:
    """Oldest first. Days count the newest value that is not older than FRESH_DAYS; spans only their own values.

    A line that is silent for longer is out of the sum until it is read again, or every other share would be of a
    sum that nobody has counted. Days on which the sum is 0 are left out.
    """
    times = {(point.day, point.span) for line in trend.series for point in line.points}
    lines = [_Line(series) for series in trend.series]
    found = []
    for day, span in sorted(times, key=lambda time: (time[0], SPANS.index(time[1]))):
        counts = [line.at(day, span) for line in lines]
        total = sum(count or 0 for count in counts)
        if total:
            percents = tuple(None if count is None else 100 * count / total for count in counts)
            found.append(Moment(day, span, percents, total))
    return tuple(found)


class _Line:
    def __init__(self, series: Series) -> None:
        self._days = [point for point in series.points if point.span == "day"]
        self._keys = [point.day for point in self._days]
        self._own = {(point.day, point.span): point for point in series.points}

    def at(self, day: date, span: SpanWord) -> int | None:
        point = self._own.get((day, span))
        if point is None and span == "day":
            point = self._newest(day)
        return point.followers if point else None

    def _newest(self, day: date) -> Point | None:
        place = bisect_right(self._keys, day)
        point = self._days[place - 1] if place else None
        return point if point and (day - point.day).days <= FRESH_DAYS else None
