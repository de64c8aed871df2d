import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.tracking.counts import NotACount, parse_count


@pytest.mark.parametrize(
    ("text", "followers", "precision"),
    [
        ("76012", 76012, "exact"),
        ("76 012", 76012, "exact"),
        ("76\u00a0012", 76012, "exact"),
        ("76\u202f012", 76012, "exact"),
        ("76,012", 76012, "exact"),
        ("1.234.567", 1234567, "exact"),
        ("0", 0, "exact"),
        ("76K", 76000, "abbrev"),
        ("76 k", 76000, "abbrev"),
        ("76,0 тыс.", 76000, "abbrev"),
        ("76 мың", 76000, "abbrev"),
        ("1.2M", 1200000, "abbrev"),
        ("1,25 млн", 1250000, "abbrev"),
        ("3 млрд", 3000000000, "abbrev"),
        ("12,3К", 12300, "abbrev"),  # the Cyrillic letter
    ],
)
def test_counts_that_are_understood(text, followers, precision):
    count = parse_count(text)
    assert (count.followers, count.precision, count.bound) == (followers, precision, "=")


@pytest.mark.parametrize(("text", "bound"), [(">40K", ">"), ("~ 30 000", "~"), ("<10", "<")])
def test_a_bound_is_kept(text, bound):
    assert parse_count(text).bound == bound


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("many", "shape"),
        ("-5", "shape"),
        ("76 likes", "unit"),
        ("76,5", "fraction"),
        ("1,234K", "shape"),  # 1.234 thousand or 1,234 thousand: not guessed
        ("12 34", "shape"),
        ("1.234,567", "shape"),
        ("9" * 400, "large"),
        ("900B", "large"),
    ],
)
def test_what_would_be_a_guess_is_refused(text, code):
    with pytest.raises(NotACount) as refused:
        parse_count(text)
    assert refused.value.code == code


@given(st.integers(0, 20_000_000_000), st.sampled_from(["", " ", "\u00a0", "\u202f", ",", "."]))
def test_a_grouped_number_reads_back(number, mark):
    assert parse_count(f"{number:,}".replace(",", mark)).followers == number


@given(st.text(max_size=40))
def test_no_text_raises_anything_else(text):
    try:
        assert parse_count(text).followers >= 0
    except NotACount:
        pass
