"""The line chart: missing days are gaps, today is hollow, rounded counts are steps with a band, whole years are bars."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
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
    Trace,
    column_height,
    escape,
    finished,
    label_column,
    plot_height,
    scale_mark,
    scatter,
    variants,
)
from apps.figures.measures import Measure, measure
from apps.figures.sentences import gone_label
from apps.snapshots import rules
from apps.snapshots.rules import SPANS, SpanWord
from apps.standings.comparison import Drawn, View
from apps.standings.types import Point, Resolution, Series, Trend

STEP: Final = {
    Resolution.DAY: 1,
    Resolution.WEEK: 13,
    Resolution.MONTH: 61,
}  # days between two points that are no gap: each is the last of its week or month
ROUNDED: Final = frozenset({"3sf", "abbrev"})
BARS: Final = (7, 3, 1.5)  # px, of the first bar in a place and of those that lie on it
NUMBERS_ABREAST: Final = {WIDE.name: 26, NARROW.name: 7}  # of events, over the width of the plot
DAYS_NAMED: Final = 16  # up to so many days of an axis are named by us
CLOSE: Final = 0.02  # of the larger count: closer bars lie on each other
LEAST_LABELS: Final = 2  # of an axis
MARKED: Final = 60  # up to so many points each has its mark
SIDES: Final = {
    shape.name: shape for shape in (replace(WIDE, letters=22, right=190, left=56), replace(NARROW, left=56))
}
SMALL: Final = {name: replace(shape, height=220, top=10, bottom=40, gap=3) for name, shape in SIDES.items()}

Counted = tuple[Point, float]  # a point and what the view makes of it


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
    measure: Measure
    values: tuple[float | None, ...]  # one for each point

    @cached_property
    def counted(self) -> list[Counted]:
        pairs = zip(self.series.points, self.values, strict=True)
        return [(point, value) for point, value in pairs if value is not None]

    @cached_property
    def counted_spans(self) -> list[Counted]:
        """Whole months and years."""
        return [item for item in self.counted if item[0].span != "day"]

    @cached_property
    def spans(self) -> dict[tuple[date, SpanWord], float]:
        """The numbers of whole months and years."""
        return {(point.day, point.span): value for point, value in self.counted_spans}


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
    """A trend as a line chart. Series of one actor are told apart by platform, else by actor.

    drawn: the trend's lines in another view, which `view` names. base: the day that the view starts from; it is
    marked, and chart.js lets it be dragged. unusual: (account, day) pairs that get a mark of their own. is_small: as
    high as its labels need, for the first screen of a phone.
    """
    made = dressed(trend, focus, tuple(picked), drawn, measure(view))
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
            "xaxis": day_ticks(first, last, 8 if shape.name == WIDE.name else 4),
            "yaxis": {**axis.layout(), **ticks(axis, measured)},
            "annotations": [
                *label_column(column, axis, shape, height),
                *event_numbers(shown, (last - first) / NUMBERS_ABREAST[shape.name]),
                *based,
                *scale_mark(axis, shape, has_zero=any(value <= 0 for value in values)),
            ],
        }

    figure = finished(
        [
            trace
            for place, line in enumerate(made)
            for trace in traces(
                line,
                trend.resolution,
                [day for account, day in unusual if account == line.series.account_id],
                made[:place],
            )
        ],
        {
            "xaxis": {
                "type": "date",
                "range": [first.isoformat(), last.isoformat()],
                "tickformatstops": tick_formats(),
            },
            "shapes": [*zero_line(measured), *event_marks(shown), *base_line(base)],
        },
        variants(build),
    )
    return figure | ({"base": base.isoformat()} if base else {})


def dressed(
    trend: Trend, focus: str, picked: tuple[str, ...], drawn: Sequence[Drawn] | None, measured: Measure
) -> list[Line]:
    """The largest series, each with its colour, dash, label and numbers."""
    code = formats.language()
    kept = drawn_lines(trend)
    numbers = {id(one.series): one.values for one in drawn or ()}

    def line(series: Series, colour: str, dash: str, label: str) -> Line:
        values = numbers.get(id(series))
        if values is None:
            values = tuple(point.followers for point in series.points)
        return Line(series, colour, dash, label, measured, values)

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
    dashes = dashing(kept, picked)
    return [
        line(
            series,
            colours[series.actor_slug],
            dashes[id(series)],
            label_among(series, kept, labels.short(series.name(code))),
        )
        for series in kept
    ]


def drawn_lines(trend: Trend) -> list[Series]:
    """Return the lines that there is room for: the largest, in the trend's order."""
    largest = sorted(trend.series, key=lambda series: -newest(series))[:SERIES_AT_MOST]
    return [series for series in trend.series if series in largest]


def dashing(kept: Sequence[Series], picked: tuple[str, ...]) -> dict[int, str]:
    """Picked lines are told apart by dashes beside their colour; where platforms are several, those are."""
    platforms = sorted({series.platform for series in kept})
    if len(platforms) > 1:
        return {id(series): style.DASHES[platforms.index(series.platform) % 6] for series in kept}
    by_actor = {slug: style.DASHES[1 + place % 5] for place, slug in enumerate(picked)}
    return {id(series): by_actor.get(series.actor_slug, "solid") for series in kept}


def own_label(series: Series, kept: Sequence[Series]) -> str:
    """A line of one actor: its platform, and its handle where it has several accounts there."""
    name = formats.platform_name(series.platform)
    again = sum(other.platform == series.platform for other in kept) > 1
    return f"{name}: {series.handle}" if again and series.handle else name


def label_among(series: Series, kept: Sequence[Series], name: str) -> str:
    """The actor's name, with what tells its lines apart where it has several."""
    own = [other for other in kept if other.actor_slug == series.actor_slug]
    if len({other.platform for other in kept}) > 1 or len(own) > 1:
        return f"{name}, {own_label(series, own)}"
    return name


def newest(series: Series) -> int:
    return next((point.followers for point in reversed(series.points) if point.followers is not None), 0)


def last_day(point: Point) -> date:
    """Return the last day that a point speaks for."""
    return rules.last_day(point.day, point.span)


def reach(trend: Trend) -> tuple[date, date]:
    """The days the axis covers: those asked for, and the whole of any span that begins in them."""
    first, last = covered(trend) or (trend.first, trend.last)
    room = max((last - first) // 60, timedelta(days=1))
    return first - room, last + room


def covered(trend: Trend) -> tuple[date, date] | None:
    """The first and the last day that the points speak for; None without points."""
    lines = [series.points for series in trend.series if series.points]
    if not lines:
        return None
    ends = [last_day(point) for points in lines for point in points if point.span != "day"]
    return min(points[0].day for points in lines), max([*ends, *(points[-1].day for points in lines)])


def end_label(line: Line) -> Label | None:
    """The newest count and the name at the line's end; where the line has ended, why."""
    if not line.counted:
        return None
    point, value = line.counted[-1]
    newest_point = line.series.points[-1]
    if newest_point.state == "absent":  # a number beside it would be read as that of the day it was gone
        return Label(value, "", gone_label(newest_point, line.label), line.colour)
    name = line.label
    if newest_point.followers is None:
        name = f"{name} ({formats.state(newest_point.state)}, {formats.span(newest_point.day, newest_point.span)})"
    return Label(value, line.measure.shown(value, formats.bound_of(point)), name, line.colour)


def ticks(axis: Axis, measured: Measure) -> Layout:
    """Tick places and their texts in the page's language: 50K, 50 тыс., 50 мың."""
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


def day_ticks(first: date, last: date, most: int) -> Layout:
    """Return where the dates stand: over few days on days alone, as Plotly would put hours between them."""
    days = [first + timedelta(days=age) for age in range((last - first).days + 1)]
    if len(days) > DAYS_NAMED:
        return {"nticks": most}
    step = -(-len(days) // most)
    shown = days[(len(days) - 1) % step // 2 :: step]
    return {
        "tickmode": "array",
        "tickvals": [day.isoformat() for day in shown],
        "ticktext": [
            formats.short_day(day, with_year=place == 0 or day.year != shown[place - 1].year)
            for place, day in enumerate(shown)
        ],
    }


def _log(value: int) -> float:
    return Axis("log", 0, 1).share(value)


def tick_formats() -> list[Layout]:
    """Years alone where years are far apart, months with the year, days with the month."""
    day = 86_400_000
    return [
        {"dtickrange": [None, 27 * day], "value": "%-d %b\n%Y"},
        {"dtickrange": [27 * day, "M11"], "value": "%b\n%Y"},
        {"dtickrange": ["M12", None], "value": "%Y"},
    ]


def day_runs(line: Line, step: int) -> list[list[Counted]]:
    """The line's days, a run for each stretch without a gap; a day without a number is one."""
    runs: list[list[Counted]] = []
    run: list[Counted] = []
    until = 0  # the last day that goes on with the run
    for point, value in zip(line.series.points, line.values, strict=True):
        if point.span != "day" or point.observed_today:
            continue
        if value is None:
            until = 0
            continue
        day = point.day.toordinal()
        if day > until:
            run = []
            runs.append(run)
        run.append((point, value))
        until = day + step
    return runs


def joined(runs: Sequence[Sequence[Counted]]) -> tuple[list[str | None], list[float | None]]:
    """The runs one after another, an empty place between them."""
    days: list[str | None] = []
    counts: list[float | None] = []
    for run in runs:
        if days:
            days.append(None)
            counts.append(None)
        days += [point.day.isoformat() for point, _ in run]
        counts += [plain(count) for _, count in run]
    return days, counts


def plain(value: float) -> float:
    """As few decimals as a chart can show."""
    return value if isinstance(value, int) else round(value, 3)


def is_rounded(run: Sequence[Counted]) -> bool:
    return not ROUNDED.isdisjoint({point.precision for point, _ in run})


def traces(
    line: Line, resolution: Resolution, unusual: Sequence[date] = (), below: Sequence[Line] = ()
) -> list[Trace]:
    """Everything one series puts on the chart. `below`: the lines that are drawn before it."""
    runs = day_runs(line, STEP[resolution])
    exact, rounded = list[list[Counted]](), list[list[Counted]]()
    for run in runs:
        (rounded if is_rounded(run) else exact).append(run)
    made = [band(line, rounded), run_line(line, exact, "linear"), run_line(line, rounded, "hv")]
    made += [dots(line, runs), *span_bars(line, below), today(line, runs, STEP[resolution])]
    made.append(unusual_marks(line, unusual))
    return [trace for trace in made if trace is not None]


def hover(line: Line, point: Point, value: float) -> str:
    code = formats.language()
    name = escape(line.series.name(code))
    if line.measure.view == View.FOLLOWERS:
        shown = escape(formats.followers(round(value), line.series.platform, formats.bound_of(point)))
    else:
        shown = escape(line.measure.shown(value, formats.bound_of(point)))
    platform = formats.platform_name(line.series.platform)
    return f"{name}<br>{platform}, {formats.span(point.day, point.span)}: {shown}"


def run_line(line: Line, runs: list[list[Counted]], shape: str) -> Trace | None:
    """The unbroken runs; a step from day to day where the counts are rounded."""
    runs = [run for run in runs if len(run) > 1]
    if not runs:
        return None
    days, counts = joined(runs)
    name = escape(line.series.name(formats.language()))
    return scatter(
        x=days,
        y=counts,
        mode="lines",
        name=name,
        connectgaps=False,
        line={"color": line.colour, "width": 2, "dash": line.dash, "shape": shape},
        hovertemplate=f"%{{x|%d.%m.%Y}}: %{{y:{line.measure.hover}}}{line.measure.unit}<extra>"
        + f"{name}, {formats.platform_name(line.series.platform)}</extra>",
    )


def dots(line: Line, runs: list[list[Counted]]) -> Trace | None:
    """A mark for every point where there are few, and for days that stand alone always."""
    alone = sum(len(run) for run in runs) > MARKED
    points = [item for run in runs if not alone or len(run) == 1 for item in run]
    if not points:
        return None
    return scatter(
        x=[point.day.isoformat() for point, _ in points],
        y=[plain(count) for _, count in points],
        mode="markers",
        marker={
            "color": [line.colour if point.bound == "=" else style.GROUND for point, _ in points],
            "line": {"color": line.colour, "width": 2},
            "size": 7,
        },
        hovertext=[hover(line, point, count) for point, count in points],
        hoverinfo="text",
    )


def band(line: Line, runs: list[list[Counted]]) -> Trace | None:
    """Where the true count may lie: rounded down, up to one step above; abbreviated, a step either way."""
    days: list[str | None] = []
    counts: list[float | None] = []
    for run in runs:
        after = [point.day for point, _ in run[1:]] + [run[-1][0].day + timedelta(days=1)]
        upper: list[tuple[date, float]] = []
        lower: list[tuple[date, float]] = []
        for (point, count), until in zip(run, after, strict=True):
            step = line.measure.step(point, count)
            below = 0 if point.precision == "3sf" else step
            upper += [(point.day, count + step), (until, count + step)]
            lower += [(point.day, count - below), (until, count - below)]
        edge = upper + lower[::-1] + upper[:1]
        days += [None] * bool(days) + [day.isoformat() for day, _ in edge]
        counts += [None] * bool(counts) + [plain(count) for _, count in edge]
    if not days:
        return None
    return scatter(
        x=days, y=counts, mode="none", fill="toself", fillcolor=line.colour, opacity=0.18, hoverinfo="skip"
    )


def bar_width(point: Point, value: float, below: Sequence[Line]) -> float:
    """How thick a bar is: thinner where it lies on those of other lines, so that all are seen."""
    counts = [other.spans.get((point.day, point.span)) for other in below]
    covering = sum(
        count is not None and abs(value - count) <= CLOSE * max(abs(value), abs(count)) for count in counts
    )
    return BARS[min(covering, len(BARS) - 1)]


def span_bars(line: Line, below: Sequence[Line]) -> list[Trace]:
    """Months and years as bars over the time they speak for. `below`: the lines that are drawn before this one."""
    by_width: dict[float, list[Counted]] = {}
    for point, value in line.counted_spans:
        by_width.setdefault(bar_width(point, value, below), []).append((point, value))
    return [bars_of_width(line, points, width) for width, points in by_width.items()]


def bars_of_width(line: Line, points: Sequence[Counted], width: float) -> Trace:
    days: list[str | None] = []
    counts: list[float | None] = []
    texts: list[str] = []
    for point, count in points:
        if days:
            days.append(None)
            counts.append(None)
            texts.append("")
        days += [point.day.isoformat(), last_day(point).isoformat()]
        counts += [plain(count)] * 2
        texts += [hover(line, point, count)] * 2
    return scatter(
        x=days,
        y=counts,
        mode="lines",
        line={"color": line.colour, "width": width},
        connectgaps=False,
        hovertext=texts,
        hoverinfo="text",
        cliponaxis=False,
    )


def today(line: Line, runs: list[list[Counted]], step: int) -> Trace | None:
    """The day that is not over: hollow, and dashed from the day before where that was counted."""
    point, value = line.counted[-1] if line.counted else (None, 0)
    if point is None or not point.observed_today:
        return None
    before = [runs[-1][-1]] if runs and (point.day - runs[-1][-1][0].day).days <= step else []
    shown = [*before, (point, value)]
    return scatter(
        x=[item.day.isoformat() for item, _ in shown],
        y=[plain(count) for _, count in shown],
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


def unusual_marks(line: Line, days: Sequence[date]) -> Trace | None:
    """A wide ring around the days on which the count changed as it hardly ever does."""
    points = [item for item in line.counted if item[0].span == "day" and item[0].day in days]
    if not points:
        return None
    return scatter(
        x=[point.day.isoformat() for point, _ in points],
        y=[plain(value) for _, value in points],
        mode="markers",
        marker={"symbol": "circle-open", "color": style.INK, "size": 14, "line": {"width": 1.5}},
        hovertext=[hover(line, point, value) for point, value in points],
        hoverinfo="text",
    )


def zero_line(measured: Measure) -> list[Layout]:
    """Where a line stands that has not moved since the base day, or that is the reference."""
    if measured.zero is None:
        return []
    at = {"x0": 0, "x1": 1, "y0": measured.zero, "y1": measured.zero}
    return [
        {"type": "line", "xref": "paper", "layer": "below", "line": {"color": style.SOFT, "width": 1}, **at}
    ]


def base_line(base: date | None) -> list[Layout]:
    """The day that change, percent and index start from."""
    if base is None:
        return []
    day = base.isoformat()
    return [
        {
            "name": "base",
            "type": "line",
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "x0": day,
            "x1": day,
            "line": {"color": style.INK, "width": 1.5},
        }
    ]


def base_name(trend: Trend, base: date) -> str:
    """The day in words; the year or month that begins on it, where that is what was counted."""
    words = [point.span for series in trend.series for point in series.points if point.day == base]
    return formats.span(base, min(words, key=SPANS.index, default="day"))


def base_label(trend: Trend, base: date | None, first: date, last: date) -> list[Layout]:
    """The day beside its line, on the side that has room."""
    if base is None:
        return []
    left = (base - first) * 2 > last - first
    return [
        {
            "name": "base",
            "x": base.isoformat(),
            "y": 0,
            "yref": "paper",
            "yanchor": "bottom",
            "xanchor": "right" if left else "left",
            "xshift": -5 if left else 5,
            "showarrow": False,
            "text": f"↔ {base_name(trend, base)}",
            "font": {"color": style.INK, "size": 12},
        }
    ]


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


def event_numbers(marks: Sequence[Mark], room: timedelta = timedelta(0)) -> list[Layout]:
    """Return the number of each event over its line; the list below the chart has the titles.

    room: how far apart two numbers must stand; those of events nearer to each other share a place.
    """
    groups: list[list[tuple[int, Mark]]] = []
    for numbered in enumerate(marks, 1):
        if groups and numbered[1].first - groups[-1][0][1].first < room:
            groups[-1].append(numbered)
        else:
            groups.append([numbered])
    return [
        {
            "name": "event",
            "x": group[0][1].first.isoformat(),
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "showarrow": False,
            "text": str(group[0][0]) if len(group) == 1 else f"{group[0][0]}\u2013{group[-1][0]}",
            "hovertext": escape("; ".join(mark.title for _, mark in group)),
            "font": {"color": style.SOFT, "size": 11},
        }
        for group in groups
    ]
