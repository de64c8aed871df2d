"""Days on which pages vanished and came back, as far as readings tell."""

from dataclasses import dataclass
from datetime import date

from apps.common import reading
from apps.snapshots.models import State
from apps.standings import scopes
from apps.standings.types import FRESH_DAYS, Scope

GONE = (State.ABSENT, State.SUSPENDED, State.PRIVATE)


@dataclass(frozen=True)
class Turn:
    """A page that could be seen was gone on a day, or the other way round."""

    actor_slug: str
    platform: str
    account_id: int
    day: date  # the first day it was so
    state: str
    after: date  # the last day it was not so
    state_before: str

    @property
    def is_gone(self) -> bool:
        return self.state in GONE


def turns(scope: Scope, first: date, last: date) -> list[Turn]:
    """Return the turns that show on a day from `first` to `last`, oldest first, in one statement.

    Two readings make a turn, the first no older than FRESH_DAYS at the second; values of months and years make none.
    """
    wanted, parameters = scopes.filters(scope)
    platform, platform_parameters = scopes.platform(scope)
    readable = scopes.readable(scope)
    # The days as literals: the planner then knows that they are few, and takes their rows through the index of days.
    sql = f"""
    SELECT ac.slug, a.platform, a.id, s.day, s.state, before.day, before.state
    FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id
    JOIN tracking_snapshot s ON s.account_id = a.id
    CROSS JOIN LATERAL (
        SELECT b.day, b.state FROM tracking_snapshot b
        WHERE b.account_id = a.id AND b.span = 3 AND b.day < s.day AND b.day >= s.day - {FRESH_DAYS}{scopes.readable(scope, "b")}
        ORDER BY b.day DESC LIMIT 1
    ) before
    WHERE {wanted} AND {platform} AND s.span = 3 AND s.day BETWEEN date '{first}' AND date '{last}'{readable}
        AND (s.state = ANY(%s)) <> (before.state = ANY(%s))
    ORDER BY s.day, a.platform, ac.slug, a.id"""  # noqa: S608 our words
    gone = [str(state) for state in GONE]
    with reading.cursor() as cursor:
        cursor.execute(sql, [*parameters, *platform_parameters, gone, gone])
        return [Turn(*columns) for columns in cursor.fetchall()]


def filter_counted(keys: set[tuple[str, str, date]]) -> set[tuple[str, str, date]]:
    """Return those of actor, platform and day where the actor was counted there in the FRESH_DAYS before the day."""
    if not keys:
        return set()
    with reading.cursor() as cursor:
        cursor.execute(
            """SELECT k.slug, k.platform, k.day FROM unnest(%s::text[], %s::text[], %s::date[]) k(slug, platform, day)
            JOIN tracking_actor ac ON ac.slug = k.slug
            JOIN tracking_account a ON a.actor_id = ac.id AND a.platform = k.platform
            CROSS JOIN LATERAL (
                SELECT FROM tracking_snapshot s WHERE s.account_id = a.id AND s.state = 'counted' AND s.span = 3
                    AND s.day BETWEEN k.day - %s AND k.day - 1
                ORDER BY s.day DESC LIMIT 1
            ) counted""",
            [*(list(column) for column in zip(*keys, strict=True)), FRESH_DAYS],
        )
        return set(cursor.fetchall())
