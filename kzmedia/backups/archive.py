"""The file that a backup is: a tar archive, and after its end the SHA-256 of all that stands before.

    KZMEDIA-BACKUP         says what the file is
    tables/NAME.gz         the rows of a table, as PostgreSQL's COPY writes them (text, UTF-8), packed
    files/PLACE/NAME       what lies beside the database: editions, media
    manifest.json          what the parts are, and the SHA-256 of each

`tar` reads it (and ignores the 65 bytes after the end). A byte that has changed anywhere, or is missing, is noticed
before anything is read from it. The sums tell damage, not forgery: keep backups where others cannot write.
"""

import hashlib
import io
import json
import os
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

from django.core.files import File

FORMAT = 1
LABEL = "KZMEDIA-BACKUP"
MANIFEST = "manifest.json"
TRAILER = 65  # bytes: 64 hexadecimal digits and a line end
BLOCK = 1 << 20
ABOUT = "A backup of KZMedia. `manage.py restore FILE` reads it; manifest.json says what is in it.\n"


class BackupRefused(Exception):
    """The backup cannot be used or made; the message is a sentence for whoever asked for it."""


class Hashing:
    """Passes everything on and keeps the sum of it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.sum = hashlib.sha256()
        self.size = 0

    def write(self, block: bytes) -> int:
        self.sum.update(block)
        self.size += len(block)
        return self.stream.write(block)

    def read(self, size: int = -1) -> bytes:
        block = self.stream.read(size)
        self.sum.update(block)
        self.size += len(block)
        return block

    def tell(self) -> int:
        return self.size


class Writer:
    """Puts parts into the archive, one after the other. `folder` is where a part may lie until its size is known."""

    def __init__(self, output: Hashing, folder: Path) -> None:
        self.folder = folder
        self._tar = tarfile.open(fileobj=output, mode="w", format=tarfile.PAX_FORMAT)  # type: ignore[call-overload]  # noqa: SIM115  it needs write and tell; finish() closes it
        self.add_text(LABEL, ABOUT)

    def add_text(self, name: str, text: str) -> None:
        content = text.encode()
        self._tar.addfile(_member(name, len(content)), io.BytesIO(content))

    def add(self, name: str, source: IO[bytes]) -> dict[str, Any]:
        """Put a file in as it is now, and return its line of the manifest."""
        size = source.size if isinstance(source, File) else os.fstat(source.fileno()).st_size
        hashing = Hashing(source)
        self._tar.addfile(_member(name, size), hashing)
        return {"name": name, "size": size, "sha256": hashing.sum.hexdigest()}

    def finish(self, manifest: dict[str, Any]) -> None:
        self.add_text(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
        self._tar.close()


@contextmanager
def open_writer(
    place: Path, through: Callable[[IO[bytes]], AbstractContextManager[IO[bytes]]] = nullcontext
) -> Iterator[Writer]:
    """Make a file of this name once the block has ended well; until then, and otherwise, none. Its owner alone may
    read it. `through`: what the content goes through on its way into the file, such as a cipher."""
    draft = place.with_name(f".{place.name}.{os.getpid()}.draft")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            with through(stream) as plain:
                output = Hashing(plain)
                yield Writer(output, place.parent)
                plain.write(f"{output.sum.hexdigest()}\n".encode())
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)


def check(place: Path) -> dict[str, Any]:
    """Read the whole file through and return its manifest. Raises BackupRefused, also for a file that is no backup."""
    try:
        with place.open("rb") as stream:
            if not stream.read(len(LABEL)).startswith(LABEL.encode()):
                raise BackupRefused(f"{place} is not a KZMedia backup.")
            left = place.stat().st_size - TRAILER
            stream.seek(0)
            hashing = Hashing(stream)
            while hashing.size < left and hashing.read(min(BLOCK, left - hashing.size)):
                pass
            if stream.read() != f"{hashing.sum.hexdigest()}\n".encode():
                raise BackupRefused(
                    f"{place} is damaged or not whole: its checksum is another. Nothing was changed."
                )
    except OSError as error:
        raise BackupRefused(f"{place} cannot be read: {error.strerror}.") from error
    with tarfile.open(place, "r:") as tar:
        manifest: dict[str, Any] = json.loads(_stream(tar, MANIFEST).read())
    if manifest["format"] != FORMAT:
        raise BackupRefused(f"{place} has the format {manifest['format']}; this release reads {FORMAT}.")
    return manifest


@contextmanager
def part(tar: tarfile.TarFile, line: dict[str, Any]) -> Iterator[Hashing]:
    """Open a part of a checked file, by its line of the manifest. Raises BackupRefused when it is another by now."""
    hashing = Hashing(_stream(tar, line["name"]))
    yield hashing
    while hashing.read(BLOCK):
        pass
    if hashing.sum.hexdigest() != line["sha256"]:
        raise BackupRefused(f"{line['name']} has changed while it was read. Nothing was changed.")


def _stream(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    found = tar.extractfile(name)
    if found is None:
        raise BackupRefused(f"{name} is missing.")
    return found


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, 0o600, int(time.time())
    return member
