"""The newest backup, the results of the last ones, and the days on which tokens end."""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Final, Self

from django.conf import settings

from apps.common import file_store

MADE: Final = "made.json"  # that the newest was made, where hosts share a bucket
FOLDER: Final = "backups"
DRILL: Final = "drill.json"  # in BACKUP_DIR: how restoring the newest backup went
SENT: Final = "sent.json"  # and sending it away


@dataclass(frozen=True)
class Note:
    """How something went that was done with a backup; `why` is empty where it went well."""

    name: str
    at: str  # ISO, UTC
    why: str = ""
    rows: int = 0  # counts that were restored
    seconds: int = 0

    @classmethod
    def now(cls, name: str, **facts: object) -> Self:
        return cls(name, datetime.now(UTC).isoformat(timespec="seconds"), **facts)  # type: ignore[arg-type]

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)


def write_note(name: str, note: Note) -> None:
    """Write a note beside the backups, whole or not at all; where hosts share a bucket, for all of them as well."""
    if file_store.is_bucket():
        with suppress(OSError):  # other hosts do not hear of it then
            file_store.put_bytes(f"{FOLDER}/{name}", json.dumps(asdict(note)).encode())
    place = settings.BACKUP_DIR / name
    draft = place.with_name(f".{name}.draft")
    draft.write_text(json.dumps(asdict(note)), encoding="utf-8")
    draft.replace(place)


def read_note(name: str) -> Note | None:
    """Return the newest note of this name; None where there is none, or none that can be read."""
    notes = []
    with suppress(OSError, ValueError, TypeError):
        notes.append(Note(**json.loads((settings.BACKUP_DIR / name).read_text(encoding="utf-8"))))
    if file_store.is_bucket():
        with suppress(OSError, ValueError, TypeError), file_store.open_file(f"{FOLDER}/{name}") as file:
            notes.append(Note(**json.loads(file.read())))
    return max(notes, key=lambda note: note.moment, default=None)


def newest_backup() -> datetime | None:
    """Return when the newest file in BACKUP_DIR was written (UTC); None where there is none.

    What is only begun, or empty, is no backup; nor are notes, or what a drill unpacks.
    """
    root = settings.BACKUP_DIR
    states = (
        file.stat()
        for file in root.rglob("*")
        if file.is_file()
        and file.suffix not in (".draft", ".json")
        and not file.relative_to(root).parts[0].startswith(".")
    )
    newest = max((state.st_mtime for state in states if state.st_size), default=None)
    here = None if newest is None else datetime.fromtimestamp(newest, UTC)
    # another host's: what it noted for all
    made = read_note(MADE) if file_store.is_bucket() else None
    return max((at for at in (here, made and made.moment) if at), default=None)


def token_ends() -> dict[str, date]:
    """Return by platform the last day of its token, as TOKEN_EXPIRES says.

    A wrong day ends the start (kzmedia.E005); one that comes in otherwise is left out and silences no other.
    """
    ends = {}
    for platform, text in sorted(settings.TOKEN_EXPIRES.items()):
        try:
            ends[platform] = date.fromisoformat(str(text))
        except ValueError:
            continue
    return ends
