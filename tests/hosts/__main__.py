"""Several hosts with real servers: `make test-hosts`, or python -m tests.hosts STEP ... Prints what it did, and what it could not have.

Two hosts of the site (network namespaces), Debian's PostgreSQL with a streaming standby made by pg_basebackup, PgBouncer before
the standby, Redis by TLS alone, a server of S3. As docs/operations.md has it: both hosts start at once on an empty database; files
are shared by a bucket, which is lost and comes back; the clock of a host is wrong; the standby stands still, and is promoted; the
primary is lost, and the site goes on with the standby; a second is brought back.
"""

# ruff: noqa: T201  the terminal is who listens

import json
import os
import pwd
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.hosts.machines import ROOT, USER, Failed, Lan, Postgres, missing, run, wait_for
from tests.hosts.recovery import Archive, bring_back

PYTHON = sys.executable
TOKEN = "of-the-tests"  # noqa: S105  of these hosts alone
PATIENCE = 400  # seconds for a start, on a busy machine
LAG = 6  # seconds, REPLICA_LAG_SECONDS
SITE = "/en/actors/abenov/"


class Site:
    """The hosts, by name, and what was tried on them."""

    def __init__(self) -> None:
        self.lan = Lan(["db", "standby", "one", "two", "three"])
        self.primary, self.standby = Postgres(self.lan, "db"), Postgres(self.lan, "standby")
        self.up: dict[str, subprocess.Popen[bytes]] = {}
        self.archive = Archive(self.lan)
        self.bucket: subprocess.Popen[bytes] | None = None
        self.passed = 0
        self.lacks: list[str] = []
        self.wrong = ""

    def env(self, host: str, **more: str) -> dict[str, str]:
        address = self.lan.address
        return {
            "PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", "VAR_DIR": str(self.lan.folder / f"var-{host}"),
            "DATABASE_URL": f"postgres://kzmedia@{address['db']}:5432/kzmedia",
            "READ_REPLICA_URL": f"postgres://kzmedia@{address['standby']}:6432/kzmedia",
            "REDIS_URL": f"rediss://:{TOKEN}@{address['db']}:6380/0?ssl_ca_certs={self.lan.folder / 'tls/ca.pem'}",
            "SHARED_FILES": "s3://files/of/site", "AWS_ENDPOINT_URL_S3": f"http://{address['db']}:9000",
            "AWS_ACCESS_KEY_ID": TOKEN, "AWS_SECRET_ACCESS_KEY": TOKEN, "AWS_REGION": "us-east-1",
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
    site.standby.start(**site.archive.options(site.standby))
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
    start_bucket(site)
    site.done(
        "PostgreSQL, a standby by pg_basebackup, PgBouncer in transaction mode, Redis by TLS and S3 run"
    )


def start_bucket(site: Site) -> None:
    """Start the server of S3, which keeps all in its memory, with an empty bucket."""
    site.bucket = site.lan.start(
        "db", "s3.log", PYTHON, "-m", "moto.server", "-H", site.lan.address["db"], "-p", "9000"
    )
    make = "import boto3; boto3.client('s3').create_bucket(Bucket='files')"
    wait_for(
        lambda: site.lan.within("one", PYTHON, "-c", make, check=False, env=site.env("one")).returncode == 0,
        90, "the server of S3",
    )  # fmt: skip


def split_start(site: Site) -> None:
    """Start two hosts at the same moment on an empty database; they share their files by the bucket."""
    site.start("one", "web,worker,beat")
    site.start("two", "web,worker")
    took = wait_for(site.all_answer, PATIENCE, "both hosts")
    rows = site.primary.sql("SELECT count(*), count(DISTINCT (app, name)) FROM django_migrations").split("|")
    if rows[0] != rows[1]:
        raise Failed(f"migrations were applied twice: {rows}")
    site.done(
        f"two hosts that started at once on an empty database answer after {took:.0f} s, each migration applied once"
    )
    if site.check("one", "files")["ok"] is not True or site.check("two", "files")["ok"] is not True:
        raise Failed("hosts that share their files are told that they do not")
    told = site.manage("three", "prepare", "--no-static", SHARED_FILES="").stderr
    if "is not the folder that this site's other hosts use" not in told:
        raise Failed(f"a host with files of its own was not told: {told}")
    site.done("a third host that does not share the bucket is told so")
    wrong = site.env("three")["REDIS_URL"].partition("?")[0]
    refused = site.manage("three", "prepare", "--no-static", "--wait", check=False, REDIS_URL=wrong)
    if refused.returncode == 0 or "CERTIFICATE_VERIFY_FAILED" not in refused.stderr:
        raise Failed(f"Redis with a certificate of nobody known was believed: {refused.stderr}")
    site.done("Redis whose certificate is of an unknown authority is refused")


def shared_files(site: Site) -> None:
    """What one host writes another sends; without the bucket it says why, and goes on once that is back."""
    site.manage("one", "freeze", "--dataset")
    key = site.primary.sql("SELECT key FROM exports_edition WHERE kind = 'dataset'")
    path = f"/export/editions/{key}.csv.gz"
    code, _ = site.get("three", "two", path)
    if code != 200:
        raise Failed(f"the edition that host one wrote is answered with {code} by host two")
    made = site.manage(
        "one", "shell", "-v0", "-c", "from kzmedia.backups import making; print(making.nightly().place.name)"
    )
    look = "from apps.common import upkeep; print(upkeep.newest_backup(), upkeep.read_note(upkeep.SENT).why or 'sent')"
    seen = site.manage("two", "shell", "-v0", "-c", look).stdout
    if not seen.strip().endswith("sent"):
        raise Failed(f"host two does not know of the backup {made.stdout}: {seen}")
    site.done(
        f"an edition of host one is sent by host two, which knows of its backup in the bucket too ({seen.strip()})"
    )
    site.lan.stop(site.bucket, 9)
    code, words = site.get("three", "two", path)
    if code != 503 or "does not see the folder that the servers share" not in words:
        raise Failed(f"without the bucket the edition is answered with {code}: {words[:200]}")
    if site.get("three", "two", SITE)[0] != 200 or site.check("two", "files")["ok"]:
        raise Failed("without the bucket pages fail, or /readyz does not tell")
    site.done("without the bucket a file is a 503 with its reason, /readyz tells, and pages go on")
    start_bucket(site)
    site.manage("one", "prepare", "--no-static", "--adopt-files")
    wait_for(lambda: site.check("two", "files")["ok"], 60, "files in /readyz")
    site.done("with a bucket that is there again, and adopted, all is well")


def clocks(site: Site) -> None:
    """Have host two live five minutes ahead: nothing that the hosts tell each other may depend on whose clock it was."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        site.lacks.append("faketime: clocks that differ were not tried")
        return
    site.stop("two")
    site.start("two", "web,worker", LD_PRELOAD=str(library), FAKETIME="+300s", FAKETIME_DONT_RESET="1")
    wait_for(site.all_answer, PATIENCE, "host two with another clock")

    def is_well(host: str) -> bool:
        checks = json.loads(site.get("three", host, "/readyz")[1])["checks"]
        wrong = [name for name, check in checks.items() if not check["ok"]]
        site.wrong = f"{host}: {wrong}"
        return not wrong

    try:
        wait_for(lambda: is_well("one") and is_well("two"), 150, "checks that are all well")
    except Failed as error:
        raise Failed(f"{error}; {site.wrong}") from error
    site.done("with the clock of a host five minutes ahead both do all their work (/readyz of both is 200)")
    site.stop("two")
    site.start("two", "web,worker")
    wait_for(site.all_answer, PATIENCE, "host two")


def lag(site: Site) -> None:
    """Have the standby stand still: readers are shown the primary's rows within the limit, and it is told."""
    site.manage(
        "one", "shell", "-v0", "-c", "from apps.users.models import User; User.objects.create_user('editor')"
    )
    editor = site.primary.sql("SELECT id FROM users_user WHERE username = 'editor'")
    wait_for(lambda: site.check("one", "replica")["ok"], 60, "a standby that keeps up")
    site.page("three", "one")  # from now on it is kept
    site.standby.sql("SELECT pg_wal_replay_pause()")
    # as an editor at the desk: what programs write may stand on kept pages for minutes
    rename = (
        "SET kzmedia.by = '{}'; UPDATE tracking_actor SET name_en = 'Renamed meanwhile' WHERE slug = 'abenov'"
    )
    site.primary.sql(rename.format(editor))
    began = time.monotonic()
    wait_for(
        lambda: "Renamed meanwhile" in site.page("three", "one"), LAG + 30, "the new name on a reader's page"
    )
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
        site.all_answer,
        PATIENCE,
        "both hosts",
    )
    if "Renamed meanwhile" not in site.page("three", "two"):
        raise Failed("what was written before the failover is gone")
    site.done(
        f"the primary was lost; both hosts go on with the standby {time.monotonic() - began:.0f} s after DATABASE_URL was set to it"
    )


def moment(site: Site) -> None:
    """Bring the database back to a second between two changes."""
    if not site.archive.is_here():
        site.lacks.append("pgbackrest: nothing was brought back to a second")
        return
    site.done(bring_back(site.standby, Postgres(site.lan, "three"), site.archive))


STEPS = (servers, split_start, shared_files, clocks, lag, failover, moment)


def main() -> int:
    if lacks := missing():
        print(f"test-hosts is left out: this machine has no {', no '.join(lacks)}.")
        return 0
    began = time.monotonic()
    site = Site()
    failed = 0
    try:
        for step in STEPS:
            if not sys.argv[1:] or step.__name__ in ("servers", "split_start", *sys.argv[1:]):
                step(site)
    except Failed as error:
        failed = 1
        print(f"FAILED: {error}")
        for log in sorted(site.lan.folder.glob("*.log")):
            print(f"-- the end of {log.name}\n{site.log(log.name)[-1500:]}")
    finally:
        site.lan.remove()
    print("Not here: MinIO (no registry has it; moto stands in for S3, without checking signatures), NFS.")
    for lack in site.lacks:
        print(f"Not here: {lack}.")
    print(f"test-hosts took {time.monotonic() - began:.0f} s\n{site.passed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
