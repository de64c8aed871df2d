"""The bump chart: ranks over time, the first on top."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext

from apps.figures import formats, labels, moves, style
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
    scatter,
)
from apps.figures.time_ticks import time_ticks
from apps.standings.ranks import Place, Ranked

LINES_AT_MOST: Final = 15
LINE: Final = 34  # px between two ranks


def bump(
    ranked: Sequence[Ranked],
    on: Sequence[date],
    reference: str = "",
    focus: str = "",
    apart: bool = False,
) -> Figure:
    """Ranks on each of the days; a hollow mark stands where the count was only last known.

    apart: the lines are one actor's on several platforms, and told apart by those.
    """
    drawn = list(ranked)
    if apart:
        hues = (style.FOCUS, *style.PICKED)
        colours = [hues[place] if place < len(hues) else style.OTHER for place in range(len(drawn))]
    else:
        by_slug = style.colours([line.actor_slug for line in drawn], reference, focus)
        colours = [by_slug[line.actor_slug] for line in drawn]
    room = max((on[-1] - on[0]) / 30, timedelta(days=1))
    start, end = on[0] - room, on[-1] + room
    lowest = max((place.rank for line in drawn for place in line.places), default=1)

    def build(shape: Shape) -> Layout:
        wide = shape.name == WIDE.name
        letters = 30 if wide else 16
        axis = Axis("linear", -(lowest + 0.5), -0.5)
        column = [
            Label(-line.places[-1].rank, end_rank(line.places[-1]), name(line, apart), colour)
            for line, colour in zip(drawn, colours, strict=True)
        ]
        sides = replace(shape, letters=letters, right=254 if wide else 136, left=34)
        tallest = column_height(column, sides, letters)
        rows = 260 if apart else min(lowest, LINES_AT_MOST + 10) * (LINE if wide else LINE + 6)
        height = max(math.ceil(tallest) + 8, 160, rows)
        return {
            "height": height + shape.top + shape.bottom,
            "margin": {"l": sides.left, "r": sides.right, "t": shape.top, "b": shape.bottom},
            "xaxis": time_ticks(start, end, 6 if wide else 3),
            "yaxis": {"type": "linear", "range": [lowest + 0.5, 0.5], **ticks(lowest)},
            "annotations": [
                *label_column(column, axis, sides, height),
                {
                    "x": 0,
                    "y": 1,
                    "xref": "paper",
                    "yref": "paper",
                    "xanchor": "left",
                    "yanchor": "bottom",
                    "yshift": 8,
                    "xshift": -sides.left + 4,
                    "showarrow": False,
                    "text": gettext("Rank"),
                    "font": {"color": style.SOFT, "size": shape.font - 1},
                },
            ],
        }

    return assemble(
        [trace(line, colour, apart) for line, colour in zip(drawn, colours, strict=True)][::-1],
        {
            "xaxis": {
                "type": "date",
                "range": [start.isoformat(), end.isoformat()],
            }
        },
        by_shape(build),
    )


def name(line: Ranked, apart: bool) -> str:
    if apart:
        return formats.platform_name(line.platform)
    return labels.short(line.name(formats.language()))


def end_rank(place: Place) -> str:
    """Return the rank as it stands before a name: "3.", or "3?" where it is open."""
    return moves.rank(place) + ("" if place.is_open else ".")


def ticks(lowest: int) -> Layout:
    unit = next(
        size * 10**power for power in range(6) for size in (1, 2, 5) if lowest / (size * 10**power) <= 10
    )
    values = sorted({1, *range(unit, lowest + 1, unit)})
    return {"tickvals": values, "ticktext": [formats.number(value) for value in values]}


def trace(line: Ranked, colour: str, apart: bool) -> Trace:
    strong = colour != style.OTHER
    shown = escape(name(line, apart))
    return scatter(
        x=[place.day.isoformat() for place in line.places],
        y=[place.rank for place in line.places],
        mode="lines+markers",
        name=shown,
        line={"color": colour, "width": 3 if strong else 1.5},
        marker={
            "color": [colour if place.fresh else style.GROUND for place in line.places],
            "line": {"color": colour, "width": 2},
            "size": 8 if strong else 6,
        },
        cliponaxis=False,
        hovertext=[hover(shown, place) for place in line.places],
        hoverinfo="text",
    )


def hover(shown: str, place: Place) -> str:
    said = gettext("%(day)s: rank %(rank)s of %(of)s") % {
        "day": formats.day(place.day),
        "rank": moves.rank(place),
        "of": formats.number(place.of),
    }
    return f"{shown}<br>{escape(said)} ({formats.number(place.followers)})"
