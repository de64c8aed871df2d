"""The share area chart: every line's share of the sum, stacked; days without a reading are gaps."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from apps.figures import formats, style
from apps.figures.charts import (
    WIDE,
    Axis,
    Figure,
    Label,
    Layout,
    Shape,
    Trace,
    assemble,
    by_shape,
    column_height,
    escape,
    label_column,
    plot_height,
    scatter,
)
from apps.figures.lines import (
    SIDES,
    STEP,
    Mark,
    SeriesLine,
    dress,
    reach,
    ticks,
)
from apps.figures.marks import event_marks, event_numbers
from apps.figures.measures import measure
from apps.figures.origins import say_origin
from apps.figures.time_ticks import time_ticks
from apps.figures.twins import write_share
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
    """Return the trend's lines as shares that stand on each other, the first line on top. `moments` are of the same
    trend."""
    measured = measure(View.SHARE)
    made = dress(trend, focus, tuple(picked), None, measured)
    places = {id(series): place for place, series in enumerate(trend.series)}
    newest = moments[-1].percents if moments else [0] * len(places)
    order = sorted(
        made, key=lambda line: newest[places[id(line.series)]] or 0, reverse=True
    )  # the largest lowest
    stacks = build_stacks(moments, [places[id(line.series)] for line in order])
    first, last = reach(trend)
    shown = [mark for mark in events if first <= mark.first <= last]

    column = end_labels(order, stacks, [places[id(line.series)] for line in order])

    def build(shape: Shape) -> Layout:
        axis, shape = Axis("linear", 0, 100), SIDES[shape.name]
        height = plot_height(shape, column_height(column, shape, shape.letters))
        return {
            "height": height + shape.top + shape.bottom,
            "margin": {"l": shape.left, "r": shape.right, "t": shape.top, "b": shape.bottom},
            "xaxis": time_ticks(first, last, 8 if shape.name == WIDE.name else 3),
            "yaxis": {**axis.layout(), **ticks(axis, measured)},
            "annotations": [
                *label_column(column, axis, shape, height),
                *event_numbers(shown, shape.name, last - first),
            ],
        }

    pieces = runs(stacks, STEP[trend.resolution])
    return assemble(
        [
            trace
            for place, line in enumerate(order)
            for trace in area(line, place, places[id(line.series)], pieces)
        ],
        {
            "xaxis": {
                "type": "date",
                "range": [first.isoformat(), last.isoformat()],
            },
            "shapes": event_marks(shown),
        },
        by_shape(build),
    )


class Stack(NamedTuple):
    """A moment with all its areas: for each line, from below, where its area begins and ends, and its share."""

    moment: Moment
    days: tuple[str, ...]  # where it stands on the axis
    edges: tuple[tuple[float, float, float | None], ...]


def build_stacks(moments: Sequence[Moment], order: Sequence[int]) -> list[Stack]:
    """order: of the trend's lines, from below."""
    below = tops = [0.0] * len(moments)
    edges = []
    for index in order:  # a whole line at a time: there are thousands of places
        shares = [moment.percents[index] for moment in moments]
        tops = [top + (share or 0) for top, share in zip(tops, shares, strict=True)]
        above = [round(top, 2) for top in tops]
        said = [None if share is None else round(share, 2) for share in shares]
        edges.append(zip(below, above, said, strict=True))
        below = above
    days = [
        (moment.day.isoformat(),)
        if moment.span == "day"
        else (moment.day.isoformat(), moment.last.isoformat())
        for moment in moments
    ]
    return [Stack(*one) for one in zip(moments, days, zip(*edges, strict=True), strict=True)]


def runs(stacks: Sequence[Stack], step: int) -> list[list[Stack]]:
    """Split days into runs without a gap; a month or a year stands alone."""
    found: list[list[Stack]] = []
    for stack in stacks:
        before, moment = found[-1][-1].moment if found else None, stack.moment
        if before and moment.span == "day" == before.span and (moment.day - before.day).days <= step:
            found[-1].append(stack)
        else:
            found.append([stack])
    return found


def area(line: SeriesLine, place: int, index: int, pieces: Sequence[Sequence[Stack]]) -> list[Trace]:
    """Return the line's field, and its upper edge that can be hovered. place: of the line, from below; index: in the trend."""
    days: list[str | None] = []
    ends: list[float | None] = []
    top_days: list[str | None] = []
    tops: list[float | None] = []
    texts: list[str] = []
    for piece in pieces:
        own = [stack for stack in piece if stack.edges[place][2] is not None]
        if not own:
            continue
        along = [day for stack in own for day in stack.days]
        edges = [stack.edges[place] for stack in own]
        moments = [stack.moment for stack in own]
        if len(own) == 1:  # as wide as its month or year; a day as wide as a day
            along = [*along, (own[0].moment.day + timedelta(days=1)).isoformat()][:2]
            edges *= 2
            moments *= 2
        low, high, shares = zip(*edges, strict=True)
        said = [hover(line, index, moment, share) for moment, share in zip(moments, shares, strict=True)]
        days += [None] * bool(days) + [*along, *reversed(along), along[0]]
        ends += [None] * bool(ends) + [*high, *reversed(low), high[0]]
        texts += [*[""] * bool(top_days), *said]
        tops += [*[None] * bool(top_days), *high]
        top_days += [*[None] * bool(top_days), *along]
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
        hovertext=texts,
        hoverinfo="text",
    )
    return [field, top]


def hover(line: SeriesLine, place: int, moment: Moment, share: float) -> str:
    """Return what is said of a share: its bound and day, and how exact and of which sources all counts of the sum are."""
    name, platform = escape(line.series.name(formats.language())), formats.platform_name(line.series.platform)
    counted = [point for point in moment.points if point and point.followers is not None]
    shown = escape(write_share(share, moment, place))
    return f"{name}<br>{platform}, {formats.span(moment.day, moment.span)}: {shown}{say_origin(counted)}"


def end_labels(order: Sequence[SeriesLine], stacks: Sequence[Stack], places: Sequence[int]) -> list[Label]:
    """Return the share and the name, beside the middle of the area where it ends. places: in the trend, from below."""
    if not stacks:
        return []
    made = []
    moment = stacks[-1].moment
    for line, place, (begins, finishes, own) in zip(order, places, stacks[-1].edges, strict=False):
        if own is not None:
            shown = write_share(own, moment, place)
            made.append(Label((begins + finishes) / 2, shown, line.label, line.colour))
    return made
