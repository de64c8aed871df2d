from dataclasses import replace
from datetime import date

import pytest
from django.utils import translation

from apps.figures import sentences
from apps.standings.types import Overtake, Point
from tests.figures.made import league, points, row, series, table2, trend, value


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def test_leader_and_reference_with_how_it_was():
    assert sentences.leads(table2(), "facebook") == (
        "On Facebook, Press office of the President leads Murat Abenov by 12,000 followers (2022); "
        "in 2017, Murat Abenov was 8,000 ahead."
    )


def test_reference_that_leads_is_compared_with_the_second():
    made = league(
        [
            row("a", "A", None, value(9000), is_reference=True),
            row("b", "B", None, value(5000)),
        ]
    )
    assert sentences.leads(made, "youtube") == "On YouTube, A leads B by 4,000 subscribers (2022)."


def test_lead_within_rounding_is_not_claimed():
    made = league([row("a", "A", None, value(40000)), row("b", "B", None, value(39000))])
    assert "too close to call" in sentences.leads(made, "facebook")


def test_all_platforms_are_no_name_in_a_sentence():
    made = league([row("a", "A", None, value(9000)), row("b", "B", None, value(5000))])
    assert sentences.leads(made, "").startswith("On all platforms together, A leads B")


def test_equal_counts_are_level():
    exact = {"precision": "exact", "step": 1}
    made = league([row("a", "A", None, value(400, **exact)), row("b", "B", None, value(400, **exact))])
    assert sentences.leads(made, "facebook") == "On Facebook, A and B have the same recorded count (2022)."


@pytest.mark.parametrize(
    ("larger", "smaller", "said"),
    [
        (">", "=", "by more than 30,000 followers"),
        ("=", "<", "by more than 30,000 followers"),
        ("~", "=", "by about 30,000 followers"),
        ("<", "=", "we cannot tell whether A or B leads"),
        ("=", ">", "we cannot tell whether A or B leads"),
        (">", ">", "we cannot tell whether A or B leads"),
    ],
)
def test_bounds_travel_into_the_lead(larger, smaller, said):
    made = league(
        [row("a", "A", None, value(70000, bound=larger)), row("b", "B", None, value(40000, bound=smaller))]
    )
    assert said in sentences.leads(made, "facebook")


def test_counts_of_different_dates_carry_both():
    made = league([row("a", "A", None, value(70000)), row("b", "B", None, value(40000, 2021))])
    assert "(2022, 2021)" in sentences.leads(made, "facebook")


def test_nothing_counted():
    assert sentences.leads(league([]), "x") == "No counts have been recorded for this selection yet."


def test_gone_page_is_named():
    assert sentences.say_gone(table2()) == ["Ministry of Defense: the page did not exist in 2022."]


def test_left_out_of_the_constant_sample():
    assert sentences.say_left_out(table2()) == (
        "Not in the total, because a count is missing on at least one date: Ministry of Defense."
    )


def test_largest_gain():
    assert sentences.gain(table2()) == (
        "Press office of the President gained the most between 2017 and 2022: +45,000."
    )


def test_gain_within_rounding_is_not_one():
    made = league(
        [
            row("a", "A", value(10000, 2017), value(11000)),
            row("b", "B", value(10000, 2017), value(11000)),
        ]
    )
    assert sentences.gain(made) == ""


def test_constant_sample_in_words():
    made = table2().samples[0]
    assert sentences.sample(made) == (
        "Total without the reference: 61,870 → 164,000, – (4 of 5 have a count on both dates)."
    )
    assert sentences.sample(replace(made, counted=0)) == ""


def test_sum_line_counts_every_state():
    assert sentences.sum_line(table2()) == "5 with a count · 1 page that does not exist"


def test_progress_of_a_line():
    made = series("a", points(date(2026, 1, 1), [1000, None, 1500]))
    assert (
        sentences.progress(made)
        == "Facebook: 1,500 followers (3\u00a0Jan\u00a02026), +500 since 1\u00a0Jan\u00a02026."
    )


def test_progress_ends_with_the_state():
    absent = Point(day=date(2026, 2, 1), span="day", followers=None, state="absent")
    made = series("a", [*points(date(2026, 1, 1), [1000]), absent])
    assert sentences.progress(made).endswith("Facebook, 1\u00a0Feb\u00a02026: page does not exist.")


def test_progress_of_nothing():
    assert sentences.trend(trend(series("a", []))) == ["Facebook: no count recorded yet."]


def test_overtake_between_years():
    made = Overtake("b", "a", "facebook", date(2017, 1, 1), date(2022, 12, 31), spans=True)
    assert sentences.overtake(made, {"a": "A", "b": "B"}) == "B overtook A on Facebook between 2017 and 2022."
