"""Who leads, and since when, as far as precision lets it be said; and shares of the lines' sum."""

from datetime import date, timedelta

import pytest

from apps.standings.leads import lead
from apps.standings.shares import shares
from apps.standings.types import Point
from tests.figures.made import points, series, trend

DAY = date(2026, 1, 1)


def years(counts, **fields):
    return [
        Point(
            day=date(year, 1, 1),
            span="year",
            followers=count,
            state="counted" if count else "absent",
            **fields,
        )
        for year, count in counts.items()
    ]


def test_the_lead_dates_from_the_crossing():
    found = lead(trend(series("a", points(DAY, [1, 2, 5, 6])), series("b", points(DAY, [3, 3, 3, 3]))))
    assert (found.ahead.actor_slug, found.behind.actor_slug, found.since) == (
        "a",
        "b",
        (DAY + timedelta(days=2), "day"),
    )
    assert found.now.followers - found.then.followers == 3


def test_a_lead_as_old_as_the_lines_has_no_beginning():
    assert lead(trend(series("a", points(DAY, [5, 5])), series("b", points(DAY, [3, 3])))).since is None


def test_a_level_day_does_not_end_a_lead():
    found = lead(trend(series("a", points(DAY, [1, 4, 3, 5])), series("b", points(DAY, [3, 3, 3, 3]))))
    assert found.since.day == DAY + timedelta(days=1)


def test_years_lead_since_their_first_day():
    a, b = years({2017: 31000, 2022: 76000}), years({2017: 39000, 2022: 64000})
    found = lead(trend(series("a", a), series("b", b)))
    assert found.since == (date(2022, 1, 1), "year")


def test_a_lead_of_months_dates_from_the_month():
    a, b = months([5, 7, 9]), months([6, 6, 6])
    assert lead(trend(series("a", a), series("b", b))).since == (date(2022, 2, 1), "month")


def months(counts):
    return [Point(date(2022, place, 1), "month", count, "counted") for place, count in enumerate(counts, 1)]


@pytest.mark.parametrize(
    "between",
    [
        {"followers": 4},  # behind
        {"followers": 8, "precision": "printed", "step": 5},  # ahead, but within rounding
        {"followers": 9, "bound": "<"},
        {"followers": 6, "precision": "printed", "step": 1},  # equal rounded counts may be in either order
    ],
)
def test_a_count_that_may_be_behind_ends_a_lead(between):
    """However old the other's count is by then: both are on the chart."""
    day = DAY + timedelta(days=200)
    a = [*points(DAY, [8]), points(day, [1])[0]._replace(**between), *points(day + timedelta(days=1), [9])]
    found = lead(trend(series("a", a), series("b", points(DAY, [6]))))
    assert found.since == (day + timedelta(days=1), "day")


def test_equal_counts_at_the_end_are_no_lead():
    assert lead(trend(series("a", points(DAY, [5, 7])), series("b", points(DAY, [3, 7])))) is None


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [series("a", points(DAY, [1]))],
        [series("a", points(DAY, [5])), series("b", points(DAY, [3]), platform="x")],
        [
            series("a", years({2022: 50000}, precision="printed", step=5000)),
            series("b", points(DAY, [49000])),
        ],
        [series("a", years({2017: 5, 2022: None})), series("b", years({2017: 3, 2022: 4}))],
    ],
)
def test_no_lead_is_claimed(lines):
    assert lead(trend(*lines)) is None


def test_the_platform_with_most_lines_speaks():
    made = [series(slug, points(DAY, [count])) for slug, count in [("a", 5), ("b", 3)]]
    assert lead(trend(series("z", points(DAY, [900]), platform="x"), *made)).ahead.actor_slug == "a"


def test_shares_of_days_and_years_are_apart():
    a = [*years({2020: 30}), *points(DAY, [10, 20])]
    b = [*years({2020: 70}), *points(DAY, [30, None])]
    found = shares(trend(series("a", a), series("b", b)))
    assert [(one.day, one.span, one.percents, one.total) for one in found] == [
        (date(2020, 1, 1), "year", (30, 70), 100),
        (DAY, "day", (25, 75), 40),
        (DAY + timedelta(days=1), "day", (40, 60), 50),
    ]
    assert all(sum(one.percents) == pytest.approx(100) for one in found)


@pytest.mark.parametrize(("silent", "then"), [(30, (25, 75)), (31, (100, None))])
def test_who_is_silent_for_long_is_out_of_the_sum(silent, then):
    late = points(DAY + timedelta(days=silent), [10])
    found = shares(trend(series("a", [*points(DAY, [10]), *late]), series("b", points(DAY, [30]))))
    assert [one.percents for one in found] == [(25, 75), then]


def test_no_share_of_nothing():
    assert shares(trend(series("a", points(DAY, [0])), series("b", []))) == ()
