"""A Docker engine of Debian's packages, in a folder of its own, and base images of debootstrap under the names that we ask for.

The engine and Compose have to know `start_interval` (25 and 2.24). Where the machine's own are older, the packages of the next
Debian are unpacked, not installed.
"""

# ruff: noqa: S603, S607  the programs of this machine

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.hosts.machines import Failed, run, wait_for

HERE: Final = Path(__file__).parent
PLACE: Final = Path("/var/tmp/kzmedia-compose")  # noqa: S108  kept from one run to the next: what was downloaded and unpacked
SOURCES: Final = Path("/etc/apt/sources.list.d/debian.sources")
PACKAGES: Final = ("docker.io", "docker-cli", "docker-compose", "docker-buildx", "containerd", "tini")
NEXT: Final = "trixie"
SYSTEMS: Final = {
    "bookworm": "ca-certificates,python3,python3-pip,nodejs,npm",
    NEXT: "ca-certificates,postgresql,pgbackrest,valkey-server,caddy,wget",
}
IMAGES: Final = {
    "python:3.11-slim": "python", "node:22-slim": "node", "postgres:18": "postgres", "valkey/valkey:8-alpine": "valkey",
    "caddy:2-alpine": "caddy",
}  # fmt: skip
AUTHORITIES: Final = Path("etc/ssl/certs/ca-certificates.crt")


def missing() -> list[str]:
    """Return what this machine lacks; empty where all is here."""
    lacks = [name for name in ("debootstrap", "runc", "iptables", "git", "curl", "make") if not find(name)]
    if os.geteuid() != 0:
        lacks.append("root")
    if not SOURCES.exists():
        lacks.append(f"sources of Debian's packages in {SOURCES}")
    return lacks


def find(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")


class Engine:
    """`with Engine() as engine:` runs dockerd; `engine.docker(...)` and `engine.env` speak to it."""

    def __init__(self) -> None:
        self.root = PLACE / "engine"
        self.state = PLACE / "state"
        self.socket = PLACE / "docker.sock"
        self.env = os.environ | {
            "PATH": f"{self.root}/usr/bin:{self.root}/usr/sbin:/usr/sbin:{os.environ['PATH']}",
            "DOCKER_HOST": f"unix://{self.socket}", "DOCKER_CONFIG": str(PLACE / "config"),
        }  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Engine":
        PLACE.mkdir(exist_ok=True)
        if not (self.root / "usr/sbin/dockerd").exists():
            self.unpack()
        plugins = PLACE / "config" / "cli-plugins"
        plugins.parent.mkdir(exist_ok=True)
        plugins.unlink(missing_ok=True)
        plugins.symlink_to(self.root / "usr/libexec/docker/cli-plugins")
        with (PLACE / "dockerd.log").open("wb") as log:
            self.process = subprocess.Popen(
                ["dockerd", "-H", self.env["DOCKER_HOST"], "--data-root", self.state, "--exec-root", PLACE / "exec",
                 "--pidfile", PLACE / "dockerd.pid"],
                env=self.env, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        try:
            wait_for(self.answers, 60, "the engine")
        except Failed as error:
            self.__exit__()
            log_lines = (PLACE / "dockerd.log").read_text(errors="replace").strip().splitlines()
            raise Failed(f"{error}: {log_lines[-1] if log_lines else ''}") from error
        return self

    def __exit__(self, *error: object) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)

    def answers(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise Failed("the engine has ended")
        return self.docker("info", check=False).returncode == 0

    def docker(
        self, *words: object, check: bool = True, **options: object
    ) -> "subprocess.CompletedProcess[str]":
        return run("docker", *words, check=check, env=self.env, **options)

    def unpack(self) -> None:
        """Get the packages of the next Debian by the sources that this machine has, and unpack them into a folder."""
        apt = PLACE / "apt"
        for name in ("parts", "lists/partial", "cache/archives/partial", "debs"):
            (apt / name).mkdir(parents=True, exist_ok=True)
        (apt / "status").touch()
        text = re.sub(r"\b(bookworm|bullseye)\b", NEXT, SOURCES.read_text())
        (apt / "parts" / "next.sources").write_text(text)
        options = [
            word
            for name, value in {
                "Dir::Etc::sourcelist": "/dev/null", "Dir::Etc::sourceparts": apt / "parts", "Dir::State::lists": apt / "lists",
                "Dir::Cache": apt / "cache", "Dir::State::status": apt / "status", "APT::Sandbox::User": "root",
            }.items()
            for word in ("-o", f"{name}={value}")
        ]  # fmt: skip
        run("apt-get", *options, "update")
        run("apt-get", *options, "download", *PACKAGES, cwd=apt / "debs")
        draft = self.root.with_name("engine.draft")
        shutil.rmtree(draft, ignore_errors=True)
        for package in sorted((apt / "debs").glob("*.deb")):
            run("dpkg", "-x", package, draft)
        draft.rename(self.root)

    def make_images(self) -> dict[str, float]:
        """Make the base images, and return the seconds that each took."""
        took = {}
        for system, packages in SYSTEMS.items():
            began = time.monotonic()
            if self.docker("image", "inspect", f"kzmedia-test:{system}", check=False).returncode != 0:
                self.make_system(system, packages)
            took[system] = time.monotonic() - began
        for name, folder in IMAGES.items():
            began = time.monotonic()
            self.docker("build", "--quiet", "--tag", name, HERE / "bases" / folder)
            took[name] = time.monotonic() - began
        return took

    def make_system(self, system: str, packages: str) -> None:
        mirror = re.search(r"^URIs:\s*(\S+)", SOURCES.read_text(), re.MULTILINE)
        if mirror is None:
            raise Failed(f"{SOURCES} names no mirror")
        place = PLACE / system
        shutil.rmtree(place, ignore_errors=True)
        log = run(
            "debootstrap",
            "--variant=minbase",
            f"--include={packages}",
            system,
            place,
            mirror[1],
            check=False,
            env=self.env,
        )
        if log.returncode != 0:
            raise Failed(f"debootstrap {system}: {log.stdout.strip().splitlines()[-1:]}")
        # What the machine trusts and asks, images built on it trust and ask too.
        shutil.copy("/" / AUTHORITIES, place / AUTHORITIES)
        tar = subprocess.Popen(["tar", "-C", place, "-c", "."], stdout=subprocess.PIPE)
        self.docker("import", "-", f"kzmedia-test:{system}", stdin=tar.stdout)
        tar.wait()
        shutil.rmtree(place)


def compose(
    engine: Engine, folder: Path, more: Mapping[str, str], words: Sequence[object], *, check: bool = True
):
    """Run `docker compose` in a folder."""
    return run("docker", "compose", *words, check=check, env=engine.env | more, cwd=folder)
