"""Ranks over time: where everyone of a scope stood as of each of some days, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from apps.common import reading
from apps.snapshots.rules import last_day, last_day_sql
from apps.standings import as_of, precision, scopes, succession, summaries
from apps.standings.league_lines import THERE
from apps.standings.openness import is_open_sql, width_sql
from apps.standings.types import FRESH_DAYS, Named, Scope

COARSENESS = [str(one) for one in precision.COARSENESS]
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
    bound: str = "="
    precision: str = ""  # the coarsest of its parts
    source: str = ""  # keys, with spaces between them


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
    sql = f"""SELECT DISTINCT one.last_day::text FROM unnest(%s::date[]) asked(day) CROSS JOIN LATERAL (
                SELECT max(newest.last_day) AS last_day FROM ({accounts}) account CROSS JOIN LATERAL (
                    SELECT {end} AS last_day FROM tracking_snapshot s
                    WHERE s.account_id = account.id AND s.day <= asked.day AND {end} <= asked.day
                        AND s.followers IS NOT NULL{scopes.readable(scope)}
                    ORDER BY s.day DESC LIMIT 1
                ) newest
            ) one WHERE one.last_day IS NOT NULL ORDER BY 1"""  # noqa: S608 our words
    rows = _answer(sql, [asked, *parameters], last, is_kept=not only and scopes.is_wide(scope))
    return [date.fromisoformat(day) for (day,) in rows]


def _answer(sql: str, parameters: list[Any], last: date, *, is_kept: bool) -> list[list[Any]]:
    """Return a statement's rows. Of many accounts they are kept: to look at all of them on each of many days takes
    seconds."""

    def compute() -> list[list[Any]]:
        with reading.cursor() as cursor:
            cursor.execute(sql, parameters)
            return [list(row) for row in cursor.fetchall()]

    return summaries.recall((sql, parameters), last.replace(day=1), compute) if is_kept else compute()


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
    step, bits = precision.step_sql("followers", "precision"), precision.bits_sql("bound")
    over, over_parameters = succession.tables(scope, "%s::date")
    is_wide = scopes.is_wide(scope)
    sql = f"""WITH {over},
            account AS (
                SELECT a.id, a.actor_id, a.platform, NULL::date AS until
                FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id
                WHERE {wanted} AND {platform} AND (a.actor_id, a.platform) NOT IN (SELECT actor_id, platform FROM over)
                UNION ALL
                SELECT a.id, over.heir_id, a.platform, over.day
                FROM over JOIN tracking_account a ON a.actor_id = over.actor_id AND a.platform = over.platform
            ),
            value AS ({_values(on, line, readable, mine, is_wide=is_wide)}),
            counted AS (SELECT * FROM value WHERE {sample}),
            reading AS (
                SELECT day, actor_id, platform, sum(followers)::bigint AS followers,
                    bool_and(fresh) FILTER (WHERE followers IS NOT NULL) AS fresh,
                    sum({step}) FILTER (WHERE followers IS NOT NULL)::bigint AS step,
                    coalesce(bit_or({bits}) FILTER (WHERE followers IS NOT NULL), 0)
                        | (count(*) > count(followers))::int AS bits,
                    bool_and(precision = 'exact') FILTER (WHERE followers IS NOT NULL) AS exact
                FROM counted GROUP BY 1, 2, 3 HAVING count(followers) > 0
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
            ),
            origin AS (
                SELECT c.day, c.actor_id, c.platform, max(array_position(%s::text[], c.precision::text)) AS coarsest,
                    string_agg(DISTINCT source.key, ' ' ORDER BY source.key) AS sources
                FROM counted c JOIN kept USING (actor_id) JOIN tracking_source source ON source.id = c.source_id
                WHERE c.followers IS NOT NULL GROUP BY 1, 2, 3
            )
            SELECT ac.slug, ac.name_en, ac.name_ru, ac.name_kk, r.platform, r.day::text, r.rank, r.followers, r.fresh, r.of, r.is_open,
                r.bits, o.coarsest, o.sources
            FROM ranked r JOIN kept USING (actor_id) JOIN tracking_actor ac ON ac.id = r.actor_id
            LEFT JOIN origin o ON o.day = r.day AND o.actor_id = r.actor_id AND o.platform = r.platform
            ORDER BY r.platform, ac.sort_en, ac.slug, r.day"""  # noqa: S608 our words
    asked = [*over_parameters, on[-1], *parameters, *platform_parameters]
    asked += [] if is_wide else [list(on)]
    asked += [only] * (len(on) if is_wide else 1) if only else []
    asked += [on[0], on[-1]] if constant else []
    asked += [only, only, best, best, list(also), COARSENESS]
    rows = _answer(sql, asked, max(on), is_kept=is_wide and bool(only or best))
    lines: dict[tuple[str, str, str, str, str], list[Place]] = {}
    for slug, en, ru, kk, where, day, *place, bits, coarsest, sources in rows:
        origin = (precision.BOUNDS[bits], COARSENESS[coarsest - 1] if coarsest else "", sources or "")
        lines.setdefault((slug, en, ru, kk, where), []).append(
            Place(date.fromisoformat(day), *[*place, *origin])
        )
    found = [
        Ranked(slug, en, ru, kk, where, tuple(places)) for (slug, en, ru, kk, where), places in lines.items()
    ]
    return sorted(found, key=lambda one: (one.platform, _last_rank(one, on[-1])))


def _values(on: Sequence[date], line: str, readable: str, mine: str, *, is_wide: bool) -> str:
    """Write the SELECT of each account's value as of each day, where it is there; `unit` names what hands a line on.

    Of many accounts the values of a day are taken together, day by day; of few each is looked up.
    """
    columns = ("followers", "bound", "precision", "state", "day", "span", "source_id")
    there = ", ".join(f"'{state}'" for state in THERE)

    def select(day: str, days: str, found: as_of.AsOf) -> str:
        cells = found.cells
        ends = last_day_sql(cells["day"], cells["span"])
        return f"""SELECT {day} AS day, a.actor_id, {line.replace("platform", "a.platform")} AS platform,
                {cells["followers"]} AS followers, {cells["bound"]} AS bound, {cells["precision"]} AS precision,
                {cells["source_id"]} AS source_id, {day} - {ends} <= {FRESH_DAYS} AS fresh,
                CASE WHEN (a.actor_id, a.platform) IN (SELECT heir_id, platform FROM over) THEN 'line ' || a.platform
                    ELSE a.id::text END AS unit
            FROM account a JOIN tracking_actor ac ON ac.id = a.actor_id {days} {found.joins}
            WHERE (a.until IS NULL OR {day} < a.until) AND {scopes.in_being(day)}
                AND {cells["state"]} IN ({there}) {mine}"""  # noqa: S608 our words

    if not is_wide:
        one = as_of.one_by_one("v", "asked.day", columns, readable=readable)
        return select("asked.day", "CROSS JOIN unnest(%s::date[]) asked(day)", one)
    return " UNION ALL ".join(
        select(f"date '{day.isoformat()}'", "", as_of.together("v", day, columns, readable=readable))
        for day in on
    )


def _last_rank(line: Ranked, last: date) -> int:
    newest = line.places[-1]
    return newest.rank if newest.day == last else 10**9
