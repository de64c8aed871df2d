"""The one reader of counts: value, precision and bound of what people, pages and platforms write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.collectors.numbers import MOST, NotACount, read_count, read_printed


@pytest.mark.parametrize(
    ("text", "followers", "precision"),
    [
        ("76012", 76012, "exact"),
        ("76 012", 76012, "exact"),
        ("76\u00a0012", 76012, "exact"),
        ("76\u202f012", 76012, "exact"),
        ("76,012", 76012, "exact"),
        ("76’012", 76012, "exact"),
        ("1.234.567", 1234567, "exact"),
        ("1234567.0", 1234567, "exact"),  # a whole number of a column that a program took for fractions
        ("0", 0, "exact"),
        ("76K", 76000, "abbrev"),
        ("76 k", 76000, "abbrev"),
        ("76,0 тыс.", 76000, "abbrev"),
        ("76 мың", 76000, "abbrev"),
        ("1.2M", 1200000, "abbrev"),
        ("1,25 млн", 1250000, "abbrev"),
        ("0,0139 млн", 13900, "abbrev"),
        ("0,764 тыс.", 764, "abbrev"),
        ("1 234,5 тыс.", 1234500, "abbrev"),
        ("3 млрд", 3000000000, "abbrev"),
        ("12,3К", 12300, "abbrev"),  # the Cyrillic letter
        ("2 миллиона", 2000000, "abbrev"),
        ("76 012 subscribers", 76012, "exact"),
        ("1 subscriber", 1, "exact"),
        ("76K followers", 76000, "abbrev"),
        ("76 тыс. подписчиков", 76000, "abbrev"),
        ("13,9 тыс. чел.", 13900, "abbrev"),
        ("76 мың жазылушы", 76000, "abbrev"),
        ("Подписчики: 76 012", 76012, "exact"),
        ("Жазылушылар саны: 76 012", 76012, "exact"),
        ("\u200e76\u00a0012\u200f", 76012, "exact"),
    ],
)
def test_counts_that_are_understood(text, followers, precision):
    count = read_count(text)
    assert (count.followers, count.precision, count.bound) == (followers, precision, "=")


@pytest.mark.parametrize(
    ("text", "followers", "bound"),
    [
        (">40K", 40000, ">"),
        ("~ 30 000", 30000, "~"),
        ("<10", 10, "<"),
        ("76K+", 76000, ">"),
        ("76+ тыс.", 76000, ">"),
        ("более 76 тыс.", 76000, ">"),
        ("Свыше 13 500", 13500, ">"),
        ("не менее 13 тыс. подписчиков", 13000, ">"),
        ("over 76K followers", 76000, ">"),
        ("76 тыс. с лишним", 76000, ">"),
        ("15 мыңнан астам", 15000, ">"),
        ("13 500-ден астам жазылушы", 13500, ">"),
        ("менее 15 000", 15000, "<"),
        ("15 мыңнан кем", 15000, "<"),
        ("около 14 000", 14000, "~"),
        ("ок. 14 тыс.", 14000, "~"),
        ("≈ 14 тыс.", 14000, "~"),
        ("шамамен 16 мың", 16000, "~"),
        ("76 мыңға жуық", 76000, "~"),
        ("76 мыңдай", 76000, "~"),
    ],
)
def test_a_bound_is_kept_with_its_wording(text, followers, bound):
    count = read_count(text)
    assert (count.followers, count.bound, count.wording) == (followers, bound, text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("many", "shape"),
        ("76 likes", "unit"),
        ("267,8 м.", "lone_unit"),  # thousand (мың) to some, million to others
        ("267,8 М", "lone_unit"),
        ("7 т", "lone_unit"),
        ("76,5", "fraction"),
        ("0.764", "fraction"),
        ("0,764", "fraction"),
        ("000.123", "fraction"),
        ("1 234 569,5", "fraction"),
        ("1,2345K", "fraction"),
        ("1,234K", "mark"),  # 1.234 thousand or 1,234 thousand: not guessed
        ("12 34", "shape"),
        ("1.234,567", "fraction"),
        ("-5", "negative"),
        ("−1 234", "negative"),
        ("76.4 %", "percent"),
        ("1,2E+06", "power"),
        ("13 900-14 000", "range"),
        ("10–15 тыс.", "range"),
        ("76 012*", "footnote"),
        ("76 012¹", "footnote"),
        ("76 012 [1]", "footnote"),
        ("1З 905", "letter"),  # the Cyrillic letter Ze
        ("1O5", "letter"),
        ("76K followers • 120 following", "shape"),
        ("<76K+", "shape"),  # less and more
        ("+7 000 000 00 00", "shape"),
        ("٧٦", "shape"),
        ("9" * 400, "large"),
        ("900B", "large"),
    ],
)
def test_what_would_be_a_guess_is_refused(text, code):
    with pytest.raises(NotACount) as refused:
        read_count(text)
    assert refused.value.code == code
    assert read_printed(text) is None


def test_a_lone_mark_is_what_the_column_says():
    assert read_count("12,345").followers == 12345
    for mark, code in (("decimal", "fraction"), ("ask", "mark")):
        with pytest.raises(NotACount) as refused:
            read_count("12,345", lone_mark=mark)
        assert refused.value.code == code


def test_the_unit_of_a_column_is_applied_once():
    assert read_count("2,4", unit=1000).followers == 2400
    assert read_count("40,25", unit=1000).precision == "abbrev"
    assert read_count("39,6 тыс.", unit=1000).followers == 39600
    assert read_count("12,345", unit=1000, lone_mark="decimal").followers == 12345
    with pytest.raises(NotACount):
        read_count("12,345", unit=1000)


@given(st.integers(0, MOST), st.sampled_from(["", " ", "\u00a0", "\u202f", ",", "."]))
def test_a_grouped_number_reads_back(number, mark):
    assert read_count(f"{number:,}".replace(",", mark)).followers == number


@given(st.text(max_size=40) | st.text("0123456789 .,-+%*KkмМтысng'’", max_size=40))
def test_no_text_raises_anything_else(text):
    try:
        followers = read_count(text).followers
    except NotACount:
        return
    assert 0 <= followers <= MOST
