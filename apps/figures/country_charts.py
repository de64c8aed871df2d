"""Charts of the country's figures: lines over the years, bars side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from django.utils.translation import gettext

from apps.context.models import IndicatorValue
from apps.figures import country, formats, labels, style
from apps.figures.charts import (
    NARROW,
    WIDE,
    Axis,
    Figure,
    Label,
    Layout,
    Shape,
    Trace,
    assemble,
    bar,
    by_shape,
    column_height,
    escape,
    label_column,
    plot_height,
    scatter,
)
from apps.figures.country_topics import Shape as TopicShape
from apps.figures.country_topics import Topic
from apps.figures.time_ticks import time_ticks

COLOURS: Final = (style.FOCUS, style.REFERENCE, *style.PICKED)
MARKS: Final = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross")
ROW: Final = 46  # px of a bar and the name over it
BAR: Final = 0.32  # of the row
OVER: Final = "over"  # a bar: what is written there has the chart's whole width
LETTERS: Final = {WIDE.name: 90, NARROW.name: 44}
SIDES: Final = {
    shape.name: shape
    for shape in (
        replace(WIDE, letters=22, right=200, left=60),
        replace(NARROW, letters=15, left=52, right=138),
    )
}


@dataclass(frozen=True)
class Drawn:
    """A line with its colour and mark; single figures of other sources share one grey."""

    name: str
    values: tuple[IndicatorValue, ...]
    colour: str
    mark: str
    is_joined: bool


def build_chart(topic: Topic, values: Sequence[IndicatorValue]) -> Figure | None:
    """Draw a topic; None where it has nothing to draw."""
    if topic.shape == TopicShape.LINES:
        lines = dress(country.build_lines(topic, values))
        return draw_lines(lines) if lines else None
    items = country.order_bars(topic, values)
    return draw_bars(topic, items) if items else None


def dress(lines: Sequence[country.IndicatorLine]) -> list[Drawn]:
    """Give each line its colour; figures that stand alone in their source are put together, as marks without a line."""
    joined = [line for line in lines if line.is_joined][: len(COLOURS)]
    alone = [value for line in lines if line not in joined for value in line.values]
    drawn = [
        Drawn(line.name, line.values, colour, mark, is_joined=True)
        for line, colour, mark in zip(joined, COLOURS, MARKS, strict=False)
    ]
    if alone:
        name = gettext("Single figures of other sources") if joined else gettext("Single figures")
        drawn.append(Drawn(name, tuple(sorted(alone, key=country.sort_key)), style.OTHER, "circle", False))
    return drawn


def draw_lines(lines: Sequence[Drawn]) -> Figure:
    values = [value for line in lines for value in line.values]
    axis = Axis.around([float(value.value) for value in values], "linear")
    first, last = (pick(map(country.find_middle, values)) for pick in (min, max))
    column = [
        Label(float(line.values[-1].value), country.write_number(line.values[-1]) if line.is_joined else "",
              line.name, line.colour)
        for line in lines
    ]  # fmt: skip
    room = timedelta(days=max((last - first).days // 30, 40))
    start, end = first - room, last + room

    def build(shape: Shape) -> Layout:
        shape = SIDES[shape.name]
        height = plot_height(shape, column_height(column, shape, shape.letters))
        return {
            "height": height + shape.top + shape.bottom,
            "margin": {"l": shape.left, "r": shape.right, "t": shape.top, "b": shape.bottom},
            "xaxis": time_ticks(start, end, 8 if shape.name == WIDE.name else 3),
            "yaxis": {**axis.layout(), **find_ticks(axis.high, values[0])},
            "annotations": label_column(column, axis, shape, height),
        }

    return assemble(
        [draw_line(line) for line in lines],
        {
            "xaxis": {
                "type": "date",
                "range": [start.isoformat(), end.isoformat()],
            }
        },
        by_shape(build),
    )


def draw_line(line: Drawn) -> Trace:
    hollow = [value.bound != "=" for value in line.values]
    return scatter(
        x=[country.find_middle(value).isoformat() for value in line.values],
        y=[float(value.value) for value in line.values],
        mode="lines+markers" if line.is_joined else "markers",
        line={"color": line.colour, "width": 2},
        marker={
            "symbol": [f"{line.mark}-open" if is_open else line.mark for is_open in hollow],
            "size": 8 if len(line.values) < 12 else 6,
            "color": line.colour,
            "line": {"width": 2, "color": line.colour},
        },
        hovertext=[hover(value) for value in line.values],
        hoverinfo="text",
        name=escape(line.name),
        cliponaxis=False,
    )


def hover(value: IndicatorValue) -> str:
    when, number = country.write_time(value), country.write_number(value)
    return f"{escape(country.describe(value))}<br>{when}: {escape(number)}<br>{escape(country.name_source(value.source))}"


def find_ticks(top: float, value: IndicatorValue) -> Layout:
    """Return at most five round places on an axis from zero, in the unit of the values."""
    power = len(str(int(top))) - 1
    steps = [size * 10**exponent for exponent in range(max(power - 1, 0), power + 2) for size in (1, 2, 5)]
    step = next(step for step in steps if top / step <= 5)
    places = [step * place for place in range(int(top // step) + 1)]
    return {"tickvals": places, "ticktext": [write_tick(place, value) for place in places]}


def write_tick(place: int, value: IndicatorValue) -> str:
    if value.indicator.unit.startswith("percent"):
        return formats.percent(place)
    return formats.compact(place) if place else "0"


def draw_bars(topic: Topic, values: Sequence[IndicatorValue]) -> Figure:
    """Draw bars from zero, each with its name over it and its number behind it; a colour for each date."""
    times = sorted({(value.day, value.span) for value in values}, reverse=True)
    by_time = dict(zip(times, COLOURS, strict=False)) if len(times) < 4 else {}
    colours = [by_time.get((value.day, value.span), style.FOCUS) for value in values]
    top = max(float(value.value) for value in values) or 1.0

    def build(shape: Shape) -> Layout:
        return {
            "height": len(values) * ROW + 14,
            "margin": {"l": 4, "r": 190 if shape.name == WIDE.name else 150, "t": 6, "b": 4},
            "yaxis": {"range": [len(values) - 0.5, -0.6], "visible": False, "type": "linear"},
            "annotations": [
                note
                for place, value in enumerate(values)
                for note in note_bar(topic, value, values, place, colours[place], shape)
            ],
        }

    return assemble(
        [
            bar(
                orientation="h",
                y=[place + 0.18 for place in range(len(values))],
                x=[float(value.value) for value in values],
                width=BAR,
                marker={"color": colours, "opacity": [1 if value.bound == "=" else 0.6 for value in values]},
                hovertext=[hover(value) for value in values],
                hoverinfo="text",
                cliponaxis=False,
            )
        ],
        {"xaxis": {"type": "linear", "range": [0, top], "visible": False}, "bargap": 0},
        by_shape(build),
    )


def note_bar(
    topic: Topic,
    value: IndicatorValue,
    values: Sequence[IndicatorValue],
    place: int,
    colour: str,
    shape: Shape,
) -> list[Layout]:
    """Return the name over a bar and the number behind it."""
    name = labels.wrap(country.name_bar(topic, value, values), LETTERS[shape.name])
    common = {"showarrow": False, "xanchor": "left", "align": "left", "yanchor": "middle"}
    text = country.write_amount(value)
    if shape.name == NARROW.name:
        text = "<br>".join(escape(part) for part in labels.wrap(text, 20))
    else:
        text = escape(text)
    return [
        {
            **common,
            "name": OVER,
            "x": 0,
            "y": place - 0.22,
            "text": escape(name[0] if len(name) == 1 else f"{name[0]} …"),
            "font": {"color": style.INK, "size": shape.font},
        },
        {
            **common,
            "x": float(value.value),
            "y": place + 0.18,
            "xshift": 6,
            "text": text,
            "font": {"color": style.LETTERS.get(colour, colour), "size": shape.font, "weight": 600},
        },
    ]
