"""The files that all hosts of a site share: below VAR_DIR, or in a bucket of an S3-compatible store where SHARED_FILES names one.

A file has a name such as media/screenshots/x.png. It is written as a draft of this host and gets its name once it is whole.
Everything here raises OSError where the place of the files does not answer.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import IO, TYPE_CHECKING, Any, Final, cast

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

if TYPE_CHECKING:
    from django.http import FileResponse

    from apps.common.buckets import Bucket

PREFIX: Final = "s3://"  # of a bucket's address
DRAFT: Final = ".draft"
COPY_LASTS: Final = 7 * 24 * 3600  # seconds that this host keeps its copy of a folder of the store


class Unreachable(OSError):
    """The place of the files does not answer, or not as it should; the text says how."""


@dataclass(frozen=True)
class Found:
    """A file, as a listing tells it."""

    name: str
    size: int  # bytes
    at: float  # when it was written, in seconds since 1970


class Draft(File):  # type: ignore[type-arg]  # the part that draws has no typed generics of Django
    """A file of this host that a local storage may move instead of copying it."""

    def temporary_file_path(self) -> str:
        return str(self.file.name)  # type: ignore[union-attr]  # open by its path


def is_bucket() -> bool:
    """Tell whether the files are in a bucket."""
    return bool(settings.SHARED_FILES)


def store() -> Storage:
    """Return the storage that the files are in."""
    if is_bucket():
        return storages["shared"]
    return FileSystemStorage(settings.VAR_DIR, file_permissions_mode=0o640, allow_overwrite=True)


def place_of(name: str) -> Path:
    """Return where a file is on this host, or would be."""
    return Path(settings.VAR_DIR) / name


def open_file(name: str) -> IO[bytes]:
    """Open a file to be read once; it has a `size`. Raises FileNotFoundError, OSError."""
    return cast(IO[bytes], store().open(name))


def exists(name: str) -> bool:
    """Tell whether a file is there and can be had."""
    try:
        return store().exists(name)
    except OSError:
        return False


def send(name: str, **options: Any) -> "FileResponse":
    """Return an answer that sends a file. Raises OSError."""
    from django.http import FileResponse  # here, as the part that draws answers nobody

    content = open_file(name)
    answer = FileResponse(content, **options)
    answer.headers.setdefault("Content-Length", str(content.size))  # type: ignore[attr-defined]  # Django's File
    return answer


@contextmanager
def draft(name: str) -> Iterator[Path]:
    """Yield the path of a draft beside the file's place on this host; what is left of it afterwards is removed."""
    path = place_of(name)
    path = path.with_name(f".{path.name}.{os.getpid()}{DRAFT}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def put(name: str, path: Path) -> None:
    """Move a file of this host to its name; one that has it is replaced. Raises OSError, and then nothing is there."""
    with path.open("rb") as content:
        store().save(name, Draft(content))
    path.unlink(missing_ok=True)


def put_bytes(name: str, content: bytes) -> None:
    """Keep some bytes under a name. Raises OSError, and then nothing is left of them."""
    with draft(name) as path:
        path.write_bytes(content)
        put(name, path)


def put_once(name: str, path: Path) -> None:
    """Copy a file of this host to a name that is never written again. Raises OSError."""
    if is_bucket():
        if not store().exists(name):
            with path.open("rb") as content:
                store().save(name, File(content))
        return
    place_of(name).parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        place_of(name).hardlink_to(path)


def rename(old: str, new: str) -> None:
    """Give a file another name; one that has it is replaced. Raises OSError."""
    if is_bucket():
        _bucket().rename(old, new)
    else:
        place_of(old).replace(place_of(new))


def remove(name: str) -> None:
    """Remove a file, if it is there. Raises OSError."""
    store().delete(name)


def look(folder: str) -> Iterator[Found]:
    """Yield all files below a folder, in order; drafts and links are none. Raises OSError."""
    if is_bucket():
        yield from _bucket().look(folder)
        return
    for file in sorted(place_of(folder).rglob("*")):
        with suppress(FileNotFoundError):  # removed meanwhile
            state = file.lstat()
            if S_ISREG(state.st_mode) and file.suffix != DRAFT:
                yield Found(str(file.relative_to(settings.VAR_DIR)), state.st_size, state.st_mtime)


# Folders that are worked on as a whole: what one host has received another looks through


def share_folder(name: str) -> None:
    """Have other hosts see a folder that this one has written. Raises OSError."""
    if not is_bucket():
        return
    for file in sorted(place_of(name).iterdir()):
        with file.open("rb") as content:
            store().save(f"{name}/{file.name}", File(content))


def fetch_folder(name: str) -> Path:
    """Return a folder of this host with what another may have written. Raises FileNotFoundError, OSError."""
    place = place_of(name)
    if not is_bucket() or place.exists():
        return place
    _remove_old_copies(place.parent)
    part = place.with_name(f".{place.name}.{os.getpid()}{DRAFT}")
    try:
        for found in look(name):
            part.mkdir(parents=True, exist_ok=True)
            with open_file(found.name) as content, (part / Path(found.name).name).open("wb") as copy:
                shutil.copyfileobj(content, copy)
        with suppress(OSError):  # nothing was there, or another process was quicker
            part.rename(place)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return place


def remove_folder(name: str) -> None:
    """Remove a folder, here and for all hosts; one that cannot be removed now stays."""
    shutil.rmtree(place_of(name), ignore_errors=True)
    if is_bucket():
        with suppress(OSError):
            for found in list(look(name)):
                remove(found.name)


def _remove_old_copies(parent: Path) -> None:
    for copy in parent.iterdir() if parent.exists() else ():
        with suppress(OSError):
            if copy.is_dir() and copy.stat().st_mtime < time.time() - COPY_LASTS:
                shutil.rmtree(copy, ignore_errors=True)


def _bucket() -> "Bucket":
    return cast("Bucket", storages["shared"])
