"""Trying the newest backup: it is restored into an empty database of its own, which is then removed again."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from apps.common import upkeep
from kzmedia.backups import making
from kzmedia.backups.archive import BackupRefused

LONGEST: Final = 3 * 3600  # seconds
LIKE_OURS: Final = "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = current_database()"


def practise() -> upkeep.Note | None:
    """Restore the newest nightly backup into an empty database and note how it went; None where there is no backup."""
    place = making.newest()
    if place is None:
        return None
    began = time.monotonic()
    try:
        rows = restored_rows(place)
        note = upkeep.Note.now(place.name, rows=rows, seconds=round(time.monotonic() - began))
    except (BackupRefused, OSError, psycopg.Error) as error:
        note = upkeep.Note.now(place.name, why=str(error).strip()[:500] or type(error).__name__)
    upkeep.write_note(upkeep.DRILL, note)
    return note


def restored_rows(place: Path) -> int:
    """Restore a backup by the command, as it is done by hand, and return the rows that were there after. Raises BackupRefused."""
    scratch = Path(tempfile.mkdtemp(prefix=".drill-", dir=settings.BACKUP_DIR))
    try:
        with empty_database() as url:
            words = [sys.executable, str(settings.BASE_DIR / "manage.py"), "restore", str(place)]
            if settings.BACKUP_KEY:
                words += ["--key", settings.BACKUP_KEY]
            env = os.environ | {
                "DATABASE_URL": url,
                "VAR_DIR": str(scratch),
                "SECRET_KEY": settings.SECRET_KEY,
            }
            for name in ("READ_REPLICA_URL", "SHARED_FILES"):  # what is restored on trial overwrites nothing
                env.pop(name, None)
            done = subprocess.run(  # noqa: S603  our own words
                words, env=env, capture_output=True, text=True, timeout=LONGEST, check=False
            )
            if done.returncode != 0:
                lines = done.stderr.strip().splitlines()
                raise BackupRefused(lines[-1].removeprefix("CommandError: ") if lines else "it was stopped")
            with connect(url) as other:
                row = other.execute("SELECT count(*) FROM tracking_snapshot").fetchone()
                return int(row[0]) if row else 0
    except subprocess.TimeoutExpired:
        raise BackupRefused(f"it was not done within {LONGEST // 3600} hours") from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def empty_database() -> Iterator[str]:
    """Yield the address of an empty database like ours, on the same server, for the length of the block."""
    name = f"{connection.settings_dict['NAME']}_drill"
    quoted = sql.Identifier(name)
    with connection.cursor() as cursor:
        cursor.execute(LIKE_OURS)
        encoding, collate, ctype = cursor.fetchone()
    with connect(address()) as server:
        drop(server, name)
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}").format(
                quoted, *map(sql.Literal, (encoding, collate, ctype))
            )
        )
    try:
        yield address(name)
    finally:
        with connect(address()) as server:
            drop(server, name)


def drop(server: psycopg.Connection, name: str) -> None:
    """Drop a database, if it is there, with all who are connected to it.

    Where autovacuum is at work in it, which only a superuser may end, the plain command ends it and waits some seconds.
    """
    quoted = sql.Identifier(name)
    try:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(quoted))
    except psycopg.errors.InsufficientPrivilege:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(quoted))


def address(name: str = "") -> str:
    """Return our database's address, or that of another of this name on its server."""
    given = os.environ.get("DATABASE_URL", "")
    own = connection.settings_dict
    if not given:
        return f"postgres://{quote(own['USER'] or '')}@/{own['HOST']}/{name or own['NAME']}"
    split = urlsplit(given)
    return urlunsplit(split._replace(path=f"{split.path.rpartition('/')[0]}/{name or own['NAME']}"))


def connect(url: str) -> psycopg.Connection:
    """Connect to an address of `address`, every statement for itself."""
    import environ

    found = environ.Env.db_url_config(url)
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    words = {names[key]: found[key] for key in names if found.get(key)}
    return psycopg.connect(**words, **found.get("OPTIONS", {}), connect_timeout=10, autocommit=True)
