"""Compare the database's tables with those of this release, told from the names of migrations alone.

Cheap enough for every part to ask at its start: neither migrations nor models are loaded.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection

PAUSE: Final = 2.0  # seconds between two looks
LOOK: Final = 0.5  # the same, for the lock
# Of our own, and the same for all releases: who holds it migrates.
LOCK: Final = 0x6B7A6D65646961  # "kzmedia"


class Schema(StrEnum):
    SAME = "same"
    OLDER = "older"  # some migrations of this release are not applied
    NEWER = "newer"  # a newer release has been here


class NewerSchema(Exception):
    """The database was prepared by a newer release; the message says so."""


def state() -> Schema:
    """Compare this release's own migrations with those that the database has. Raises DatabaseError."""
    known, applied = own_migrations(), applied_migrations()
    if applied - known:
        return Schema.NEWER
    return Schema.OLDER if known - applied else Schema.SAME


def own_migrations() -> set[tuple[str, str]]:
    """Return (app, name) of every migration of apps/."""
    files = (settings.BASE_DIR / "apps").glob("*/migrations/[0-9]*.py")
    return {(file.parent.parent.name, file.stem) for file in files}


def applied_migrations() -> set[tuple[str, str]]:
    """Return (app, name) of those that the database has, of apps/ alone; none where it is empty."""
    labels = sorted({app for app, _name in own_migrations()})
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return set()
        cursor.execute("SELECT app, name FROM django_migrations WHERE app = ANY(%s)", [labels])
        return set(cursor.fetchall())


def refuse_newer() -> None:
    """Raise NewerSchema where a newer release has prepared the database."""
    if strange := sorted(applied_migrations() - own_migrations()):
        names = ", ".join(".".join(migration) for migration in strange[:3])
        raise NewerSchema(
            f"The database was prepared by a newer release of KZMedia, whose migrations are not here ({names})."
            " Start that release, or a newer one; or restore a backup of this one into an empty database."
        )


def wait_until_prepared(part: str) -> None:
    """Return once the database is as this release works with it; waits while it is older, and says so.

    Ends the process with a sentence where it is newer. A database that does not answer is let pass: the site says 503, and
    whoever keeps the parts running sees to it.
    """
    is_told = False
    while True:
        try:
            refuse_newer()
            if state() == Schema.SAME:
                return
        except NewerSchema as error:
            raise SystemExit(str(error)) from None
        except (OperationalError, DatabaseError):
            return
        finally:
            connection.close()  # a process that forks hands no connection on
        if not is_told:
            print(  # noqa: T201  the log is who listens
                f"{part} waits: the database is of an older release; `manage.py prepare` brings it up to date.",
                file=sys.stderr,
                flush=True,
            )
            is_told = True
        time.sleep(PAUSE)


@contextmanager
def only_one_prepares() -> Iterator[None]:
    """Hold the lock of whoever prepares the database: one host does, the others wait and say so.

    The lock is the session's, and PostgreSQL gives it back however the holder ends: connect directly, not by a pooler that
    hands sessions on. Who waits asks again and again: a statement that waited for the lock would be waited for in turn, by an
    index that the holder builds CONCURRENTLY.
    """
    is_told = False
    while not _takes_lock():
        if not is_told:
            print("Another host prepares the database; waiting ...", flush=True)  # noqa: T201  the terminal listens
            is_told = True
        time.sleep(LOOK)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _takes_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])
