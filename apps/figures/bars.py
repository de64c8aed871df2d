"""Horizontal bars: a league's counts from zero, each with its name over it and its number behind it."""

import math
from collections.abc import Sequence
from typing import Final

from apps.figures import formats, labels, style
from apps.figures.charts import (
    LETTER,
    WIDE,
    Figure,
    Layout,
    Shape,
    assemble,
    bar,
    by_shape,
    escape,
)
from apps.figures.origins import say_origin
from apps.standings.types import League, Row

BARS_AT_MOST: Final = 30
ON_A_CARD: Final = 8
ROW: Final = 44  # px of a bar and the name over it
BAR: Final = 0.34  # of the row
LEFT: Final = 8  # px left of the bars: half of the axis' first number
BEHIND: Final = 6  # px between a bar and its number
NARROWEST: Final = {"wide": 640, "narrow": 300}  # px that a chart of a shape may have
LETTERS: Final = {"wide": 90, "narrow": 42}  # of the line over a bar


def bars(league: League, focus: str = "", most: int = BARS_AT_MOST) -> Figure:
    """Draw the first rows of the ranks as bars. A bound is hatched; a count that is only last known is pale."""
    rows = ranked_rows(league)[:most]
    reference = league.reference.actor_slug if league.reference else ""
    colours = style.colours([row.actor_slug for row in rows], reference, focus)
    counts = [row.now.followers if row.now and row.now.followers else 0 for row in rows]
    places = list(range(len(rows)))

    def build(shape: Shape) -> Layout:
        wide = shape.name == WIDE.name
        return {
            "height": len(rows) * ROW + 42,
            "margin": {"l": LEFT, "r": room_behind(rows, counts, shape), "t": 6, "b": 36},
            "xaxis": {"nticks": 6 if wide else 3},
            "yaxis": {"range": [len(rows) - 0.5, -0.6], "visible": False, "type": "linear"},
            "annotations": [
                note
                for place, (row, count) in enumerate(zip(rows, counts, strict=True))
                for note in notes(place, row, count, colours[row.actor_slug], shape)
            ],
        }

    top = max(counts, default=0) or 1
    return assemble(
        [
            bar(
                orientation="h",
                y=[place + 0.18 for place in places],
                x=counts,
                width=BAR,
                marker={
                    "color": [colours[row.actor_slug] for row in rows],
                    "opacity": [1 if row.now and row.now.is_fresh else 0.55 for row in rows],
                    # Where the true count ends nobody knows.
                    "pattern": {
                        "shape": ["" if row.now and row.now.bound == "=" else "/" for row in rows],
                        "fgcolor": style.GROUND,
                        "fillmode": "overlay",
                        "size": 7,
                        "solidity": 0.35,
                    },
                },
                hovertext=[hover(row) for row in rows],
                hoverinfo="text",
                cliponaxis=False,
            )
        ],
        {"xaxis": {"type": "linear", "range": [0, top], "rangemode": "tozero", **ticks(top)}, "bargap": 0},
        by_shape(build),
    )


def room_behind(rows: Sequence[Row], counts: Sequence[int], shape: Shape) -> int:
    """Return px to keep free on the right, so that no number behind a bar is cut, however narrow the chart is."""
    top = max(counts, default=0) or 1
    whole = NARROWEST[shape.name] - LEFT
    room = 16.0  # for half of the axis' last number
    for row, count in zip(rows, counts, strict=True):
        text = BEHIND + len(formats.value(row.now)) * shape.font * LETTER + shape.font
        share = count / top
        # A bar of this share of the plot and its number fit together: share * (whole - room) + text <= whole.
        room = max(room, (text - whole * (1 - share)) / share if share else 0)
    return math.ceil(room)


def ranked_rows(league: League) -> Sequence[Row]:
    return [row for row in league.rows[:BARS_AT_MOST] if row.rank is not None]


def ticks(top: int) -> Layout:
    unit = next(
        size * 10**power for power in range(12) for size in (1, 2, 5) if top / (size * 10**power) <= 4
    )
    values = [unit * place for place in range(top // unit + 1)]
    return {"tickvals": values, "ticktext": [formats.compact(value) if value else "0" for value in values]}


def hover(row: Row) -> str:
    if row.now is None:
        return ""
    count = formats.followers(row.now.followers or 0, row.platform, formats.bound_of(row.now))
    return f"{escape(row.name(formats.language()))}<br>{formats.when(row.now)}: {escape(count)}{say_origin([row.now])}"


def notes(place: int, row: Row, count: int, colour: str, shape: Shape) -> list[Layout]:
    """Return the name over the bar, with its date where that is old, and the number behind it."""
    dated = "" if row.now is None or row.now.is_fresh else f" ({formats.when(row.now)})"
    name = labels.wrap(
        f"{row.rank}{'?' if row.rank_is_open else '.'} {labels.short(row.name(formats.language()))}",
        LETTERS[shape.name] - len(dated),
    )
    strong = {"weight": 400 if colour == style.OTHER else 600, "size": shape.font}
    common = {"showarrow": False, "xanchor": "left", "align": "left"}
    return [
        {
            **common,
            "name": "over",
            "x": 0,
            "y": place - 0.22,
            "yanchor": "middle",
            "text": escape((name[0] if len(name) == 1 else f"{name[0]} …") + dated),
            "font": {"color": style.INK if colour == style.OTHER else style.LETTERS[colour], **strong},
        },
        {
            **common,
            "x": count,
            "y": place + 0.18,
            "yanchor": "middle",
            "xshift": BEHIND,
            "text": escape(formats.value(row.now)),
            "font": {"color": style.SOFT if colour == style.OTHER else style.LETTERS[colour], **strong},
        },
    ]
