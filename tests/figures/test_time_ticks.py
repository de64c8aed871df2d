"""Dates under an axis: round in the calendar, none twice, two or more, at most as many as there is room for."""

from datetime import date, timedelta

import pytest
from django.utils.translation import override

from apps.figures.time_ticks import time_ticks

FIRST = date(2024, 2, 29)


@pytest.mark.parametrize(
    ("first", "last", "most", "texts"),
    [
        (date(2026, 11, 24), date(2026, 11, 26), 4, ["24\xa0Nov<br>2026", "25\xa0Nov", "26\xa0Nov"]),
        (date(2026, 12, 30), date(2027, 1, 2), 4, ["30\xa0Dec<br>2026", "31\xa0Dec", "1\xa0Jan<br>2027", "2\xa0Jan"]),
        (date(2024, 10, 1), date(2026, 11, 30), 4, ["Jan<br>2025", "Jul<br>2025", "Jan<br>2026", "Jul<br>2026"]),
        (date(2016, 6, 1), date(2023, 2, 1), 4, ["2018", "2020", "2022"]),
        (date(1999, 9, 1), date(2026, 5, 2), 3, ["2000", "2010", "2020"]),
    ],
)  # fmt: skip
def test_dates_are_round_in_the_calendar(first, last, most, texts):
    with override("en"):
        written = time_ticks(first, last, most)["ticktext"]
    assert written == texts


@pytest.mark.parametrize("most", [3, 4, 6, 8])
def test_whatever_the_period_dates_are_two_or_more_and_each_another(most):
    for length in [*range(1, 120), *range(120, 1200, 7), *range(1200, 40_000, 311)]:
        last = FIRST + timedelta(days=length)
        ticks = time_ticks(FIRST, last, most)
        days = [date.fromisoformat(day) for day in ticks["tickvals"]]
        assert 2 <= len(days) <= most + 1, (length, days)
        assert FIRST <= days[0] < days[-1] <= last
        assert len({*ticks["ticktext"]}) == len(days)
