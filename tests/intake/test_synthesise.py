from datetime import date

import pytest
from django.core.management import CommandError, call_command

from apps.registry.models import Account, Actor, Source
from apps.snapshots.models import Snapshot
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
    assert 6 * 90 < Snapshot.objects.count() <= 6 * 100
    assert Snapshot.objects.filter(day=date(2026, 11, 22)).count() == 6


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


@pytest.mark.parametrize("wrong", [{"accounts": 0}, {"days": 0}])
def test_nothing_is_no_number_of_accounts(wrong):
    with pytest.raises(CommandError, match="1 or more"):
        call_command("synthesise", **wrong)
