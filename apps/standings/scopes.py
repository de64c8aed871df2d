"""A scope as SQL conditions over an account `a` and its actor `ac`. Hidden actors are never in it."""

import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from apps.common import reading
from apps.registry.models import Group
from apps.registry.names import fold
from apps.snapshots import terms
from apps.standings.types import Scope


def group_reference(scope: Scope) -> str:
    """Return the slug of the reference actor of the scope's group; "" where there is none."""
    if not scope.group:  # most scopes are none, and a query takes a quarter of a millisecond to write
        return ""
    return (
        Group.objects.public().filter(slug=scope.group).values_list("reference__slug", flat=True).first()
        or ""
    )


def filters(scope: Scope) -> tuple[str, list[Any]]:
    """Return the condition on actors, with its parameters."""
    conditions: list[str] = ["NOT ac.hidden"]
    parameters: list[Any] = []
    if scope.kinds:
        conditions.append("ac.kind = ANY(%s)")
        parameters.append(list(scope.kinds))
    if scope.region:
        conditions.append("ac.region = %s")
        parameters.append(scope.region)
    if scope.group:
        conditions.append(
            """ac.id IN (SELECT m.actor_id FROM tracking_group_members m
                JOIN tracking_group g ON g.id = m.group_id WHERE g.slug = %s AND NOT g.is_draft)"""
        )
        parameters.append(scope.group)
    if scope.actors:
        conditions.append("ac.slug = ANY(%s)")
        parameters.append(list(scope.actors))
    words = fold(scope.q).split()
    if words:
        # Every word stands in one of the names, or the whole is like a part of them: typing mistakes are forgiven.
        parts = " AND ".join(["strpos(ac.fold, %s) > 0"] * len(words))
        conditions.append(f"(({parts}) OR ac.fold %%> %s)")
        parameters += [*words, " ".join(words)]
    return " AND ".join(conditions), parameters


def in_being(day: str) -> str:
    """Return the condition that an actor has begun and has not ended by a day.

    Where only the month or the year is known it is there from the first day of that in which it began to the last of
    that in which it ended.
    """
    return f"({has_begun(day)} AND (ac.ended IS NULL OR {gone_on()} > {day}))"


def has_begun(day: str) -> str:
    """Return the condition that an actor has begun by a day."""
    return f"(ac.began IS NULL OR ac.began <= {day})"


def is_wide(scope: Scope) -> bool:
    """Tell whether the scope may hold thousands of accounts: it names neither actors nor a group nor a word."""
    return not (scope.actors or scope.group or scope.q)


@lru_cache(maxsize=1)
def _count_accounts(_hour: int) -> int:
    with reading.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = 'tracking_account'::regclass")
        found: int = cursor.fetchone()[0]
    return found


def count_accounts() -> int:
    """Return about how many accounts there are, as the database's statistics say; asked for once an hour."""
    return _count_accounts(int(time.time()) // 3600)


def gone_on() -> str:
    """Return SQL of the first day on which an actor is no longer there; NULL where it has not ended."""
    lasts = "CASE ac.ended_span WHEN 1 THEN interval '1 year' WHEN 2 THEN interval '1 month' ELSE interval '0' END"
    return f"(ac.ended + {lasts})::date"


def readable(scope: Scope, snapshot: str = "s") -> str:
    """Return the condition on a snapshot that the platforms' terms set (rule 9), with its AND; "" where they set none.

    Counts that may not be ranked, summed or charted are as unknown here as days on which nothing was read.
    """
    barred = set(terms.underivable())
    if not scope.platform:
        barred.update(terms.uncombinable())
    if scope.publish:
        barred.update(terms.unpublishable())
    if scope.freeze:
        barred.update(terms.unfreezable())
    return _without(barred, snapshot)


def publishable(snapshot: str = "s") -> str:
    """Return the condition on a snapshot that is given out as it was recorded, with its AND; "" where nothing is
    barred."""
    return _without(terms.unpublishable(), snapshot)


def freezable(snapshot: str = "s") -> str:
    """Return the same for editions, which are given out and kept for ever."""
    return _without(terms.unfreezable(), snapshot)


def _without(sources: Iterable[str], snapshot: str) -> str:
    barred = ", ".join(f"'{source}'" for source in sorted(sources))
    if not barred:
        return ""
    # An array is made once and is nearly always empty; NOT IN would look into a hash table for every snapshot. To the
    # planner a CASE is one row of two, whatever it knows of the sources; else it takes the barred for all there are,
    # expects one row, and looks up millions one by one (tests/standings/test_plans.py).
    among = f"{snapshot}.source_id = ANY (ARRAY(SELECT id FROM tracking_source WHERE key IN ({barred})))"  # noqa: S608 our words
    return f" AND CASE WHEN {among} THEN false ELSE true END"


def platform(scope: Scope) -> tuple[str, list[Any]]:
    """Return the condition on accounts. The reference obeys it too: nobody is measured across platforms unasked."""
    return ("a.platform = %s", [scope.platform]) if scope.platform else ("true", [])
