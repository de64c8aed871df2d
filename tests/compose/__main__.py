"""docker-compose.yml as an installation: `make test-compose`. Prints what it did, and what it could not have.

A clone of the last commit is built and brought up by Docker of Debian's packages, on base images of debootstrap; then as
docs/operations.md has it: an account is read, a backup written and restored, a second brought back, the release exchanged, and the
main process of each container killed.
"""

# ruff: noqa: S603, S607, T201  the programs of this machine; the terminal is who listens

import json
import os
import shutil
import subprocess
import sys
import time

from tests.compose.engine import PLACE, Engine, compose, missing
from tests.hosts.machines import ROOT, Failed, run, wait_for

PORT = 18080
PATIENCE = 300  # seconds until all are healthy, on a busy machine
LASTING = ("web", "worker", "beat", "pictures", "postgres", "redis", "proxy")
SETTINGS = f"""SITE=http://localhost
ALLOWED_HOSTS=localhost
BEHIND_TLS=0
POSTGRES_PASSWORD=ofthetests
SECRET_KEY=of-the-tests-of-the-tests-of-the-tests-of-the-tests
HTTP_PORT={PORT}
HTTPS_PORT=18443
ARCHIVE=on
ARCHIVE_PAUSE=86400
TELEGRAM_URL=http://127.0.0.1:8899/telegram
"""
# The build asks the registries as this machine does; the local platforms are in the worker's own network.
OVERRIDE = """services:
  migrate: {build: {network: host}}
  web: {build: {network: host}}
  worker: {build: {network: host}}
  pictures: {build: {network: host}}
  beat: {build: {network: host}}
  postgres: {build: {network: host}}
  platforms:
    image: kzmedia:${RELEASE:-latest}
    network_mode: service:worker
    command: [python, -m, tests.platforms.serve, --port, "8899", --invents]
    environment: {PYTHONPATH: "/tree:/app"}
    volumes: [".:/tree:ro"]
    working_dir: /tree
"""


class Installation:
    """A clone with its settings, and what was tried on it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.origin, self.folder = PLACE / "origin", PLACE / "kzmedia"
        self.passed = 0
        for place in (self.origin, self.folder):
            shutil.rmtree(place, ignore_errors=True)
        run("git", "clone", "--quiet", ROOT, self.origin)
        run("git", "clone", "--quiet", self.origin, self.folder)
        (self.folder / ".env").write_text(SETTINGS)
        (self.folder / "docker-compose.override.yml").write_text(OVERRIDE)

    def compose(self, *words: object, check: bool = True) -> "subprocess.CompletedProcess[str]":
        return compose(self.engine, self.folder, {}, words, check=check)

    def manage(self, part: str, *words: object) -> str:
        return self.compose("exec", "-T", part, "python", "manage.py", *words).stdout.strip()

    def sql(self, statement: str) -> str:
        return self.compose(
            "exec", "-T", "postgres", "psql", "-U", "kzmedia", "-Atqc", statement
        ).stdout.strip()

    def get(self, path: str) -> tuple[int, str]:
        done = run(
            "curl", "-s", "-m", "20", "-w", "\n%{http_code}", f"http://localhost:{PORT}{path}", check=False
        )
        text, _, code = done.stdout.rpartition("\n")
        return int(code or 0), text

    def container(self, part: str) -> dict[str, object]:
        name = self.compose("ps", "--quiet", part).stdout.split()
        return json.loads(self.engine.docker("inspect", name[0]).stdout)[0] if name else {}

    def is_healthy(self, part: str) -> bool:
        state = self.container(part).get("State", {})
        return state.get("Running", False) and state.get("Health", {}).get("Status", "healthy") == "healthy"

    def done(self, what: str) -> None:
        self.passed += 1
        print(f"{time.strftime('%H:%M:%S')}  {what}", flush=True)

    def remove(self) -> None:
        self.compose("--profile", "archive", "down", "--volumes", "--timeout", "10", check=False)


def up(site: Installation) -> None:
    began = time.monotonic()
    site.compose("build")
    site.done(f"the images were built in {time.monotonic() - began:.0f} s")
    began = time.monotonic()
    site.compose("up", "--detach", "--wait", "--wait-timeout", str(PATIENCE))
    took = time.monotonic() - began
    code, page = site.get("/en/")
    if code != 200 or "KZMedia" not in page:
        raise Failed(f"/en/ is answered with {code} through the proxy")
    site.done(f"all are healthy {took:.0f} s after `docker compose up`; /en/ answers through the proxy")


def read_account(site: Installation) -> None:
    before = int(site.sql("SELECT count(*) FROM tracking_snapshot"))
    said = site.manage("worker", "collect", "--platform", "telegram", "--all")
    after = int(site.sql("SELECT count(*) FROM tracking_snapshot"))
    if after <= before:
        raise Failed(f"no count was recorded: {said}")
    site.done(f"accounts of Telegram were read from the local platform: {after - before} counts")


def limits(site: Installation) -> None:
    """See that every container has its limit of memory, writes nothing to its image, and runs as no root but PostgreSQL's start."""
    used = []
    for part in LASTING:
        told = site.container(part)
        limit = told["HostConfig"]["Memory"]
        if not limit:
            raise Failed(f"{part} has no limit of memory")
        if told["State"]["OOMKilled"]:
            raise Failed(f"{part} was killed by its limit of memory")
        stats = site.engine.docker(
            "stats", "--no-stream", "--format", "{{.MemUsage}}", told["Id"]
        ).stdout.split("/")[0]
        used.append(f"{part} {stats.strip()} of {limit >> 20} MiB")
    refused = site.compose("exec", "-T", "web", "sh", "-c", "touch /app/x || touch /usr/x", check=False)
    if refused.returncode == 0:
        raise Failed("web may write to its image")
    site.done(f"memory: {', '.join(used)}; the image of web cannot be written to")


def backup(site: Installation) -> None:
    site.manage("worker", "backup", "/app/var/backups/by-hand.tar")
    before = site.sql("SELECT count(*) FROM tracking_snapshot")
    site.sql("UPDATE tracking_actor SET name_en = 'Overwritten'")
    site.compose("stop", "--timeout", "20", "web", "worker", "beat", "pictures")
    site.compose("run", "--rm", "--no-deps", "-T", "worker", "python", "manage.py", "restore", "/app/var/backups/by-hand.tar", "--replace")  # fmt: skip
    site.compose("up", "--detach", "--wait", "--wait-timeout", str(PATIENCE))
    after = site.sql("SELECT count(*) FROM tracking_snapshot"), site.sql("SELECT count(*) FROM tracking_actor WHERE name_en = 'Overwritten'")  # fmt: skip
    if after != (before, "0"):
        raise Failed(f"restored: {after} instead of {before} and none")
    site.done(f"a backup was written and restored: {before} counts as before")


def second(site: Installation) -> None:
    """Bring the database back to a second by the profile `archive`."""
    site.compose("--profile", "archive", "up", "--detach", "--no-build", "archive")
    wait_for(lambda: "backup command end: completed successfully" in site.compose("logs", "archive").stdout, 240, "a first copy")  # fmt: skip
    site.sql("CREATE TABLE trial AS SELECT generate_series(1, 100) AS number")
    time.sleep(2)
    target = site.sql("SELECT date_trunc('second', now())")
    time.sleep(1)
    site.sql("INSERT INTO trial SELECT generate_series(1, 1000)")
    last = site.sql("SELECT pg_walfile_name(pg_switch_wal())")
    wait_for(lambda: site.sql("SELECT last_archived_wal FROM pg_stat_archiver") >= last, 120, "the archive")
    site.compose("--profile", "archive", "stop", "--timeout", "30")
    site.compose(
        "--profile", "archive", "run", "--rm", "-T", "--no-deps", "--user", "postgres", "archive", "pgbackrest", "--stanza=kzmedia", "--delta",
        "--type=time", f"--target={target}", "--target-action=promote", "restore",
    )  # fmt: skip
    site.compose("up", "--detach", "--wait", "--wait-timeout", str(PATIENCE))
    found = site.sql("SELECT count(*) FROM trial")
    if found != "100":
        raise Failed(f"brought back to {target}, {found} rows are there instead of 100")
    site.done(f"pgBackRest: brought back to {target}, 100 rows of 1,100 are there")


def kill(site: Installation) -> None:
    """Kill the main process of each container: Docker starts it anew, and the site goes on."""
    took = []
    for part in LASTING:
        os.kill(site.container(part)["State"]["Pid"], 9)
        began = time.monotonic()
        time.sleep(1)
        wait_for(lambda part=part: site.is_healthy(part), PATIENCE, f"{part} to be healthy again")
        took.append(f"{part} {time.monotonic() - began:.0f} s")
    wait_for(lambda: site.get("/en/")[0] == 200, 60, "a page")
    site.done(f"killed, and healthy again: {', '.join(took)}")


def upgrade(site: Installation) -> None:
    """Exchange the release by `make upgrade`, while a reader asks every half second."""
    (site.origin / "CHANGELOG.md").open("a").write("- A release of the tests.\n")
    run(
        "git",
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.kz",
        "commit",
        "-qam",
        "a release",
        cwd=site.origin,
    )
    script = f"while true; do curl -s -m 10 -o /dev/null -w '%{{http_code}}\\n' http://localhost:{PORT}/en/; sleep 0.5; done"
    with (PLACE / "reader").open("wb") as codes:
        reader = subprocess.Popen(["bash", "-c", script], stdout=codes, start_new_session=True)
    done = run("make", "upgrade", cwd=site.folder, env=site.engine.env, check=False)
    os.killpg(reader.pid, 9)
    if done.returncode != 0:
        raise Failed(f"make upgrade: {done.stdout[-800:]} {done.stderr[-800:]}")
    answers = (PLACE / "reader").read_text().split()
    seen = {code: answers.count(code) for code in sorted(set(answers))}
    if "000" in seen:
        raise Failed(f"readers met a refused connection: {seen}; {done.stdout[-1500:]} {done.stderr[-3000:]}")
    site.done(
        f"make upgrade: {done.stdout.strip().splitlines()[-1][10:80]} ...; a reader every half second saw {seen}"
    )


STEPS = (up, read_account, limits, backup, second, kill, upgrade)


def main() -> int:
    if lacks := missing():
        print(f"test-compose is left out: this machine has no {', no '.join(lacks)}.")
        return 0
    began = time.monotonic()
    failed = passed = 0
    try:
        with Engine() as engine:
            took = engine.make_images()
            print(
                f"base images: {', '.join(f'{name} {seconds:.0f} s' for name, seconds in took.items())}",
                flush=True,
            )
            site = Installation(engine)
            try:
                for step in STEPS:
                    if not sys.argv[1:] or step.__name__ in ("up", *sys.argv[1:]):
                        step(site)
            except Failed as error:
                failed = 1
                print(f"FAILED: {error}")
                print(site.compose("ps", "--all", check=False).stdout)
                print(site.compose("logs", "--tail", "15", check=False).stdout[-6000:])
            finally:
                passed = site.passed
                site.remove()
    except Failed as error:
        print(f"test-compose is left out: {error}")
        return 0
    print(
        "Not here: the official images (no registry of images is reached): Debian's programs stand in, PostgreSQL and Node older."
    )
    print(f"test-compose took {time.monotonic() - began:.0f} s\n{passed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
