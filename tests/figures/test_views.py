"""The chart builder's views as charts: what stands on the axis, what is marked, what is left out."""

import json
from datetime import date, timedelta

import plotly.graph_objects as go
import pytest
from babel.numbers import format_decimal
from django.utils import translation

from apps.figures import comparing, formats, style, twins
from apps.figures.areas import areas
from apps.figures.bars import bars
from apps.figures.bump import bump
from apps.figures.lines import Mark, lines
from apps.figures.slope import slope
from apps.standings import comparison
from apps.standings.comparison import View
from apps.standings.ranks import Place, Ranked
from apps.standings.shares import shares
from apps.standings.types import Point
from tests.figures.made import points, series, table2, trend

DAY = date(2026, 1, 1)
N = "\u00a0"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def two(*, falls=False):
    a = points(DAY, [200, 190, 150] if falls else [100, 150, 300])
    return trend(series("a", a), series("b", points(DAY, [100, 100, 120]), is_reference=True))


def chart(name, made=None, base=None):
    made = made or two()
    base = base or comparison.common_base(made)
    return lines(made, drawn=comparison.view(made, name, base), view=name, base=base)


def labels_of(figure, shape="wide", scale="linear"):
    return [label["text"] for label in figure["variants"][shape][scale]["annotations"]]


def drawn(figure):
    return [list(trace["y"]) for trace in figure["data"] if trace["mode"] == "lines"]


@pytest.mark.parametrize(
    ("view", "values", "label"),
    [
        (View.CHANGE, [0, 50, 200], "+200 a en"),
        (View.PERCENT, [0, 50, 200], "+200% a en"),
        (View.INDEX, [100, 150, 300], "300 a en"),
        (View.GAP, [0, 50, 180], "+180 a en"),
    ],
)
def test_a_view_draws_its_numbers(view, values, label):
    figure = chart(view)
    assert drawn(figure)[0] == values
    assert label in labels_of(figure)
    assert json.dumps(figure)


@pytest.mark.parametrize("view", list(View))
def test_zero_is_on_every_linear_axis(view):
    for made in (two(), two(falls=True)):
        low, high = chart(view, made)["variants"]["wide"]["linear"]["yaxis"]["range"]
        assert low <= 0 < high
        assert (low == 0) == all(value >= 0 for line in drawn(chart(view, made)) for value in line)


@pytest.mark.parametrize(("view", "has_log"), [(View.INDEX, True), (View.PERCENT, False), (View.GAP, False)])
def test_only_numbers_above_zero_have_a_logarithm(view, has_log):
    assert (chart(view)["variants"]["wide"]["log"]["yaxis"]["type"] == "log") is has_log


def test_the_base_day_is_marked_and_told_to_the_page():
    figure = chart(View.INDEX, base=DAY + timedelta(days=1))
    assert figure["base"] == "2026-01-02"
    (line,) = [shape for shape in figure["layout"]["shapes"] if shape.get("name") == "base"]
    assert line["x0"] == line["x1"] == "2026-01-02"
    assert f"↔ 2{N}Jan{N}2026" in labels_of(figure)
    assert "base" not in lines(two())


def test_a_line_at_one_hundred_or_at_the_reference():
    assert {shape.get("y0") for shape in chart(View.INDEX)["layout"]["shapes"]} == {
        100,
        0,
    }  # 0: the base line
    assert chart(View.GAP)["layout"]["shapes"][0]["y0"] == 0
    assert "shapes" not in lines(two())["layout"]


def test_the_band_of_a_rounded_count_has_the_views_unit():
    made = trend(series("a", points(DAY, [1000, 2000], precision="3sf", step=10), platform="youtube"))
    for view, highest in [
        (View.INDEX, 201),
        (View.PERCENT, 101),
        (View.CHANGE, 1010),
        (View.FOLLOWERS, 2010),
    ]:
        (band,) = [trace for trace in chart(view, made)["data"] if trace["mode"] == "none"]
        assert max(value for value in band["y"] if value is not None) == pytest.approx(highest)


def test_six_hues_at_most_and_grey_for_the_rest():
    made = trend(*(series(f"s{place}", points(DAY, [place, place])) for place in range(1, 10)))
    figure = lines(made, focus="s9", picked=[f"s{place}" for place in range(1, 9)])
    colours = [trace["line"]["color"] for trace in figure["data"] if trace["mode"] == "lines"]
    assert len(set(colours) - {style.OTHER}) == 5  # no reference here
    assert colours.count(style.OTHER) == 4


def test_platforms_have_dashes_where_several_are_drawn():
    made = [series(slug, points(DAY, [1, 2]), platform=one) for slug in "ab" for one in ("x", "vk")]
    figure = lines(trend(*made))
    dashes = {trace["line"]["dash"] for trace in figure["data"] if trace["mode"] == "lines"}
    assert len(dashes) == 2
    assert any(text.replace("<br>", " ").endswith("a en, VK") for text in labels_of(figure))


def test_areas_stand_on_each_other_and_reach_one_hundred():
    made = two()
    figure = areas(made, shares(made))
    edges = drawn(figure)
    assert max(edges[-1]) == 100
    assert edges[0] == pytest.approx([50, 60, 71.43])  # the largest stands lowest
    assert "71.4% a en" in [text.replace("<br>", " ") for text in labels_of(figure)]
    assert figure["variants"]["wide"]["linear"]["yaxis"]["range"] == [0, 100]


def test_areas_name_each_day_once_and_let_near_events_share_a_place():
    made = trend(series("a", points(DAY, [1, 2, 3])), series("b", points(DAY, [4, 5, 6])))
    events = [Mark(DAY, None, "One"), Mark(DAY, None, "Two"), Mark(DAY + timedelta(days=2), None, "Three")]
    for by_scale in areas(made, shares(made), events=events)["variants"].values():
        variant = by_scale["linear"]
        assert [note["text"] for note in variant["annotations"] if note.get("name") == "event"] == [
            "1\u20132",
            "3",
        ]
        days = variant["xaxis"]["tickvals"]
        assert days == sorted(set(days))


def test_areas_leave_gaps_and_years_are_as_wide_as_they_are():
    year = Point(day=date(2020, 1, 1), span="year", followers=5, state="counted")
    made = trend(series("a", [year, *points(DAY, [1, 1, None, None, 1])]))
    (edge,) = drawn(areas(made, shares(made)))
    assert edge == [100, 100, None, 100, 100, None, 100, 100]
    (top,) = [trace for trace in areas(made, shares(made))["data"] if trace["mode"] == "lines"]
    assert list(top["x"])[:2] == ["2020-01-01", "2020-12-31"]


def test_a_share_says_its_bound_its_day_how_exact_it_is_and_its_sources():
    day = points(DAY, [60, 60], source="api")
    a = [day[0]._replace(bound=">"), day[1]]
    b = points(DAY, [40, 40], precision="3sf", source="hand")
    made = trend(series("a", a), series("b", b))
    upper, lower = [
        trace["hovertext"] for trace in areas(made, shares(made))["data"] if trace["mode"] == "lines"
    ][::-1]
    origin = "<br>Rounded down to three figures<br>Source: api, hand"
    assert lower[0] == f"a en<br>Facebook, 1{N}Jan{N}2026: more than 60%{origin}"
    assert upper[0] == f"b en<br>Facebook, 1{N}Jan{N}2026: less than 40%{origin}"
    assert lower[1] == f"a en<br>Facebook, 2{N}Jan{N}2026: 60%{origin}"
    year = Point(day=date(2020, 1, 1), span="year", followers=5, state="counted")
    (trace,) = [
        one
        for one in areas(trend(series("a", [year])), shares(trend(series("a", [year]))))["data"]
        if one["mode"] == "lines"
    ]
    assert list(trace["hovertext"]) == ["a en<br>Facebook, 2020: 100%<br>Exact"] * 2


def test_areas_of_nothing():
    assert areas(trend(series("a", [])), ())["data"] == []


def test_bars_begin_at_zero_and_name_everyone():
    figure = bars(table2(), focus="president-press-office")
    (trace,) = figure["data"]
    assert figure["layout"]["xaxis"]["range"][0] == 0
    assert list(trace["x"]) == [76000, 64000, 55000, 23000, 10000]
    assert "2. Murat Abenov" in labels_of(figure)
    assert "64,000" in labels_of(figure)
    assert trace["marker"]["color"][0] == style.FOCUS
    assert trace["marker"]["color"][1] == style.REFERENCE


def ranked(slug, *places):
    return Ranked(
        slug,
        slug,
        slug,
        slug,
        "",
        tuple(Place(DAY + timedelta(days=day), rank, 100, fresh) for day, rank, fresh in places),
    )


def test_bump_has_the_first_on_top_and_marks_stale_ranks():
    made = [ranked("a", (0, 2, True), (30, 1, True)), ranked("b", (0, 1, True), (30, 2, False))]
    figure = bump(made, [DAY, DAY + timedelta(days=30)], reference="a")
    low, high = figure["variants"]["wide"]["linear"]["yaxis"]["range"]
    assert low > high
    by_name = {trace["name"]: trace for trace in figure["data"]}
    assert list(by_name["b"]["marker"]["color"]) == [style.OTHER, style.GROUND]
    assert by_name["a"]["line"]["color"] == style.REFERENCE
    assert "1. a" in labels_of(figure)


def test_twin_holds_what_the_chart_shows():
    made = two()
    table = twins.twin(comparison.view(made, View.INDEX, DAY), View.INDEX)
    assert table.columns == ("a en", "b en")
    assert [row.cells for row in table.rows] == [("300", "120"), ("150", "100"), ("100", "100")]
    assert not table.is_thinned
    assert twins.of_shares(made, shares(made)).rows[0].cells == ("71.4%", "28.6%")


def test_nothing_is_said_that_rounding_leaves_open():
    rough = {"precision": "printed", "step": 1000}
    made = trend(
        series("a", points(DAY, [10000, 11000], **rough)), series("b", points(DAY, [10000, 10000], **rough))
    )
    drawn_lines = comparison.view(made, View.FOLLOWERS, None)
    said = comparing.summary(made, drawn_lines, View.FOLLOWERS, None)
    assert said == [f"a en, Facebook: 11,000 followers (2{N}Jan{N}2026)."]


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_plotly_knows_every_property(scale):
    made = trend(
        series("a", points(DAY, [1000, 1010, None, 1000], precision="3sf", step=10), platform="youtube"),
        series("b", points(DAY, [5, 6, 7, 8]), is_reference=True),
        series("c", [Point(day=date(2025, 1, 1), span="year", followers=5, state="counted")]),
    )
    places = [ranked("a", (0, 1, True), (30, 1, False))]
    figures = [
        chart(View.INDEX, made),
        lines(made, events=[Mark(DAY, DAY + timedelta(days=1), "Event")], unusual={(None, DAY)}),
        areas(made, shares(made)),
        bars(table2()),
        slope(table2()),
        bump(places, [DAY, DAY + timedelta(days=30)]),
    ]
    for figure in figures:
        for shape in ("wide", "narrow"):
            variant = figure["variants"][shape][scale]
            axis = {**figure["layout"].get("xaxis", {}), **variant.get("xaxis", {})}
            go.Figure(data=figure["data"], layout={**figure["layout"], **variant, "xaxis": axis})


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize(
    ("value", "digits"), [(0, 0), (1234567, 0), (-9600, 0), (1234.5, 2), (-0.04, 1), (12.0, 1), (99.95, 1)]
)
def test_numbers_are_written_as_cldr_has_them(language, value, digits):
    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    with translation.override(language):
        written = format_decimal(round(value, digits), format=pattern, locale=language)
        assert formats.number(value, digits) == written.replace("-0", "0").replace("-", formats.MINUS)
