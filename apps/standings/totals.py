"""Totals of whole kinds, month by month.

As of the end of every month for every account, over ten years, that is hundreds of thousands of steps down an index.
The answer is kept (models.Summary) under the generation of all that was written into its months and before, which the
database itself changes with every write. Months that are over hardly change; they are kept apart from the one that is
not, which is made again after every batch that was collected.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from hashlib import sha256
from json import dumps
from typing import Any

from django.utils import timezone

from apps.common import reading
from apps.snapshots.rules import month_end_sql
from apps.standings import scopes, succession
from apps.standings.models import Generation, Summary
from apps.standings.types import Scope

KEPT = timedelta(days=40)  # each day asks for other days: what was made longer ago is hardly asked for again


@dataclass(frozen=True)
class KindTotal:
    """What a kind's accounts in the scope had together as of the end of a month (of the last one: as of `last`)."""

    month: date  # its first day
    kind: str
    followers: int  # "follows": nobody knows who follows several of them
    counted: int  # accounts in the number; not a constant sample


def by_kind(scope: Scope, first: date, last: date) -> tuple[KindTotal, ...]:
    """Return the totals of each kind for the months from that of `first` to that of `last`, oldest first.

    Kinds with nothing counted have no total in a month. Who was succeeded by its end is not counted beside the
    successor. `scope.rows` and `scope.fresh` play no part. Four statements
    where nothing was written since; a summary is made again after any write into its months or the time before, so it
    is never stale.
    """
    months = _months(first, last)
    open_month = min(timezone.localdate().replace(day=1), last.replace(day=1))
    over = [month for month in months if month < open_month]
    rest = [month for month in months if month >= open_month]
    found = [row for part in (over, rest) if part for row in _recall(scope, part, last)]
    return tuple(KindTotal(date.fromisoformat(month), *numbers) for month, *numbers in found)


def _months(first: date, last: date) -> list[date]:
    months = []
    month = first.replace(day=1)
    while month <= last:
        months.append(month)
        month = _next(month)
    return months


def _next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _recall(scope: Scope, months: Sequence[date], last: date) -> list[list[Any]]:
    """Return the totals of some months, from their summary if nothing was written into them since."""
    until = min(last, _next(months[-1]) - timedelta(days=1))
    asked = dumps([asdict(scope), scopes.readable(scope), str(months[0]), str(until)], sort_keys=True)
    key = sha256(asked.encode()).hexdigest()
    # The generation is read before the numbers: what is written in between makes them newer than it says, not older.
    generation = _generation(months[-1])
    kept = Summary.objects.filter(key=key, generation=generation).values_list("answer", flat=True).first()
    if kept is not None:
        return list(kept)
    totals = _compute(scope, months, until)
    Summary.objects.filter(made_at__lt=timezone.now() - KEPT).delete()
    Summary.objects.update_or_create(key=key, defaults={"generation": generation, "answer": totals})
    return totals


def _generation(month: date) -> int:
    """Changes with every write into a month or one before it: older numbers speak for later months."""
    with reading.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(sum(value), 0)::bigint FROM {Generation._meta.db_table} WHERE month <= %s",  # noqa: S608
            [month],
        )
        found: int = cursor.fetchone()[0]
    return found


def _compute(scope: Scope, months: Sequence[date], last: date) -> list[list[Any]]:
    """Compute rows of month, kind, followers and accounts counted; the last month as of `last` if that is earlier."""
    wanted, parameters = scopes.filters(scope)
    platform, platform_parameters = scopes.platform(scope)
    over, over_parameters = succession.tables(scope, "%s::date")
    with reading.cursor() as cursor:
        cursor.execute(
            f"""WITH {over}
            SELECT month::text, ac.kind, sum(one.followers)::bigint, count(one.followers)
            FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id
            CROSS JOIN unnest(%s::date[]) month
            CROSS JOIN LATERAL (
                SELECT s.followers FROM tracking_snapshot s WHERE s.account_id = a.id
                    AND s.day <= least({month_end_sql("month")}, %s){scopes.readable(scope)}
                ORDER BY s.day DESC, s.span DESC LIMIT 1
            ) one
            WHERE {wanted} AND {platform} AND one.followers IS NOT NULL
                AND {scopes.in_being("least((month + interval '1 month' - interval '1 day')::date, %s)")} AND NOT EXISTS (
                SELECT FROM over WHERE over.actor_id = a.actor_id AND over.platform = a.platform
                    AND over.day <= least({month_end_sql("month")}, %s))
            GROUP BY 1, 2 ORDER BY 1, 2""",  # noqa: S608
            [*over_parameters, last, list(months), last, *parameters, *platform_parameters, last, last],
        )
        return [list(row) for row in cursor.fetchall()]
