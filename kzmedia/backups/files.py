"""Files beside the database in a backup: those of editions, and what people have sent."""

import hashlib
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from apps.common import file_store, shared_files
from kzmedia.backups.archive import BLOCK, BackupRefused, Writer, part

PLACES = ("editions", "media")  # under VAR_DIR
BROUGHT = ".restoring"
OUSTED = ".before-restore"  # at the end of a name


def dump(writer: Writer) -> list[dict[str, Any]]:
    """Write every file; one that is removed meanwhile is left out, a draft is none. The manifest's lines."""
    lines = []
    for place in PLACES:
        for found in file_store.look(place):
            file = Path(found.name)
            if file.suffix == OUSTED or BROUGHT in file.parts or file.name == shared_files.MARKER:
                continue
            try:
                stream = file_store.open_file(found.name)
            except FileNotFoundError:
                continue
            with stream:
                lines.append(writer.add(f"files/{found.name}", stream))
    return lines


@contextmanager
def unpack(manifest: dict[str, Any], tar: tarfile.TarFile) -> Iterator[list[tuple[Path, str]]]:
    """Unpack the files on this host; (unpacked, name) of each. Raises BackupRefused for a strange place."""
    drafts = [settings.VAR_DIR / place / BROUGHT for place in PLACES]
    moves = []
    try:
        for draft in drafts:
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(parents=True)
        for line in manifest["files"]:
            words = Path(line["name"]).parts
            if len(words) < 3 or words[0] != "files" or words[1] not in PLACES or ".." in words:
                raise BackupRefused(
                    f"The backup holds a file in a strange place: {line['name']}. Nothing was changed."
                )
            unpacked = settings.VAR_DIR.joinpath(words[1], BROUGHT, *words[2:])
            unpacked.parent.mkdir(parents=True, exist_ok=True)
            with part(tar, line) as source, unpacked.open("wb") as copy:
                shutil.copyfileobj(source, copy)
            moves.append((unpacked, "/".join(words[1:])))
        yield moves
    finally:
        for draft in drafts:
            shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def put_in_place(moves: list[tuple[Path, str]]) -> Iterator[None]:
    """Put the unpacked files in their places, for good when the block ends well.

    Moved one by one, as the folder may be a volume of its own, or a bucket. Another file of a name steps aside until the end; files
    that the backup does not have stay, nothing refers to them.
    """
    done: list[str] = []
    aside: list[str] = []
    try:
        for unpacked, name in moves:
            if file_store.store().exists(name):
                if _is_same(name, unpacked):
                    continue
                file_store.rename(name, name + OUSTED)
                aside.append(name)
            file_store.put(name, unpacked)
            done.append(name)
        yield
    except BaseException:
        for name in done:
            file_store.remove(name)
        for name in aside:
            file_store.rename(name + OUSTED, name)
        raise
    for name in aside:
        file_store.remove(name + OUSTED)


def _is_same(name: str, unpacked: Path) -> bool:
    with file_store.open_file(name) as there, unpacked.open("rb") as here:
        return _sum(there) == _sum(here)


def _sum(stream: IO[bytes]) -> str:
    found = hashlib.sha256()
    while block := stream.read(BLOCK):
        found.update(block)
    return found.hexdigest()
