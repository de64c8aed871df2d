"""Number formats of each view, and the width of the band around a rounded number."""

from collections.abc import Callable
from dataclasses import dataclass

from apps.figures import formats
from apps.standings.comparison import View
from apps.standings.types import Point


@dataclass(frozen=True)
class Measure:
    """A view's numbers: their text at a line's end and in a table, on the axis, and for Plotly's hover."""

    view: View
    shown: Callable[[float, str], str]  # a number and its bound
    tick: Callable[[float], str]
    hover: str  # a d3 format
    unit: str  # behind the hovered number
    has_log: bool  # below zero there is no logarithm

    def step(self, point: Point, value: float) -> float:
        """Return the count's rounding step in this view's own unit."""
        if not point.followers or self.view in (View.FOLLOWERS, View.CHANGE, View.GAP):
            return point.step
        index = value + 100 if self.view == View.PERCENT else value
        return point.step * index / point.followers

    @property
    def zero(self) -> float | None:
        """Return where a line stands that has not moved, or that is the reference; None where zero is the ground."""
        if self.view == View.INDEX:
            return 100
        return 0 if self.view in (View.CHANGE, View.PERCENT, View.GAP) else None


def measure(view: View = View.FOLLOWERS) -> Measure:
    """Return the view's measure in the page's language."""
    code = formats.language()
    percent = formats.percent(0).lstrip("0")  # the sign, with a no-break space where the language has one
    if view in (View.CHANGE, View.GAP):
        return Measure(
            view,
            lambda value, bound: formats.change_bounded(formats.signed(value), bound),
            lambda value: ("+" if value > 0 else "") + formats.compact(round(value)),
            "+,",
            "",
            has_log=False,
        )
    if view == View.PERCENT:
        return Measure(
            view,
            lambda value, bound: formats.change_bounded(formats.signed_percent(value, fine(value)), bound),
            lambda value: formats.signed_percent(value, 2),
            "+,.1f",
            percent,
            has_log=False,
        )
    if view == View.SHARE:
        return Measure(
            view,
            lambda value, bound: formats.bounded(formats.percent(value), bound),
            lambda value: formats.percent(value, 2),
            ".1f",
            percent,
            has_log=False,
        )
    if view == View.INDEX:
        return Measure(
            view,
            lambda value, bound: formats.bounded(formats.number(value, fine(value), code), bound),
            lambda value: formats.number(value, 2),
            ",.1f",
            "",
            has_log=True,
        )
    return Measure(
        view,
        lambda value, bound: formats.count(round(value), bound, code),
        lambda value: formats.compact(round(value)) if value else "0",
        ",",
        "",
        has_log=True,
    )


def fine(value: float) -> int:
    """Return how many decimals a number needs: none from a thousand on."""
    return 0 if abs(value) >= 1000 else 1
