"""Charts as compact plain dicts that static/js/chart.js draws with Plotly.

A chart is {data, layout, variants, dark, locale}: `variants` holds what differs between a wide page and a phone, and
between a linear and a logarithmic scale; label places are worked out here, for these heights, not in the browser.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext

from apps.figures import labels, style

Figure = dict[str, Any]
Layout = dict[str, Any]
Trace = dict[str, Any]

LETTER: Final = 0.56  # width of a letter, of its size
TIE: Final = 14  # px between a line's end and a label that may be tied to it
MOVED: Final = 0.015  # of the height; from which on a label stands no longer beside its line's end
SERIES_AT_MOST: Final = 14  # more lines than this cannot be told apart; the table holds them all


@dataclass(frozen=True)
class Shape:
    """What a width allows: letters a label line holds, margins and heights in pixels."""

    name: str
    letters: int  # of a line-end label
    letters_left: int  # of a label at the left end
    font: int
    line: float  # height of a line of text: Plotly sets 1.3 of the font
    right: int
    left: int
    top: int = 28
    bottom: int = 50
    height: int = 460
    gap: int = 3  # between two labels


WIDE: Final = Shape("wide", 34, 18, 13, 17, right=262, left=96)
NARROW: Final = Shape("narrow", 14, 10, 12, 15.7, right=122, left=64, height=520, gap=8)
SHAPES: Final = (WIDE, NARROW)
SCALES: Final = ("linear", "log")


@dataclass(frozen=True)
class Label:
    """Text at the end of a line: the count, then the name."""

    followers: float  # or what the view makes of them
    count: str
    name: str
    colour: str

    def lines(self, letters: int) -> tuple[str, ...]:
        return labels.wrap(f"{self.count} {self.name}".strip(), letters)

    def html(self, letters: int) -> str:
        return "<br>".join(escape(line) for line in self.lines(letters))


def escape(text: str) -> str:
    """Escape a name for labels, in which Plotly reads a few tags.

    Of its tags only <br> is used here: for <b> and others it sets style attributes, which the CSP forbids.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@dataclass(frozen=True)
class Axis:
    """The vertical axis: its scale and range, and where on it a count stands."""

    scale: str
    low: float
    high: float

    @classmethod
    def around(cls, values: Iterable[float], scale: str) -> "Axis":
        """Build an axis from zero, or to zero; the logarithmic one begins below the smallest number above zero."""
        known = list(values)
        top = max(known, default=1)
        if scale == "linear":
            low, high = min(min(known, default=0), 0), max(top, 0)
            room = (high - low or 1) * 0.05
            return cls(scale, low - room if low < 0 else 0, high + room)
        bottom = min((value for value in known if value > 0), default=1)
        low, high = math.log10(bottom), math.log10(max(top, 1))
        room = max(high - low, 0.3) * 0.06
        return cls(scale, low - room, high + room)

    def share(self, count: float) -> float:
        """Return the height of a count on the axis: 0 at the bottom, 1 at the top."""
        if self.scale == "log":
            count = math.log10(count) if count > 0 else self.low
        return (count - self.low) / (self.high - self.low)

    def layout(self) -> Layout:
        return {"type": self.scale, "range": [round(self.low, 4), round(self.high, 4)]}


def plot_height(shape: Shape, tallest: float) -> int:
    """Return px enough for the column of labels, and never fewer than the shape's own."""
    return max(shape.height - shape.top - shape.bottom, math.ceil(tallest) + 8)


def column_height(column: Sequence[Label], shape: Shape, letters: int) -> float:
    return sum(len(label.lines(letters)) * shape.line + shape.gap for label in column)


def label_column(
    column: Sequence[Label], axis: Axis, shape: Shape, height: int, side: str = "right", *, tied: bool = False
) -> list[Layout]:
    """Return annotations at the right or left end of the lines, pushed apart.

    tied: TIE px are kept free beside them for the lines of ties().
    """
    letters = shape.letters if side == "right" else shape.letters_left
    heights = [len(label.lines(letters)) * shape.line + shape.gap for label in column]
    centres = [(1 - axis.share(label.followers)) * height for label in column]
    return [
        {
            "x": 1 if side == "right" else 0,
            "y": round(1 - centre / height, 4),
            "xref": "paper",
            "yref": "paper",
            "xanchor": "left" if side == "right" else "right",
            "yanchor": "middle",
            "xshift": (10 + TIE * tied) * (1 if side == "right" else -1),
            "align": "left" if side == "right" else "right",
            "showarrow": False,
            "text": label.html(letters),
            "font": {
                "color": style.LETTERS.get(label.colour, label.colour),
                "size": shape.font,
                "weight": 400 if label.colour == style.OTHER else 600,
            },
        }
        for label, centre in zip(column, labels.spread(centres, heights, -12, height + 12), strict=True)
    ]


def ties(column: Sequence[Label], notes: Sequence[Layout], axis: Axis, side: str = "right") -> list[Layout]:
    """Return thin lines from where lines end to their labels that had to move. notes: those of label_column()."""
    away = 1 if side == "right" else -1
    tied = []
    for label, note in zip(column, notes, strict=True):
        own = round(axis.share(label.followers), 4)
        if abs(own - note["y"]) > MOVED:
            tied.append(
                {
                    "name": "tie",
                    "type": "line",
                    "xref": "paper",
                    "xsizemode": "pixel",
                    "xanchor": 1 if side == "right" else 0,
                    "x0": -4 * away,  # the dots stand a little inside
                    "x1": (8 + TIE) * away,
                    "yref": "paper",
                    "y0": own,
                    "y1": note["y"],
                    "line": {"color": label.colour, "width": 1},
                }
            )
    return tied


def scale_mark(axis: Axis, shape: Shape, *, has_zero: bool = False) -> list[Layout]:
    """Return the note of an axis that does not begin at zero; it says too that a zero is not drawn there."""
    if axis.scale == "linear":
        return []
    return [
        {
            "x": 0,
            "y": 1,
            "xref": "paper",
            "yref": "paper",
            "xanchor": "left",
            "yanchor": "bottom",
            "yshift": 10,
            "name": "scale",
            "xshift": -40 if shape.name == NARROW.name else 0,
            "showarrow": False,
            "text": gettext("Logarithmic scale, zeros are not drawn")
            if has_zero
            else gettext("Logarithmic scale, does not begin at zero"),
            "font": {"color": style.SOFT, "size": shape.font - 1},
        }
    ]


def variants(build: Callable[[Shape, str], Layout]) -> dict[str, dict[str, Layout]]:
    """Build one layout per shape and scale."""
    return {shape.name: {scale: build(shape, scale) for scale in SCALES} for shape in SHAPES}


def by_shape(build: Callable[[Shape], Layout]) -> dict[str, dict[str, Layout]]:
    """Return the same where the scale plays no part."""
    return {shape.name: dict.fromkeys(SCALES, build(shape)) for shape in SHAPES}


def scatter(**fields: Any) -> Trace:
    """Return a trace of lines, marks or fields. Plotly's own classes check every property, which takes longer than all
    the rest of a page; the tests let them."""
    return {"type": "scatter", **fields}


def bar(**fields: Any) -> Trace:
    return {"type": "bar", **fields}


def assemble(traces: Sequence[Trace], layout: Layout, variant: dict[str, dict[str, Layout]]) -> Figure:
    """Return the dict a page hands to chart.js."""
    kept = {name: value for name, value in layout.items() if value != []}
    return {
        "data": list(traces),
        "layout": {**kept, "separators": style.separators(), "template": style.TEMPLATE},
        "variants": variant,
        "dark": style.DARK,
        "locale": style.locale(),
    }
