from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.registry.models import Account, Actor
from apps.snapshots.models import Snapshot
from apps.standings import totals
from apps.standings.models import Summary
from apps.standings.types import Scope
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_snapshots

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 20)


def found(scope=None, first=FIRST, last=LAST):
    return [
        (one.month.month, one.kind, one.followers, one.counted)
        for one in totals.by_kind(scope or Scope(), first, last)
    ]


@pytest.fixture
def two():
    make_snapshots(make_account("a"), {"2025-12-01": 1, "2026-01-31": 2, "2026-03-20": 3, "2026-03-21": 9})
    make_snapshots(make_account("b"), {"2026-02-01": 10, "2026-03-01": None})


def test_as_of_the_end_of_each_month_and_of_the_last_day(two):
    make_snapshot(make_account(make_actor("p", "party")), "2026-02-28", 100)
    make_snapshot(make_account(make_actor("secret", hidden=True)), "2026-01-01", 1000)
    assert found() == [
        (1, "state_body", 2, 1),
        (2, "party", 100, 1),
        (2, "state_body", 12, 2),
        (3, "party", 100, 1),
        (3, "state_body", 3, 1),
    ]
    assert found(Scope(actors=("p",))) == [(2, "party", 100, 1), (3, "party", 100, 1)]


def test_the_kept_answer_is_the_same(two):
    first = found()
    assert Summary.objects.count() == 2  # months that are over, and the last
    Summary.objects.update(answer=[["2026-01-01", "state_body", 777, 1]])
    assert found()[0] == (1, "state_body", 777, 1)  # it is what is read
    assert found(Scope(platform="facebook")) == first  # but only for what was asked


@pytest.mark.parametrize(
    "write",
    [
        lambda: make_snapshot(Account.objects.first(), "2026-02-15", 5),
        lambda: Snapshot.objects.filter(day=date(2026, 1, 31)).update(followers=50),
        lambda: Snapshot.objects.filter(day=date(2026, 1, 31)).update(day=date(2026, 6, 1)),
        lambda: Snapshot.objects.filter(day=date(2026, 1, 31)).delete(),
        lambda: Actor.objects.filter(slug="a").update(hidden=True),
        lambda: Actor.objects.filter(slug="a").update(kind="party"),
        lambda: Account.objects.filter(actor__slug="a").update(platform="x"),
        lambda: make_group("g", [Actor.objects.get(slug="a")]),
    ],
    ids=["import", "correction", "moved", "removed", "hidden", "kind", "platform", "group"],
)
def test_it_is_never_stale(two, write):
    scopes = [Scope(), Scope(platform="facebook"), Scope(group="g")]
    for scope in scopes:
        found(scope)
    write()
    kept = [found(scope) for scope in scopes]
    Summary.objects.all().delete()
    assert kept == [found(scope) for scope in scopes]


def test_writing_todays_number_leaves_the_months_that_are_over(two):
    found()
    Summary.objects.update(answer=[["2026-01-01", "state_body", 777, 1]])
    make_snapshot(Account.objects.first(), "2026-03-19", 5)
    assert found()[0] == (1, "state_body", 777, 1)
    Account.objects.update(title="renamed")
    assert found()[0] == (1, "state_body", 777, 1)


def test_the_last_month_is_as_of_its_day_and_follows_every_write(two):
    assert found(last=date(2026, 3, 21))[-1] == (3, "state_body", 9, 1)
    assert found()[-1] == (3, "state_body", 3, 1)
    make_snapshot(Account.objects.first(), "2026-03-19", 5)
    Snapshot.objects.filter(day=date(2026, 3, 20)).delete()
    assert found()[-1] == (3, "state_body", 5, 1)


def test_what_was_made_long_ago_is_thrown_away(two):
    found(last=date(2026, 2, 20))
    Summary.objects.update(made_at=timezone.now() - summaries.KEPT - timedelta(hours=1))
    found(last=date(2026, 2, 21))
    assert Summary.objects.filter(made_at__lt=timezone.now() - summaries.KEPT).count() == 0


def test_few_statements(two):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            found()
        return len([one for one in queries if "SAVEPOINT" not in one["sql"]])

    found()
    assert cost() == 4
