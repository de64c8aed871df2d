"""The value as of a day, in SQL: the newest snapshot on or before it, of several on one day the one of the narrower span.

A few accounts are looked up one by one along their own index. Of many the day's own rows are taken together, and only
who has none that day is looked up. As of today the day has hardly begun: then each account's latest row is taken,
where it is no newer than the day. The answers are the same, row by row (tests/standings/test_as_of.py).

The day stands in the statement as a literal: from a table of one row the planner does not know how many rows it has, and
goes through all accounts one by one (tests/standings/test_plans.py).
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils import timezone

from apps.snapshots.models import Span

# While the nightly check has found a difference, nothing is read from the latest.
TRUSTED = "NOT EXISTS (SELECT FROM snapshots_latestdifference)"


class AsOf(NamedTuple):
    """A value joined to an account `a`: the joins, and by column the word it has in a SELECT."""

    joins: str
    cells: dict[str, str]


def one_by_one(side: str, day: str, columns: Sequence[str], *, readable: str, only: str = "true") -> AsOf:
    """Look each account up along the unique index: DISTINCT ON would read every snapshot.

    day: SQL of the day. readable: the terms' condition on a snapshot `s`. only: on an account without a value the
    condition is false.
    """
    found = f"""LEFT JOIN LATERAL (
            SELECT {_chosen(columns)}
            FROM tracking_snapshot s WHERE s.account_id = a.id AND s.day <= {day}{readable}
            ORDER BY s.day DESC, s.span DESC LIMIT 1
        ) {side} ON {only}"""  # noqa: S608 our words
    return AsOf(found, {column: f"{side}.{column}" for column in columns})


def together(side: str, day: date, columns: Sequence[str], *, readable: str, only: str = "true") -> AsOf:
    """Take the values of all accounts at once, as above.

    Of the row of its own and the one that was looked up at most one is there, so that either's columns are whole.
    """
    own, before = f"{side}_own", f"{side}_before"
    asked = f"date '{day.isoformat()}'"
    mine = readable.replace("s.source_id", f"{own}.source_id")
    if day >= timezone.localdate():
        rows = f"snapshots_latest {own} ON {own}.account_id = a.id AND {own}.day <= {asked} AND {TRUSTED}"
    else:
        rows = f"""tracking_snapshot {own} ON {own}.account_id = a.id AND {own}.day = {asked}
            AND {own}.span = {Span.DAY:d}"""
    joins = f"""LEFT JOIN {rows}{mine} AND {only}
        LEFT JOIN LATERAL (
            SELECT {_chosen(columns)}
            FROM tracking_snapshot s WHERE {own}.account_id IS NULL AND s.account_id = a.id AND s.day <= {asked}{readable}
            ORDER BY s.day DESC, s.span DESC LIMIT 1
        ) {before} ON {only}"""  # noqa: S608 our words
    return AsOf(joins, {column: f"coalesce({own}.{column}, {before}.{column})" for column in columns})


def _chosen(columns: Sequence[str]) -> str:
    return ", ".join(f"s.{column}" for column in columns)
