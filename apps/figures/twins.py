"""The table beside a line chart: the same numbers, a row for each date, a column for each line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from apps.figures import formats, labels
from apps.figures.charts import SERIES_AT_MOST
from apps.figures.lines import label_among, newest
from apps.figures.measures import measure
from apps.standings.comparison import Drawn, View
from apps.standings.shares import Moment, Time, order_of
from apps.standings.types import Point, Trend

ROWS_AT_MOST: Final = 60


@dataclass(frozen=True)
class TwinRow:
    head: str  # the date
    cells: tuple[str, ...]  # "" where nothing was recorded


@dataclass(frozen=True)
class Twin:
    columns: tuple[str, ...]
    rows: tuple[TwinRow, ...]  # newest first
    is_thinned: bool  # the last dates of each stretch only; the file has them all


def twin(drawn: Sequence[Drawn], view: View) -> Twin:
    """Return the drawn lines as a table. Of more dates than can be read the last of equal stretches stand in."""
    code = formats.language()
    measured = measure(view)
    largest = sorted(drawn, key=lambda line: -newest(line.series))[:SERIES_AT_MOST]
    lines = [line for line in drawn if line in largest]
    columns = [
        {
            (point.day, point.span): (line.point(place), value)
            for place, (point, value) in enumerate(zip(line.series.points, line.values, strict=True))
        }
        for line in lines
    ]
    times = set[Time]().union(*columns)
    newest_first = sorted(times, key=order_of, reverse=True)
    kept = newest_first[:: -(-len(times) // ROWS_AT_MOST) or 1]

    def cell(point: Point | None, value: float | None) -> str:
        if point is not None and value is not None:
            return measured.shown(value, formats.bound_of(point))
        return formats.state(point.state) if point is not None and point.followers is None else ""

    return Twin(
        columns=tuple(
            label_among(line.series, [one.series for one in lines], labels.short(line.series.name(code)))
            for line in lines
        ),
        rows=tuple(
            TwinRow(formats.span(*time), tuple(cell(*column.get(time, (None, None))) for column in columns))
            for time in kept
        ),
        is_thinned=len(kept) < len(times),
    )


def of_shares(trend: Trend, moments: Sequence[Moment]) -> Twin:
    """Build the table of shares: a row for each moment that the area chart shows."""
    code = formats.language()
    largest = sorted(trend.series, key=lambda series: -newest(series))[:SERIES_AT_MOST]
    lines = [series for series in trend.series if series in largest]
    places = [trend.series.index(series) for series in lines]
    step = -(-len(moments) // ROWS_AT_MOST) or 1
    kept = list(reversed(moments))[::step]
    return Twin(
        columns=tuple(label_among(series, lines, labels.short(series.name(code))) for series in lines),
        rows=tuple(
            TwinRow(
                formats.span(moment.day, moment.span),
                tuple(
                    "" if (share := moment.percents[place]) is None else write_share(share, moment, place)
                    for place in places
                ),
            )
            for moment in kept
        ),
        is_thinned=len(kept) < len(moments),
    )


def write_share(share: float, moment: Moment, place: int) -> str:
    """Write a line's share with its bound."""
    return formats.bounded(formats.percent(share), moment.bounds[place] if moment.bounds else "=")
