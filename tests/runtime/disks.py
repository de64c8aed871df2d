"""A small disk of a test's own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(place: Path, options: str) -> Iterator[None]:
    """Mount a disk in memory in this folder, for the length of the block; the test is skipped where nobody may make
    one."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can make a small disk")
    made = run("mount", "-t", "tmpfs", "-o", options, "tmpfs", place)
    if made.returncode:
        pytest.skip(f"no disk can be mounted here: {made.stderr.strip()}")
    try:
        yield
    finally:
        run("umount", "-l", place).check_returncode()


def fill(ballast: Path, block: int) -> None:
    """Write blocks of so many bytes into the file until its disk takes no more."""
    with ballast.open("wb") as file:
        try:
            while True:
                os.write(file.fileno(), bytes(block))
        except OSError:
            pass


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 our own words
