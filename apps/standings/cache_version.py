"""What answers that depend on nothing but their address, the day and the data are made of: pages, files, the interface.

The generation is a number that every write of anything public changes. One rule for all, so that none holds what
another has left behind.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from apps.common import reading
from apps.standings.models import Generation

# What is answered is made of this too; a new version of any of it makes new answers.
MADE_OF = ("apps", "kzmedia", "templates", "locale")


def of_pages() -> int:
    """The sum of all generations, as this transaction sees them. One statement."""
    return sum_of_all_and_by_hand()[0]


def sum_of_all_and_by_hand() -> tuple[int, int]:
    """The second changes only with what a person writes at the desk. One statement."""
    with reading.cursor() as cursor:
        cursor.execute(
            f"""SELECT coalesce(sum(value), 0)::bigint, coalesce(sum(value) FILTER (WHERE month = %s), 0)::bigint
            FROM {Generation._meta.db_table}""",  # noqa: S608
            [Generation.BY_HAND],
        )
        every, by_hand = cursor.fetchone()
    return every, by_hand


def key_of(request: HttpRequest, *more: object, blanks: bool = False, generation: object = None) -> str:
    """64 letters that another answer to this address would not have. One statement, none where a generation is given.

    The order in which the names of parameters stand makes no difference, and those without a value none unless `blanks`.
    Ask before the rows are read: what is written in between makes the answer newer than the key says, not older.
    """
    query = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=blanks)
    parts = [
        version(),
        settings.YOUTUBE_TERMS,
        settings.X_TERMS,
        of_pages() if generation is None else generation,
        timezone.localdate(),
        get_language(),
        request.scheme,
        request.get_host(),
        request.path,
        sorted(query, key=lambda pair: pair[0]),
        *more,
    ]
    return sha256(repr(parts).encode()).hexdigest()


@cache
def version() -> str:
    """Of the code, the templates and the words."""
    found = sha256()
    places = [settings.BASE_DIR / name for name in MADE_OF]
    files = [file for place in places for file in place.rglob("*") if file.suffix in {".py", ".html", ".mo"}]
    for file in [*sorted(files), Path(settings.STATIC_ROOT) / "staticfiles.json"]:
        if file.exists():
            told = file.stat()
            found.update(f"{file} {told.st_mtime_ns} {told.st_size}\n".encode())
    return found.hexdigest()
