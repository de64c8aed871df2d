"""Views of lines in words: a superlative only where rounding, bounds and other times leave it certain."""

from datetime import date

import pytest

from apps.figures import comparing, twins
from apps.standings.comparison import View, common_base, view
from apps.standings.types import Point
from tests.figures.made import series, trend

PRINTED = {"precision": "printed", "step": 1000}


def years(then, now, **fields):
    return [
        Point(date(year, 1, 1), "year", count, "counted", **fields)
        for year, count in ((2017, then), (2022, now))
    ]


def said(name, *lines):
    made = trend(*lines)
    base = common_base(made)
    return comparing.of_view(made, view(made, name, base), name, base, ())


@pytest.mark.parametrize(
    ("other", "fields", "is_said"),
    [
        (19_500, {}, True),
        (19_500, PRINTED, False),  # 11,000 to 19,000 grew less than 9,000 to 20,500
        (12_000, PRINTED, True),
        (12_000, {"bound": ">"}, False),
        (20_000, {}, False),
    ],
)
def test_the_highest_percentage(other, fields, is_said):
    for name in (View.PERCENT, View.INDEX):
        text = said(
            name, series("a", years(10_000, 20_000, **fields)), series("b", years(10_000, other, **fields))
        )
        assert bool(text) == is_said
        assert not text or "a en" in text


def test_nobody_who_has_lost_grew_most():
    assert said(View.PERCENT, series("a", years(10, 9)), series("b", years(10, 5))) == ""


@pytest.mark.parametrize(
    ("other", "fields", "is_said"), [(14_000, {}, True), (14_000, PRINTED, False), (19_000, PRINTED, True)]
)
def test_the_closest(other, fields, is_said):
    own = series("ref", years(10_000, 10_000, **fields), is_reference=True)
    lines = [series("a", years(9000, 12_500, **fields)), series("b", years(9000, other, **fields))]
    assert bool(said(View.GAP, own, *lines)) == is_said


def test_what_starts_from_a_bound_is_a_bound():
    begun = Point(date(2017, 1, 1), "year", 5000, "counted", ">")
    made = trend(series("a", [begun, *years(1, 10_000)[1:]]))
    (row, _) = twins.twin(view(made, View.INDEX, None), View.INDEX).rows
    assert row.cells == ("less than 200",)
    (row, _) = twins.twin(view(made, View.CHANGE, None), View.CHANGE).rows
    assert row.cells == ("at most +5,000",)
