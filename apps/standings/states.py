"""Days on which pages vanished and came back, as far as readings tell."""

from dataclasses import dataclass
from datetime import date, timedelta

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
    sql = f"""
    WITH reading AS (
        SELECT ac.slug, a.platform, a.id, s.day, s.state, lag(s.day) OVER w AS after, lag(s.state) OVER w AS before
        FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id
        JOIN tracking_snapshot s ON s.account_id = a.id
        WHERE {wanted} AND {platform} AND s.span = 3 AND s.day BETWEEN %s AND %s{scopes.readable(scope)}
        WINDOW w AS (PARTITION BY a.id ORDER BY s.day)
    )
    SELECT slug, platform, id, day, state, after, before FROM reading
    WHERE day >= %s AND day - after <= %s AND (state = ANY(%s)) <> (before = ANY(%s))
    ORDER BY day, platform, slug, id"""  # noqa: S608 our words
    gone = [str(state) for state in GONE]
    lead = first - timedelta(days=FRESH_DAYS)
    with reading.cursor() as cursor:
        cursor.execute(sql, [*parameters, *platform_parameters, lead, last, first, FRESH_DAYS, gone, gone])
        return [Turn(*columns) for columns in cursor.fetchall()]


def filter_counted(keys: set[tuple[str, str, date]]) -> set[tuple[str, str, date]]:
    """Return those of actor, platform and day where the actor was counted there in the FRESH_DAYS before the day."""
    if not keys:
        return set()
    with reading.cursor() as cursor:
        cursor.execute(
            """SELECT k.slug, k.platform, k.day FROM unnest(%s::text[], %s::text[], %s::date[]) k(slug, platform, day)
            WHERE EXISTS (SELECT FROM tracking_actor ac JOIN tracking_account a ON a.actor_id = ac.id
                JOIN tracking_snapshot s ON s.account_id = a.id
                WHERE ac.slug = k.slug AND a.platform = k.platform AND s.state = 'counted' AND s.span = 3
                AND s.day BETWEEN k.day - %s AND k.day - 1)""",
            [*(list(column) for column in zip(*keys, strict=True)), FRESH_DAYS],
        )
        return set(cursor.fetchall())
