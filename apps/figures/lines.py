"""The line chart: missing days are gaps, today is hollow, rounded counts are steps with a band, whole years are bars."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import plotly.graph_objects as go

from apps.figures import formats, labels, style
from apps.figures.charts import (
    NARROW,
    SERIES_AT_MOST,
    WIDE,
    Axis,
    Figure,
    Label,
    Layout,
    Shape,
    column_height,
    escape,
    finished,
    label_column,
    plot_height,
    scale_mark,
    variants,
)
from apps.standings.types import Point, Resolution, Series, Trend

STEP: Final = {
    Resolution.DAY: 1,
    Resolution.WEEK: 13,
    Resolution.MONTH: 61,
}  # days between two points that are no gap: each is the last of its week or month
ROUNDED: Final = frozenset({"3sf", "abbrev"})
MARKED: Final = 60  # up to so many points each has its mark
SIDES: Final = {
    shape.name: shape for shape in (replace(WIDE, letters=22, right=190, left=56), replace(NARROW, left=56))
}

Counted = tuple[Point, int]


@dataclass(frozen=True)
class Mark:
    """An event on the chart: from its first day, to its last where it lasts."""

    first: date
    last: date | None
    title: str


@dataclass(frozen=True)
class Line:
    """A series and how it is drawn."""

    series: Series
    colour: str
    dash: str
    label: str  # at the line's end


def lines(trend: Trend, focus: str = "", picked: Sequence[str] = (), events: Sequence[Mark] = ()) -> Figure:
    """A trend as a line chart. Series of one actor are told apart by platform, else by actor."""
    drawn = dressed(trend, focus, tuple(picked))
    counts = [count for line in drawn for _, count in counted(line.series.points)]
    first, last = reach(trend)
    shown = [mark for mark in events if first <= mark.first <= last]

    def build(shape: Shape, scale: str) -> Layout:
        axis, shape = Axis.around(counts, scale), SIDES[shape.name]
        column = [label for line in drawn if (label := end_label(line))]
        height = plot_height(shape, column_height(column, shape, shape.letters))
        return {
            "height": height + shape.top + shape.bottom,
            "margin": {"l": shape.left, "r": shape.right, "t": shape.top, "b": shape.bottom},
            "xaxis": {"nticks": 6 if shape.name == WIDE.name else 3},
            "yaxis": {**axis.layout(), **ticks(axis)},
            "annotations": [
                *label_column(column, axis, shape, height),
                *event_numbers(shown),
                *scale_mark(axis, shape),
            ],
        }

    return finished(
        [trace for line in drawn for trace in traces(line, trend.resolution)],
        {
            "xaxis": {
                "type": "date",
                "range": [first.isoformat(), last.isoformat()],
                "tickformatstops": tick_formats(),
            },
            "shapes": event_marks(shown),
        },
        variants(build),
    )


def dressed(trend: Trend, focus: str, picked: tuple[str, ...]) -> list[Line]:
    """The largest series, each with its colour, dash and label."""
    code = formats.language()
    largest = sorted(trend.series, key=lambda series: -newest(series))[:SERIES_AT_MOST]
    kept = [series for series in trend.series if series in largest]
    if len({series.actor_slug for series in kept}) == 1:
        hues = (style.FOCUS, *style.PICKED)
        return [
            Line(
                series,
                hues[place] if place < len(hues) else style.OTHER,
                style.DASHES[place % len(style.DASHES)],
                formats.platform_name(series.platform),
            )
            for place, series in enumerate(kept)
        ]
    reference = next((series.actor_slug for series in kept if series.is_reference), "")
    colours = style.colours([series.actor_slug for series in kept], reference, focus, picked)
    dashes = {slug: style.DASHES[1 + place % 5] for place, slug in enumerate(picked)}
    return [
        Line(
            series,
            colours[series.actor_slug],
            dashes.get(series.actor_slug, "solid"),
            labels.short(series.name(code)),
        )
        for series in kept
    ]


def newest(series: Series) -> int:
    return next((point.followers for point in reversed(series.points) if point.followers is not None), 0)


def counted(points: Sequence[Point]) -> Iterator[Counted]:
    for point in points:
        if point.followers is not None:
            yield point, point.followers


def last_day(point: Point) -> date:
    if point.span == "year":
        return date(point.day.year, 12, 31)
    if point.span == "month":
        return (point.day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return point.day


def reach(trend: Trend) -> tuple[date, date]:
    """The days the axis covers: those asked for, and the whole of any span that begins in them."""
    points = [point for series in trend.series for point in series.points]
    first = min((point.day for point in points), default=trend.first)
    last = max((last_day(point) for point in points), default=trend.last)
    room = max((last - first) // 60, timedelta(days=1))
    return first - room, last + room


def end_label(line: Line) -> Label | None:
    """The newest count and the name at the line's end; where the line has ended, why."""
    points = list(counted(line.series.points))
    if not points:
        return None
    point, count = points[-1]
    newest_point = line.series.points[-1]
    name = line.label
    if newest_point.followers is None:
        name = f"{name} ({formats.state(newest_point.state)}, {formats.span(newest_point.day, newest_point.span)})"
    return Label(count, formats.count(count, point.bound), name, line.colour)


def ticks(axis: Axis) -> Layout:
    """Tick places and their texts in the page's language: 50K, 50 тыс., 50 мың."""
    if axis.scale == "log":
        values = [
            digit * 10**power
            for power in range(max(int(axis.low), 0), int(axis.high) + 1)
            for digit in (1, 2, 5)
            if axis.low <= _log(digit * 10**power) <= axis.high
        ]
        values = values if len(values) <= 8 else [value for value in values if str(value)[0] == "1"]
    else:
        unit = next(
            size * 10**power
            for power in range(12)
            for size in (1, 2, 5)
            if axis.high / (size * 10**power) <= 6
        )
        values = [unit * place for place in range(int(axis.high // unit) + 1)]
    return {"tickvals": values, "ticktext": [formats.compact(value) if value else "0" for value in values]}


def _log(value: int) -> float:
    return Axis("log", 0, 1).share(value)


def tick_formats() -> list[Layout]:
    """Years alone where years are far apart, months with the year, days with the month."""
    day = 86_400_000
    return [
        {"dtickrange": [None, 27 * day], "value": "%d %b\n%Y"},
        {"dtickrange": [27 * day, "M11"], "value": "%b\n%Y"},
        {"dtickrange": ["M12", None], "value": "%Y"},
    ]


def segments(points: Sequence[Counted], step: int) -> list[list[Counted]]:
    """Runs of days without a gap between them."""
    runs: list[list[Counted]] = []
    for item in points:
        if runs and (item[0].day - runs[-1][-1][0].day).days <= step:
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


def day_runs(points: Sequence[Point], step: int) -> list[list[Counted]]:
    """The runs of a series' days; a state without a number breaks the run too."""
    runs: list[list[Counted]] = []
    piece: list[Counted] = []
    for point in points:
        if point.span != "day" or point.observed_today:
            continue
        if point.followers is None:
            runs += segments(piece, step)
            piece = []
        else:
            piece.append((point, point.followers))
    return runs + segments(piece, step)


def joined(runs: Sequence[Sequence[Counted]]) -> tuple[list[str | None], list[int | None]]:
    """The runs one after another, an empty place between them."""
    days: list[str | None] = []
    counts: list[int | None] = []
    for run in runs:
        if days:
            days.append(None)
            counts.append(None)
        days += [point.day.isoformat() for point, _ in run]
        counts += [count for _, count in run]
    return days, counts


def is_rounded(run: Sequence[Counted]) -> bool:
    return any(point.precision in ROUNDED for point, _ in run)


def traces(line: Line, resolution: Resolution) -> list[go.Scatter]:
    """Everything one series puts on the chart."""
    runs = day_runs(line.series.points, STEP[resolution])
    exact = [run for run in runs if not is_rounded(run)]
    rounded = [run for run in runs if is_rounded(run)]
    made = [band(line, rounded), run_line(line, exact, "linear"), run_line(line, rounded, "hv")]
    made += [dots(line, runs), span_bars(line), today(line, runs, STEP[resolution])]
    return [trace for trace in made if trace is not None]


def hover(line: Line, point: Point, count: int) -> str:
    code = formats.language()
    name = escape(line.series.name(code))
    shown = escape(formats.followers(count, line.series.platform, point.bound))
    platform = formats.platform_name(line.series.platform)
    return f"{name}<br>{platform}, {formats.span(point.day, point.span)}: {shown}"


def run_line(line: Line, runs: list[list[Counted]], shape: str) -> go.Scatter | None:
    """The unbroken runs; a step from day to day where the counts are rounded."""
    runs = [run for run in runs if len(run) > 1]
    if not runs:
        return None
    days, counts = joined(runs)
    name = escape(line.series.name(formats.language()))
    return go.Scatter(
        x=days,
        y=counts,
        mode="lines",
        name=name,
        connectgaps=False,
        line={"color": line.colour, "width": 2, "dash": line.dash, "shape": shape},
        hovertemplate="%{x|%d.%m.%Y}: %{y:,}<extra>"
        + f"{name}, {formats.platform_name(line.series.platform)}</extra>",
    )


def dots(line: Line, runs: list[list[Counted]]) -> go.Scatter | None:
    """A mark for every point where there are few, and for days that stand alone always."""
    points = [item for run in runs for item in run]
    if len(points) > MARKED:
        points = [run[0] for run in runs if len(run) == 1]
    if not points:
        return None
    return go.Scatter(
        x=[point.day.isoformat() for point, _ in points],
        y=[count for _, count in points],
        mode="markers",
        marker={
            "color": [line.colour if point.bound == "=" else style.GROUND for point, _ in points],
            "line": {"color": line.colour, "width": 2},
            "size": 7,
        },
        hovertext=[hover(line, point, count) for point, count in points],
        hoverinfo="text",
    )


def band(line: Line, runs: list[list[Counted]]) -> go.Scatter | None:
    """Where the true count may lie: rounded down, up to one step above; abbreviated, a step either way."""
    days: list[str | None] = []
    counts: list[int | None] = []
    for run in runs:
        after = [point.day for point, _ in run[1:]] + [run[-1][0].day + timedelta(days=1)]
        upper: list[tuple[date, int]] = []
        lower: list[tuple[date, int]] = []
        for (point, count), until in zip(run, after, strict=True):
            below = 0 if point.precision == "3sf" else point.step
            upper += [(point.day, count + point.step), (until, count + point.step)]
            lower += [(point.day, count - below), (until, count - below)]
        edge = upper + lower[::-1] + upper[:1]
        days += [None] * bool(days) + [day.isoformat() for day, _ in edge]
        counts += [None] * bool(counts) + [count for _, count in edge]
    if not days:
        return None
    return go.Scatter(
        x=days, y=counts, mode="none", fill="toself", fillcolor=line.colour, opacity=0.18, hoverinfo="skip"
    )


def span_bars(line: Line) -> go.Scatter | None:
    """Months and years as bars over the time they speak for."""
    points = [item for item in counted(line.series.points) if item[0].span != "day"]
    if not points:
        return None
    days: list[str | None] = []
    counts: list[int | None] = []
    texts: list[str] = []
    for point, count in points:
        if days:
            days.append(None)
            counts.append(None)
            texts.append("")
        days += [point.day.isoformat(), last_day(point).isoformat()]
        counts += [count, count]
        texts += [hover(line, point, count)] * 2
    return go.Scatter(
        x=days,
        y=counts,
        mode="lines",
        line={"color": line.colour, "width": 7},
        connectgaps=False,
        hovertext=texts,
        hoverinfo="text",
        cliponaxis=False,
    )


def today(line: Line, runs: list[list[Counted]], step: int) -> go.Scatter | None:
    """The day that is not over: hollow, and dashed from the day before where that was counted."""
    point = line.series.points[-1] if line.series.points else None
    if point is None or not point.observed_today or point.followers is None:
        return None
    before = [runs[-1][-1]] if runs and (point.day - runs[-1][-1][0].day).days <= step else []
    shown = [*before, (point, point.followers)]
    return go.Scatter(
        x=[item.day.isoformat() for item, _ in shown],
        y=[count for _, count in shown],
        mode="lines+markers",
        line={"color": line.colour, "width": 2, "dash": "dash"},
        marker={
            "color": style.GROUND,
            "line": {"color": line.colour, "width": 2},
            "size": [0] * len(before) + [9],
        },
        hovertext=[hover(line, item, count) for item, count in shown],
        hoverinfo="text",
        cliponaxis=False,
    )


def event_marks(marks: Sequence[Mark]) -> list[Layout]:
    """A thin line where an event begins, a faint field while it lasts."""
    shapes: list[Layout] = []
    for mark in marks:
        common = {"name": "event", "yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
        shapes.append(
            {
                **common,
                "type": "line",
                "x0": mark.first.isoformat(),
                "x1": mark.first.isoformat(),
                "line": {"color": style.SOFT, "width": 1, "dash": "dot"},
            }
        )
        if mark.last:
            shapes.append(
                {
                    **common,
                    "type": "rect",
                    "x0": mark.first.isoformat(),
                    "x1": mark.last.isoformat(),
                    "fillcolor": style.OTHER,
                    "opacity": 0.1,
                    "line": {"width": 0},
                }
            )
    return shapes


def event_numbers(marks: Sequence[Mark]) -> list[Layout]:
    """The number of each event over its line; the list below the chart has the titles."""
    return [
        {
            "name": "event",
            "x": mark.first.isoformat(),
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "showarrow": False,
            "text": str(place),
            "hovertext": escape(mark.title),
            "font": {"color": style.SOFT, "size": 11},
        }
        for place, mark in enumerate(marks, 1)
    ]
