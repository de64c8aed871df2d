from datetime import date
from itertools import accumulate

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Min

from apps.intake.management.commands.synthesise import LATE_DAYS
from apps.registry.models import Account, Actor, Source
from apps.snapshots.models import Snapshot, Span
from tests.builders import make_account, make_snapshot

pytestmark = pytest.mark.django_db


def synthesise(**options):
    call_command("synthesise", accounts=6, days=100, until=date(2026, 11, 22), **options)


def test_everything_synthetic_says_so(capsys):
    synthesise()
    assert "synthetic snapshots of 6 accounts" in capsys.readouterr().out
    assert Source.objects.get().kind == Source.Kind.SYNTHETIC
    assert {account.handle[:10] for account in Account.objects.all()} == {"synthetic-"}
    assert {account.state for account in Account.objects.all()} == {"paused"}
    assert [actor.slug for actor in Actor.objects.all()] == ["synthetic-0", "synthetic-1"]
    assert {snapshot.source.key for snapshot in Snapshot.objects.select_related("source")} == {"synthetic"}
    assert 6 * 80 < Snapshot.objects.count() <= 6 * 100


def test_days_lie_one_after_another_as_collecting_lays_them():
    synthesise()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT day FROM tracking_snapshot WHERE recorded_at < now() - interval '1 day' ORDER BY ctid"
        )
        laid = [day for (day,) in cursor.fetchall()]
    behind = [newest - day for newest, day in zip(accumulate(laid, max), laid, strict=True) if day < newest]
    assert 0 < len(behind) < len(laid) / 30  # late readings
    assert 1 < max(behind).days <= LATE_DAYS


def test_accounts_are_as_real_ones_are():
    call_command("synthesise", accounts=60, days=80, until=date(2026, 11, 22), long=2, long_days=200)
    rows = Snapshot.objects.order_by()
    first = dict(rows.filter(span=Span.DAY).values_list("account__handle").annotate(day=Min("day")))
    assert first["synthetic-1"] < date(2026, 6, 1)  # one that goes back further
    assert first["synthetic-4"] > first["synthetic-5"]  # one that begins later
    assert rows.get(state="absent").account.handle == "synthetic-49"
    assert {row.account.handle for row in rows.filter(state="hidden")} == {"synthetic-0", "synthetic-40"}
    assert [row.span for row in rows.filter(precision="printed")] == [Span.YEAR] * 6
    rounded = rows.filter(account__platform="youtube", state="counted", followers__gte=1000, precision="3sf")
    assert {row.followers % 10 ** (len(str(row.followers)) - 3) for row in rounded} == {0}
    days = rows.filter(account__handle="synthetic-5", span=Span.DAY).count()
    assert 70 < days < 80  # days on which nothing was read


def test_what_is_there_is_not_doubled():
    synthesise()
    with pytest.raises(CommandError, match="--remove"):
        synthesise()


def test_remove_leaves_what_is_real():
    kept = make_snapshot(make_account("real"), "2026-11-22", 5)
    synthesise()
    call_command("synthesise", remove=True)
    assert list(Snapshot.objects.all()) == [kept]
    assert [actor.slug for actor in Actor.objects.all()] == ["real"]
    synthesise()


@pytest.mark.parametrize("wrong", [{"accounts": 0}, {"days": 0}, {"accounts": 100_001}, {"long": 401}])
def test_nothing_is_no_number_of_accounts(wrong):
    with pytest.raises(CommandError, match="must be"):
        call_command("synthesise", **wrong)
