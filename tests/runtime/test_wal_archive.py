"""The embedded PostgreSQL is brought back to a second, also after it was killed."""

import shutil
import signal
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from kzmedia.processes import embedded, servers, wal_archive
from kzmedia.processes.children import spawn
from tests.runtime.test_up import make_var

pytestmark = pytest.mark.faults


@pytest.fixture
def var(monkeypatch):
    var, archive = make_var(), make_var()
    (var / "log").mkdir()
    (var / "run").mkdir()
    monkeypatch.setenv("WAL_ARCHIVE", str(archive / "it's 100% ours"))
    yield var
    for place in {var, archive, embedded.server_dir(var)}:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def running(var, end=signal.SIGINT):
    servers.prepare(var)
    wal_archive.prepare(var)
    servers.before_postgres(var)
    process = spawn(
        servers.postgres_command(var, more=wal_archive.options()),
        log=var / "log" / "postgres.log",
        env=servers.server_env(var),
        cwd=servers.postgres_dir(var),
        user=embedded.server_user(var),
    )
    try:
        servers.wait_for_postgres(var, lambda: process.poll() is None, time.sleep)
        with psycopg.connect(servers.superuser(var, "kzmedia"), autocommit=True) as connection:
            yield connection
    finally:
        process.send_signal(end)
        process.wait(120)


def insert(connection, count):
    connection.execute("INSERT INTO counts SELECT now() FROM generate_series(1, %s)", [count])


def rows(connection):
    return connection.execute("SELECT count(*) FROM counts").fetchone()[0]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "killed"])
def test_rows_after_the_second_are_gone_and_those_before_are_there(var, end):
    with running(var, end) as connection:
        connection.execute("CREATE TABLE counts (at timestamptz)")
        insert(connection, 10)
        begun = datetime.now(UTC)
        wal_archive.back_up(var)
        insert(connection, 100)
        time.sleep(1.1)
        moment = datetime.now(UTC).replace(microsecond=0)
        time.sleep(1)
        insert(connection, 1000)
        assert rows(connection) == 1110
    with pytest.raises(wal_archive.Unrecoverable, match="No base backup"):
        wal_archive.recover(var, begun - timedelta(seconds=5))
    with pytest.raises(wal_archive.Unrecoverable, match="recovery ended before configured recovery target"):
        wal_archive.recover(var, moment + timedelta(days=1))
    before = wal_archive.recover(var, moment)
    with running(var) as connection:
        assert rows(connection) == 110
        insert(connection, 1)  # it goes on, and so does its archive
        wal_archive.back_up(var)
        latest = datetime.now(UTC)
        assert connection.execute("SELECT failed_count FROM pg_stat_archiver").fetchone() == (0,)
    assert before.is_dir()
    assert latest


def test_old_base_backups_go_with_the_log_before_them(var):
    with running(var) as connection:
        connection.execute("CREATE TABLE counts (at timestamptz)")
        made = []
        for hour in range(3):
            insert(connection, 10)
            connection.execute("SELECT pg_switch_wal()")
            made.append(wal_archive.back_up(var, datetime(2026, 12, 1, hour, tzinfo=UTC)))
        place = wal_archive.folder()
        assert wal_archive.bases(place) == made[1:]
        needed = (made[1] / "backup_label").read_text().split("(file ")[1].split(")")[0]
        kept = sorted(file.name for file in (place / "wal").iterdir() if len(file.name) == 24)
        assert kept[0] == needed


def test_a_server_without_an_archive_says_so(monkeypatch, tmp_path):
    monkeypatch.delenv("WAL_ARCHIVE", raising=False)
    assert wal_archive.options() == {}
    with pytest.raises(servers.Unusable, match="WAL_ARCHIVE names no folder"):
        wal_archive.back_up(tmp_path)
