"""Pages that vanish and come back: which two readings make a turn."""

from datetime import date, timedelta

import pytest

from apps.standings import states
from apps.standings.types import FRESH_DAYS, Scope
from tests.builders import make_account, make_snapshot

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 1)


@pytest.mark.parametrize(("days", "turns"), [(FRESH_DAYS, 1), (FRESH_DAYS + 1, 0)])
def test_two_readings_make_a_turn_while_the_first_is_fresh(days, turns):
    account = make_account("body")
    make_snapshot(account, DAY - timedelta(days=days), 5)
    make_snapshot(account, DAY)
    found = states.turns(Scope(), DAY, DAY)
    assert [(turn.day, turn.after, turn.is_gone) for turn in found] == (
        [(DAY, DAY - timedelta(days=days), True)] if turns else []
    )


@pytest.mark.parametrize(("days", "is_told"), [(FRESH_DAYS, True), (FRESH_DAYS + 1, False)])
def test_a_turn_is_dated_by_the_reading_just_before(days, is_told):
    """The days between the two readings count, not those to the period's end."""
    account = make_account("body")
    make_snapshot(account, DAY, 5)
    make_snapshot(account, DAY + timedelta(days=days))
    found = states.turns(Scope(), DAY + timedelta(days=1), DAY + timedelta(days=60))
    assert bool(found) is is_told


def test_it_is_the_newest_of_several_readings_before():
    account = make_account("body")
    make_snapshot(account, DAY - timedelta(days=3), 5)
    make_snapshot(account, DAY - timedelta(days=2))
    make_snapshot(account, DAY, 6)
    assert [(turn.after, turn.is_gone) for turn in states.turns(Scope(), DAY, DAY)] == [
        (DAY - timedelta(days=2), False)
    ]
    make_snapshot(account, DAY - timedelta(days=1), 6)
    assert states.turns(Scope(), DAY, DAY) == []


@pytest.mark.parametrize(
    ("days", "was_counted"), [(0, False), (1, True), (FRESH_DAYS, True), (FRESH_DAYS + 1, False)]
)
def test_counted_in_the_fresh_days_before(days, was_counted):
    account = make_account("body")
    make_snapshot(account, DAY - timedelta(days=days), 5)
    key = ("body", account.platform, DAY)
    assert states.filter_counted({key}) == ({key} if was_counted else set())
