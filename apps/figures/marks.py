"""Marks on a line chart beside its lines: events, the base day, the line of no change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from apps.figures import formats, style
from apps.figures.charts import NARROW, WIDE, Layout, escape
from apps.figures.measures import Measure
from apps.snapshots.rules import SPANS
from apps.standings.types import Trend

NUMBERS_ABREAST: Final = {WIDE.name: 26, NARROW.name: 7}  # of events, over the width of the plot


@dataclass(frozen=True)
class Mark:
    """An event on the chart: from its first day, to its last where it lasts."""

    first: date
    last: date | None
    title: str


def zero_line(measured: Measure) -> list[Layout]:
    """Return where a line stands that has not moved since the base day, or that is the reference."""
    if measured.zero is None:
        return []
    at = {"x0": 0, "x1": 1, "y0": measured.zero, "y1": measured.zero}
    return [
        {"type": "line", "xref": "paper", "layer": "below", "line": {"color": style.SOFT, "width": 1}, **at}
    ]


def base_line(base: date | None) -> list[Layout]:
    """Return the day that change, percent and index start from."""
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
    """Return the day in words; the year or month that begins on it, where that is what was counted."""
    words = [point.span for series in trend.series for point in series.points if point.day == base]
    return formats.span(base, min(words, key=SPANS.index, default="day"))


def base_label(trend: Trend, base: date | None, first: date, last: date) -> list[Layout]:
    """Return the day beside its line, on the side that has room."""
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
    """Return a thin line where an event begins, a faint field while it lasts."""
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


def event_numbers(marks: Sequence[Mark], shape: str, span: timedelta) -> list[Layout]:
    """Return the number of each event over its line; the list below the chart has the titles.

    shape: the name of the chart's shape. span: the time over the width of its plot. Numbers of events too near to each
    other for both to be read share a place.
    """
    room = span / NUMBERS_ABREAST[shape]
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
