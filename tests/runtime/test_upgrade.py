"""deploy/upgrade.sh: what is done with Docker, in which order, and how it goes back; Docker itself is a script that notes."""

# ruff: noqa: S603, S607  programs that every host has

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCKER = """#!/bin/bash
echo "$RELEASE: $*" >>"$NOTES"
case "$*" in
    *"ps --status running"*) echo web ;;
esac
[[ -z $FAILS || ! "$RELEASE: $*" =~ $FAILS ]]
"""


class Host:
    """An installation of release `old`, whose origin has a newer one."""

    def __init__(self, place):
        self.notes, self.bin = place / "notes", place / "bin"
        self.origin, self.clone = place / "origin", place / "clone"
        self.bin.mkdir()
        (self.bin / "docker").write_text(DOCKER)
        (self.bin / "docker").chmod(0o755)
        (self.origin / "deploy").mkdir(parents=True)
        shutil.copy(ROOT / "deploy/upgrade.sh", self.origin / "deploy")
        (self.origin / ".gitignore").write_text(".env\n")
        self.git(self.origin, "init", "--quiet", "--initial-branch=main")
        self.commit("one")
        self.git(place, "clone", "--quiet", str(self.origin), str(self.clone))
        (self.clone / ".env").write_text("SITE=localhost\nRELEASE=old\n")
        self.before = self.git(self.clone, "rev-parse", "HEAD")
        # The newer release has another script: the one that runs is the one that was there.
        (self.origin / "deploy/upgrade.sh").write_text("echo another; exit 9\n" * 200)
        self.commit("two")
        self.new = self.git(self.origin, "rev-parse", "--short=12", "HEAD")

    def commit(self, text):
        self.git(self.origin, "add", "--all")
        self.git(self.origin, "-c", "user.name=a", "-c", "user.email=a@b.kz", "commit", "--quiet", "-m", text)

    @staticmethod
    def git(place, *words):
        done = subprocess.run(["git", *words], cwd=place, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def upgrade(self, fails=""):
        """Return the exit code, and what Docker was asked, without the name of the new release."""
        env = os.environ | {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "NOTES": str(self.notes),
            "FAILS": fails.replace("NEW", self.new),
        }
        env.pop("RELEASE", None)
        done = subprocess.run(
            [self.clone / "deploy/upgrade.sh"], env=env, check=False, capture_output=True, text=True
        )
        asked = [
            line.replace(self.new, "NEW").replace("compose ", "")
            for line in self.notes.read_text().splitlines()
        ]
        return done.returncode, asked

    def release(self):
        return (self.clone / ".env").read_text().split("RELEASE=")[1].strip()


@pytest.fixture
def host(tmp_path):
    return Host(tmp_path)


def test_the_old_release_answers_until_tables_are_changed(host):
    code, asked = host.upgrade(fails="migrate --check")
    assert code == 0
    assert [
        line.partition(" var/")[0] for line in asked if "--check" not in line and " ps --status" not in line
    ] == [
        "NEW: build web postgres",
        "old: stop --timeout 30 beat worker",
        "old: run --rm --no-deps -T worker python manage.py backup",
        "NEW: stop --timeout 5 web",
        "NEW: run --rm --no-deps -T migrate",
        "NEW: up --detach --no-build --no-deps --wait --wait-timeout 180 web",
        "NEW: up --detach --no-build --no-deps --wait --wait-timeout 180 worker beat pictures",
    ]
    assert host.release() == host.new
    assert (host.clone / ".env").read_text().startswith("SITE=localhost\n")


def test_without_changed_tables_web_is_not_stopped(host):
    code, asked = host.upgrade()
    assert code == 0
    assert not any("stop --timeout 5 web" in line for line in asked)
    assert not any("restore" in line for line in asked)


def test_only_a_new_compose_file_touches_what_is_not_the_release_s(host):
    """Compose makes the proxy anew then, and readers meet a refused connection for some seconds."""
    (host.origin / "docker-compose.yml").write_text("services: {}\n")
    host.commit("three")
    host.new = host.git(host.origin, "rev-parse", "--short=12", "HEAD")
    code, asked = host.upgrade()
    assert code == 0
    assert asked[-1] == "NEW: up --detach --no-build --remove-orphans --wait --wait-timeout 180"


@pytest.mark.parametrize(
    ("fails", "restores"),
    [
        ("migrate --check|NEW: compose run --rm --no-deps -T migrate$", True),
        ("migrate --check|NEW: compose up .*web$", True),
        ("NEW: compose up .*pictures$", False),
    ],
)
def test_one_that_fails_goes_back_by_itself(host, fails, restores):
    code, asked = host.upgrade(fails)
    assert code == 1
    assert host.release() == "old"
    assert host.git(host.clone, "rev-parse", "HEAD") == host.before
    assert (
        any(
            line.startswith("old: run") and "restore var/backups/before-upgrade.tar --replace" in line
            for line in asked
        )
        is restores
    )
    assert asked[-1].startswith("old: up --detach --no-build --remove-orphans --wait")


@pytest.mark.parametrize("fails", ["NEW: compose build", "python manage.py backup"])
def test_what_fails_before_the_change_leaves_the_site_as_it_is(host, fails):
    code, asked = host.upgrade(fails)
    assert code == 1
    assert host.release() == "old"
    assert host.git(host.clone, "rev-parse", "HEAD") == host.before
    assert not any("web" in line and " stop " in line for line in asked)


def test_scripts_and_units_are_sound(tmp_path):
    for script in (ROOT / "deploy").glob("*.sh"):
        subprocess.run(["bash", "-n", script], check=True)
        assert os.access(script, os.X_OK)
    if shutil.which("systemd-analyze"):
        unit = (ROOT / "deploy/kzmedia.service").read_text()
        for name, value in {
            "@CODE@": "/usr",
            "@DATA@": "/var",
            "@SETTINGS@": "/dev/null",
            "@ONLY@": "",
        }.items():
            unit = unit.replace(name, value)
        (tmp_path / "kzmedia.service").write_text(unit.replace("/usr/.venv/bin/python", "/usr/bin/env"))
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", tmp_path / "kzmedia.service"],
            check=False,
            capture_output=True,
            text=True,
        )
        assert "Unknown" not in done.stderr
        assert done.returncode == 0, done.stderr
