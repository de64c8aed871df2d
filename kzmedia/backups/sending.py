"""Sending nightly backups to another place, and removing there what is not kept any longer.

BACKUP_SEND_TO is `s3://bucket/folder` (by rclone, with the AWS_* variables that all programs of S3 read), a target of rsync
(`user@host:/folder`, `rsync://host/module/folder`), or a folder, such as another disk.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from django.conf import settings

from kzmedia.backups.archive import BackupRefused

LONGEST: Final = 3600  # seconds for one command


class Target(Protocol):
    """A place that backups are sent to."""

    def names(self) -> list[str]:
        """Return the names of the files there."""

    def send(self, place: Path) -> None:
        """Copy a file there, under its name once it is whole."""

    def remove(self, names: Iterable[str]) -> None:
        """Remove files there."""


class S3:
    """A bucket, by rclone: it sends in parts, and keeps a few of them in memory."""

    def __init__(self, address: str) -> None:
        self.root = f"kzmedia:{address.removeprefix('s3://').strip('/')}"

    def names(self) -> list[str]:
        return self._run("lsf", "--files-only", self.root).splitlines()

    def send(self, place: Path) -> None:
        self._run("copyto", str(place), f"{self.root}/{place.name}")

    def remove(self, names: Iterable[str]) -> None:
        for name in names:
            self._run("deletefile", f"{self.root}/{name}")

    def _run(self, *words: str) -> str:
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3", "")
        remote = {
            "RCLONE_CONFIG_KZMEDIA_TYPE": "s3",
            "RCLONE_CONFIG_KZMEDIA_PROVIDER": "Other" if endpoint else "AWS",
            "RCLONE_CONFIG_KZMEDIA_ENV_AUTH": "true",
            "RCLONE_CONFIG_KZMEDIA_ENDPOINT": endpoint,
            "RCLONE_CONFIG_KZMEDIA_REGION": os.environ.get("AWS_REGION", ""),
            "RCLONE_CONFIG": "/dev/null",
        }
        options = (
            "--s3-no-check-bucket",
            "--s3-upload-concurrency",
            "2",
            "--transfers",
            "1",
            "--retries",
            "3",
        )
        return run(["rclone", *words, *options], remote)


class Rsync:
    """A host or a folder, by rsync."""

    def __init__(self, address: str) -> None:
        self.root = f"{address.rstrip('/')}/"

    def names(self) -> list[str]:
        lines = run(["rsync", "--list-only", self.root]).splitlines()
        return [line.split(maxsplit=4)[-1] for line in lines if line.startswith("-")]

    def send(self, place: Path) -> None:
        run(["rsync", "--times", "--chmod=F600", str(place), self.root])

    def remove(self, names: Iterable[str]) -> None:
        """By the comparison with an empty folder, in which those names alone are looked at."""
        chosen = [f"--include=/{name}" for name in names]
        if chosen:
            with tempfile.TemporaryDirectory(prefix="kzmedia-empty-") as empty:
                run(["rsync", "--recursive", "--delete", *chosen, "--exclude=*", f"{empty}/", self.root])


def target() -> Target:
    """Return the place that BACKUP_SEND_TO names."""
    address: str = settings.BACKUP_SEND_TO
    if address.startswith("s3://"):
        return S3(address)
    if address.startswith("/"):
        Path(address).mkdir(parents=True, exist_ok=True)
    return Rsync(address)


def run(words: Sequence[str], more: Mapping[str, str] | None = None) -> str:
    """Run a command and return what it said. Raises BackupRefused with its last line where it fails."""
    if not shutil.which(words[0]):
        raise BackupRefused(
            f"The program {words[0]} is not installed: it sends backups to {settings.BACKUP_SEND_TO}."
        )
    try:
        done = subprocess.run(  # noqa: S603  our own words
            words, env=os.environ | (more or {}), capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        raise BackupRefused(f"{words[0]} was not done within {LONGEST} seconds.") from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        raise BackupRefused(f"{words[0]} failed: {lines[-1] if lines else done.returncode}")
    return done.stdout
