"""Days on which an account changed as it hardly ever does, and days on which many of a platform did.

The score is the robust z of Iglewicz and Hoaglin: 0.6745 times the distance of a day's change from the account's
median change, over the median of such distances; 3.5 is their threshold. Where more than half of the days are alike
that median is 0, and the mean of the distances (times 1.2533) stands in.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from apps.common import reading
from apps.standings import precision, scopes
from apps.standings.types import Scope

THRESHOLD = 3.5
LOOKS_BACK = 365  # days of changes that say what is usual
NEEDS_CHANGES = 30
WIDE_ACCOUNTS = 3  # the fewest that make a day a platform's
WIDE_SHARE = 0.3  # of the platform's accounts with a change on that day
# A day on which more accounts changed is asked of so many of them first. Where three in ten of all are unusual, less than
# half of that share is seen in four fifths of such a sample not once in ten million times (Hoeffding). A year of an account
# lies on as many pages as it has days, so the sample is no larger than that needs.
SAMPLE = 500
ENOUGH = 0.8  # of the sample, that have changes enough to be judged


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


class DayChange(NamedTuple):
    """Followers of an account since the day before."""

    account_id: int
    day: date
    change: int
    followers: int


class _Scores(NamedTuple):
    days: list[UnusualDay]  # newest first
    measured: dict[tuple[date, str], int]  # accounts by day and platform that have a score


def within(scope: Scope, first: date, last: date) -> Unusual:
    """Return the unusual days of the scope's accounts from `first` to `last`, in one statement.

    Changes are between two days in a row that both have a count; one within rounding is never unusual. Usual is
    what the 365 days up to `last` say (or all from `first`, if that is longer), of 30 changes or more.
    """
    return _grouped(_scores(scope, first, last))


def among(scope: Scope, first: date, last: date, is_asked: Callable[[DayChange], bool]) -> Unusual:
    """Return the days of whole platforms, as above, and of single accounts those whose change is asked for.

    A year of counts is read of those accounts alone, and of all who changed on a day only where a sample shows that many
    may be unusual: of 100,000 accounts everybody's year took minutes. Four statements at most.
    """
    changes = _changes(scope, first, last)
    by_day: dict[date, list[int]] = defaultdict(list)
    for one in changes:
        by_day[one.day].append(one.account_id)
    whole = _days_of_many(scope, first, last, by_day)
    asked = {(one.account_id, one.day) for one in changes if is_asked(one)}
    accounts = {account for account, _ in asked}.union(*(by_day[day] for day in whole))
    if not accounts:
        return Unusual((), ())
    scores = _scores(scope, first, last, accounts)
    on_whole = _grouped(_Scores([one for one in scores.days if one.day in whole], scores.measured))
    single = [*on_whole.single, *(one for one in scores.days if one.day not in whole)]
    return Unusual(tuple([one for one in single if (one.account_id, one.day) in asked]), on_whole.platforms)


def _days_of_many(scope: Scope, first: date, last: date, by_day: dict[date, list[int]]) -> set[date]:
    """Return the days on which all accounts are to be looked at: few changed, or a sample has many unusual ones."""
    few = {day for day, accounts in by_day.items() if len(accounts) <= SAMPLE}
    sampled: set[int] = set()
    for day in by_day.keys() - few:
        sampled.update(random.Random(day.toordinal()).sample(by_day[day], SAMPLE))  # noqa: S311 no secret
    if not sampled:
        return few
    scores = _scores(scope, first, last, sampled)
    unusual: dict[tuple[date, str, bool], int] = defaultdict(int)
    for one in scores.days:
        unusual[one.day, one.platform, one.score < 0] += 1
    measured: dict[date, int] = defaultdict(int)
    for (day, _), amount in scores.measured.items():
        measured[day] += amount
    unclear = {day for day in by_day if measured[day] < ENOUGH * SAMPLE}
    many = {
        day
        for (day, platform, _), amount in unusual.items()
        if amount >= WIDE_SHARE / 2 * scores.measured[day, platform]
    }
    return few | unclear | many


def _changes(scope: Scope, first: date, last: date) -> list[DayChange]:
    """Return the changes of the days, of the accounts that were counted on the day before too; one statement."""
    wanted, parameters = scopes.filters(scope)
    platform, platform_parameters = scopes.platform(scope)
    before_first, before_last = first - timedelta(days=1), last - timedelta(days=1)

    def usable(snapshot: str, since: date, until: date) -> str:
        return f"""{snapshot}.day BETWEEN date '{since}' AND date '{until}' AND {snapshot}.span = 3
            AND {snapshot}.state = 'counted' AND {snapshot}.bound = '=' AND {scopes.in_being(f"{snapshot}.day")}
            {scopes.readable(scope, snapshot)}"""

    sql = f"""SELECT a.id, s.day, s.followers - b.followers, s.followers
        FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id
        JOIN tracking_snapshot s ON s.account_id = a.id
        JOIN tracking_snapshot b ON b.account_id = a.id AND b.day = s.day - 1
        WHERE {wanted} AND {platform} AND {usable("s", first, last)} AND {usable("b", before_first, before_last)}
        ORDER BY s.day, a.id"""  # noqa: S608 our words
    with reading.cursor() as cursor:
        cursor.execute(sql, [*parameters, *platform_parameters])
        return [DayChange._make(row) for row in cursor.fetchall()]


def _scores(scope: Scope, first: date, last: date, accounts: Collection[int] | None = None) -> _Scores:
    """Return the unusual days, of these accounts alone where they are named; one statement."""
    since = min(first, last - timedelta(days=LOOKS_BACK - 1))
    wanted, parameters = scopes.filters(scope)
    platform, platform_parameters = scopes.platform(scope)
    step = precision.step_sql("followers", "precision")
    alone = "" if accounts is None else " AND a.id = ANY(%s)"
    named = [] if accounts is None else [sorted(accounts)]
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
            AND {scopes.in_being("s.day")}{scopes.readable(scope)}{alone}
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
    ),
    judged AS (
        SELECT *, abs(score) > {THRESHOLD} AND (precision = 'exact' AND precision_before = 'exact' OR abs(change) >= {step}
                + {precision.step_sql("followers_before", "precision_before")}) AS is_unusual,
            row_number() OVER (PARTITION BY platform, day) AS place
        FROM scored
    )
    SELECT slug, platform, id, day, change, score, accounts, is_unusual FROM judged WHERE is_unusual OR place = 1
    ORDER BY day DESC, platform, slug, id"""  # noqa: S608 our words
    with reading.cursor() as cursor:
        cursor.execute(sql, [*parameters, *platform_parameters, since, last, *named, NEEDS_CHANGES])
        rows = cursor.fetchall()
    days = [UnusualDay(*columns) for *columns, _, is_unusual in rows if is_unusual]
    return _Scores(days, {(row[3], row[1]): row[6] for row in rows})


def _grouped(scores: _Scores) -> Unusual:
    """Put days together that are unusual in the same direction for many accounts of a platform."""
    together: dict[tuple[date, str, bool], list[UnusualDay]] = {}
    for day in scores.days:
        together.setdefault((day.day, day.platform, day.score < 0), []).append(day)
    single: list[UnusualDay] = []
    platforms: list[PlatformDay] = []
    for (on, name, falls), days in together.items():
        of = scores.measured[on, name]
        if len(days) >= WIDE_ACCOUNTS and len(days) >= WIDE_SHARE * of:
            platforms.append(PlatformDay(name, on, falls, tuple(days), of))
        else:
            single += days
    return Unusual(tuple(single), tuple(platforms))
