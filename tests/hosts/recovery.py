"""Back to a second by pgBackRest, as docs/operations.md has it: rows before it are there, those after it are not."""

import shutil
import time
from pathlib import Path

from tests.hosts.machines import Failed, Lan, Postgres, wait_for


class Archive:
    """A repository of pgBackRest on the hosts' common disk."""

    def __init__(self, lan: Lan) -> None:
        self.lan = lan
        self.place = lan.folder / "archive"

    @staticmethod
    def is_here() -> bool:
        return bool(shutil.which("pgbackrest"))

    def options(self, server: Postgres) -> dict[str, str]:
        """Return the options of a server that archives here; they may be set before there is a repository."""
        if not self.is_here():
            return {}
        self.place.mkdir(exist_ok=True)
        server.own(self.place)
        self.write(server)
        return {
            "archive_mode": "on",
            "archive_timeout": "60",
            "archive_command": f"pgbackrest --config={self.config(server)} --stanza=kzmedia archive-push %p",
        }

    def config(self, server: Postgres) -> Path:
        return self.lan.folder / f"pgbackrest-{server.host}.conf"

    def write(self, server: Postgres) -> None:
        self.config(server).write_text(
            f"[global]\nrepo1-path={self.place}\nrepo1-retention-full=2\nstart-fast=y\nlog-level-file=off\nlog-level-console=warn\n"
            f"lock-path={self.place}/lock\nspool-path={self.place}/spool\n[kzmedia]\npg1-path={server.place}\npg1-socket-path={server.sockets}\npg1-user=postgres\n"
        )

    def run(self, server: Postgres, *words: object) -> None:
        server.as_user("pgbackrest", f"--config={self.config(server)}", "--stanza=kzmedia", *words)


def bring_back(server: Postgres, other: Postgres, archive: Archive) -> str:
    """Write rows, note the time, write more, and restore on another host to that time. Return what was done. Raises Failed."""
    server.sql("CHECKPOINT")  # one that was promoted a moment ago notes its new timeline
    archive.run(server, "stanza-create")
    archive.run(server, "--type=full", "backup")
    server.sql("CREATE TABLE trial (at timestamptz DEFAULT now(), number int)")
    insert = "INSERT INTO trial (number) SELECT generate_series(1, {})"
    server.sql(insert.format(100))
    time.sleep(2)
    target = server.sql("SELECT date_trunc('second', now())")
    time.sleep(1)
    server.sql(insert.format(1000))
    last = server.sql("SELECT pg_walfile_name(pg_switch_wal())")
    newest = "SELECT last_archived_wal FROM pg_stat_archiver"
    wait_for(lambda: server.sql(newest) >= last, 180, "the archive")
    began = time.monotonic()
    other.make_folder()
    archive.write(other)
    archive.run(other, "--type=time", f"--target={target}", "--target-action=promote", "restore")
    other.start(archive_mode="off")
    wait_for(lambda: other.sql("SELECT pg_is_in_recovery()") == "f", 180, "the end of the recovery")
    found = other.sql("SELECT count(*) FROM trial")
    if found != "100":
        raise Failed(f"brought back to {target}, {found} rows are there instead of 100")
    return f"pgBackRest: brought back to {target}, 100 rows of 1,100 are there, in {time.monotonic() - began:.0f} s"
