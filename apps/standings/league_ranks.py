"""The lines of a league up to their ranks: accounts as of two days, added up, in SQL.

The whole statement adds words and days to every line (league_statement.py); of thousands of lines only what ranks and
totals are made of is read (league_totals.py). Columns that begin with n_ are of the day that is asked for, with t_ of the
earlier day.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from apps.snapshots.rules import last_day_sql
from apps.standings import as_of, precision, scopes, succession
from apps.standings.changes import is_near_sql
from apps.standings.league_lines import THERE
from apps.standings.openness import is_open_sql, width_sql
from apps.standings.types import FRESH_DAYS, Scope

RECORDED = ("id", "state", "followers", "bound", "precision", "day", "span", "note", "source_id")


TOTALS = """count(n_followers) FILTER (WHERE listed) OVER () AS rank_of,
            count(t_followers) FILTER (WHERE listed) OVER () AS rank_then_of,
            (sum(n_followers) FILTER (WHERE listed) OVER ())::float8 AS total,"""


def ranked_lines(
    scope: Scope,
    on: date,
    since: date | None,
    reference: str,
    *,
    is_period: bool,
    actors: str,
    columns: Sequence[str] = RECORDED,
    only: Sequence[int] | None = None,
    totals: bool = True,
) -> tuple[str, list[Any]]:
    """Return the common table expressions up to `ranked`, where each line has its ranks.

    Totals and ranks are windows over one pass: a table that is kept to be read twice costs more than both readings.
    actors: the SELECT that adds accounts up; it plays no part where rows are accounts. columns: what is read of the
    snapshots. totals: beside each line stands what all come to. only: actors, by id, that are read alone with the reference: ranks are then among them and mean nothing.
    """
    filters, wanted = scopes.filters(scope)
    platform, platform_wanted = scopes.platform(scope)
    over, succeeded = succession.tables(scope, "(SELECT on_day FROM asked)", reference)
    alone: list[Any] = [] if only is None else [list(only)]
    parameters = [
        *(on, since, reference),
        *succeeded,
        *(wanted if reference else []),
        *(*platform_wanted, *wanted),
        *alone,
        *(wanted if reference else []),
        *alone,
    ]
    by_account = scope.rows == "accounts"
    readable = scopes.readable(scope)
    # Without a reference every row is listed, and the database need not ask again and again.
    listed, is_reference = (f"({filters})", "ac.slug = asked.reference") if reference else ("true", "false")
    is_reference_before = f"({is_reference} OR b.slug = asked.reference)" if reference else "false"
    beside = " OR ac.slug = asked.reference" if reference else ""
    among = "" if only is None else f" AND (a.actor_id = ANY(%s){beside})"
    among_heirs = "" if only is None else f" WHERE over.heir_id = ANY(%s){beside}"
    measured = f"OVER ({'PARTITION BY platform' if by_account else ''})"
    measure = f"max(n_followers) FILTER (WHERE is_reference) {measured}" if reference else "NULL::bigint"
    # Before the line changed hands the successor's own pages were not on it.
    begun = scopes.has_begun("asked.since_day")
    if not by_account:
        begun += """ AND (a.actor_id, a.platform) NOT IN (
                SELECT heir_id, platform FROM over WHERE asked.since_day < over.day)"""
    value = _values("n", on, "on_day", columns, readable, one_by_one=only is not None)
    value_then = _values(
        "t", since, "since_day", columns, readable, one_by_one=only is not None, only="a.begun"
    )
    # Whom another succeeded are few.
    handed = as_of.one_by_one("n", "asked.on_day", columns, readable=readable, only="false")
    handed_then = as_of.one_by_one(
        "t", "asked.since_day", columns, readable=readable, only="asked.since_day < over.day"
    )

    def recorded(now: as_of.AsOf, then: as_of.AsOf) -> str:
        return f"""{_value_columns("n", "on_day", now.cells, fresh=scope.fresh)},
            {_value_columns("t", "since_day", then.cells, fresh=scope.fresh)}, {now.cells["id"]} IS NOT NULL AS known"""

    compared = _same_accounts(by_account=by_account, is_period=is_period) if since else "false"
    width, is_open = _open("n", by_account=by_account)
    width_then, was_open = _open("t", by_account=by_account) if since else ("0 AS t_wide", "false")
    v0, v1 = ("t_followers", "n_followers") if by_account else ("t_same", "n_same")

    def ranked(count: str) -> str:
        return f"rank() OVER (ORDER BY {count} DESC NULLS LAST)"

    sql = f"""
    WITH asked AS MATERIALIZED (
        SELECT %s::date AS on_day, %s::date AS since_day, %s::text AS reference
    ),
    {over},
    member AS MATERIALIZED (
        SELECT a.id, a.actor_id, a.platform, a.handle, {listed} AS listed, {is_reference} AS is_reference,
            (a.actor_id, a.platform) IN (SELECT heir_id, platform FROM over) AS handed, {begun} AS begun
        FROM asked CROSS JOIN tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id
        WHERE NOT ac.hidden AND {scopes.in_being("asked.on_day")} AND {platform} AND (({filters}){beside})
            AND (a.actor_id, a.platform) NOT IN (SELECT actor_id, platform FROM over){among}
    ),
    account AS NOT MATERIALIZED (
        SELECT a.id, a.actor_id, a.platform, a.handle, a.listed, a.is_reference, a.handed, false AS gone,
            {recorded(value, value_then)}
        FROM asked CROSS JOIN member a
        {value.joins}
        {value_then.joins}
        UNION ALL
        SELECT a.id, {"a.actor_id" if by_account else "over.heir_id"}, a.platform, a.handle, {listed},
            {is_reference_before}, true, true,
            {recorded(handed, handed_then)}
        FROM asked CROSS JOIN over
        JOIN tracking_account a ON a.actor_id = over.actor_id AND a.platform = over.platform
        JOIN tracking_actor ac ON ac.id = over.heir_id JOIN tracking_actor b ON b.id = over.actor_id
        {handed.joins}
        {handed_then.joins}{among_heirs}
    ),
    {"" if by_account else f"{HANDED_ON} actor AS ({actors}),"}
    compared AS (
        SELECT one.*, coalesce({compared}, false) AS is_compared, {width}, {width_then}
        FROM {"account" if by_account else "actor"} one
    ),
    ranked AS (
        SELECT one.*,
            CASE WHEN is_compared THEN {v0} END AS v0, CASE WHEN is_compared THEN {v1} END AS v1,
            CASE WHEN n_followers IS NOT NULL AND listed THEN
                {ranked("CASE WHEN listed THEN n_followers END")} END AS rank,
            CASE WHEN t_followers IS NOT NULL AND listed THEN
                {ranked("CASE WHEN listed THEN t_followers END")} END AS rank_then,
            CASE WHEN is_compared AND listed THEN {ranked(f"CASE WHEN is_compared AND listed THEN {v0} END")}
                - {ranked(f"CASE WHEN is_compared AND listed THEN {v1} END")} END AS rank_change,
            {is_open} AS rank_is_open, {was_open} AS rank_then_is_open,
            {TOTALS if totals else ""}
            {measure} AS measure
        FROM compared one
    )"""  # noqa: S608 our words
    return sql, parameters


def _values(
    side: str,
    day: date | None,
    asked: str,
    columns: Sequence[str],
    readable: str,
    *,
    one_by_one: bool,
    only: str = "true",
) -> as_of.AsOf:
    """Return the values as of a day, "asked" under that name; none where no day is asked for."""
    if day is None:
        return as_of.one_by_one(side, "NULL::date", columns, readable=readable, only="false")
    if one_by_one:
        return as_of.one_by_one(side, f"asked.{asked}", columns, readable=readable, only=only)
    return as_of.together(side, day, columns, readable=readable, only=only)


def _value_columns(side: str, day: str, cells: Mapping[str, str], *, fresh: bool) -> str:
    """Return an account's value as it was recorded, and whether it is there; of a stale one only that, where fresh is
    asked for."""
    states = ", ".join(f"'{state}'" for state in THERE)
    is_fresh = f"asked.{day} - {last_day_sql(cells['day'], cells['span'])} <= {FRESH_DAYS}"
    recorded = [
        f"{f'CASE WHEN {is_fresh} THEN {cell} END' if fresh else cell} AS {side}_{column}"
        for column, cell in cells.items()
    ]
    return f"{', '.join(recorded)}, coalesce({cells['state']} IN ({states}), false) AS {side}_there"


def read_columns(side: str) -> str:
    """Return what its words and days come to, as numbers that can be added up and compared; none where nothing is
    counted."""
    last_day = last_day_sql(f"{side}_day", f"{side}_span")
    numbers = {
        "bits": (precision.bits_sql(f"{side}_bound"), "0"),
        "step": (precision.step_sql(f"{side}_followers", f"{side}_precision"), "0"),
        "code": (f"({side}_day - date '1900-01-01') * 4 + {side}_span", "NULL"),
    }
    counted = (
        f"CASE WHEN {side}_followers IS NOT NULL THEN {value} ELSE {nothing} END AS {side}_{name}"
        for name, (value, nothing) in numbers.items()
    )
    coarse = f"CASE WHEN {side}_state IS NOT NULL THEN {precision.coarseness_sql(f'{side}_precision')} END"
    return f"{', '.join(counted)}, {coarse} AS {side}_coarse, {last_day} AS {side}_end"


# Read once: within the sums it would be planned anew for each of them.
HANDED_ON = """handed_on AS MATERIALIZED (
        SELECT actor_id, platform FROM account WHERE handed GROUP BY 1, 2
        HAVING bool_or(n_followers IS NOT NULL) AND bool_or(t_followers IS NOT NULL)
    ),"""


def _same_accounts(*, by_account: bool, is_period: bool) -> str:
    """Write the condition that the same accounts are counted on both days, of a period from near its beginning."""
    if by_account:
        counted = "n_followers IS NOT NULL AND t_followers IS NOT NULL"
        ended = f"({last_day_sql('t_day', 't_span')})"
    else:
        counted, ended = "pairs > 0", "t_same_ended"
    near = is_near_sql(ended, "(SELECT since_day FROM asked)", "(SELECT on_day FROM asked)")
    return f"{counted} AND {near}" if is_period else counted


def _open(side: str, *, by_account: bool) -> tuple[str, str]:
    """Write the columns that tell how far a row's count is open, and the condition that its rank is."""
    count = f"(CASE WHEN listed THEN {side}_followers END)"
    step, bits, exact = f"{side}_step", f"{side}_bits", f"{side}_coarse = 0"
    if by_account:
        step = precision.step_sql(f"{side}_followers", f"{side}_precision")
        bits = precision.bits_sql(f"{side}_bound")
        exact = f"{side}_precision = 'exact'"
    return (
        width_sql(side, count=count, step=step, bits=bits, exact=exact),
        is_open_sql(side, count=count, key="id" if by_account else "actor_id"),
    )
