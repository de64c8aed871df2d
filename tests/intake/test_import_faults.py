"""A worker dies within an import of a file: never half of it is there, and it can be begun again.

The work is held in its middle by locks that this test takes, so that each kill comes while something is half done. The
database goes on with what the dead worker had asked for; that must come to nothing too.
"""

import signal
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import connection
from django.urls import reverse

from apps.intake import imports, tasks
from apps.intake.models import ImportBatch, ImportedRow
from tests.builders import make_account, make_snapshot, make_source
from tests.runtime.processes import running, wait_for
from tests.servers import connect, database_url

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ROWS = 3000
FIRST = date(2015, 1, 1)
WORKER = ("-m", "celery", "-A", "kzmedia", "worker", "--pool", "solo", "--without-gossip", "--without-mingle")


@pytest.fixture
def editor(django_user_model):
    return django_user_model.objects.create_superuser("editor")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "counts.csv"
    rows = (f"{FIRST + timedelta(days=n)},facebook,page,{100 + n}\n" for n in range(ROWS))
    path.write_text("day,platform,handle,followers\n" + "".join(rows))
    return path


@pytest.fixture
def account():
    """One day stands already, with another number than the file has."""
    made = make_account("ministry", handle="page")
    make_snapshot(made, str(FIRST), 7)
    return made


@pytest.fixture
def var(process_env, settings):
    settings.VAR_DIR = process_env["VAR_DIR"]  # the file lies where the worker looks for it


@contextmanager
def locked(table):
    """Make whoever writes into the table wait."""
    with connect(database_url(connection.settings_dict["NAME"])) as other:
        other.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield
        other.rollback()


def waiting(what):
    """Tell whether a process of the database waits for a lock with a statement that begins so."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND ltrim(query, E'\\n ') LIKE %s"
            " AND datname = current_database()",
            [f"{what}%"],
        )
        return cursor.fetchone()[0] > 0


def idle():
    """Tell whether nobody works on an import any more: its lock is free."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return cursor.fetchone()[0] == 0


def brought(file):
    with file.open("rb") as opened:
        return imports.receive(opened, "counts.csv", source=make_source())


def killed(process_env, batch, work, table, statement, **how):
    """Begin the work in a worker, hold it where it writes into the table, and kill it with -9 there."""
    with locked(table), running(*WORKER, env=process_env) as worker:
        assert tasks.begin_import(batch, work, **how)
        wait_for(lambda: waiting(statement), 120, statement)
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
    wait_for(idle, 120, "the database to give up the dead worker's work")
    batch.refresh_from_db()


def numbers(account):
    return dict(account.snapshots.values_list("day", "followers"))


def whole():
    return {FIRST + timedelta(days=n): 100 + n for n in range(ROWS)} | {FIRST: 7}


def test_a_worker_is_killed_within_an_import(process_env, var, account, file, editor, client):
    client.force_login(editor)
    batch = brought(file)
    page = reverse("admin:backoffice_import_batch", args=[batch.pk])

    killed(process_env, batch, "check", "tracking_importedrow", "DELETE FROM tracking_importedrow")
    assert batch.stage == "checking"
    assert not ImportedRow.objects.exists()
    assert client.get(page).context["batch"].stage == "received"
    imports.check(batch)
    assert batch.counts == {"new": ROWS - 1, "conflict": 1}

    killed(process_env, batch, "write", "tracking_snapshot", "INSERT INTO tracking_snapshot")
    assert batch.stage == "writing"
    assert numbers(account) == {FIRST: 7}
    shown = client.get(page)
    assert shown.context["batch"].stage == "checked"
    assert 'value="write"' in shown.content.decode()

    batch.refresh_from_db()
    imports.write(batch)
    assert numbers(account) == whole()
    assert (batch.stage, batch.counts["new"]) == ("written", ROWS - 1)

    again = imports.check(brought(file))
    assert again.counts == {"same": ROWS - 1, "conflict": 1}
    imports.write(again)
    assert numbers(account) == whole()


def test_a_worker_is_killed_when_the_counts_are_written_and_the_rest_is_not(
    process_env, var, account, file, editor
):
    batch = imports.check(brought(file))
    # The rows are told what became of them after the counts are in the table, within the same transaction.
    killed(
        process_env, batch, "write", "tracking_correction", "INSERT INTO \"tracking_correction\"",
        reason="The old one was a mistake.", by=editor.pk,
    )  # fmt: skip
    assert numbers(account) == {FIRST: 7}
    imports.revive(batch)
    batch.refresh_from_db()
    assert batch.stage == "checked"
    imports.write(batch, reason="The old one was a mistake.", by=editor)
    assert numbers(account) == whole() | {FIRST: 100}

    killed(
        process_env, batch, "undo", "tracking_correction", 'INSERT INTO "tracking_correction"', by=editor.pk
    )
    assert numbers(account) == whole() | {FIRST: 100}
    imports.revive(batch)
    batch.refresh_from_db()
    imports.undo(batch, by=editor)
    assert numbers(account) == {FIRST: 7}
    assert ImportBatch.objects.get().undone == {"removed": ROWS - 1, "restored": 1, "kept": 0}
