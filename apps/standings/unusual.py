"""Days on which an account changed as it hardly ever does, and days on which many of a platform did.

The score is the robust z of Iglewicz and Hoaglin: 0.6745 times the distance of a day's change from the account's
median change, over the median of such distances; 3.5 is their threshold. Where more than half of the days are alike
that median is 0, and the mean of the distances (times 1.2533) stands in.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from apps.common import reading
from apps.standings import precision, scopes
from apps.standings.types import Scope

THRESHOLD = 3.5
LOOKS_BACK = 365  # days of changes that say what is usual
NEEDS_CHANGES = 30
WIDE_ACCOUNTS = 3  # the fewest that make a day a platform's
WIDE_SHARE = 0.3  # of the platform's accounts with a change on that day


@dataclass(frozen=True)
class UnusualDay:
    actor_slug: str
    platform: str
    account_id: int
    day: date
    change: int  # followers since the day before
    score: float  # negative for a fall


@dataclass(frozen=True)
class PlatformDay:
    """The same day unusual in the same direction for many accounts of a platform; why, the numbers do not say."""

    platform: str
    day: date
    falls: bool
    days: tuple[UnusualDay, ...]
    of: int  # accounts of the platform that have a change on this day


@dataclass(frozen=True)
class Unusual:
    """Newest first. A day of a platform is not repeated among the single ones."""

    single: tuple[UnusualDay, ...]
    platforms: tuple[PlatformDay, ...]


def within(scope: Scope, first: date, last: date) -> Unusual:
    """Return the unusual days of the scope's accounts from `first` to `last`, in one statement.

    Changes are between two days in a row that both have a count; one within rounding is never unusual. Usual is
    what the 365 days up to `last` say (or all from `first`, if that is longer), of 30 changes or more.
    """
    since = min(first, last - timedelta(days=LOOKS_BACK - 1))
    wanted, parameters = scopes.filters(scope)
    platform, platform_parameters = scopes.platform(scope)
    step = precision.step_sql("followers", "precision")
    # An account's changes are kept in lists and read again from them: the planner takes the changes for a single row, and
    # to join them with what is usual would go through all of them for each.
    is_asked = f"day >= date '{first.isoformat()}'"
    names = ("day", "change", "followers", "precision", "followers_before", "precision_before")
    asked = ", ".join(f"array_agg({name}) FILTER (WHERE {is_asked}) AS {name}_list" for name in names)
    lists, columns = ", ".join(f"{name}_list" for name in names), ", ".join(names)
    sql = f"""
    WITH reading AS (
        SELECT a.id, ac.slug, a.platform, s.day, s.followers, s.precision, s.followers - lag(s.followers) OVER w AS change,
            lag(s.day) OVER w AS day_before, lag(s.followers) OVER w AS followers_before, lag(s.precision) OVER w AS precision_before
        FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id
        JOIN tracking_snapshot s ON s.account_id = a.id
        WHERE {wanted} AND {platform} AND s.day BETWEEN %s AND %s AND s.span = 3 AND s.state = 'counted' AND s.bound = '='
            AND {scopes.in_being("s.day")}{scopes.readable(scope)}
        WINDOW w AS (PARTITION BY a.id ORDER BY s.day)
    ),
    account AS MATERIALIZED (
        SELECT id, slug, platform, percentile_cont(0.5) WITHIN GROUP (ORDER BY change) AS middle,
            array_agg(change) AS changes, {asked}
        FROM reading WHERE day_before = day - 1
        GROUP BY id, slug, platform HAVING count(*) >= %s AND bool_or({is_asked})
    ),
    spread AS MATERIALIZED (
        SELECT account.*,
            (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(one - middle)) FROM unnest(changes) one) / 0.6745 AS by_median,
            (SELECT avg(abs(one - middle)) FROM unnest(changes) one) * 1.2533 AS by_mean
        FROM account
    ),
    scored AS (
        SELECT spread.slug, spread.platform, spread.id, one.*,
            (one.change - middle) / coalesce(nullif(by_median, 0), by_mean) AS score,
            count(*) OVER (PARTITION BY spread.platform, one.day) AS accounts
        FROM spread CROSS JOIN LATERAL unnest({lists}) one({columns})
        WHERE by_mean > 0
    )
    SELECT slug, platform, id, day, change, score, accounts FROM scored
    WHERE abs(score) > {THRESHOLD} AND (precision = 'exact' AND precision_before = 'exact' OR abs(change) >= {step}
        + {precision.step_sql("followers_before", "precision_before")})
    ORDER BY day DESC, platform, slug, id"""  # noqa: S608 our words
    with reading.cursor() as cursor:
        cursor.execute(sql, [*parameters, *platform_parameters, since, last, NEEDS_CHANGES])
        rows = cursor.fetchall()
    together: dict[tuple[date, str, bool], list[UnusualDay]] = {}
    measured: dict[tuple[date, str], int] = {}
    for *columns, accounts in rows:
        day = UnusualDay(*columns)
        together.setdefault((day.day, day.platform, day.score < 0), []).append(day)
        measured[day.day, day.platform] = accounts
    single: list[UnusualDay] = []
    platforms: list[PlatformDay] = []
    for (on, name, falls), days in together.items():
        of = measured[on, name]
        if len(days) >= WIDE_ACCOUNTS and len(days) >= WIDE_SHARE * of:
            platforms.append(PlatformDay(name, on, falls, tuple(days), of))
        else:
            single += days
    return Unusual(tuple(single), tuple(platforms))
