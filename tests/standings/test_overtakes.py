from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.registry.models import Account
from apps.standings.overtakes import between, orders, within
from apps.standings.types import Point, Scope
from tests.builders import make_account, make_actor, make_snapshot, make_snapshots

pytestmark = pytest.mark.django_db

LAST = date(2026, 12, 31)


def days(counts, first=date(2026, 1, 1)):
    """Return daily counts from a day on; None leaves the day out."""
    return {str(first + timedelta(days=n)): count for n, count in enumerate(counts) if count is not None}


def found(first=None, last=LAST, scope=None):
    return [
        (one.winner, one.loser, one.after.isoformat()[5:], one.by.isoformat()[5:])
        for one in within(scope or Scope(), first, last)
    ]


def make(a, b, **fields):
    make_snapshots(make_account("a"), days(a), **fields)
    make_snapshots(make_account("b"), days(b), **fields)


def test_table_2_the_president_passed_abenov_between_2017_and_2022():
    for slug, then, now in [("abenov", 39_000, 64_000), ("president", 31_000, 76_000)]:
        make_snapshots(make_account(slug), {"2017": then, "2022": now}, precision="printed")
    (one,) = between("abenov", "president", "facebook", LAST)
    assert (one.winner, one.loser, one.platform) == ("president", "abenov", "facebook")
    assert (one.after, one.by, one.spans) == (date(2017, 1, 1), date(2022, 12, 31), True)


def test_from_the_last_day_below_to_the_first_day_above():
    make([1, 2, 3, 7, 8], [4, 4, 4, 4, 4])
    assert found() == [("a", "b", "01-03", "01-04")]


def test_equal_days_between_do_not_break_it():
    make([3, 4, 4, 5], [4, 4, 4, 4])
    assert found() == [("a", "b", "01-01", "01-04")]


def test_touching_is_not_passing():
    make([3, 4, 3, 4], [4, 4, 4, 4])
    assert found() == []


def test_the_last_day_below_is_one_as_of_which_it_held():
    make([3, None, None, 5], [4, 4, 4, 4])
    assert found() == [("a", "b", "01-03", "01-04")]
    # As of the 2nd and the 3rd the last known value still stood below.


def test_counts_read_on_different_days_are_compared_as_of_each():
    make([3, None, 5, None], [None, 4, None, 4])
    assert found() == [("a", "b", "01-02", "01-03")]


def test_a_value_older_than_thirty_days_proves_nothing():
    make_snapshots(make_account("a"), {"2026-01-01": 3, "2026-01-02": 5})
    make_snapshots(make_account("b"), {"2026-01-01": 4, "2026-03-01": 2})
    assert found() == [("a", "b", "01-01", "01-02")]
    make_snapshots(make_account("c"), {"2026-01-02": 4, "2026-02-10": 6})
    assert ("c", "a", "01-02", "02-10") not in found()


@pytest.mark.parametrize(("read_again", "claimed"), [("2026-01-31", True), ("2026-02-01", False)])
def test_a_value_of_thirty_days_ago_counts_and_one_of_thirty_one_does_not(read_again, claimed):
    make_snapshots(make_account("a"), {"2026-01-01": 3, read_again: 5})
    make_snapshots(make_account("b"), {"2026-01-01": 4})
    by = read_again[5:]
    assert found() == ([("a", "b", "01-01", by)] if claimed else [])
    assert found(first=date.fromisoformat(read_again)) == ([("a", "b", "01-01", by)] if claimed else [])


@pytest.mark.parametrize(("read_again", "claimed"), [("2026-03-02", True), ("2026-03-03", False)])
def test_the_thirty_days_run_from_the_end_of_a_months_value(read_again, claimed):
    """As of March 2 the value of January, which ended on the 31st, is thirty days old."""
    make_snapshots(make_account("a"), {"2026-01-01": 3, read_again: 5})
    make_snapshots(make_account("b"), {"2026-01": 4})
    assert [(one[0], one[3]) for one in found()] == ([("a", read_again[5:])] if claimed else [])


@pytest.mark.parametrize(("age", "compared"), [(30, True), (31, False)])
def test_an_order_as_of_a_day_wants_a_value_of_thirty_days(age, compared):
    day = date(2026, 1, 1)
    one = [Point(day=day + timedelta(days=age), span="day", followers=5, state="counted")]
    other = [Point(day=day, span="day", followers=4, state="counted")]
    assert [order.sign for order in orders(one, other)] == ([1] if compared else [])


def test_who_passes_and_is_passed_again_newest_first():
    make([3, 5, 3], [4, 4, 4])
    assert found() == [("b", "a", "01-02", "01-03"), ("a", "b", "01-01", "01-02")]


def test_inside_the_rounding_nothing_is_claimed():
    make([1_220_000, 1_240_000, 1_260_000], [1_240_000] * 3, precision="3sf")
    assert found() == [("a", "b", "01-01", "01-03")]
    make_snapshots(make_account("c"), days([1_230_000, 1_250_000]), precision="3sf")
    make_snapshots(make_account("d"), days([1_240_000, 1_240_000]), precision="3sf")
    assert found(scope=Scope(actors=("c", "d"))) == []


@pytest.mark.parametrize(
    ("before", "after", "claimed"),
    [
        ("=", "=", True),
        ("=", ">", True),
        ("=", "<", False),
        (">", "=", False),
        ("<", "=", True),
        ("~", "=", False),
    ],
)
def test_a_bound_claims_only_what_it_says(before, after, claimed):
    account = make_account("a")
    make_snapshot(account, "2026-01-01", 3, bound=before)
    make_snapshot(account, "2026-01-02", 5, bound=after)
    make_snapshots(make_account("b"), days([4, 4]))
    assert bool(found()) is claimed


def test_a_hidden_count_between_does_not_break_it():
    make([3, None, 5], [4, 4, 4])
    make_snapshot(Account.objects.get(actor__slug="a"), "2026-01-02", state="hidden")
    assert found() == [("a", "b", "01-01", "01-03")]


def test_platforms_are_apart():
    make_snapshots(make_account("a", "x"), days([3, 5]))
    make_snapshots(make_account("b", "facebook"), days([4, 4]))
    assert found() == []


def test_of_several_accounts_it_is_the_sum():
    actor = make_actor("a")
    make_snapshots(make_account(actor), days([2, 2]))
    make_snapshots(make_account(actor), days([1, 3]))
    make_snapshots(make_account("b"), days([4, 4]))
    assert found() == [("a", "b", "01-01", "01-02")]


def test_a_period_does_not_begin_with_a_part_of_a_sum():
    actor = make_actor("a")
    make_snapshots(make_account(actor), days([900, 900, None, 900, 901]))
    make_snapshots(make_account(actor), days([2, None, 2, 2, 2]))
    make_snapshots(make_account("b"), days([500] * 5))
    assert found() == found(date(2026, 1, 4)) == []


def test_a_period_remembers_a_sum_whose_parts_were_last_read_apart():
    actor = make_actor("a")
    make_snapshots(make_account(actor), days([300, 300, None, 900, 901]))
    make_snapshots(make_account(actor), days([2, None, 2, 2, 2]))
    make_snapshots(make_account("b"), days([500] * 5))
    assert found() == found(date(2026, 1, 4)) == [("a", "b", "01-03", "01-04")]


@pytest.mark.parametrize("state", ["hidden", "absent"])
def test_a_period_remembers_a_sum_of_months_whose_parts_were_last_read_apart(state):
    actor = make_actor("a")
    accounts = [make_account(actor), make_account(actor)]
    for account in accounts:
        make_snapshots(account, {"2026-01": 300})
    make_snapshot(accounts[1], "2026-01-01", state=state)
    make_snapshots(make_account("b"), days([500, 700]))
    assert found() == found(date(2026, 1, 2)) == [("b", "a", "01-01", "01-31")]


def test_a_period_after_years_on_a_level():
    make([4, 4, 4, 5, 3], [4, 4, 4, 4, 4])
    make_snapshots(Account.objects.get(actor__slug="b"), {"2025-08-01": 4, "2025-05-01": 4})
    make_snapshots(Account.objects.get(actor__slug="a"), {"2025-08-01": 4, "2025-05-01": 4})
    assert found(date(2026, 1, 3)) == [("b", "a", "01-04", "01-05")]


def test_a_period_long_after_the_last_strict_order():
    make([4, 4, 4, 5], [4, 4, 4, 4])
    make_snapshots(Account.objects.get(actor__slug="a"), {"2024-08-01": 3, "2025-05-01": 4})
    make_snapshots(Account.objects.get(actor__slug="b"), {"2024-08-01": 4, "2025-05-01": 4})
    (one,) = within(Scope(), date(2026, 1, 3), LAST)
    assert (one.after, one.by) == (date(2024, 8, 1), date(2026, 1, 4))


def test_a_period_has_what_was_complete_in_it():
    make([3, 3, 5, 3, 5], [4] * 5)
    assert found(date(2026, 1, 3), date(2026, 1, 3)) == [("a", "b", "01-02", "01-03")]
    assert found(date(2026, 1, 4), date(2026, 1, 4)) == [("b", "a", "01-03", "01-04")]
    assert found(date(2026, 1, 2), date(2026, 1, 2)) == []


def test_a_period_that_begins_level_remembers_who_was_below():
    make([3, 4, 4, 5], [4, 4, 4, 4])
    assert found(date(2026, 1, 4)) == [("a", "b", "01-01", "01-04")]
    assert found(date(2026, 1, 3)) == [("a", "b", "01-01", "01-04")]


def test_a_period_that_begins_without_a_number_remembers_who_was_below():
    account = make_account("a")
    make_snapshots(account, {"2026-01-01": 3, "2026-01-04": 9})
    make_snapshot(account, "2026-01-02", state="hidden")
    make_snapshots(make_account("b"), days([4, 4, 4, 4]))
    assert found(date(2026, 1, 3)) == [("a", "b", "01-01", "01-04")]


def test_any_period_has_the_part_of_the_whole_that_was_complete_in_it():
    make([3, 4, 5, 4, 4, 3, None, 5, 5, 3], [4, 4, 4, 4, 5, 4, 4, None, 6, 3])
    whole = within(Scope(), None, LAST)
    assert len(whole) > 2
    for first in range(1, 11):
        for last in range(first, 11):
            begin, end = date(2026, 1, first), date(2026, 1, last)
            assert within(Scope(), begin, end) == [one for one in whole if begin <= one.by <= end]


def test_cost_does_not_grow():
    def cost():
        with CaptureQueriesContext(connection) as queries:
            found(date(2026, 1, 3))
        return len(queries)

    make([3, 4, 4, 5], [4, 4, 4, 4])
    few = cost()
    for number in range(20):
        make_snapshots(make_account(), days([number % 5, number % 3, 4, number % 7]))
    assert cost() == few == 6


def test_years_without_a_value_are_leapt_over():
    make_snapshots(make_account("a"), {"2014-03-05": 3, "2026-01-01": 9})
    weekly = {str(date(2014, 3, 1) + timedelta(weeks=week)): 4 for week in range(620)}
    make_snapshots(make_account("b"), weekly)
    with CaptureQueriesContext(connection) as queries:
        (one,) = within(Scope(), date(2025, 12, 31), LAST)
    assert (one.winner, one.after, one.by) == ("a", date(2014, 3, 29), date(2026, 1, 1))
    assert within(Scope(), None, LAST) == [one]
    assert len(queries) == 6


def test_an_overtake_and_its_reversal_never_overlap():
    """Read on different days, each is known from the day of a reading on, and up to the next."""
    make([3, None, 5, None, 3, None, 5, None], [None, 4, None, 4, None, 4, None, 4])
    windows = sorted((after, by) for _, _, after, by in found())
    assert windows == [("01-02", "01-03"), ("01-04", "01-05"), ("01-06", "01-07")]


def test_overtakes_between_years_do_not_overlap_either():
    for slug, counts in {"a": (1, 9, 1), "b": (5, 5, 5)}.items():
        make_snapshots(make_account(slug), dict(zip(("2020", "2021", "2022"), counts, strict=True)))
    passed = between("a", "b", "facebook", date(2023, 1, 1))
    assert [(one.winner, str(one.after), str(one.by)) for one in passed] == [
        ("b", "2021-12-31", "2022-12-31"),
        ("a", "2020-01-01", "2021-12-31"),
    ]


def test_where_an_overtake_begins_does_not_depend_on_the_period():
    """In 2022 as a whole the order was the other way round: until its end nothing can have begun."""
    make_snapshots(make_account("a"), {"2021": 9, "2022": 3, "2022-06-01": 3, "2023-02-01": 9})
    make_snapshots(make_account("b"), {"2021": 5, "2022": 5, "2022-06-01": 5, "2023-02-01": 5})
    every = within(Scope(), None, LAST)
    assert [(one.winner, one.after, one.by) for one in every] == [
        ("a", date(2022, 12, 31), date(2023, 2, 1)),
        ("b", date(2021, 1, 1), date(2022, 12, 31)),
    ]
    assert within(Scope(), date(2023, 1, 1), LAST) == every[:1]


def test_of_some_actors_it_is_theirs_with_anybody():
    for number in range(8):
        make_snapshots(
            make_account(f"r{number}"), days([100 + (number * 5 + day * 7) % 23 for day in range(9)])
        )
    make_snapshots(make_account("far"), days([90_000 + day for day in range(9)]))
    last, some = date(2026, 1, 9), ("r1", "r4")
    for first in (None, date(2026, 1, 5)):
        theirs = [one for one in within(Scope(), first, last) if {one.winner, one.loser} & {*some}]
        assert any({one.winner, one.loser} == {*some} for one in theirs)
        assert within(Scope(), first, last, some) == theirs
