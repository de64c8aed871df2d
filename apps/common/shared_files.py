"""Whether all hosts of a site see the same files: each folder that they share holds a marker whose content the database knows.

Folders of a bucket are marked as well: a host with another bucket, or with none, is told from the others.

The database keeps it as the comment of a table, not in one: it belongs to this database and these folders, and a backup that is
restored elsewhere must not bring it along.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext
from psycopg import sql

from apps.common import file_store

PLACES: Final = ("media", "editions")
MARKER: Final = ".kzmedia-shared"
KNOWN: Final = "SELECT obj_description(to_regclass('django_migrations'), 'pg_class')"
PREFIX: Final = "files "
AGAIN: Final = 60  # seconds until it is worth asking again


@dataclass(frozen=True)
class NotShared:
    """A folder of this host that is not the one that the other hosts use."""

    place: str  # a path of this host, or an address of S3
    has_marker: bool
    why: str = ""  # where it could not be looked at

    def __str__(self) -> str:
        if self.why:
            return f"{self.place} cannot be reached: {self.why}"
        what = "the marker of another installation" if self.has_marker else "no marker"
        return f"{self.place} has {what}: it is not the folder that this site's other hosts use"


def known_marker() -> str:
    """Return what the database knows; empty where no host has marked the folders yet."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN)
        row = cursor.fetchone()
    comment = str(row[0] or "") if row else ""
    return comment.removeprefix(PREFIX) if comment.startswith(PREFIX) else ""


def not_shared() -> list[NotShared]:
    """Return the folders of this host that differ from what the database knows; none where nothing is known."""
    known = known_marker()
    if not known:
        return []
    troubles = []
    for place in PLACES:
        try:
            marker = _read(place)
        except OSError as error:
            troubles.append(NotShared(_shown(place), False, str(error)))
            continue
        if marker != known:
            troubles.append(NotShared(_shown(place), bool(marker)))
    return troubles


def mark(*, adopt: bool = False) -> None:
    """Mark the folders where the database knows no marker yet; `adopt` makes this host's folders the right ones.

    Folders that were marked for a database that is no more, as after a restore into a new one, are taken over.
    """
    known = known_marker()
    if known and not adopt:
        return
    try:
        found = next((marker for place in PLACES if (marker := _read(place))), "")
        marker = known or found or secrets.token_hex(16)
        for place in PLACES:
            file_store.put_bytes(f"{place}/{MARKER}", f"{marker}\n".encode())
    except OSError:  # a host that has no part in the files, or may not write them
        return
    if not known:
        _remember(marker)


def missing_answer() -> HttpResponse:
    """Return 503 with the reason, for a file that the database knows and this host does not have."""
    words = gettext(
        "The file is not on this server at the moment: it does not see the folder that the servers share, or the file was lost."
    )
    answer = HttpResponse(f"{words}\n", content_type="text/plain; charset=utf-8", status=503)
    answer["Retry-After"] = str(AGAIN)
    answer["Cache-Control"] = "no-store"
    return answer


def _shown(place: str) -> str:
    return f"{settings.SHARED_FILES}/{place}" if file_store.is_bucket() else str(file_store.place_of(place))


def _read(place: str) -> str:
    """Return what the marker of a folder holds; empty where there is none. Raises OSError where the store does not answer."""
    try:
        with file_store.open_file(f"{place}/{MARKER}") as marker:
            return marker.read(100).decode(errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return ""


def _remember(marker: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("COMMENT ON TABLE django_migrations IS {}").format(sql.Literal(PREFIX + marker))
        )
