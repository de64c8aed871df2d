"""Which release's tables the database has: one host migrates, others wait; code of another release does not start."""

import subprocess
import sys
import threading
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader

from kzmedia import schema
from kzmedia.schema import Schema
from tests.runtime.processes import BASE_DIR, running, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

FUTURE = ("registry", "0999_of_tomorrow")


@pytest.fixture
def newer():
    change("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())")
    yield
    change("DELETE FROM django_migrations WHERE app = %s AND name = %s")


@pytest.fixture
def older():
    """Provide one migration less than this release has."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'users' AND name = '0004_mail'")
    yield back
    back()


def back():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) SELECT 'users', '0004_mail', now()"
            " WHERE NOT EXISTS (SELECT FROM django_migrations WHERE app = 'users' AND name = '0004_mail')"
        )


def change(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql, FUTURE)


def test_names_of_files_are_the_migrations_that_django_knows():
    known = {
        key
        for key in MigrationLoader(None).disk_migrations
        if key[0] in {app for app, _ in schema.own_migrations()}
    }
    assert schema.own_migrations() == known
    assert schema.state() == Schema.SAME


def test_prepare_refuses_a_newer_database(newer):
    assert schema.state() == Schema.NEWER
    with pytest.raises(
        CommandError, match=r"prepared by a newer release of KZMedia.*registry\.0999_of_tomorrow"
    ):
        call_command("prepare", "--no-static")


@pytest.mark.parametrize("part", ["web", "worker"])
def test_no_part_starts_on_a_newer_database(newer, process_env, part):
    command = ["-m", "gunicorn", "-c", "kzmedia/processes/gunicorn.conf.py", "-b", "127.0.0.1:0"]
    words = command if part == "web" else ["-m", "kzmedia.processes.worker"]
    done = subprocess.run(  # noqa: S603 our own words
        [sys.executable, *words], cwd=BASE_DIR, env=process_env | {"DEBUG": "1"}, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert done.returncode != 0
    assert "prepared by a newer release of KZMedia" in done.stderr


def test_older_tables_are_waited_for(older, process_env):
    """The worker says so, and begins when they are brought up to date."""
    assert schema.state() == Schema.OLDER
    with running("-m", "kzmedia.processes.worker", env=process_env) as worker:
        lines = []
        reading = threading.Thread(target=lambda: lines.extend(iter(worker.stdout.readline, "")), daemon=True)
        reading.start()
        wait_for(
            lambda: any("worker waits: the database is of an older release" in line for line in lines),
            30,
            "its word",
        )
        assert [line for line in lines if " ready." in line] == []
        older()
        wait_for(lambda: any(" ready." in line for line in lines), 60, "the worker")
        worker.kill()
        reading.join(10)


def test_one_host_prepares_and_the_other_waits(process_env):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [schema.LOCK])
    try:
        with running("manage.py", "prepare", "--no-static", env=process_env) as other:
            assert other.stdout.readline().strip() == "Another host prepares the database; waiting ..."
            assert other.poll() is None
            with connection.cursor() as cursor:
                time.sleep(0.5)  # a statement that waited for the lock would have begun
                # as a migration does: it waits for every statement that is under way
                cursor.execute("CREATE INDEX CONCURRENTLY trial ON django_migrations (name)")
                cursor.execute("DROP INDEX trial")
                cursor.execute("SELECT pg_advisory_unlock(%s)", [schema.LOCK])
            assert other.wait(60) == 0
    finally:
        connections.close_all()
