"""The Plotly traces of one line: unbroken runs, dots, bands of rounding, bars of months and years, the day that is not over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Final

from apps.figures import formats, style
from apps.figures.charts import Trace, escape, scatter
from apps.figures.measures import Measure
from apps.figures.origins import say_origin
from apps.snapshots import rules
from apps.snapshots.rules import SpanWord
from apps.standings.comparison import View
from apps.standings.types import Point, Resolution, Series

STEP: Final = {
    Resolution.DAY: 1,
    Resolution.WEEK: 13,
    Resolution.MONTH: 61,
}  # days between two points that are no gap: each is the last of its week or month
ROUNDED: Final = frozenset({"3sf", "abbrev"})
BARS: Final = (7, 3, 1.5)  # px, of the first bar in a place and of those that lie on it
CLOSE: Final = 0.02  # of the larger count: closer bars lie on each other
MARKED: Final = 60  # up to so many points each has its mark
CROWDED: Final = (
    24  # marks that a narrow plot has room for side by side: nearer ones would be a chain of beads
)

Counted = tuple[Point, float]  # a point and what the view makes of it


@dataclass(frozen=True)
class SeriesLine:
    """A series and how it is drawn."""

    series: Series
    colour: str
    dash: str
    label: str  # at the line's end
    measure: Measure
    values: tuple[float | None, ...]  # one for each point
    bounds: tuple[str, ...] | None = None  # of the values, where they are not those of the points

    @cached_property
    def points(self) -> Sequence[Point]:
        """Return the points, each with the bound of its value."""
        if self.bounds is None:
            return self.series.points
        pairs = zip(self.series.points, self.bounds, strict=True)
        return [point if point.bound == bound else point._replace(bound=bound) for point, bound in pairs]

    @cached_property
    def counted(self) -> list[Counted]:
        pairs = zip(self.points, self.values, strict=True)
        return [(point, value) for point, value in pairs if value is not None]

    @cached_property
    def counted_spans(self) -> list[Counted]:
        """Return the numbers of whole months and years."""
        return [item for item in self.counted if item[0].span != "day"]

    @cached_property
    def spans(self) -> dict[tuple[date, SpanWord], float]:
        """Return the numbers of whole months and years."""
        return {(point.day, point.span): value for point, value in self.counted_spans}


def last_day(point: Point) -> date:
    """Return the last day that a point speaks for."""
    return rules.last_day(point.day, point.span)


def day_runs(line: SeriesLine, step: int) -> list[list[Counted]]:
    """Return the line's days, a run for each stretch without a gap; a day without a number is one.

    Where other accounts are counted, or a count begins or ceases to be a bound, a new run begins: a line between the two
    would show a change that nobody has counted.
    """
    runs: list[list[Counted]] = []
    run: list[Counted] = []
    until = 0  # the last day that goes on with the run
    made_of: tuple[tuple[int, ...], bool] | None = None
    for point, value in zip(line.points, line.values, strict=True):
        if point.span != "day" or point.observed_today:
            continue
        if value is None:
            until = 0
            continue
        day = point.day.toordinal()
        own = point.accounts, point.bound == "="
        if day > until or own != made_of:
            run = []
            runs.append(run)
        made_of = own
        run.append((point, value))
        until = day + step
    return runs


def join_runs(runs: Sequence[Sequence[Counted]]) -> tuple[list[str | None], list[float | None]]:
    """Return the runs one after another, an empty place between them."""
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
    """Round to as few decimals as a chart can show."""
    return value if isinstance(value, int) else round(value, 3)


def is_rounded(run: Sequence[Counted]) -> bool:
    return not ROUNDED.isdisjoint({point.precision for point, _ in run})


def is_bound(run: Sequence[Counted]) -> bool:
    """Say whether a run is of bounds: all of it is, or nothing."""
    return run[0][0].bound != "="


def traces(
    line: SeriesLine,
    resolution: Resolution,
    unusual: Sequence[date] = (),
    below: Sequence[SeriesLine] = (),
    days: int = 0,
) -> list[Trace]:
    """Build everything one series puts on the chart. below: the lines that are drawn before it. days: of its axis."""
    runs = day_runs(line, STEP[resolution])
    exact, rounded, bounds = list[list[Counted]](), list[list[Counted]](), list[list[Counted]]()
    for run in runs:
        (bounds if is_bound(run) else rounded if is_rounded(run) else exact).append(run)
    made = [band(line, rounded), run_line(line, exact, "linear"), run_line(line, rounded, "hv")]
    made += [
        bound_line(line, bounds),
        dots(line, runs, days),
        *span_bars(line, below),
        today(line, runs, STEP[resolution]),
    ]
    made.append(unusual_marks(line, unusual))
    return [trace for trace in made if trace is not None]


def hover(line: SeriesLine, point: Point, value: float) -> str:
    code = formats.language()
    name = escape(line.series.name(code))
    if line.measure.view == View.FOLLOWERS:
        shown = escape(formats.followers(round(value), line.series.platform, formats.bound_of(point)))
    else:
        shown = escape(line.measure.shown(value, formats.bound_of(point)))
    platform = formats.platform_name(line.series.platform)
    return f"{name}<br>{platform}, {formats.span(point.day, point.span)}: {shown}{say_origin([point])}"


def run_line(line: SeriesLine, runs: list[list[Counted]], shape: str) -> Trace | None:
    """Return the unbroken runs; a step from day to day where the counts are rounded."""
    runs = [run for run in runs if len(run) > 1]
    if not runs:
        return None
    days, counts = join_runs(runs)
    name = escape(line.series.name(formats.language()))
    points = [point for run in runs for point, _ in run]
    if len({(point.precision, point.source) for point in points}) == 1:  # one text for thousands of days
        shown = f"%{{x|%d.%m.%Y}}: %{{y:{line.measure.hover}}}{line.measure.unit}{say_origin(points[:1])}"
        platform = formats.platform_name(line.series.platform)
        hovered: Trace = {"hovertemplate": f"{shown}<extra>{name}, {platform}</extra>"}
    else:
        hovered = {"hovertext": hover_runs(line, runs), "hoverinfo": "text"}
    return scatter(
        x=days,
        y=counts,
        mode="lines",
        name=name,
        connectgaps=False,
        line={"color": line.colour, "width": 2, "dash": line.dash, "shape": shape},
        **hovered,
    )


def hover_runs(line: SeriesLine, runs: Sequence[Sequence[Counted]]) -> list[str]:
    """Return what is said of each point of the runs, an empty place between them as in join_runs()."""
    texts: list[str] = []
    for run in runs:
        texts += [""] * bool(texts) + [hover(line, point, count) for point, count in run]
    return texts


def bound_line(line: SeriesLine, runs: list[list[Counted]]) -> Trace | None:
    """Return the runs of bounds: dotted, and said as bounds wherever they are pointed at."""
    runs = [run for run in runs if len(run) > 1]
    if not runs:
        return None
    days, counts = join_runs(runs)
    return scatter(
        x=days,
        y=counts,
        mode="lines",
        name=escape(line.series.name(formats.language())),
        connectgaps=False,
        line={"color": line.colour, "width": 2, "dash": "dot"},
        hovertext=hover_runs(line, runs),
        hoverinfo="text",
    )


def dots(line: SeriesLine, runs: list[list[Counted]], days: int = 0) -> Trace | None:
    """Return a mark for every point where there is room for all, and for days that stand alone always.

    Where they are too near to each other they are hardly wider than the line. days: of the axis.
    """
    whole = [point.day for run in runs for point, _ in run]
    is_crowded = any((later - day).days * CROWDED < days for day, later in pairwise(whole))
    alone = is_crowded or len(whole) > MARKED
    points = [item for run in runs if not alone or len(run) == 1 for item in run]
    if not points:
        return None
    return scatter(
        x=[point.day.isoformat() for point, _ in points],
        y=[plain(count) for _, count in points],
        mode="markers",
        marker={
            "color": [line.colour if point.bound == "=" else style.GROUND for point, _ in points],
            "line": {"color": line.colour, "width": 1 if is_crowded else 2},
            "size": 3 if is_crowded else 7,
        },
        hovertext=[hover(line, point, count) for point, count in points],
        hoverinfo="text",
    )


def band(line: SeriesLine, runs: list[list[Counted]]) -> Trace | None:
    """Return where the true count may lie: rounded down, up to one step above; abbreviated, a step either way."""
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


def bar_width(point: Point, value: float, below: Sequence[SeriesLine]) -> float:
    """Return how thick a bar is: thinner where it lies on those of other lines, so that all are seen."""
    counts = [other.spans.get((point.day, point.span)) for other in below]
    covering = sum(
        count is not None and abs(value - count) <= CLOSE * max(abs(value), abs(count)) for count in counts
    )
    return BARS[min(covering, len(BARS) - 1)]


def span_bars(line: SeriesLine, below: Sequence[SeriesLine]) -> list[Trace]:
    """Draw months and years as bars over the time they speak for. `below`: the lines that are drawn before this one."""
    alike: dict[tuple[float, str], list[Counted]] = {}
    for point, value in line.counted_spans:
        look = bar_width(point, value, below), "solid" if point.bound == "=" else "dot"
        alike.setdefault(look, []).append((point, value))
    return [bars_of_width(line, points, *look) for look, points in alike.items()]


def bars_of_width(line: SeriesLine, points: Sequence[Counted], width: float, dash: str) -> Trace:
    """Return bars of one thickness; those of bounds are dotted."""
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
        line={"color": line.colour, "width": width, "dash": dash},
        connectgaps=False,
        hovertext=texts,
        hoverinfo="text",
        cliponaxis=False,
    )


def today(line: SeriesLine, runs: list[list[Counted]], step: int) -> Trace | None:
    """Return the day that is not over: hollow, and dashed from the day before where that was counted."""
    point, value = line.counted[-1] if line.counted else (None, 0)
    if point is None or not point.observed_today:
        return None
    newest = runs[-1][-1] if runs else None
    is_next = newest is not None and (point.day - newest[0].day).days <= step
    before = [newest] if newest and is_next and newest[0].accounts == point.accounts else []
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


def unusual_marks(line: SeriesLine, days: Sequence[date]) -> Trace | None:
    """Return a wide ring around the days on which the count changed as it hardly ever does."""
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
