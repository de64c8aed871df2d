from datetime import date, timedelta
from itertools import islice

import pytest

from apps.standings import milestones
from apps.standings.types import Scope
from tests.builders import make_account, make_actor, make_snapshot, make_snapshots

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


def days(counts):
    return {str(FIRST + timedelta(days=n)): count for n, count in enumerate(counts)}


def found(first=FIRST, last=LAST):
    return [
        (one.number, one.after.isoformat()[5:], one.by.isoformat()[5:])
        for one in milestones.within(Scope(), first, last)
    ]


def test_numbers():
    assert list(islice(milestones.numbers(), 7)) == [1, 2, 5, 10, 20, 50, 100]
    assert milestones.next_after(100) == 200
    assert milestones.next_after(0) == 1


def test_a_count_that_dances_around_a_number_passes_it_once():
    make_snapshots(make_account(), days([99_990, 100_001, 99_999, 100_000, 99_990, 100_500]))
    assert found() == [(100_000, "01-01", "01-02")]
    assert found(date(2026, 1, 3)) == []


def test_what_it_had_when_it_was_first_counted_was_not_passed():
    make_snapshots(make_account(), days([100_000, 100_001]))
    assert found() == []


def test_a_leap_passes_all_numbers_between_the_larger_first():
    make_snapshots(make_account(), days([9, 60]))
    assert [number for number, *_ in found()] == [50, 20, 10]


def test_missing_and_hidden_days_widen_the_interval():
    account = make_account()
    make_snapshots(account, {"2026-01-01": 9, "2026-01-09": 11})
    make_snapshot(account, "2026-01-05", state="hidden")
    assert found() == [(10, "01-01", "01-09")]
    assert found(date(2026, 1, 6)) == [(10, "01-01", "01-09")]


@pytest.mark.parametrize(
    ("precision", "interval"),
    [
        ("exact", ("01-02", "01-03")),
        ("3sf", ("01-02", "01-03")),  # rounded down: 99,000 was less than 100,000, and 100,000 not
        ("abbrev", ("01-01", "01-04")),  # 99K may have been 100,000, and 100K 99,600
        ("printed", ("01-01", "01-04")),
    ],
)
def test_rounding_leaves_a_step_open(precision, interval):
    account = make_account()
    make_snapshots(account, days([98_000, 99_000, 100_000, 101_000]), precision=precision)
    assert found() == [(100_000, *interval)]


@pytest.mark.parametrize(
    ("before", "after", "numbers"),
    [("=", ">", [10]), ("=", "<", []), ("=", "~", []), (">", "=", []), ("<", "=", [10]), ("~", "=", [])],
)
def test_a_bound_claims_only_what_it_says(before, after, numbers):
    account = make_account()
    make_snapshot(account, "2026-01-01", 9, bound=before)
    make_snapshot(account, "2026-01-02", 11, bound=after)
    assert [number for number, *_ in found()] == numbers


def test_years_say_that_they_are():
    make_snapshots(make_account("labor"), {"2017": 570, "2022": 10_000}, precision="printed")
    (five, two, one) = milestones.within(Scope(), date(2022, 1, 1), date(2022, 12, 31))
    assert (five.number, two.number, one.number) == (5_000, 2_000, 1_000)  # 10,000 may have been 9,500
    assert (five.after, five.by, five.spans) == (date(2017, 1, 1), date(2022, 12, 31), True)


def test_an_actor_passes_with_its_accounts_together_and_each_apart():
    actor = make_actor("a")
    make_snapshots(make_account(actor), days([4, 6]))
    make_snapshots(make_account(actor), days([4, 6]))
    assert found() == [(10, "01-01", "01-02")]
    assert [one.number for one in milestones.within(Scope(rows="accounts"), FIRST, LAST)] == [5, 5]


def test_any_period_has_its_part_of_the_whole():
    make_snapshots(make_account(), days([9, 11, 9, 21, 9, 60, 101, 99, 200]))
    whole = milestones.within(Scope(), FIRST, LAST)
    for first in range(1, 10):
        for last in range(first, 10):
            begin, end = date(2026, 1, first), date(2026, 1, last)
            assert milestones.within(Scope(), begin, end) == [one for one in whole if begin <= one.by <= end]
