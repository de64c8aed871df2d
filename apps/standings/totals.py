"""Totals of whole kinds, month by month.

As of the end of every month for every account, over ten years, that is hundreds of thousands of steps down an index.
The answer is kept (summaries.py) until something is written into its months or before. Months that are over hardly change; they are kept apart from the one that is
not, which is made again after every batch that was collected.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from apps.common import reading
from apps.snapshots.rules import month_end_sql
from apps.standings import scopes, succession, summaries
from apps.standings.types import Scope


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
    asked = ("totals", astuple(scope), scopes.readable(scope), months[0], until)
    return summaries.recall(asked, months[-1], lambda: _compute(scope, months, until))


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
