"""The line chart: missing days are gaps, today is hollow, rounded counts are steps with a band, whole years are bars."""

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from apps.figures import formats, labels, style
from apps.figures.charts import (
    NARROW,
    SCALES,
    SERIES_AT_MOST,
    WIDE,
    Axis,
    Figure,
    Label,
    Layout,
    Shape,
    assemble,
    column_height,
    label_column,
    plot_height,
    scale_mark,
    variants,
)
from apps.figures.line_traces import STEP as STEP
from apps.figures.line_traces import SeriesLine as SeriesLine
from apps.figures.line_traces import last_day as last_day
from apps.figures.line_traces import traces as traces
from apps.figures.marks import Mark as Mark
from apps.figures.marks import base_label, base_line, event_marks, event_numbers, zero_line
from apps.figures.measures import Measure, measure
from apps.figures.sentences import label_gone
from apps.figures.time_ticks import time_ticks
from apps.standings.comparison import Drawn, View
from apps.standings.types import Series, Trend

LEAST_LABELS: Final = 2  # of an axis
SIDES: Final = {
    shape.name: shape for shape in (replace(WIDE, letters=22, right=190, left=56), replace(NARROW, left=56))
}
SMALL: Final = {name: replace(shape, height=220, top=10, gap=3) for name, shape in SIDES.items()}


def lines(
    trend: Trend,
    focus: str = "",
    picked: Sequence[str] = (),
    events: Sequence[Mark] = (),
    drawn: Sequence[Drawn] | None = None,
    view: View = View.FOLLOWERS,
    base: date | None = None,
    unusual: Collection[tuple[int, date]] = (),
    is_small: bool = False,
) -> Figure:
    """Return a trend as a line chart. Series of one actor are told apart by platform, else by actor.

    drawn: the trend's lines in another view, which `view` names. base: the day that the view starts from; it is
    marked, and chart.js lets it be dragged. unusual: (account, day) pairs that get a mark of their own. is_small: as
    high as its labels need, for the first screen of a phone.
    """
    made = dress(trend, focus, tuple(picked), drawn, measure(view))
    values = [value for line in made for _, value in line.counted]
    first, last = reach(trend)
    shown = [mark for mark in events if first <= mark.first <= last]
    measured = measure(view)
    axes = {scale: Axis.around(values, scale if measured.has_log else "linear") for scale in SCALES}
    column = [label for line in made if (label := end_label(line))]
    based = base_label(trend, base, first, last)

    def build(shape: Shape, scale: str) -> Layout:
        axis, shape = axes[scale], (SMALL if is_small else SIDES)[shape.name]
        height = plot_height(shape, column_height(column, shape, shape.letters))
        return {
            "height": height + shape.top + shape.bottom,
            "margin": {"l": shape.left, "r": shape.right, "t": shape.top, "b": shape.bottom},
            "xaxis": time_ticks(first, last, 8 if shape.name == WIDE.name else 4),
            "yaxis": {**axis.layout(), **ticks(axis, measured)},
            "annotations": [
                *label_column(column, axis, shape, height),
                *event_numbers(shown, shape.name, last - first),
                *based,
                *scale_mark(axis, shape, has_zero=any(value <= 0 for value in values)),
            ],
        }

    figure = assemble(
        [
            trace
            for place, line in enumerate(made)
            for trace in traces(
                line,
                trend.resolution,
                [day for account, day in unusual if account == line.series.account_id],
                made[:place],
                (last - first).days,
            )
        ],
        {
            "xaxis": {
                "type": "date",
                "range": [first.isoformat(), last.isoformat()],
            },
            "shapes": [*zero_line(measured), *event_marks(shown), *base_line(base)],
        },
        variants(build),
    )
    return figure | ({"base": base.isoformat()} if base else {})


def dress(
    trend: Trend, focus: str, picked: tuple[str, ...], drawn: Sequence[Drawn] | None, measured: Measure
) -> list[SeriesLine]:
    """Return the largest series, each with its colour, dash, label and numbers."""
    code = formats.language()
    kept = choose_lines(trend)
    numbers = {id(one.series): one for one in drawn or ()}

    def line(series: Series, colour: str, dash: str, label: str) -> SeriesLine:
        one = numbers.get(id(series))
        if one is None:
            return SeriesLine(
                series, colour, dash, label, measured, tuple(point.followers for point in series.points)
            )
        return SeriesLine(series, colour, dash, label, measured, one.values, one.bounds)

    if len({series.actor_slug for series in kept}) == 1:
        hues = (style.FOCUS, *style.PICKED)
        return [
            line(
                series,
                hues[place] if place < len(hues) else style.OTHER,
                style.DASHES[place % len(style.DASHES)],
                own_label(series, kept),
            )
            for place, series in enumerate(kept)
        ]
    reference = next((series.actor_slug for series in kept if series.is_reference), "")
    colours = style.colours([series.actor_slug for series in kept], reference, focus, picked)
    dashes = choose_dashes(kept, picked)
    return [
        line(
            series,
            colours[series.actor_slug],
            dashes[id(series)],
            label_among(series, kept, labels.short(series.name(code))),
        )
        for series in kept
    ]


def choose_lines(trend: Trend) -> list[Series]:
    """Return the lines that there is room for: the largest, in the trend's order."""
    largest = sorted(trend.series, key=lambda series: -newest(series))[:SERIES_AT_MOST]
    return [series for series in trend.series if series in largest]


def choose_dashes(kept: Sequence[Series], picked: tuple[str, ...]) -> dict[int, str]:
    """Return a dash for each picked line, by id, beside its colour; where platforms are several, one for each of
    those."""
    platforms = sorted({series.platform for series in kept})
    if len(platforms) > 1:
        return {id(series): style.DASHES[platforms.index(series.platform) % 6] for series in kept}
    by_actor = {slug: style.DASHES[1 + place % 5] for place, slug in enumerate(picked)}
    return {id(series): by_actor.get(series.actor_slug, "solid") for series in kept}


def own_label(series: Series, kept: Sequence[Series]) -> str:
    """Return the label of a line of one actor: its platform, and its handle where it has several accounts there."""
    name = formats.platform_name(series.platform)
    again = sum(other.platform == series.platform for other in kept) > 1
    return f"{name}: {series.handle}" if again and series.handle else name


def label_among(series: Series, kept: Sequence[Series], name: str) -> str:
    """Return the actor's name, with what tells its lines apart where it has several."""
    own = [other for other in kept if other.actor_slug == series.actor_slug]
    if len({other.platform for other in kept}) > 1 or len(own) > 1:
        return f"{name}, {own_label(series, own)}"
    return name


def newest(series: Series) -> int:
    return next((point.followers for point in reversed(series.points) if point.followers is not None), 0)


def reach(trend: Trend) -> tuple[date, date]:
    """Return the days the axis covers: those asked for, and the whole of any span that begins in them."""
    first, last = find_reach(trend) or (trend.first, trend.last)
    room = max((last - first) // 60, timedelta(days=1))
    return first - room, last + room


def find_reach(trend: Trend) -> tuple[date, date] | None:
    """Return the first and the last day that the points speak for; None without points."""
    lines = [series.points for series in trend.series if series.points]
    if not lines:
        return None
    ends = [last_day(point) for points in lines for point in points if point.span != "day"]
    return min(points[0].day for points in lines), max([*ends, *(points[-1].day for points in lines)])


def end_label(line: SeriesLine) -> Label | None:
    """Return the newest count and the name at the line's end; where the line has ended, why."""
    if not line.counted:
        return None
    point, value = line.counted[-1]
    newest_point = line.series.points[-1]
    if newest_point.state == "absent":  # a number beside it would be read as that of the day it was gone
        return Label(value, "", label_gone(newest_point, line.label), line.colour)
    name = line.label
    if newest_point.followers is None:
        name = f"{name} ({formats.state(newest_point.state)}, {formats.span(newest_point.day, newest_point.span)})"
    return Label(value, line.measure.shown(value, formats.bound_of(point)), name, line.colour)


def ticks(axis: Axis, measured: Measure) -> Layout:
    """Return tick places and their texts in the page's language: 50K, 50 тыс., 50 мың."""
    values: list[float]
    if axis.scale == "log":
        values = [
            digit * 10**power
            for power in range(max(int(axis.low), 0), int(axis.high) + 1)
            for digit in (1, 2, 5)
            if axis.low <= _log(digit * 10**power) <= axis.high
        ]
        values = values if len(values) <= 8 else [value for value in values if str(value)[0] == "1"]
        if len(values) < LEAST_LABELS:
            values = even_ticks(10**axis.low, 10**axis.high)
    else:
        whole = measured.view in (View.FOLLOWERS, View.CHANGE, View.GAP)
        unit = next(
            size * 10**power
            for power in range(0 if whole else -2, 12)
            for size in (1, 2, 5)
            if (axis.high - axis.low) / (size * 10**power) <= 6
        )
        values = [unit * place for place in range(math.ceil(axis.low / unit), int(axis.high // unit) + 1)]
    texts = [measured.tick(value) for value in values]
    if len(set(texts)) < len(texts):  # shortened they are the same: 1,000 and 1,020 are both 1K
        texts = [measured.shown(value, "=") for value in values]
    return {"tickvals": values, "ticktext": texts}


def even_ticks(low: float, high: float) -> list[float]:
    """Return round numbers at even distances: of a part of a decade, which has no power of ten and hardly a 2 or a 5."""
    unit = next(
        size * 10**power
        for power in range(12)
        for size in (1, 2, 5)
        if (high - low) / (size * 10**power) <= 5
    )
    return [
        float(unit * place)
        for place in range(math.ceil(low / unit), int(high // unit) + 1)
        if unit * place > 0
    ]


def _log(value: int) -> float:
    return Axis("log", 0, 1).share(value)
