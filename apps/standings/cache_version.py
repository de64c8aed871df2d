"""Cache keys and ETags for public responses: pages, files, the API.

The generation is a number that every write of anything public changes. All caches use the same key, so that none
serves what another has dropped.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from apps.common import reading
from apps.standings.models import Generation

# A new version of any of these folders makes every cached answer stale.
MADE_OF = ("apps", "kzmedia", "templates", "locale")


def of_pages() -> int:
    """Return the generation of everything public, as this transaction sees it. One statement."""
    return sum_of_all_and_by_hand()[0]


def of_request(request: HttpRequest) -> int:
    """Return the generation that this answer is made in: one request has one, asked for once."""
    holder: Any = request
    if not hasattr(holder, "generation"):
        holder.generation = of_pages()
    return int(holder.generation)


def sum_of_all_and_by_hand() -> tuple[int, int]:
    """Return the sum of all generations, and the one that only a write by hand at the desk changes. One statement."""
    with reading.cursor() as cursor:
        cursor.execute(
            f"""SELECT coalesce(sum(value), 0)::bigint, coalesce(sum(value) FILTER (WHERE month = %s), 0)::bigint
            FROM {Generation._meta.db_table}""",  # noqa: S608
            [Generation.BY_HAND],
        )
        every, by_hand = cursor.fetchone()
    return every, by_hand


def key_of(request: HttpRequest, *more: object, blanks: bool = False, generation: object = None) -> str:
    """Return a cache key and ETag of 64 letters for this request. One statement, none where a generation is given.

    The order in which the names of parameters stand makes no difference, and those without a value none unless
    `blanks`. Ask before reading the rows: a write in between makes the answer newer than the key says, not older.
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
    """Return the version of the code, the templates and the words."""
    found = sha256()
    places = [settings.BASE_DIR / name for name in MADE_OF]
    files = [file for place in places for file in place.rglob("*") if file.suffix in {".py", ".html", ".mo"}]
    for file in [*sorted(files), Path(settings.STATIC_ROOT) / "staticfiles.json"]:
        if file.exists():
            told = file.stat()
            found.update(f"{file} {told.st_mtime_ns} {told.st_size}\n".encode())
    return found.hexdigest()
