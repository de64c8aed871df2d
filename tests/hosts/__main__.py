"""Several hosts with real servers: `make test-hosts`. Prints what it did, and what it could not have.

Two hosts of the site (network namespaces), Debian's PostgreSQL with a streaming standby made by pg_basebackup, PgBouncer before
the standby, Redis by TLS alone. As docs/operations.md has it: both hosts start at once on an empty database; files are shared;
the standby stands still, and is promoted; the primary is lost, and the site goes on with the standby; a moment is brought back.
"""

# ruff: noqa: T201  the terminal is who listens

import json
import os
import pwd
import shutil
import subprocess
import sys
import time

from tests.hosts.machines import ROOT, USER, Failed, Lan, Postgres, missing, run, wait_for

PYTHON = sys.executable
TOKEN = "of-the-tests"  # noqa: S105  of these hosts alone
LAG = 6  # seconds, REPLICA_LAG_SECONDS
SITE = "/en/actors/abenov/"


class Site:
    """The hosts, by name, and what was tried on them."""

    def __init__(self) -> None:
        self.lan = Lan(["db", "standby", "one", "two", "three"])
        self.primary, self.standby = Postgres(self.lan, "db"), Postgres(self.lan, "standby")
        self.up: dict[str, subprocess.Popen[bytes]] = {}
        self.passed = 0

    def env(self, host: str, **more: str) -> dict[str, str]:
        address = self.lan.address
        return {
            "PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", "VAR_DIR": str(self.lan.folder / f"var-{host}"),
            "DATABASE_URL": f"postgres://kzmedia@{address['db']}:5432/kzmedia",
            "READ_REPLICA_URL": f"postgres://kzmedia@{address['standby']}:6432/kzmedia",
            "REDIS_URL": f"rediss://:{TOKEN}@{address['db']}:6380/0?ssl_ca_certs={self.lan.folder / 'tls/ca.pem'}",
            "SECRET_KEY": "the same on all hosts", "METRICS_TOKEN": TOKEN, "REPLICA_LAG_SECONDS": str(LAG),
            "BIND": address[host], "PORT": "8000", "ALLOWED_HOSTS": "*", "DEBUG": "0", **more,
        }  # fmt: skip

    def manage(
        self, host: str, *words: str, check: bool = True, **more: str
    ) -> "subprocess.CompletedProcess[str]":
        return self.lan.within(
            host, PYTHON, "manage.py", *words, check=check, env=self.env(host, **more), cwd=ROOT
        )

    def start(self, host: str, parts: str, **more: str) -> None:
        self.up[host] = self.lan.start(
            host, f"up-{host}.log", PYTHON, "manage.py", "up", "--only", parts, env=self.env(host, **more)
        )

    def stop(self, host: str) -> None:
        self.lan.stop(self.up.pop(host))

    def get(self, source: str, host: str, path: str) -> tuple[int, str]:
        """Ask a host's site from another host; 0 where nobody answers."""
        done = self.lan.within(
            source, "curl", "-s", "-m", "20", "-w", "\n%{http_code}", "-H", f"Authorization: Bearer {TOKEN}",
            f"http://{self.lan.address[host]}:8000{path}", check=False,
        )  # fmt: skip
        text, _, code = done.stdout.rpartition("\n")
        return int(code or 0), text

    def all_answer(self) -> bool:
        """Tell whether the site of every host that was started answers. Raises Failed where one has ended."""
        if ended := [name for name, process in self.up.items() if process.poll() is not None]:
            raise Failed(f"the site of {ended[0]} has ended")
        return all(self.get("three", host, "/healthz")[0] == 200 for host in self.up)

    def page(self, source: str, host: str) -> str:
        """Return a page as a reader without a token gets it."""
        done = self.lan.within(
            source, "curl", "-s", "-m", "20", f"http://{self.lan.address[host]}:8000{SITE}?q={time.time()}"
        )
        return done.stdout

    def check(self, host: str, name: str) -> dict[str, object]:
        checks = json.loads(self.get("three", host, "/readyz")[1])["checks"]
        return checks[name]

    def log(self, name: str) -> str:
        return (self.lan.folder / name).read_text(errors="replace")

    def done(self, what: str) -> None:
        self.passed += 1
        print(f"{time.strftime('%H:%M:%S')}  {what}", flush=True)


def servers(site: Site) -> None:
    """Start PostgreSQL with its standby, PgBouncer before it, and Redis by TLS."""
    site.primary.create()
    site.primary.start()
    site.primary.sql("CREATE ROLE kzmedia LOGIN CREATEDB", "postgres")
    site.primary.sql(
        "CREATE DATABASE kzmedia OWNER kzmedia TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'",
        "postgres",
    )
    site.standby.follow(site.primary)
    wal = site.lan.folder / "wal"
    wal.mkdir(mode=0o700)
    shutil.chown(wal, USER)
    site.standby.start(
        archive_mode="on",
        archive_command=f"test ! -f {wal}/%f && cp %p {wal}/%f.part && mv {wal}/%f.part {wal}/%f",
    )
    folder, address = site.lan.folder, site.lan.address
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\nkzmedia = host={address['standby']} port=5432 dbname=kzmedia\n"
        f"[pgbouncer]\nlisten_addr = {address['standby']}\nlisten_port = 6432\nauth_type = any\npool_mode = transaction\n"
        f"ignore_startup_parameters = extra_float_digits,options\nserver_reset_query =\nunix_socket_dir =\n"
    )
    (folder / "pgbouncer.ini").write_text(
        (folder / "pgbouncer.ini").read_text().replace("dbname=kzmedia\n", "dbname=kzmedia user=kzmedia\n", 1)
    )
    user = pwd.getpwnam(USER)
    site.lan.start(
        "standby", "pgbouncer.log", "setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
        shutil.which("pgbouncer") or "/usr/sbin/pgbouncer", folder / "pgbouncer.ini",
    )  # fmt: skip
    tls = folder / "tls"
    tls.mkdir()
    quiet = {"cwd": tls}
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Authority", "-keyout", "ca.key", "-out", "ca.pem", **quiet)  # fmt: skip
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=redis", "-keyout", "redis.key", "-out", "redis.csr", **quiet)  # fmt: skip
    (tls / "names").write_text(f"subjectAltName=IP:{address['db']}\n")
    run("openssl", "x509", "-req", "-in", "redis.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", "redis.pem", **quiet)  # fmt: skip
    site.lan.start(
        "db", "redis.log", "redis-server", "--requirepass", TOKEN, "--port", "0", "--tls-port", "6380", "--bind", address["db"], "--tls-cert-file", tls / "redis.pem",
        "--tls-key-file", tls / "redis.key", "--tls-ca-cert-file", tls / "ca.pem", "--tls-auth-clients", "no", "--save", "", "--dir", folder,
    )  # fmt: skip
    site.done("PostgreSQL, a standby by pg_basebackup, PgBouncer in transaction mode and Redis by TLS run")


def split_start(site: Site) -> None:
    """Start two hosts at the same moment on an empty database; they share their files."""
    for host in ("one", "two"):
        for name in ("media", "editions"):
            shared = site.lan.folder / "shared" / name
            shared.mkdir(parents=True, exist_ok=True)
            var = site.lan.folder / f"var-{host}"
            var.mkdir(exist_ok=True)
            (var / name).symlink_to(shared)
    site.start("one", "web,worker,beat")
    site.start("two", "web,worker")
    took = wait_for(
        lambda: all(site.get("three", host, "/healthz")[0] == 200 for host in ("one", "two")),
        150,
        "both hosts",
    )
    rows = site.primary.sql("SELECT count(*), count(DISTINCT (app, name)) FROM django_migrations").split("|")
    if rows[0] != rows[1]:
        raise Failed(f"migrations were applied twice: {rows}")
    site.done(
        f"two hosts that started at once on an empty database answer after {took:.0f} s, each migration applied once"
    )
    if site.check("one", "files")["ok"] is not True or site.check("two", "files")["ok"] is not True:
        raise Failed("hosts that share their files are told that they do not")
    told = site.manage("three", "prepare", "--no-static").stderr
    if "is not the folder that this site's other hosts use" not in told:
        raise Failed(f"a host with files of its own was not told: {told}")
    site.done("a third host that does not share the files is told so")
    wrong = site.env("three")["REDIS_URL"].partition("?")[0]
    refused = site.manage("three", "prepare", "--no-static", "--wait", check=False, REDIS_URL=wrong)
    if refused.returncode == 0 or "CERTIFICATE_VERIFY_FAILED" not in refused.stderr:
        raise Failed(f"Redis with a certificate of nobody known was believed: {refused.stderr}")
    site.done("Redis whose certificate is of an unknown authority is refused")


def lag(site: Site) -> None:
    """Have the standby stand still: readers are shown the primary's rows within the limit, and it is told."""
    wait_for(lambda: site.check("one", "replica")["ok"], 60, "a standby that keeps up")
    site.standby.sql("SELECT pg_wal_replay_pause()")
    site.primary.sql("UPDATE tracking_actor SET name_en = 'Renamed meanwhile' WHERE slug = 'abenov'")
    began = time.monotonic()

    def writes_go_on() -> bool:
        site.primary.sql("UPDATE standings_generation SET value = value + 1")
        return "Renamed meanwhile" in site.page("three", "one")

    wait_for(writes_go_on, LAG + 30, "the new name on a reader's page")
    took = time.monotonic() - began
    if took > LAG + 15:
        raise Failed(f"readers saw the old name for {took:.0f} s")
    wait_for(lambda: "behind" in str(site.check("one", "replica")["why"]), 20, "the lag in /readyz")
    words = site.check("one", "replica")["why"]
    site.done(
        f"a standby that stands still, behind PgBouncer: readers are shown the primary's rows after {took:.0f} s ({words})"
    )
    site.standby.sql("SELECT pg_wal_replay_resume()")
    wait_for(lambda: site.check("one", "replica")["ok"], 60, "a standby that has caught up")
    site.done("once it has caught up it is read from again")


def failover(site: Site) -> None:
    """Promote the standby, lose the primary, and go on with the other."""
    site.standby.sql("SELECT pg_promote()")
    wait_for(
        lambda: "no standby of the primary" in str(site.check("one", "replica")["why"]),
        60,
        "the promotion in /readyz",
    )
    code = "from django.utils import timezone; from apps.alerts import operation; print([one.facts for one in operation.replica(timezone.now())])"
    told = site.manage("one", "shell", "-v0", "-c", code).stdout
    if "promoted" not in told:
        raise Failed(f"operators are not told of the promotion: {told}")
    site.done("a standby that was promoted is not read from, and operators are told")
    site.primary.kill()
    wait_for(
        lambda: site.get("three", "one", "/healthz")[0] in (0, 500, 503), 30, "a site without its database"
    )
    for host in ("one", "two"):
        site.stop(host)
    url = f"postgres://kzmedia@{site.lan.address['standby']}:5432/kzmedia"
    began = time.monotonic()
    for host, parts in (("one", "web,worker,beat"), ("two", "web,worker")):
        site.start(host, parts, DATABASE_URL=url, READ_REPLICA_URL="")
    wait_for(
        lambda: all(site.get("three", host, "/healthz")[0] == 200 for host in ("one", "two")),
        120,
        "both hosts",
    )
    if "Renamed meanwhile" not in site.page("three", "two"):
        raise Failed("what was written before the failover is gone")
    site.done(
        f"the primary was lost; both hosts go on with the standby {time.monotonic() - began:.0f} s after DATABASE_URL was set to it"
    )


def moment(site: Site) -> None:
    """Bring the database back to a second between two changes, from a base backup and the archived log."""
    last = site.standby  # the primary by now
    last.sql("SELECT pg_switch_wal()")
    base = Postgres(site.lan, "three")
    base.follow(last)
    (base.place / "standby.signal").unlink()
    (base.place / "postgresql.auto.conf").write_text("")
    begun = "UPDATE tracking_actor SET name_en = '{}' WHERE slug = 'abenov'"
    last.sql(begun.format("Before the mistake"))
    time.sleep(2)
    target = last.sql("SELECT date_trunc('second', now())")
    time.sleep(2)
    last.sql(begun.format("The mistake"))
    last.sql("SELECT pg_switch_wal()")
    wait_for(
        lambda: (
            last.sql("SELECT failed_count = 0 AND last_archived_wal IS NOT NULL FROM pg_stat_archiver") == "t"
        ),
        30,
        "the archive",
    )
    time.sleep(2)
    began = time.monotonic()
    (base.place / "recovery.signal").touch()
    base.start(
        restore_command=f"cp {site.lan.folder}/wal/%f %p",
        recovery_target_time=target,
        recovery_target_action="promote",
        archive_mode="off",
    )
    name = base.sql("SELECT name_en FROM tracking_actor WHERE slug = 'abenov'")
    if name != "Before the mistake":
        raise Failed(f"brought back to {target}, the name is {name!r}")
    site.done(
        f"brought back to {target}, two seconds after a change and two before the next, in {time.monotonic() - began:.0f} s"
    )


STEPS = (servers, split_start, lag, failover, moment)


def main() -> int:
    if lacks := missing():
        print(f"test-hosts is left out: this machine has no {', no '.join(lacks)}.")
        return 0
    began = time.monotonic()
    site = Site()
    failed = 0
    try:
        for step in STEPS:
            step(site)
    except Failed as error:
        failed = 1
        print(f"FAILED: {error}")
        for log in sorted(site.lan.folder.glob("*.log")):
            print(f"-- the end of {log.name}\n{site.log(log.name)[-1500:]}")
    finally:
        site.lan.remove()
    print(
        "Not here: an S3 server (Debian has none); NFS is a folder that both hosts see; clocks that differ are in make test-faults."
    )
    print(f"test-hosts took {time.monotonic() - began:.0f} s\n{site.passed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
