"""What an import of past counts costs, beside a bare COPY of the same rows into a bare table: `make bench`.

A file of 1,000,000 rows (`--rows N` for fewer) for accounts and days that hold nothing yet is brought, looked through,
imported and undone. Wall time and the processor time of Python and of PostgreSQL are printed for each step. All of it is
taken away again. An import that takes longer than a minute ends with status 1.
"""

# ruff: noqa: E402, T201  Django is set up before its models are imported, and the answer is printed

import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kzmedia.settings")

import django

django.setup()

from django.db import connection

from apps.intake import import_db, imports
from apps.intake.models import ImportBatch
from apps.registry.models import Account, Actor, Source
from apps.snapshots.models import Snapshot
from apps.users.models import User

ROWS = int(sys.argv[sys.argv.index("--rows") + 1]) if "--rows" in sys.argv else 1_000_000
ACCOUNTS = 500
MINUTE = 60  # seconds, for looking through and importing together at a million rows
MARK = "bench-import"
TICK = os.sysconf("SC_CLK_TCK")
BARE = """CREATE UNLOGGED TABLE bench_bare (account_id bigint, day date, span smallint, state text, followers bigint,
    bound text, "precision" text, source_id bigint, locator text, note text)"""


def main() -> int:
    clean()
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as place:
        source = Source.objects.create(key=MARK, kind=Source.Kind.IMPORT, title=MARK)
        accounts = made()
        file = Path(place) / "counts.csv"
        write(file, accounts)
        print(f"{ROWS:,} rows, {file.stat().st_size / 1e6:.0f} MB, {ACCOUNTS} accounts")
        seconds = 0.0
        with file.open("rb") as opened, measured("brought") as took:
            batch = imports.receive(opened, file.name, source=source)
        seconds += took[0]
        with measured("looked through") as took:
            imports.check(batch)
        seconds += took[0]
        with measured("imported") as took:
            imports.write(batch)
        seconds += took[0]
        print(f"all: {seconds:.1f} s, {ROWS / seconds:,.0f} rows a second -> {batch.counts}")
        with measured("bare COPY of the same rows into a bare table") as took:
            bare(accounts, source)
        print(f"ratio to the bare COPY: {seconds / took[0]:.1f}")
        by = User.objects.create_user(MARK)
        with measured("undone"):
            imports.undo(batch, by=by)
        if batch.undone["removed"] != ROWS:
            print(f"MISSED: {batch.undone}")
            return 1
    clean()
    if seconds > MINUTE * max(ROWS / 1_000_000, 0.1):
        print(f"MISSED: {seconds:.1f} s")
        return 1
    return 0


def made() -> list[Account]:
    actors = Actor.objects.bulk_create(
        Actor(slug=f"{MARK}-{n}", kind="state_body", name_en=f"{MARK} {n}", name_ru=f"{MARK} {n}", name_kk=f"{MARK} {n}")
        for n in range(ACCOUNTS)
    )  # fmt: skip
    return Account.objects.bulk_create(
        Account(actor=actor, platform="ok", handle=f"{MARK}.{n}", state="paused")
        for n, actor in enumerate(actors)
    )


def counts(accounts: list[Account]) -> Iterator[tuple[int, Account, date]]:
    """Yield a count, whose, of which day: one account after another, oldest first."""
    first = date(2015, 1, 1)
    for number in range(ROWS):
        place, days = divmod(number, -(-ROWS // ACCOUNTS))
        yield 10_000 + number % 977, accounts[place], first + timedelta(days=days)


def write(file: Path, accounts: list[Account]) -> None:
    with file.open("w", encoding="utf-8") as opened:
        opened.write("day,platform,handle,followers\n")
        opened.writelines(f"{day},ok,{account.handle},{count}\n" for count, account, day in counts(accounts))


def bare(accounts: list[Account], source: Source) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BARE)
        with cursor.copy("COPY bench_bare FROM STDIN") as copy:
            copy.write(
                "".join(
                    f"{account.pk}\t{day}\t3\tcounted\t{count}\t=\texact\t{source.pk}\t\t\n"
                    for count, account, day in counts(accounts)
                )
            )
        cursor.execute("DROP TABLE bench_bare")


@contextmanager
def measured(what: str) -> Iterator[list[float]]:
    """Prints wall and processor time; the list gets the wall time."""
    took: list[float] = []
    wall, python, database = time.monotonic(), python_seconds(), database_seconds()
    yield took
    took.append(time.monotonic() - wall)
    print(
        f"{what}: {took[0]:.1f} s; processor: Python {python_seconds() - python:.1f} s,"
        f" PostgreSQL {database_seconds() - database:.1f} s"
    )


def python_seconds() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def database_seconds() -> float:
    """Return seconds of the process behind this connection, where it runs on this machine; else 0."""
    connection.ensure_connection()
    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / TICK


def clean() -> None:
    """Remove all that a run makes, also with one that was stopped."""
    for batch in ImportBatch.objects.filter(source__key=MARK):
        import_db.forget(batch)
        shutil.rmtree(imports.folder_of(batch), ignore_errors=True)
        batch.delete()
    Snapshot.objects.filter(source__key=MARK)._raw_delete("default")
    Account.objects.filter(handle__startswith=MARK).delete()
    Actor.objects.filter(slug__startswith=MARK).delete()
    Source.objects.filter(key=MARK).delete()
    User.objects.filter(username=MARK).delete()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_bare")


if __name__ == "__main__":
    sys.exit(main())
