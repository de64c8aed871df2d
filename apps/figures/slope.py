"""The slope chart: two dates side by side, a line for every actor that is counted on both."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from apps.figures import formats, labels, style
from apps.figures.charts import (
    LETTER,
    SERIES_AT_MOST,
    TIE,
    WIDE,
    Axis,
    Figure,
    Label,
    Layout,
    Shape,
    Trace,
    assemble,
    column_height,
    escape,
    label_column,
    plot_height,
    scale_mark,
    scatter,
    ties,
    variants,
)
from apps.figures.origins import say_origin
from apps.figures.sentences import label_gone
from apps.standings.types import League, Row, Value

USUAL_WIDTH: Final = 1000  # px of a wide page's chart
NOTE_LETTERS: Final = 44  # a line under the chart on a phone of 360 px


def slope(league: League, focus: str = "", picked: tuple[str, ...] = ()) -> Figure:
    """Return the league's two dates as a slope chart. `focus` and `picked` are actor slugs, drawn in colour."""
    rows = choose_rows(league)
    reference = league.reference.actor_slug if league.reference else ""
    colours = style.colours([row.actor_slug for row in rows], reference, focus, picked)
    known = [count for end in ("then", "now") for _, _, count in iterate_counts(rows, end)]
    ends = (common_date(league, "then"), common_date(league, "now"))

    left = [
        Label(count, count_text(value, ends[0]), "", colours[row.actor_slug])
        for row, value, count in iterate_counts(rows, "then")
    ]
    right = [
        Label(count, count_text(value, ends[1]), short_name(row), colours[row.actor_slug])
        for row, value, count in iterate_counts(rows, "now")
    ]
    notes = list_ends(rows)

    def build(shape: Shape, scale: str) -> Layout:
        axis = Axis.around(known, scale)
        tallest = max(
            column_height(left, shape, shape.letters_left), column_height(right, shape, shape.letters)
        )
        height = plot_height(shape, tallest)
        bottom = shape.bottom
        if shape is not WIDE:
            bottom += math.ceil(len(notes) * shape.line)
        beside_left = label_column(left, axis, shape, height, "left", tied=True)
        beside_right = label_column(right, axis, shape, height, tied=True)
        return {
            "shapes": [*uprights(), *ties(left, beside_left, axis, "left"), *ties(right, beside_right, axis)],
            "height": height + shape.top + bottom,
            "margin": {"l": shape.left + TIE, "r": shape.right + TIE, "t": shape.top, "b": bottom},
            "yaxis": {**axis.layout(), "visible": False},
            "annotations": [
                *beside_left,
                *beside_right,
                *(label_ends(rows, axis, shape, height) if shape is WIDE else note_ends(notes, shape)),
                *scale_mark(axis, shape),
            ],
        }

    return assemble(
        [trace(row, colours[row.actor_slug]) for row in sorted(rows, key=lambda row: weight(row, colours))],
        {
            "xaxis": {
                "range": [-0.02, 1.02],
                "tickvals": [0, 1],
                "ticktext": list(ends),
                "tickfont": {"color": style.INK, "size": 14},
                "ticks": "",
                "ticklabelstandoff": 8,
                "showline": False,
            },
        },
        variants(build),
    )


def uprights() -> list[Layout]:
    """Return the two lines that the dates stand on."""
    return [
        {
            "type": "line",
            "x0": at,
            "x1": at,
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "line": {"color": style.HAIRLINE, "width": 1},
            "layer": "below",
        }
        for at in (0, 1)
    ]


def choose_rows(league: League) -> list[Row]:
    """Return the rows with a count on either date, the largest of them; the reference always."""
    rows = countable(league)
    kept = sorted(rows, key=lambda row: (not row.is_reference, -largest(row)))[:SERIES_AT_MOST]
    return [row for row in rows if row in kept]


def countable(league: League) -> list[Row]:
    """Return the rows that have a line, drawn or not."""
    return [row for row in league.rows if is_counted(row.then) or is_counted(row.now)]


def lines_of(league: League) -> int:
    """Return how many lines there would be, were there room for all."""
    return len(countable(league))


def largest(row: Row) -> int:
    return max((value.followers or 0) for value in (row.then, row.now) if value is not None)


def is_counted(value: Value | None) -> bool:
    return value is not None and value.followers is not None


def common_date(league: League, end: str) -> str:
    """Return what stands under an end: the date all its values share, else the day that was asked for."""
    values = [row.then if end == "then" else row.now for row in league.rows]
    dates = {formats.when(value) for value in values if value is not None}
    if len(dates) == 1:
        return dates.pop()
    asked = league.since if end == "then" else league.on
    return formats.day(asked) if asked else ""


def count_text(value: Value, shared: str) -> str:
    """Return the count, with its own date where that is not the one under the axis."""
    text = formats.value(value)
    return text if formats.when(value) == shared else f"{text} ({formats.when(value)})"


def iterate_counts(rows: list[Row], end: str) -> Iterator[tuple[Row, Value, int]]:
    """Yield the rows with a count at that end, the value and the count."""
    for row in rows:
        value = row.then if end == "then" else row.now
        if value is not None and value.followers is not None:
            yield row, value, value.followers


def short_name(row: Row) -> str:
    return labels.short(row.name(formats.language()))


def weight(row: Row, colours: dict[str, str]) -> int:
    """Order the lines for drawing: grey ones first, the reference last, over them."""
    order = {style.OTHER: 0, style.FOCUS: 2, style.REFERENCE: 3}
    return order.get(colours[row.actor_slug], 1)


def trace(row: Row, colour: str) -> Trace:
    ends = [(at, value) for at, value in ((0, row.then), (1, row.now)) if value is not None]
    counted = [(at, value) for at, value in ends if value.followers is not None]
    name = escape(row.name(formats.language()))
    strong = colour != style.OTHER
    return scatter(
        x=[at for at, _ in counted],
        y=[value.followers for _, value in counted],
        mode="lines+markers" if is_joined(row) else "markers",
        name=name,
        line={"color": colour, "width": 3 if strong else 2},
        marker={
            "color": [colour if value.bound == "=" else style.GROUND for _, value in counted],
            "line": {"color": colour, "width": 2},
            "size": 8,
        },
        cliponaxis=False,
        hovertext=[
            f"{name}<br>{formats.when(value)}: {escape(formats.value(value))}{say_origin([value])}"
            for _, value in counted
        ],
        hoverinfo="text",
    )


def is_joined(row: Row) -> bool:
    """Say whether a line may join both counts: one from all of an actor's accounts to some of them would show a fall that
    nobody has counted."""
    return row.change is not None and not row.left_out


def iterate_ends(rows: list[Row]) -> Iterator[tuple[Row, int]]:
    """Yield the rows whose line ends: counted then, not now."""
    for row, _, count in iterate_counts(rows, "then"):
        if not is_counted(row.now):
            yield row, count


def label_ends(rows: list[Row], axis: Axis, shape: Shape, height: int) -> list[Layout]:
    """Say of an actor whose line ends why, beside its last point, clear of the lines."""
    lines = [
        ((1 - axis.share(row.then.followers)) * height, (1 - axis.share(row.now.followers)) * height)
        for row in rows
        if row.then and row.now and row.then.followers is not None and row.now.followers is not None
    ]
    made: list[Layout] = []
    for row, count in iterate_ends(rows):
        text = labels.wrap(label_gone(row.now, short_name(row)), shape.letters)
        tall = len(text) * (shape.line - 1.5)
        wide = max(map(len, text)) * (shape.font - 1) * LETTER
        reach = min(1.0, (wide + 9) / (USUAL_WIDTH - shape.left - shape.right))
        crossing = [(first, first + (last - first) * reach) for first, last in lines]
        place = labels.clear_place((1 - axis.share(count)) * height, tall, crossing, 0, height)
        lines.append((place - tall / 2, place + tall / 2))
        made.append(
            note(text, shape)
            | {"y": round(1 - place / height, 4), "yanchor": "middle", "xref": "x", "xshift": 9}
        )
    return made


def note_ends(lines: list[str], shape: Shape) -> list[Layout]:
    """Return the same on a phone, under the chart."""
    if not lines:
        return []
    return [
        note(lines, shape) | {"y": 0, "yanchor": "top", "xref": "paper", "xshift": -shape.left, "yshift": -34}
    ]


def list_ends(rows: list[Row]) -> list[str]:
    return [
        line
        for row, count in iterate_ends(rows)
        for line in labels.wrap(
            f"{formats.number(count)} {label_gone(row.now, short_name(row))}", NOTE_LETTERS
        )
    ]


def note(lines: Sequence[str], shape: Shape) -> Layout:
    return {
        "x": 0,
        "yref": "paper",
        "xanchor": "left",
        "align": "left",
        "showarrow": False,
        "text": "<br>".join(escape(line) for line in lines),
        "font": {"color": style.SOFT, "size": shape.font - 1},
    }
