from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.standings.comparison import View, together, view
from apps.standings.trends import resolution, trend
from apps.standings.types import Resolution, Scope
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_snapshots

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


def points(scope=None, first=FIRST, last=LAST, reference=""):
    """Return the points of the first line as (day, followers)."""
    return [
        (str(point.day), point.followers)
        for point in trend(scope or Scope(), first, last, reference).series[0].points
    ]


def test_a_missing_day_is_a_gap_and_a_state_breaks_the_line():
    account = make_account()
    make_snapshots(account, {"2025-12-31": 1, "2026-01-01": 2, "2026-01-03": 4, "2027-01-01": 9})
    make_snapshot(account, "2026-01-05", state="hidden")
    assert points() == [("2026-01-01", 2), ("2026-01-03", 4), ("2026-01-05", None)]
    assert trend(Scope(), FIRST, LAST).series[0].points[-1].state == "hidden"


def test_from_the_first_snapshot_where_no_first_day_is_asked_for():
    make_account("empty")
    make_snapshots(make_account("a"), {"2025-12-31": 1, "2026-01-01": 2})
    found = trend(Scope(), None, LAST)
    assert found.first == date(2025, 12, 31)
    assert [len(series.points) for series in found.series] == [2, 0]


def test_without_any_snapshot_there_is_one_empty_day():
    found = trend(Scope(), None, LAST)
    assert (found.first, found.last, found.series) == (LAST, LAST, ())


@pytest.mark.parametrize(
    ("days", "by"),
    [
        (1, Resolution.DAY),
        (400, Resolution.DAY),
        (401, Resolution.WEEK),
        (3660, Resolution.WEEK),
        (3661, Resolution.MONTH),
    ],
)
def test_resolution(days, by):
    assert resolution(LAST - timedelta(days=days - 1), LAST) == by


@pytest.mark.parametrize(
    ("years", "kept"),
    [
        (2, ["2026-03-01", "2026-03-08", "2026-03-10", "2026-03-31"]),  # 1 and 8 March are Sundays
        (20, ["2026-03-31"]),
    ],
)
def test_weeks_from_monday_and_months_keep_their_last_value_on_its_own_day(years, kept):
    make_snapshots(
        make_account(),
        {
            "2026-03-01": 1,
            "2026-03-02": 2,
            "2026-03-08": 3,
            "2026-03-09": 4,
            "2026-03-10": 5,
            "2026-03-31": 6,
        },
    )
    assert [day for day, _ in points(first=date(LAST.year - years, 1, 1))] == kept


def test_the_last_week_ends_with_the_range():
    make_snapshots(make_account(), {"2026-03-09": 1, "2026-03-10": 2, "2026-03-11": 3})
    assert points(first=date(2020, 3, 10), last=date(2026, 3, 10)) == [("2026-03-10", 2)]


@pytest.mark.parametrize("first", [date(2022, 3, 1), date(2016, 1, 1), date(2000, 1, 1)])
def test_whole_months_and_years_are_kept_apart_where_they_touch_the_range(first):
    make_snapshots(make_account(), {"2022": 1, "2022-02": 2, "2022-05": 3, "2022-05-01": 4, "2022-05-02": 5})
    series = trend(Scope(), first, date(2022, 12, 31)).series[0]
    spans = [(point.span, point.followers) for point in series.points if point.span != "day"]
    early = [("month", 2)] if first.year < 2022 else []
    assert spans == [("year", 1), *early, ("month", 3)]
    assert ("day", 5) in [(point.span, point.followers) for point in series.points]
    assert [point.day for point in series.points] == sorted(point.day for point in series.points)


def test_todays_point_is_provisional():
    today = timezone.localdate()
    account = make_account()
    make_snapshot(account, today - timedelta(days=1), 1)
    make_snapshot(account, today, 2)
    flags = [point.observed_today for point in trend(Scope(), None, today).series[0].points]
    assert flags == [False, True]


def test_an_actors_accounts_on_a_platform_are_one_line_where_all_were_read():
    actor = make_actor("a")
    make_snapshots(
        make_account(actor), {"2026-01-01": 100, "2026-01-02": 101, "2026-01-03": 102, "2026-01-05": 103}
    )
    make_snapshots(make_account(actor), {"2026-01-02": 10, "2026-01-05": None, "2026-01-04": 11})
    make_snapshots(make_account(actor, "x"), {"2026-01-01": 7})
    # On the 3rd and the 4th one of the two was not read; on the 5th the second one is gone.
    assert points() == [("2026-01-01", 100), ("2026-01-02", 111), ("2026-01-05", 103)]
    assert [series.platform for series in trend(Scope(), FIRST, LAST).series] == ["facebook", "x"]
    assert len(trend(Scope(rows="accounts"), FIRST, LAST).series) == 3


def test_of_a_hidden_count_the_sum_is_a_lower_bound():
    actor = make_actor("a")
    make_snapshot(make_account(actor), "2026-01-01", 100)
    make_snapshot(make_account(actor), "2026-01-01", state="hidden")
    assert points() == [("2026-01-01", 100)]
    (line,) = trend(Scope(), FIRST, LAST).series
    assert [(point.bound, point.parts, point.of) for point in line.points] == [(">", 1, 2)]


def test_the_reference_has_its_line_even_where_the_filters_leave_it_out():
    a, b = make_actor("a"), make_actor("b")
    make_snapshot(make_account(a), "2026-01-01", 1)
    make_snapshot(make_account(b), "2026-01-01", 1)
    make_snapshot(make_account(make_actor("secret", hidden=True)), "2026-01-01", 1)

    def lines(scope, reference=""):
        return [
            (series.actor_slug, series.is_reference) for series in trend(scope, FIRST, LAST, reference).series
        ]

    assert lines(Scope(actors=("a",)), "b") == [("a", False), ("b", True)]
    assert lines(Scope(actors=("a",)), "secret") == [("a", False)]
    make_group("g", [a], reference=b)
    assert lines(Scope(group="g")) == [("a", False), ("b", True)]


def test_cost_does_not_grow():
    def cost():
        with CaptureQueriesContext(connection) as queries:
            trend(Scope(group="g"), None, LAST)
        return len(queries)

    group = make_group("g")
    few = cost()
    for number in range(20):
        account = make_account(f"a{number}")
        make_snapshots(account, {"2010": 1, "2026-01-01": number})
        group.members.add(account.actor)
    assert cost() == few == 4


# Seen otherwise


@pytest.fixture
def three():
    make_snapshots(make_account("a"), {"2026-01-01": 50, "2026-01-03": 75})
    make_snapshots(make_account("b"), {"2026-01-02": 100, "2026-01-03": 50})
    make_snapshots(make_account("c"), {"2026-01-01": 0, "2026-01-04": None})


@pytest.mark.parametrize(
    ("name", "base", "expected"),
    [
        (View.FOLLOWERS, None, [(50, 75), (100, 50), (0, None)]),
        (View.CHANGE, None, [(0, 25), (0, -50), (0, None)]),  # from 2 January, when all three have begun
        (View.CHANGE, date(2026, 1, 1), [(0, 25), (None, None), (0, None)]),
        (View.PERCENT, None, [(0, 50), (0, -50), (None, None)]),
        (View.INDEX, None, [(100, 150), (100, 50), (None, None)]),
        (View.INDEX, date(2026, 1, 3), [(50 / 0.75, 100), (200, 100), (None, None)]),
        (View.SHARE, None, [(100, 60), (100 / 1.5, 40), (0, None)]),
        (View.GAP, None, [(0, 0), (50, -25), (-50, None)]),
    ],
)
def test_views(three, name, base, expected):
    drawn = view(trend(Scope(), FIRST, LAST, "a"), name, base)
    for line, values in zip(drawn, expected, strict=True):
        assert line.values == tuple(value if value is None else pytest.approx(value) for value in values)


def test_no_gap_without_a_reference_on_the_same_platform(three):
    make_snapshot(make_account("d", "x"), "2026-01-01", 5)
    assert {value for line in view(trend(Scope(), FIRST, LAST), View.GAP) for value in line.values} == {None}
    drawn = view(trend(Scope(), FIRST, LAST, "a"), View.GAP)
    assert drawn[-1].values == (None,)


def test_lines_together_on_a_constant_sample_or_on_all(three):
    found = trend(Scope(), FIRST, LAST)
    everyone = together(found, "all")
    assert [(point.day.day, point.total, point.median, point.counted) for point in everyone.points] == [
        (1, 50, 25, 2),
        (2, 150, 50, 3),
        (3, 125, 50, 3),
        (4, 125, 62.5, 2),
    ]
    # From the 1st, when half have begun; b has not, and c is gone at the end.
    constant = together(found)
    assert [series.actor_slug for series in constant.series] == ["a"]
    assert constant.of == 3
    constant = together(found, since=date(2026, 1, 2))
    assert [series.actor_slug for series in constant.series] == ["a", "b"]
    assert [(point.day.day, point.total) for point in constant.points] == [(2, 150), (3, 125), (4, 125)]


def test_the_constant_sample_breaks_where_one_of_it_has_no_number():
    make_snapshots(make_account("a"), {"2026-01-01": 1, "2026-01-02": 1, "2026-01-03": 1})
    make_snapshots(make_account("b"), {"2026-01-01": 2, "2026-01-02": None, "2026-01-03": 2})
    make_snapshots(make_account("reference"), {"2026-01-01": 100})
    found = trend(Scope(), FIRST, LAST, "reference")
    assert [point.total for point in together(found).points] == [3, None, 3]
    assert [point.total for point in together(found, "all").points] == [3, 1, 3]


def test_nothing_together_is_nothing():
    assert together(trend(Scope(), FIRST, LAST)).points == ()
    make_snapshot(make_account(), "2026-01-01", state="hidden")
    assert together(trend(Scope(), FIRST, LAST)).points == ()
