"""Ranks over time: where everyone of a scope stood as of each of some days, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from apps.common import reading
from apps.snapshots.rules import last_day, last_day_sql
from apps.standings import precision, scopes, succession
from apps.standings.league_lines import THERE
from apps.standings.openness import is_open_sql, width_sql
from apps.standings.types import FRESH_DAYS, Named, Scope

BY_MONTH_FROM = 100  # days from which on ranks stand on the ends of months


@dataclass(frozen=True)
class Place:
    """Where an actor stood on a platform ("" for all in the scope together) as of a day."""

    day: date
    rank: int  # 1 + how many have more; ties share
    followers: int
    fresh: bool  # False: the value, or one of its parts, was only last known
    of: int = 0  # how many were ranked
    is_open: bool = False  # a bound, rounding or a missing account leaves open who has more


@dataclass(frozen=True)
class Ranked(Named):
    """One line of ranks. Days on which the actor had no count are not there."""

    actor_slug: str
    name_en: str
    name_ru: str
    name_kk: str
    platform: str
    places: tuple[Place, ...]  # oldest first


def days(first: date, last: date, most: int = 13) -> list[date]:
    """Return at most so many days from first to last, evenly apart, both among them."""
    length = (last - first).days
    count = max(1, min(most - 1, length))
    return [first + timedelta(days=round(length * place / count)) for place in range(count + 1)]


def reading_days(scope: Scope, first: date, last: date, most: int = 13, only: str = "") -> list[date]:
    """Return at most so many days from first to last on which ranks mean something: each the last day of a reading.

    Of a long stretch they are the newest readings as of the ends of months, of a short one as of single days; whole months
    and years count as read on their last day. The first is that of the newest reading as of `first`, which may be older.
    only: an actor's slug; then its own readings alone. Empty where nothing was read. One statement.
    """
    ends = _month_ends(first, last) if (last - first).days > BY_MONTH_FROM else days(first, last, most)
    asked = sorted({ends[round(place)] for place in _even(len(ends), most)} | {first, last})
    accounts, parameters = _accounts(scope, only)
    end = last_day_sql("s.day", "s.span")
    with reading.cursor() as cursor:
        cursor.execute(
            f"""SELECT DISTINCT one.last_day FROM unnest(%s::date[]) asked(day) CROSS JOIN LATERAL (
                SELECT max(newest.last_day) AS last_day FROM ({accounts}) account CROSS JOIN LATERAL (
                    SELECT {end} AS last_day FROM tracking_snapshot s
                    WHERE s.account_id = account.id AND s.day <= asked.day AND {end} <= asked.day
                        AND s.followers IS NOT NULL{scopes.readable(scope)}
                    ORDER BY s.day DESC LIMIT 1
                ) newest
            ) one WHERE one.last_day IS NOT NULL ORDER BY 1""",  # noqa: S608 our words
            [asked, *parameters],
        )
        return [day for (day,) in cursor.fetchall()]


def _month_ends(first: date, last: date) -> list[date]:
    ends = []
    end = last_day(first.replace(day=1), "month")
    while end <= last:
        ends.append(end)
        end = last_day(end + timedelta(days=1), "month")
    return [*ends, last]


def _even(length: int, most: int) -> list[float]:
    """Return at most so many places in a list of this length, evenly apart, the last among them."""
    if length <= most:
        return list(range(length))
    return [(length - 1) * place / (most - 1) for place in range(most)]


def _accounts(scope: Scope, only: str) -> tuple[str, list[Any]]:
    wanted, parameters = scopes.filters(scope)
    platform, platform_parameters = scopes.platform(scope)
    own = "ac.slug = %s AND NOT ac.hidden" if only else wanted
    return (
        f"""SELECT a.id FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id
            WHERE {platform} AND {own}""",  # noqa: S608 our words
        [*platform_parameters, *([only] if only else parameters)],
    )


def ranks(
    scope: Scope,
    on: Sequence[date],
    only: str = "",
    best: int = 0,
    also: Sequence[str] = (),
    *,
    constant: bool = False,
) -> list[Ranked]:
    """Ranks as of each day, by the standings' rules; best of the last day first, then by name.

    A scope of one platform, or of none, ranks actors by the sum of their accounts in it. only: an actor's slug; then
    platforms are ranked apart, among everyone of the scope, and its lines alone come back. best: lines that stood
    among so many on one of the days, and those of the actors `also`; 0 is all lines. `scope.rows` plays no part, and
    `scope.fresh` none. constant: only accounts that are counted as of the first and of the last day are in the ranks, so
    that nobody loses a place to pages that had only begun to be tracked. A body is ranked until it ends. As in a trend, whoever has been succeeded by the last day is part of the successor's line.
    """
    wanted, parameters = scopes.filters(scope)
    platform, platform_parameters = scopes.platform(scope)
    line = "platform" if only else "''::text"
    # Platforms that are ranked apart are not combined: what a single platform's terms allow is enough.
    readable = scopes.readable(replace(scope, platform=scope.platform or "apart") if only else scope)
    # Ranking one actor on its platforms is no reason to read the others.
    mine = (
        "AND a.platform IN (SELECT o.platform FROM tracking_account o JOIN tracking_actor oa ON oa.id = o.actor_id WHERE oa.slug = %s)"
        if only
        else ""
    )
    # What hands a line on to one another is one unit; every other account is one by itself.
    sample = (
        """(actor_id, unit) IN (SELECT actor_id, unit FROM value GROUP BY 1, 2
                    HAVING bool_or(day = %s AND followers IS NOT NULL) AND bool_or(day = %s AND followers IS NOT NULL))"""
        if constant
        else "true"
    )
    there = ", ".join(f"'{state}'" for state in THERE)
    step, bits = precision.step_sql("followers", "precision"), precision.bits_sql("bound")
    over, over_parameters = succession.tables(scope, "%s::date")
    with reading.cursor() as cursor:
        cursor.execute(
            f"""WITH {over},
            account AS (
                SELECT a.id, a.actor_id, a.platform, NULL::date AS until
                FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id
                WHERE {wanted} AND {platform} AND (a.actor_id, a.platform) NOT IN (SELECT actor_id, platform FROM over)
                UNION ALL
                SELECT a.id, over.heir_id, a.platform, over.day
                FROM over JOIN tracking_account a ON a.actor_id = over.actor_id AND a.platform = over.platform
            ),
            value AS (
                SELECT asked.day, a.actor_id, {line.replace("platform", "a.platform")} AS platform, one.followers,
                    one.bound, one.precision, asked.day - one.last_day <= {FRESH_DAYS} AS fresh,
                    CASE WHEN (a.actor_id, a.platform) IN (SELECT heir_id, platform FROM over) THEN 'line ' || a.platform
                        ELSE a.id::text END AS unit
                FROM account a JOIN tracking_actor ac ON ac.id = a.actor_id
                JOIN unnest(%s::date[]) asked(day)
                    ON (a.until IS NULL OR asked.day < a.until) AND {scopes.in_being("asked.day")}
                CROSS JOIN LATERAL (
                    SELECT s.followers, s.bound, s.precision, s.state, {last_day_sql("s.day", "s.span")} AS last_day
                    FROM tracking_snapshot s
                    WHERE s.account_id = a.id AND s.day <= asked.day{readable} ORDER BY s.day DESC, s.span DESC LIMIT 1
                ) one
                WHERE one.state IN ({there}) {mine}
            ),
            reading AS (
                SELECT day, actor_id, platform, sum(followers)::bigint AS followers,
                    bool_and(fresh) FILTER (WHERE followers IS NOT NULL) AS fresh,
                    sum({step}) FILTER (WHERE followers IS NOT NULL)::bigint AS step,
                    coalesce(bit_or({bits}) FILTER (WHERE followers IS NOT NULL), 0)
                        | (count(*) > count(followers))::int AS bits,
                    bool_and(precision = 'exact') FILTER (WHERE followers IS NOT NULL) AS exact
                FROM value WHERE {sample} GROUP BY 1, 2, 3 HAVING count(followers) > 0
            ),
            wide AS (
                SELECT *, {width_sql("r", count="followers", step="step", bits="bits", exact="exact")} FROM reading
            ),
            ranked AS (
                SELECT *, rank() OVER (PARTITION BY day, platform ORDER BY followers DESC) AS rank,
                    count(*) OVER (PARTITION BY day, platform) AS of,
                    {is_open_sql("r", count="followers", key="actor_id", within="day, platform")} AS is_open
                FROM wide
            ),
            kept AS (
                SELECT actor_id FROM ranked JOIN tracking_actor k ON k.id = actor_id
                WHERE (%s = '' OR k.slug = %s) GROUP BY 1 HAVING %s = 0 OR min(rank) <= %s OR bool_or(k.slug = ANY(%s))
            )
            SELECT ac.slug, ac.name_en, ac.name_ru, ac.name_kk, r.platform, r.day, r.rank, r.followers, r.fresh, r.of, r.is_open
            FROM ranked r JOIN kept USING (actor_id) JOIN tracking_actor ac ON ac.id = r.actor_id
            ORDER BY r.platform, ac.sort_en, ac.slug, r.day""",  # noqa: S608 our words
            [
                *over_parameters,
                on[-1],
                *parameters,
                *platform_parameters,
                list(on),
                *([only] if only else []),
                *([on[0], on[-1]] if constant else []),
                only,
                only,
                best,
                best,
                list(also),
            ],
        )
        rows = cursor.fetchall()
    lines: dict[tuple[str, str, str, str, str], list[Place]] = {}
    for slug, en, ru, kk, where, *place in rows:
        lines.setdefault((slug, en, ru, kk, where), []).append(Place(*place))
    found = [
        Ranked(slug, en, ru, kk, where, tuple(places)) for (slug, en, ru, kk, where), places in lines.items()
    ]
    return sorted(found, key=lambda one: (one.platform, _last_rank(one, on[-1])))


def _last_rank(line: Ranked, last: date) -> int:
    newest = line.places[-1]
    return newest.rank if newest.day == last else 10**9
