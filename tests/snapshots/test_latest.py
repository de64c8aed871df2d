"""The latest of each account is that of its snapshots, whoever writes at once, and whatever is broken off."""

import logging
import threading
from importlib import import_module

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone, translation

from apps.alerts.operation import detect_incidents
from apps.alerts.scan_window import Look
from apps.alerts.words import sentence
from apps.snapshots import latest, tasks
from apps.snapshots.models import LatestDifference, LatestSnapshot, Snapshot
from tests import servers
from tests.builders import make_account, make_snapshot, make_source

INSERT = """INSERT INTO tracking_snapshot
    (account_id, day, span, state, followers, bound, precision, source_id, locator, note, recorded_at)
    SELECT account, %s, 3, 'counted', %s, '=', 'exact', %s, '', '', now() FROM unnest(%s::bigint[]) account"""


def alarms():
    now = timezone.now()
    return [one for one in detect_incidents(Look(now, now)) if one.kind == "latest"]


def days():
    return dict(LatestSnapshot.objects.values_list("account", "day"))


@pytest.fixture
def other(transactional_db):
    """A connection of somebody else, in a transaction."""
    with servers.connect(servers.database_url(connection.settings_dict["NAME"])) as found:
        found.autocommit = False
        yield found
        if not found.closed:
            found.rollback()


def in_thread(write):
    """Begin the work beside; returns the thread and what it failed with."""
    failed = []

    def run():
        try:
            write()
        except Exception as error:  # handed to the test
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, failed


def wait_until_blocked():
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        threading.Event().wait(0.01)
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize(("first", "second"), [("2026-11-06", "2026-11-05"), ("2026-11-05", "2026-11-06")])
def test_of_two_who_write_one_account_the_newer_day_stands(other, is_known, first, second):
    account = make_account("one")
    if is_known:
        make_snapshot(account, "2026-11-01", 1)
    source = make_source().pk
    other.execute(INSERT, [first, 6, source, [account.pk]])

    def write():
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [second, 5, source, [account.pk]])

    thread, failed = in_thread(write)
    wait_until_blocked()
    other.commit()
    thread.join()
    assert not failed
    assert str(days()[account.pk]) == "2026-11-06"
    assert latest.check() == []


def test_what_is_removed_while_another_writes_is_gone(other):
    account = make_account("one")
    make_snapshot(account, "2026-11-06", 6)
    other.execute("DELETE FROM tracking_snapshot")
    thread, failed = in_thread(lambda: make_snapshot(account, "2026-11-05", 5))
    wait_until_blocked()
    other.commit()
    thread.join()
    assert not failed
    assert str(days()[account.pk]) == "2026-11-05"
    assert latest.check() == []


def test_many_accounts_in_any_order_end_in_no_deadlock(other):
    accounts = [make_account(f"a{number}").pk for number in range(30)]
    source = make_source().pk
    failed = []
    for round_ in range(5):

        def write(day=f"2026-10-{round_ + 1:02}"):
            with connection.cursor() as cursor:
                cursor.execute(INSERT, [day, 5, source, accounts[::-1]])

        thread, wrong = in_thread(write)
        other.execute(INSERT, [f"2026-11-{round_ + 1:02}", 6, source, accounts])
        other.commit()
        thread.join()
        failed += wrong
    assert not failed
    assert {str(day) for day in days().values()} == {"2026-11-05"}
    assert latest.check() == []


def test_who_dies_while_writing_leaves_nothing(other):
    account = make_account("one")
    make_snapshot(account, "2026-11-05", 5)
    other.execute(INSERT, ["2026-11-06", 6, make_source().pk, [account.pk]])
    pid = other.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert str(days()[account.pk]) == "2026-11-05"
    make_snapshot(account, "2026-11-07", 7)
    assert str(days()[account.pk]) == "2026-11-07"
    assert latest.check() == []
    other.close()


def test_nothing_is_left_of_an_emptied_table(other):
    make_snapshot(make_account("one"), "2026-11-05", 5)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tracking_snapshot CASCADE")
    assert days() == {}


def test_the_index_is_built_anew_where_it_was_broken_off(other):
    """Dropped, it is built; built, it is left alone."""
    migration = import_module("apps.snapshots.migrations.0006_by_day")

    def built():
        with connection.cursor() as cursor:
            cursor.execute("SELECT oid FROM pg_class WHERE relname = %s", [migration.INDEX])
            return cursor.fetchone()

    with connection.schema_editor(atomic=False) as editor:
        stands = built()
        migration.add(None, editor)
        assert built() == stands
        migration.remove(None, editor)
        assert built() is None
        migration.add(None, editor)
        assert built() not in (None, stands)


@pytest.mark.django_db
def test_filling_that_was_broken_off_is_taken_up(monkeypatch):
    monkeypatch.setattr(latest, "AT_ONCE", 2)
    accounts = [make_account(f"a{number}") for number in range(5)]
    for account in accounts:
        make_snapshot(account, "2026-11-05", 5)
    expected = days()
    LatestSnapshot.objects.all().delete()
    filling = latest.fill()
    assert next(filling) == 2
    assert len(days()) == 2
    filling.close()
    assert latest.check() == []
    assert sum(latest.fill()) == 5
    assert days() == expected


@pytest.mark.django_db
def test_a_difference_is_told_by_name_and_mended(caplog, capsys):
    account = make_account("one")
    make_snapshot(account, "2026-11-05", 5)
    make_snapshot(make_account("two"), "2026-11-05", 5)
    tasks.check_latest()
    call_command("rebuild_latest", check=True)
    assert caplog.records == []
    LatestSnapshot.objects.filter(account=account).update(note="of nobody")
    with caplog.at_level(logging.ERROR):
        tasks.check_latest()
    assert f"1 in all, {account.pk};" in caplog.text
    (alarm,) = alarms()
    assert (alarm.kind, alarm.facts) == ("latest", {"accounts": [account.pk], "more": False})
    with translation.override("en"):
        assert f"numbered {account.pk}. Pages read the record" in sentence(alarm)
    alarm.save()
    assert alarms() == []  # told once
    with pytest.raises(CommandError, match=f"differ: {account.pk}"):
        call_command("rebuild_latest", check=True)
    call_command("rebuild_latest")
    assert "2 accounts again" in capsys.readouterr().out
    assert not LatestDifference.objects.exists()
    (end,) = alarms()
    assert end.facts["over"]
    assert latest.check() == []
    assert Snapshot.objects.count() == 2
