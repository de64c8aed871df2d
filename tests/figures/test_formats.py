from datetime import date

import pytest
from django.utils import translation

from apps.figures import formats
from apps.standings.types import Change
from tests.figures.made import value

N = "\u00a0"


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "1,234,567.5"), ("ru", f"1{N}234{N}567,5"), ("kk", f"1{N}234{N}567,5")],
)
def test_numbers(language, said):
    with translation.override(language):
        assert formats.number(1234567.5, 1) == said


def test_signs_are_real():
    with translation.override("en"):
        assert formats.signed(12000) == "+12,000"
        assert formats.signed(-12000) == "\u221212,000"
        assert formats.signed(0) == "0"


@pytest.mark.parametrize(("language", "said"), [("en", "+64.1%"), ("ru", f"+64,1{N}%"), ("kk", f"+64,1{N}%")])
def test_percents(language, said):
    with translation.override(language):
        assert formats.signed_percent(64.102) == said


@pytest.mark.parametrize(
    ("language", "year", "month", "day"),
    [
        ("en", "2017", f"June{N}2017", f"2{N}Nov{N}2026"),
        ("ru", "2017", f"июнь{N}2017", f"2{N}нояб.{N}2026{N}г."),
        ("kk", "2017", f"2017{N}ж.{N}маусым", f"2026{N}ж.{N}2{N}қар."),
    ],
)
def test_spans(language, year, month, day):
    with translation.override(language):
        assert formats.span(date(2017, 1, 1), "year") == year
        assert formats.span(date(2017, 6, 1), "month") == month
        assert formats.span(date(2026, 11, 2), "day") == day


@pytest.mark.parametrize(
    ("language", "year", "month", "day"),
    [
        ("en", "in 2017", "in June 2017", "on 2 November 2026"),
        ("ru", "в 2017 году", "в июне 2017 года", "2 ноября 2026 года"),
        ("kk", "2017 жылы", "2017 жылғы маусымда", "2026 жылғы 2 қарашада"),
    ],
)
def test_spans_in_a_sentence(language, year, month, day):
    with translation.override(language):
        assert formats.in_span(date(2017, 1, 1), "year") == year
        assert formats.in_span(date(2017, 6, 1), "month") == month
        assert formats.in_span(date(2026, 11, 2), "day") == day


@pytest.mark.parametrize(
    ("bound", "said"),
    [("=", "10,000"), (">", "more than 10,000"), ("<", "less than 10,000"), ("~", "about 10,000")],
)
def test_bounds(bound, said):
    with translation.override("en"):
        assert formats.value(value(10000, bound=bound)) == said


@pytest.mark.parametrize(
    ("platform", "amount", "said"),
    [
        ("facebook", 1, "1 follower"),
        ("youtube", 2000, "2,000 subscribers"),
        ("ok", 5, "5 members"),
        ("", 5, "5 follows"),
    ],
)
def test_the_platforms_own_word(platform, amount, said):
    with translation.override("en"):
        assert formats.followers(amount, platform) == said


def test_states_stand_where_a_count_would():
    with translation.override("en"):
        assert formats.value(value()) == "page does not exist"
        assert formats.value(None) == "no count"


def test_changes():
    with translation.override("en"):
        made = Change(25000, 64.1025, 8.6, 13.2, within_rounding=False, bound="=")
        assert formats.change(made) == "+25,000"
        assert formats.change_percent(made) == "+64.1%"
        assert formats.yearly(made) == "+8.6 to +13.2%"


def test_change_within_rounding_has_no_number():
    with translation.override("en"):
        made = Change(500, 1.2, 0.2, 0.3, within_rounding=True, bound="=")
        assert formats.change(made) == "within rounding"
        assert formats.change_percent(made) == formats.yearly(made) == ""


def test_change_from_a_bound_is_a_bound():
    with translation.override("en"):
        assert (
            formats.change(Change(500, None, None, None, within_rounding=False, bound="<")) == "at most +500"
        )


def test_an_unknown_language_reads_english():
    with translation.override("de"):
        assert formats.number(1000) == "1,000"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["0", "500", "1.5K", "100K", "1.4M"]),
        ("ru", ["0", "500", f"1,5{N}тыс.", f"100{N}тыс.", f"1,4{N}млн"]),
        ("kk", ["0", "500", f"1,5{N}мың", f"100{N}мың", f"1,4{N}млн"]),
    ],
)
def test_short_forms_of_an_axis(language, said):
    with translation.override(language):
        assert [formats.compact(value) for value in (0, 500, 1500, 100_000, 1_400_000)] == said


@pytest.mark.parametrize(("language", "text"), [("en", "“озды”"), ("ru", "«озды»"), ("kk", "«озды»")])
def test_what_somebody_said_stands_in_the_quotation_marks_of_the_language(language, text):
    with translation.override(language):
        assert formats.quote("озды") == text
