"""Point-in-time recovery of the embedded PostgreSQL: its log, archived file by file under WAL_ARCHIVE, with base backups beside it.

    WAL_ARCHIVE/wal/                     every file of the log, a minute after its first change at the latest
    WAL_ARCHIVE/base-20261122T040000Z/   a copy of the whole server as it was then, by pg_basebackup

All belongs to the servers' user. Nothing here loads Django: the supervisor reads the options.
"""

import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kzmedia.environment import Environment
from kzmedia.processes import embedded, servers
from kzmedia.processes.children import spawn
from kzmedia.processes.servers import Unusable

TIMEOUT: Final = 60  # seconds until a file of the log that is not full is archived as well
BASES: Final = 2  # base backups that are kept
NAME: Final = "base-%Y%m%dT%H%M%SZ"
LONGEST: Final = 6 * 3600  # seconds for reading the log back


class Unrecoverable(Exception):
    """The archive does not reach the moment, or does not hold what it should; the text says which. Nothing was changed."""


def folder() -> Path | None:
    """Return where the archive is; None where there is none."""
    return Environment().folder("WAL_ARCHIVE", default=None)


def options() -> dict[str, str]:
    """Return the server's options that have it archive its log; none where there is no archive."""
    place = folder()
    if place is None:
        return {}
    file = f"{shlex.quote(str(place / 'wal').replace('%', '%%'))}/%f"
    # A file that is there already is accepted where it is the same: the server may have died before it noted it.
    command = f"if test -f {file}; then cmp -s %p {file}; else cp %p {file}.part && sync {file}.part && mv {file}.part {file}; fi"
    return {"archive_mode": "on", "archive_timeout": str(TIMEOUT), "archive_command": command}


def prepare(var: Path) -> None:
    """Make the archive's folder, which the servers' user alone may read. Raises Unusable."""
    place = folder()
    if place is None:
        return
    user = embedded.server_user(var)
    try:
        for step in (place, place / "wal"):
            if not step.exists():
                step.mkdir(parents=True, mode=0o700)
                if user:
                    os.chown(step, user.pw_uid, user.pw_gid)
    except OSError as error:
        raise Unusable(f"WAL_ARCHIVE cannot be made: {error}.") from error


def back_up(var: Path, now: datetime | None = None) -> Path:
    """Write a base backup of the running server and return its place; older ones go, with the log before them. Raises Unusable."""
    place = _required()
    draft = place / "base.draft"
    shutil.rmtree(draft, ignore_errors=True)
    _run(var, "pg_basebackup", "-h", embedded.run_dir(var), "-U", "postgres", "-D", draft, "-X", "none", "-c", "fast")  # fmt: skip
    base = place / (now or datetime.now(UTC)).strftime(
        NAME
    )  # its end: no earlier moment can be reached by it
    draft.rename(base)
    for old in bases(place)[:-BASES]:
        shutil.rmtree(old)
    _run(var, "pg_archivecleanup", place / "wal", _first_file(bases(place)[0]))
    return base


def bases(place: Path) -> list[Path]:
    """Return the base backups, oldest first."""
    return sorted(path for path in place.glob("base-*Z") if path.is_dir())


def recover(var: Path, moment: datetime) -> Path:
    """Bring the stopped server back to a moment; return where the data of before lie now. Raises Unrecoverable, Unusable."""
    place = _required()
    fitting = [
        base for base in bases(place) if datetime.strptime(base.name, NAME).replace(tzinfo=UTC) <= moment
    ]
    if not fitting:
        raise Unrecoverable(f"No base backup in {place} is older than {moment.isoformat()}.")
    cluster = servers.postgres_dir(var)
    before = cluster.with_name(f"postgres-before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    cluster.rename(before)
    try:
        subprocess.run(["cp", "-a", fitting[-1], cluster], check=True)  # noqa: S603, S607  owner and rights as they are
        _replay(var, place, before, moment)
    except BaseException:
        shutil.rmtree(cluster, ignore_errors=True)
        before.rename(cluster)
        raise
    return before


def _replay(var: Path, place: Path, before: Path, moment: datetime) -> None:
    """Have the server read the log up to the moment and go on from there; it is stopped again afterwards."""
    cluster = servers.postgres_dir(var)
    signal_file = cluster / "recovery.signal"
    signal_file.touch()
    os.chown(signal_file, cluster.stat().st_uid, cluster.stat().st_gid)
    # What was not archived any more lies with the data of before.
    places = [shlex.quote(str(one).replace("%", "%%")) for one in (place / "wal", before / "pg_wal")]
    words = {
        "restore_command": f"cp {places[0]}/%f %p 2>/dev/null || cp {places[1]}/%f %p",
        "recovery_target_time": moment.isoformat(),
        "recovery_target_action": "promote",
        "archive_mode": "off",
    }
    with _running(
        var, [word for name, text in words.items() for word in ("-c", f"{name}={text}")]
    ) as process:
        import psycopg

        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise Unrecoverable(f"The log does not reach {moment.isoformat()}: {_last_words(var)}")
            try:
                with psycopg.connect(servers.superuser(var, "postgres"), autocommit=True) as connection:
                    row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
                    if row == (False,):
                        return
            except psycopg.OperationalError:
                pass  # it reads
            time.sleep(0.2)
        raise Unrecoverable(f"The log was not read within {LONGEST // 3600} hours.")


@contextmanager
def _running(var: Path, words: list[str]) -> Iterator["subprocess.Popen[bytes]"]:
    _log(var).unlink(missing_ok=True)
    process = spawn(
        [*servers.postgres_command(var), *words],
        log=_log(var),
        env=servers.server_env(var),
        cwd=servers.postgres_dir(var),
        user=embedded.server_user(var),
        on_parent_death=signal.SIGINT,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(servers.SHUTDOWN_SECONDS)


def _log(var: Path) -> Path:
    return var / "log" / "recovery.log"


def _last_words(var: Path) -> str:
    lines = _log(var).read_text(errors="replace").splitlines()
    fatal = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
    why = [
        line for line in fatal if not line.startswith("the database system is")
    ]  # said to us, while it reads
    return why[0] if why else f"see {_log(var)}"


def _first_file(base: Path) -> str:
    """Return the first file of the log that a base backup needs."""
    label = (base / "backup_label").read_text()
    return label.split("(file ", 1)[1].split(")", 1)[0]


def _required() -> Path:
    place = folder()
    if place is None:
        raise Unusable("WAL_ARCHIVE names no folder: the embedded PostgreSQL has no archive.")
    return place


def _run(var: Path, program: str, *words: object) -> None:
    user = embedded.server_user(var)
    done = subprocess.run(  # noqa: S603  programs of the server
        [servers.postgres_binaries(var) / "bin" / program, *map(str, words)],
        env=servers.server_env(var), cwd="/", capture_output=True, text=True, check=False,
        user=user.pw_uid if user else None, group=user.pw_gid if user else None, extra_groups=[] if user else None,
    )  # fmt: skip
    if done.returncode != 0:
        raise Unusable(f"{program} failed: {done.stderr.strip().splitlines()[-1:] or done.returncode}")
