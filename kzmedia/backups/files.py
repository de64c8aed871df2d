"""Files beside the database in a backup: those of editions, and what people have sent."""

import hashlib
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.common import shared_files
from kzmedia.backups.archive import BackupRefused, Writer, part

PLACES = ("editions", "media")  # under VAR_DIR
BROUGHT = ".restoring"
OUSTED = ".before-restore"  # at the end of a name


def dump(writer: Writer) -> list[dict[str, Any]]:
    """Write every file; one that is removed meanwhile is left out, a draft is none. The manifest's lines."""
    lines = []
    for place in PLACES:
        root = settings.VAR_DIR / place
        for file in sorted(root.rglob("*")):
            if file.is_symlink() or not file.is_file() or file.suffix in {".draft", OUSTED}:
                continue
            if BROUGHT in file.parts or file.name == shared_files.MARKER:
                continue
            try:
                stream = file.open("rb")
            except FileNotFoundError:
                continue
            with stream:
                lines.append(writer.add(f"files/{file.relative_to(settings.VAR_DIR)}", stream))
    return lines


@contextmanager
def unpack(manifest: dict[str, Any], tar: tarfile.TarFile) -> Iterator[list[tuple[Path, Path]]]:
    """Unpack the files beside those that are there; (unpacked, place) of each. Raises Refused for a strange place."""
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
            moves.append((unpacked, settings.VAR_DIR.joinpath(*words[1:])))
        yield moves
    finally:
        for draft in drafts:
            shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def put_in_place(moves: list[tuple[Path, Path]]) -> Iterator[None]:
    """Put the unpacked files in their places, for good when the block ends well.

    Moved one by one, as the folder may be a volume of its own. Another file of a name steps aside until the end; files
    that the backup does not have stay, nothing refers to them.
    """
    done: list[tuple[Path, Path]] = []
    try:
        for unpacked, place in moves:
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.exists():
                if _sum(place) == _sum(unpacked):
                    continue
                place.replace(_aside(place))
            unpacked.rename(place)
            done.append((unpacked, place))
        yield
    except BaseException:
        for _unpacked, place in done:
            place.unlink()
        for _unpacked, place in moves:
            if _aside(place).exists():
                _aside(place).replace(place)
        raise
    for _unpacked, place in done:
        _aside(place).unlink(missing_ok=True)


def _aside(place: Path) -> Path:
    return place.with_name(place.name + OUSTED)


def _sum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
