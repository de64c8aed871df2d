"""Hosts of our own for tests: network namespaces on one wire, and servers of Debian's packages in them."""

# ruff: noqa: S603, S607  the programs of this machine

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NETWORK = "10.77.0"
PROGRAMS = ("ip", "openssl", "redis-server", "pgbouncer", "curl")
USER = "nobody"


class Failed(Exception):
    """A step did not do what it should; the message says what."""


def missing() -> list[str]:
    """Return what this machine lacks; empty where all is here."""
    lacks = [name for name in PROGRAMS if not shutil.which(name) and not Path(f"/usr/sbin/{name}").exists()]
    if os.geteuid() != 0:
        lacks.append("root")
    if postgres_bin() is None:
        lacks.append("PostgreSQL of Debian")
    if not lacks and run("ip", "netns", "add", "kzh-probe", check=False).returncode != 0:
        lacks.append("network namespaces")
    run("ip", "netns", "del", "kzh-probe", check=False)
    return lacks


def postgres_bin() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_basebackup"))
    return found[-1].parent if found else None


def run(*words: object, check: bool = True, **options: object) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [str(word) for word in words],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        **options,
    )
    if check and done.returncode != 0:
        raise Failed(f"{' '.join(map(str, words))}: {done.stderr.strip() or done.stdout.strip()}")
    return done


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> float:
    """Wait until the condition holds and return the seconds it took. Raises Failed."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise Failed(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.3)
    return time.monotonic() - began


class Lan:
    """Namespaces by name, each with an address, on a bridge that is in a namespace of its own."""

    def __init__(self, names: list[str]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kzmedia-hosts-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        self.address = {name: f"{NETWORK}.{number}" for number, name in enumerate(names, 10)}
        self.running: list[subprocess.Popen[bytes]] = []
        self.remove_namespaces()
        self.ip("netns", "add", "kzh-wire")
        self.within("wire", "ip", "link", "add", "bridge", "type", "bridge")
        self.within("wire", "ip", "link", "set", "bridge", "up")
        for name, address in self.address.items():
            space = f"kzh-{name}"
            self.ip("netns", "add", space)
            self.ip(
                "link",
                "add",
                "eth0",
                "netns",
                space,
                "type",
                "veth",
                "peer",
                "name",
                name,
                "netns",
                "kzh-wire",
            )
            self.within("wire", "ip", "link", "set", name, "master", "bridge", "up")
            self.within(name, "ip", "address", "add", f"{address}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                self.within(name, "ip", "link", "set", device, "up")

    @staticmethod
    def ip(*words: str) -> None:
        run("ip", *words)

    @staticmethod
    def within(
        name: str, *words: object, check: bool = True, **options: object
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command on a host to its end."""
        return run("ip", "netns", "exec", f"kzh-{name}", *words, check=check, **options)

    def start(
        self, name: str, log: str, *words: object, env: dict[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        """Start a server on a host."""
        with (self.folder / log).open("ab") as output:
            process = subprocess.Popen(
                ["ip", "netns", "exec", f"kzh-{name}", *map(str, words)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env, cwd=ROOT, start_new_session=True,
            )  # fmt: skip
        self.running.append(process)
        return process

    def stop(self, process: "subprocess.Popen[bytes]", number: int = signal.SIGTERM) -> None:
        process.send_signal(number)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        self.running.remove(process)

    def remove_namespaces(self) -> None:
        for name in ("wire", *self.address):
            run("ip", "netns", "del", f"kzh-{name}", check=False)

    def remove(self) -> None:
        for process in reversed(list(self.running)):
            self.stop(process, signal.SIGINT)
        self.remove_namespaces()
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres:
    """A PostgreSQL of Debian's on a host."""

    def __init__(self, lan: Lan, host: str) -> None:
        self.lan, self.host = lan, host
        self.place = lan.folder / f"postgres-{host}"
        self.sockets = lan.folder / f"sockets-{host}"
        self.bin = postgres_bin()
        self.process: subprocess.Popen[bytes] | None = None

    def as_user(self, *words: object) -> None:
        user = pwd.getpwnam(USER)
        self.lan.within(
            self.host, "setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *words,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": "/"}, cwd="/",
        )  # fmt: skip

    def make_folder(self) -> None:
        for place in (self.place, self.sockets):
            place.mkdir(mode=0o700)
            self.own(place)

    @staticmethod
    def own(place: Path) -> None:
        """Give a folder to the servers' user."""
        user = pwd.getpwnam(USER)
        os.chown(place, user.pw_uid, user.pw_gid)

    def create(self) -> None:
        self.make_folder()
        self.as_user(
            self.bin / "initdb",
            "-D",
            self.place,
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--auth=trust",
        )
        with (self.place / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {NETWORK}.0/24 trust\nhost replication all {NETWORK}.0/24 trust\n")

    def follow(self, primary: "Postgres") -> None:
        """Become a streaming standby, made by pg_basebackup."""
        self.make_folder()
        address = self.lan.address[primary.host]
        self.as_user(
            self.bin / "pg_basebackup",
            "-h",
            address,
            "-U",
            "postgres",
            "-D",
            self.place,
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
        )

    def start(self, **options: str) -> None:
        user = pwd.getpwnam(USER)
        options = {
            "listen_addresses": self.lan.address[self.host], "unix_socket_directories": str(self.sockets),
            "max_connections": "150", "wal_level": "replica", "hot_standby": "on", **options,
        }  # fmt: skip
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        self.process = self.lan.start(
            self.host, f"postgres-{self.host}.log", "setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
            self.bin / "postgres", "-D", self.place, *words, env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        wait_for(lambda: self.answers(), 30, f"PostgreSQL on {self.host}")

    def answers(self) -> bool:
        return (
            self.lan.within(
                self.host, self.bin / "pg_isready", "-h", self.lan.address[self.host], check=False
            ).returncode
            == 0
        )

    def sql(self, statement: str, database: str = "kzmedia") -> str:
        done = self.lan.within(
            self.host,
            self.bin / "psql",
            "-h",
            self.lan.address[self.host],
            "-U",
            "postgres",
            "-d",
            database,
            "-Atqc",
            statement,
        )
        return done.stdout.strip()

    def kill(self) -> None:
        if self.process:
            self.lan.stop(self.process, signal.SIGQUIT)  # at once, without writing anything down
            self.process = None
