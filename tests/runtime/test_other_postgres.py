"""A backup goes into another version of PostgreSQL: a server of that version, really started."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from django.db import connection

from kzmedia.backups import making
from tests import servers
from tests.runtime.processes import wait_for
from tests.runtime.test_backups import CHANGED_BY_RESTORE, command, contents, dataset, places
from tests.runtime.test_up import free_port

__all__ = ["dataset", "places"]
BIN = max(Path("/usr/lib/postgresql").glob("1[4-7]/bin"), default=None)

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(BIN is None, reason="no PostgreSQL 14 to 17 is installed (Debian: postgresql-15)"),
]


@pytest.fixture
def other(db):
    """Provide the address of an empty database on a server of another version; neither is the run's own."""
    place = Path(tempfile.mkdtemp(prefix="kzm-", dir="/tmp"))
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    if user:
        os.chown(place, user.pw_uid, user.pw_gid)
    who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    port = free_port()
    words = [
        "-D",
        place / "data",
        "-U",
        "kzmedia",
        "-A",
        "trust",
        "--encoding",
        "UTF8",
        "--locale",
        "C.UTF-8",
        "-N",
    ]
    subprocess.run([BIN / "initdb", *words], check=True, stdout=subprocess.DEVNULL, cwd=place, **who)  # noqa: S603
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reset_val FROM pg_settings WHERE name = 'TimeZone'"
        )  # rows are compared as text
        (zone,) = cursor.fetchone()
    options = ["-c", f"timezone={zone}", "-h", "127.0.0.1", "-p", str(port), "-k", str(place), "-F"]
    log = (place / "log").open("wb")
    started = [BIN / "postgres", "-D", place / "data", *options]
    process = subprocess.Popen(started, stderr=log, cwd=place, **who)  # noqa: S603 our own words
    base = f"postgres://kzmedia@127.0.0.1:{port}"

    def answers():
        try:
            servers.connect(f"{base}/postgres").close()
        except servers.psycopg.OperationalError:
            return False
        return True

    try:
        wait_for(answers, 120, "the other PostgreSQL")
        with servers.connect(f"{base}/postgres", autocommit=True) as server:
            server.execute("CREATE DATABASE kzmedia")
        yield f"{base}/kzmedia"
    finally:
        process.kill()
        process.wait()
        log.close()
        shutil.rmtree(place)


def test_a_backup_goes_into_another_version(dataset, other, tmp_path):
    here = servers.database_url(connection.settings_dict["NAME"])
    making.make(tmp_path / "one.tar")
    env = {"DATABASE_URL": other, "VAR_DIR": str(tmp_path / "other")}
    code, said = command("restore", tmp_path / "one.tar", **env)
    assert code == 0, said
    with servers.connect(here) as one, servers.connect(other) as two:
        assert one.info.server_version // 10_000 != two.info.server_version // 10_000
    (rows, schema), (copied, copied_schema) = contents(here), contents(other)
    assert sum(map(len, rows.values())) > 400
    for name in rows.keys() - CHANGED_BY_RESTORE:
        assert copied[name] == rows[name], name
    for name in ("triggers", "indexes"):
        assert copied_schema[name] == schema[name]
