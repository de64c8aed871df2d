"""Answers that took long, kept in the database under the generation of all that they are made of.

The database itself changes a month's generation with every write into it (models.Generation), so what is kept is never
stale: an answer for days that are over stands while today's are collected.
"""

from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from django.utils import timezone

from apps.common import reading
from apps.standings.models import Generation, Summary

KEPT = timedelta(days=40)  # each day asks for other days: what was made longer ago is hardly asked for again


def recall(asked: object, month: date, compute: Callable[[], list[list[Any]]]) -> list[list[Any]]:
    """Return the rows for what is asked, made again where anything up to the month's end was written since.

    asked: all that the rows depend on beside the record; its repr() tells it from any other. The rows hold what JSON
    holds. Two statements where nothing was written.
    """
    key = sha256(repr(asked).encode()).hexdigest()
    # The generation is read before the rows: what is written in between makes them newer than it says, not older.
    generation = _generation(month)
    kept = Summary.objects.filter(key=key, generation=generation).values_list("answer", flat=True).first()
    if kept is not None:
        return list(kept)
    rows = compute()
    Summary.objects.filter(made_at__lt=timezone.now() - KEPT).delete()
    Summary.objects.update_or_create(key=key, defaults={"generation": generation, "answer": rows})
    return rows


def _generation(month: date) -> int:
    """Changes with every write into the month or one before it, as older numbers speak for later months, and with
    every write by hand: names are part of answers too."""
    with reading.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(sum(value), 0)::bigint FROM {Generation._meta.db_table} WHERE month <= %s OR month = %s",  # noqa: S608
            [month, Generation.BY_HAND],
        )
        found: int = cursor.fetchone()[0]
    return found
