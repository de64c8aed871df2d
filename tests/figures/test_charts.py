import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.utils import translation

from apps.figures import labels, style
from apps.figures.bars import bars
from apps.figures.charts import Axis
from apps.figures.lines import Mark, lines
from apps.figures.slope import slope
from apps.standings.types import LeftOutAccount, Point
from tests.figures.made import league, points, row, series, table2, trend, value

DAY = date(2026, 1, 1)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def texts(figure, shape="wide", scale="linear"):
    return [label["text"] for label in figure["variants"][shape][scale]["annotations"]]


def traces(figure, mode):
    return [trace for trace in figure["data"] if trace["mode"] == mode]


def test_slope_has_a_line_per_actor_and_both_years():
    figure = slope(table2())
    assert figure["layout"]["xaxis"]["ticktext"] == ["2017", "2022"]
    assert [len(trace["y"]) for trace in figure["data"]].count(2) == 5
    assert "64,000 Murat Abenov" in texts(figure)
    assert json.dumps(figure)


def test_slope_says_why_a_line_ends():
    assert any(
        text.replace("<br>", " ") == "Ministry of Defense: page does not exist in 2022"
        for text in texts(slope(table2()))
    )


def test_slope_colours_reference_and_focus():
    figure = slope(table2(), focus="president-press-office")
    colours = {trace["name"]: trace["line"]["color"] for trace in figure["data"]}
    assert colours["Murat Abenov"] == style.REFERENCE
    assert colours["Press office of the President of Kazakhstan"] == style.FOCUS
    assert colours["Prime Minister's Website"] == style.OTHER
    assert figure["data"][-1]["name"] == "Murat Abenov"  # drawn over the others


def test_no_tag_that_plotly_styles_inline():
    assert "<b>" not in json.dumps([slope(table2()), lines(trend(series("a", points(DAY, [1, 2]))))])


@pytest.mark.parametrize("shape", ["wide", "narrow"])
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_slope_labels_do_not_overlap(shape, scale):
    layout = slope(table2())["variants"][shape][scale]
    height = layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]
    right = sorted(((1 - label["y"]) * height, label) for label in layout["annotations"] if label["x"] == 1)
    line = 1.3 * (13 if shape == "wide" else 12)
    for (above, upper), (below, lower) in pairwise(right):
        lines_between = (upper["text"].count("<br>") + lower["text"].count("<br>") + 2) / 2
        assert below - above >= lines_between * line


def test_a_name_is_text_not_markup():
    made = table2()
    made = replace(made, rows=(replace(made.rows[0], name_en="A <b>&</b>"), *made.rows[1:]))
    figure = slope(made)
    assert any("A &lt;b&gt;&amp;&lt;/b&gt;" in text for text in texts(figure))
    assert "<b>" not in json.dumps(figure)


def test_own_date_where_it_is_not_the_shared_one():
    made = table2()
    rows = (*made.rows, row("x", "X", value(10000, 2016, bound=">"), value(20000)))
    assert any("(2016)" in text for text in texts(slope(replace(made, rows=rows))))


def test_missing_days_break_the_line():
    figure = lines(trend(series("a", points(DAY, [1, 2, None, 4, 5]))))
    (line,) = traces(figure, "lines")
    assert list(line["y"]) == [1, 2, None, 4, 5]
    assert line["connectgaps"] is False


def test_a_state_without_a_number_breaks_the_line():
    made = list(points(DAY, [1, 2, 3, 4]))
    made.insert(2, Point(day=date(2026, 1, 2), span="day", followers=None, state="hidden"))
    (line,) = traces(lines(trend(series("a", made))), "lines")
    assert list(line["y"]) == [1, 2, None, 3, 4]


def test_today_is_hollow_and_dashed():
    made = list(points(DAY, [1, 2, 3]))
    made[-1] = made[-1]._replace(observed_today=True)
    figure = lines(trend(series("a", made)))
    (today,) = traces(figure, "lines+markers")
    assert today["line"]["dash"] == "dash"
    assert today["marker"]["color"] == style.GROUND
    assert list(today["y"]) == [2, 3]
    assert list(traces(figure, "lines")[0]["y"]) == [1, 2]


def test_rounded_counts_are_steps_with_a_band():
    figure = lines(
        trend(series("a", points(DAY, [1000, 1010], precision="3sf", step=10), platform="youtube"))
    )
    (line,) = traces(figure, "lines")
    (band,) = traces(figure, "none")
    assert line["line"]["shape"] == "hv"
    assert min(band["y"]) == 1000  # rounded down: never below what is shown
    assert max(band["y"]) == 1020


def test_whole_years_are_bars_over_their_span():
    year = Point(day=date(2017, 1, 1), span="year", followers=39000, state="counted")
    (bar,) = traces(lines(trend(series("a", [year]))), "lines")
    assert list(bar["x"]) == ["2017-01-01", "2017-12-31"]
    assert bar["line"]["width"] > 4


def test_bars_that_lie_on_each_other_are_all_seen():
    def years(then, now):
        return [
            Point(day=date(2017, 1, 1), span="year", followers=then, state="counted"),
            Point(day=date(2022, 1, 1), span="year", followers=now, state="counted"),
        ]

    bars = traces(lines(trend(series("a", years(39000, 64000)), series("b", years(9000, 63800)))), "lines")
    assert [(list(bar["y"][:1]), bar["line"]["width"]) for bar in bars if bar["y"][0] != 39000] == [
        ([9000], 7),
        ([63800], 3),
    ]


def test_a_page_that_is_gone_has_no_number_at_the_end_of_its_line():
    gone = [
        Point(day=date(2017, 1, 1), span="year", followers=9600, state="counted"),
        Point(day=date(2022, 1, 1), span="year", followers=None, state="absent"),
    ]
    said = [text.replace("<br>", " ") for text in texts(lines(trend(series("a", gone))))]
    assert "Facebook: page does not exist in 2022" in said


def test_axis_begins_at_zero_and_says_so_when_not():
    figure = lines(trend(series("a", points(DAY, [1000, 1010]))))
    assert figure["variants"]["wide"]["linear"]["yaxis"]["range"][0] == 0
    assert "Logarithmic scale, does not begin at zero" in texts(figure, scale="log")
    assert "Logarithmic scale, does not begin at zero" not in texts(figure)


def test_events_are_numbered_marks_inside_the_range():
    marks = [Mark(date(2026, 1, 2), None, "In"), Mark(date(2020, 1, 1), None, "Before")]
    figure = lines(trend(series("a", points(DAY, [1, 2, 3]))), events=marks)
    assert [shape["name"] for shape in figure["layout"]["shapes"]] == ["event"]
    assert "1" in texts(figure)


def test_empty_trend_draws_an_empty_chart():
    assert lines(trend(series("a", [])))["data"] == []


def test_log_axis_takes_zero():
    assert Axis.around([0, 10, 1000], "log").share(0) == 0


@pytest.mark.parametrize(("language", "month"), [("ru", "январь"), ("kk", "қаңтар"), ("en", "January")])
def test_dates_of_the_axis_follow_the_page(language, month):
    with translation.override(language):
        assert slope(table2())["locale"]["format"]["months"][0].lower() == month.lower()


def test_spread_keeps_order_and_room():
    places = labels.spread([10, 12, 14, 100], [10, 10, 10, 10], 0, 110)
    assert places == sorted(places)
    assert all(below - above >= 10 for above, below in pairwise(places))


def test_spread_stays_in_the_frame():
    places = labels.spread([99, 100, 101], [10, 10, 10], 0, 100)
    assert max(places) <= 95


def test_spread_of_too_many_keeps_them_apart():
    places = labels.spread([5] * 4, [10] * 4, 0, 20)
    assert all(below - above >= 10 for above, below in pairwise(places))


def test_clear_place_is_the_nearest_free_one():
    assert labels.clear_place(50, 10, [(45, 55)], 0, 100) in (36, 38, 62, 64, 40, 60)
    assert labels.clear_place(50, 10, [], 0, 100) == 50


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Press office of the President of Kazakhstan", "Press office of the President"),
        ("Министерство обороны Республики Казахстан", "Министерство обороны РК"),
        ("Қазақстан Республикасының Бас прокуратурасы", "ҚР Бас прокуратурасы"),
        ("Қазақстан Республикасы Президентінің баспасөз қызметі", "ҚР Президентінің баспасөз қызметі"),
        ("Green Party of Kazakhstan", "Green Party"),
    ],
)
def test_short_names(name, shown):
    assert labels.short(name) == shown


def test_a_slope_label_that_had_to_move_is_tied_to_its_dot():
    close = [row(f"a{n}", f"A{n}", value(1000 + n), value(2000 + n)) for n in range(5)]
    layout = slope(league(close))["variants"]["wide"]["linear"]
    ties = [shape for shape in layout["shapes"] if shape.get("name") == "tie"]
    assert len(ties) >= 6
    places = {note["y"] for note in layout["annotations"]}
    assert all(tie["y1"] in places and tie["y0"] != tie["y1"] for tie in ties)
    apart = [row("a", "A", value(100), value(9000)), row("b", "B", value(9000), value(100))]
    shapes = slope(league(apart))["variants"]["wide"]["linear"]["shapes"]
    assert [shape.get("name") for shape in shapes] == [None, None]


def test_a_slope_joins_counts_of_the_same_accounts_alone():
    whole, some = value(40_000), value(20_000, bound=">", parts=1, of=2)
    made = league(
        [
            row("a", "A", whole, some, left_out=(LeftOutAccount("instagram", ""),)),
            row("b", "B", whole, value(41_000)),
            row("c", "C", whole, value(39_000), change=None),
        ]
    )
    modes = {trace["name"]: trace["mode"] for trace in slope(made)["data"]}
    assert modes == {"A": "markers", "B": "lines+markers", "C": "markers"}


def test_bars_that_are_bounds_look_like_bounds():
    made = league([row("a", "A", None, value(9000, bound=">")), row("b", "B", None, value(5000))])
    assert bars(made)["data"][0]["marker"]["pattern"]["shape"] == ["/", ""]


def test_a_card_holds_the_first_eight():
    made = league([row(f"a{n}", f"A{n}", None, value(9000 - n)) for n in range(20)])
    assert [len(bars(made, most=most)["data"][0]["x"]) for most in (8, 30)] == [8, 20]


@pytest.mark.parametrize("code", ["kk", "ru", "en"])
@pytest.mark.parametrize(("shape", "whole"), [("wide", 640), ("narrow", 300)])
def test_no_number_behind_a_bar_is_cut(code, shape, whole):
    """However narrow the chart: "кемінде" before a long number needs more room than a plain one."""
    made = league(
        [
            row("a", "A", None, value(1_448_000, bound=">", parts=1, of=2, age_days=99)),
            row("b", "B", None, value(1_300_000, age_days=99)),
            row("c", "C", None, value(9, bound="~", age_days=99)),
        ]
    )
    with translation.override(code):
        layout = bars(made)["variants"][shape]["linear"]
    left, right = layout["margin"]["l"], layout["margin"]["r"]
    numbers = [note for note in layout["annotations"] if "xshift" in note]
    assert len(numbers) == 3
    for note in numbers:
        ends = left + (whole - left - right) * note["x"] / 1_448_000 + note["xshift"]
        assert ends + len(note["text"]) * note["font"]["size"] * 0.56 <= whole
    assert right < whole / 2 + 30, "the bars keep their room"


def partial(day, count, *accounts, of=2):
    bound = "=" if len(accounts) == of else ">"
    return Point(day, "day", count, "counted", bound, parts=len(accounts), of=of, accounts=accounts)


def test_a_line_breaks_where_other_accounts_are_counted():
    day = date(2026, 1, 1)
    days = [day + timedelta(days=n) for n in range(6)]
    made = [
        partial(days[0], 30, 1, 2), partial(days[1], 31, 1, 2), partial(days[2], 10, 1), partial(days[3], 11, 1),
        partial(days[4], 40, 1, 3), partial(days[5], 41, 1, 3),
    ]  # fmt: skip
    drawn = traces(lines(trend(series("a", made))), "lines")
    assert [list(one["y"]) for one in drawn] == [[30, 31, None, 40, 41], [10, 11]]
    assert [one["line"].get("dash") for one in drawn] == ["solid", "dot"]
    assert all("at least 1" in text for text in drawn[1]["hovertext"])


def test_whole_years_that_are_bounds_are_dotted():
    years_of = [
        Point(date(year, 1, 1), "year", 5, "counted", bound) for year, bound in ((2017, ">"), (2022, "="))
    ]
    drawn = traces(lines(trend(series("a", years_of))), "lines")
    assert [one["line"]["dash"] for one in drawn] == ["dot", "solid"]


def test_days_that_stand_alone_side_by_side_are_no_chain_of_beads():
    first = date(2026, 1, 1)
    every_other = [Point(first + timedelta(days=2 * n), "day", 1000 + n, "counted") for n in range(60)]
    (beads,) = traces(lines(trend(series("a", every_other))), "markers")
    assert beads["marker"]["size"] + beads["marker"]["line"]["width"] <= 4
    (few,) = traces(lines(trend(series("a", every_other[:10:3]))), "markers")
    assert few["marker"]["size"] == 7


def test_a_line_with_marks_that_would_touch_has_none():
    first = date(2026, 1, 1)
    each_day = [Point(first + timedelta(days=n), "day", 1000 + n, "counted") for n in range(50)]
    figure = lines(trend(series("a", each_day)))
    assert traces(figure, "markers") == []
    assert len(traces(lines(trend(series("a", each_day[:12]))), "markers")) == 1


def test_a_point_says_how_exact_it_is():
    first = date(2026, 1, 1)
    days = [
        Point(first + timedelta(days=n), "day", 1000 + n, "counted", "=", "3sf", source="api")
        for n in range(3)
    ]
    (line,) = traces(lines(trend(series("a", days))), "lines")
    assert "<br>Rounded down to three figures<br>Source: api<" in line["hovertemplate"]
    (marks,) = traces(lines(trend(series("a", days))), "markers")
    assert all(
        text.endswith("<br>Rounded down to three figures<br>Source: api") for text in marks["hovertext"]
    )
    days[1] = days[1]._replace(source="hand api")
    (line,) = traces(lines(trend(series("a", days))), "lines")
    assert [text.rpartition(": ")[2] for text in line["hovertext"]] == ["api", "api, hand", "api"]
