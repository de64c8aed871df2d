"""The share area chart: every line's part of the sum, one on another; where nothing was read there is nothing."""

from collections.abc import Sequence
from datetime import date, timedelta

from apps.figures import formats, style
from apps.figures.charts import (
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
    scatter,
    variants,
)
from apps.figures.lines import (
    SIDES,
    STEP,
    Line,
    Mark,
    dressed,
    event_marks,
    event_numbers,
    plain,
    reach,
    tick_formats,
    ticks,
)
from apps.figures.measures import measure
from apps.standings.comparison import View
from apps.standings.shares import Moment
from apps.standings.types import Trend

FILLED = 0.72  # of the colour; the edge has all of it


def areas(
    trend: Trend,
    moments: Sequence[Moment],
    focus: str = "",
    picked: Sequence[str] = (),
    events: Sequence[Mark] = (),
) -> Figure:
    """The trend's lines as shares that stand on each other, the first line on top. `moments` are of the same trend."""
    measured = measure(View.SHARE)
    made = dressed(trend, focus, tuple(picked), None, measured)
    order = sorted(made, key=lambda line: place_of(line, trend, moments), reverse=True)
    first, last = reach(trend)
    shown = [mark for mark in events if first <= mark.first <= last]

    def build(shape: Shape, scale: str) -> Layout:
        axis, shape = Axis("linear", 0, 100), SIDES[shape.name]
        column = end_labels(order, trend, moments)
        height = plot_height(shape, column_height(column, shape, shape.letters))
        return {
            "height": height + shape.top + shape.bottom,
            "margin": {"l": shape.left, "r": shape.right, "t": shape.top, "b": shape.bottom},
            "xaxis": {"nticks": 6 if shape.name == WIDE.name else 3},
            "yaxis": {**axis.layout(), **ticks(axis, measured)},
            "annotations": [*label_column(column, axis, shape, height), *event_numbers(shown)],
        }

    step = STEP[trend.resolution]
    return finished(
        [
            trace
            for place, line in enumerate(order)
            for trace in area(line, place, order, trend, moments, step)
        ],
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


def index_of(line: Line, trend: Trend) -> int:
    return next(place for place, series in enumerate(trend.series) if series is line.series)


def place_of(line: Line, trend: Trend, moments: Sequence[Moment]) -> float:
    """The newest share: the largest stands lowest."""
    return (moments[-1].percents[index_of(line, trend)] or 0) if moments else 0


def edges(place: int, indexes: Sequence[int], moment: Moment) -> tuple[float, float, float | None]:
    """Where an area begins and ends at a moment, and its own share. indexes: of the trend's lines, from below."""
    begins = sum((moment.percents[index] or 0 for index in indexes[:place]), 0.0)
    own = moment.percents[indexes[place]]
    return begins, begins + (own or 0), own


def runs(moments: Sequence[Moment], step: int) -> list[list[Moment]]:
    """Days without a gap between them; a month or a year stands alone."""
    found: list[list[Moment]] = []
    for moment in moments:
        follows = (
            found
            and moment.span == "day" == found[-1][-1].span
            and (moment.day - found[-1][-1].day).days <= step
        )
        if follows:
            found[-1].append(moment)
        else:
            found.append([moment])
    return found


def area(
    line: Line, place: int, order: Sequence[Line], trend: Trend, moments: Sequence[Moment], step: int
) -> list[Trace]:
    """The line's field, and its upper edge that can be hovered."""
    days: list[str | None] = []
    ends: list[float | None] = []
    top_days: list[str | None] = []
    tops: list[float | None] = []
    own_shares: list[float | None] = []
    indexes = [index_of(one, trend) for one in order]
    for run in runs(moments, step):
        low: list[tuple[date, float]] = []
        high: list[tuple[date, float]] = []
        said: list[float | None] = []
        for moment in run:
            begins, finishes, own = edges(place, indexes, moment)
            if own is None:
                continue
            sides = (moment.day, moment.last) if moment.span != "day" else (moment.day,)
            low += [(day, begins) for day in sides]
            high += [(day, finishes) for day in sides]
            said += [plain(own)] * len(sides)
        if len(high) == 1:  # a day alone is as wide as a day
            low.append((low[0][0] + timedelta(days=1), low[0][1]))
            high.append((high[0][0] + timedelta(days=1), high[0][1]))
            said *= 2
        if not high:
            continue
        edge = high + low[::-1] + high[:1]
        days += [None] * bool(days) + [day.isoformat() for day, _ in edge]
        ends += [None] * bool(ends) + [plain(value) for _, value in edge]
        own_shares += [None] * bool(top_days) + said
        top_days += [None] * bool(top_days) + [day.isoformat() for day, _ in high]
        tops += [None] * bool(tops) + [plain(value) for _, value in high]
    if not days:
        return []
    name = escape(line.series.name(formats.language()))
    field = scatter(
        x=days, y=ends, mode="none", fill="toself", fillcolor=line.colour, opacity=FILLED, hoverinfo="skip"
    )
    top = scatter(
        x=top_days,
        y=tops,
        mode="lines",
        name=name,
        line={"color": style.GROUND, "width": 1.5},
        connectgaps=False,
        customdata=own_shares,
        hovertemplate=f"%{{x|%d.%m.%Y}}: %{{customdata:.1f}}{line.measure.unit}<extra>{name}</extra>",
    )
    return [field, top]


def end_labels(order: Sequence[Line], trend: Trend, moments: Sequence[Moment]) -> list[Label]:
    """The share and the name, beside the middle of the area where it ends."""
    if not moments:
        return []
    made = []
    indexes = [index_of(one, trend) for one in order]
    for place, line in enumerate(order):
        begins, finishes, own = edges(place, indexes, moments[-1])
        if own is not None:
            made.append(Label((begins + finishes) / 2, formats.percent(own), line.label, line.colour))
    return made
