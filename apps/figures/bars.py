"""Horizontal bars: a league's counts from zero, each with its name over it and its number behind it."""

from collections.abc import Sequence
from typing import Final

from apps.figures import formats, labels, style
from apps.figures.charts import WIDE, Figure, Layout, Shape, assemble, bar, by_shape, escape
from apps.standings.types import League, Row

BARS_AT_MOST: Final = 30
ON_A_CARD: Final = 8
ROW: Final = 44  # px of a bar and the name over it
BAR: Final = 0.34  # of the row


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
            "margin": {"l": 4, "r": 150 if wide else 110, "t": 6, "b": 36},
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


def ranked_rows(league: League) -> Sequence[Row]:
    return [row for row in league.rows if row.rank is not None][:BARS_AT_MOST]


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
    return f"{escape(row.name(formats.language()))}<br>{formats.when(row.now)}: {escape(count)}"


def notes(place: int, row: Row, count: int, colour: str, shape: Shape) -> list[Layout]:
    """Return the name over the bar, the number behind it."""
    letters = 90 if shape.name == WIDE.name else 42
    name = labels.wrap(
        f"{row.rank}{'?' if row.rank_is_open else '.'} {labels.short(row.name(formats.language()))}", letters
    )
    strong = {"weight": 400 if colour == style.OTHER else 600, "size": shape.font}
    dated = "" if row.now is None or row.now.is_fresh else f" ({formats.when(row.now)})"
    common = {"showarrow": False, "xanchor": "left", "align": "left"}
    return [
        {
            **common,
            "x": 0,
            "y": place - 0.22,
            "yanchor": "middle",
            "text": escape(name[0] if len(name) == 1 else f"{name[0]} …"),
            "font": {"color": style.INK if colour == style.OTHER else style.LETTERS[colour], **strong},
        },
        {
            **common,
            "x": count,
            "y": place + 0.18,
            "yanchor": "middle",
            "xshift": 6,
            "text": escape(formats.value(row.now) + dated),
            "font": {"color": style.SOFT if colour == style.OTHER else style.LETTERS[colour], **strong},
        },
    ]
