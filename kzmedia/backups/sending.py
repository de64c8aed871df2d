"""Sending nightly backups to another place, and removing there what is not kept any longer.

BACKUP_SEND_TO is `s3://bucket/folder` (with the AWS_* variables that all programs of S3 read), a target of rsync
(`user@host:/folder`, `rsync://host/module/folder`), or a folder, such as another disk.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from django.conf import settings
from django.core.files import File

from apps.common.file_store import PREFIX
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
    """A folder of a bucket: a backup is sent in parts, two of which are in memory at most."""

    def __init__(self, address: str) -> None:
        from apps.common.buckets import Bucket  # with it the library of S3, which takes 35 MB

        self.bucket = Bucket(address)

    def names(self) -> list[str]:
        return [found.name for found in self.bucket.look("") if "/" not in found.name]

    def send(self, place: Path) -> None:
        with place.open("rb") as content:
            self.bucket.save(place.name, File(content))

    def fetch(self, name: str, place: Path) -> None:
        """Copy a file from there to a place of this host. Raises OSError."""
        draft = place.with_name(f".{name}.{os.getpid()}.draft")
        try:
            with (
                self.bucket.open(name) as content,
                os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as copy,
            ):
                shutil.copyfileobj(content, copy)
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)

    def remove(self, names: Iterable[str]) -> None:
        for name in names:
            self.bucket.delete(name)


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


@contextmanager
def fetched(address: str) -> Iterator[Path]:
    """Yield the path of a backup, copied here for the length of the block where it is in a bucket. Raises BackupRefused."""
    if not address.startswith(PREFIX):
        yield Path(address)
        return
    folder, _, name = address.rpartition("/")
    settings.BACKUP_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetched-", dir=settings.BACKUP_DIR) as scratch:
        try:
            S3(folder).fetch(name, Path(scratch) / name)
        except OSError as error:
            raise BackupRefused(f"{address} cannot be read: {error}") from error
        yield Path(scratch) / name


def target() -> Target:
    """Return the place that BACKUP_SEND_TO names."""
    address: str = settings.BACKUP_SEND_TO
    if address.startswith(PREFIX):
        return S3(address)
    if address.startswith("/"):
        Path(address).mkdir(parents=True, exist_ok=True)
    return Rsync(address)


def run(words: Sequence[str]) -> str:
    """Run a command and return what it said. Raises BackupRefused with its last lines where it fails."""
    if not shutil.which(words[0]):
        raise BackupRefused(
            f"The program {words[0]} is not installed: it sends backups to {settings.BACKUP_SEND_TO}."
        )
    try:
        done = subprocess.run(  # noqa: S603  our own words
            words, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        raise BackupRefused(f"{words[0]} was not done within {LONGEST} seconds.") from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        # rsync's own end is a number; what stands before it, such as ssh's words, says more
        told = [line for line in lines if not line.startswith("rsync error:") and line.strip()] or lines
        raise BackupRefused(f"{words[0]} failed: {' '.join(told[-2:]) if told else done.returncode}")
    return done.stdout
