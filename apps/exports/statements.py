"""The statements whose rows the files hold. Values go in as parameters, never as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.exports.columns import SNAPSHOTS, STANDINGS, Column
from apps.standings import scopes
from apps.standings.league import league_sql
from apps.standings.types import Scope


@dataclass(frozen=True)
class Statement:
    """A query whose columns are named and ordered as `columns` says; `counted` is a FROM with as many rows.

    `guessed` is one for the planner's guess: the same, without what the planner guesses wildly wrong.
    """

    columns: tuple[Column, ...]
    sql: str
    parameters: tuple[Any, ...]
    counted: str
    guessed: str
    count_parameters: tuple[Any, ...]


@dataclass(frozen=True)
class Period:
    """First and last `day`, both inclusive; None leaves that end open."""

    first: date | None = None
    last: date | None = None


def snapshots(scope: Scope, period: Period, states: Sequence[str], language: str) -> Statement:
    """Return every snapshot of the scope's accounts, by actor_slug, platform, account_id, day and the span's word.

    The accounts are sorted first, which is quick; then each one's snapshots are read through the unique index and
    sorted among themselves. So the first row comes at once however many follow, and no sort is larger than one
    account. OFFSET 0 keeps the planner from joining first and sorting everything at the end.
    """
    chosen, choice = accounts(scope)
    conditions, bounds = _conditions(period, states)
    terms = scopes.freezable("snapshot") if scope.freeze else scopes.publishable("snapshot")
    name = {
        "ru": "COALESCE(NULLIF(ac.name_ru, ''), ac.name_en)",
        "kk": "COALESCE(NULLIF(ac.name_kk, ''), ac.name_en)",
    }.get(language, "ac.name_en")
    sql = f"""
        SELECT s.day,
            CASE s.span WHEN 1 THEN 'year' WHEN 2 THEN 'month' ELSE 'day' END AS span,
            a.slug AS actor_slug, a.name AS actor_name, a.kind, a.platform, a.handle, a.id AS account_id,
            s.state, CASE WHEN s.followers IS NOT NULL THEN s.bound END AS bound, s.followers, s.precision, s.observed_at, s.source, s.locator, s.note
        FROM (
            SELECT a.id, a.platform COLLATE "C" AS platform, a.handle, ac.slug COLLATE "C" AS slug,
                {name} AS name, ac.kind
            {chosen}
            ORDER BY slug, platform, id OFFSET 0
        ) a
        CROSS JOIN LATERAL (
            SELECT snapshot.*, source.key AS source
            FROM tracking_snapshot snapshot JOIN tracking_source source ON source.id = snapshot.source_id
            WHERE snapshot.account_id = a.id{conditions}{terms} OFFSET 0
        ) s
        ORDER BY a.slug, a.platform, a.id, s.day, s.span DESC"""  # noqa: S608 our own words; values are parameters
    # In byte order the words day, month and year are the numbers 3, 2 and 1.
    guessed = (
        f"FROM tracking_snapshot snapshot WHERE snapshot.account_id IN (SELECT a.id {chosen}){conditions}"
    )
    parameters = (*choice, *bounds)
    return Statement(SNAPSHOTS, sql, parameters, guessed + terms, guessed, parameters)


def accounts(scope: Scope) -> tuple[str, list[Any]]:
    """Return the scope's accounts `a` with their actors `ac`, as FROM and WHERE with its parameters."""
    platform, first = scopes.platform(scope)
    actors, others = scopes.filters(scope)
    joined = "FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id"
    return f"{joined} WHERE {platform} AND {actors}", [*first, *others]


def _conditions(period: Period, states: Sequence[str]) -> tuple[str, list[object]]:
    sql, parameters = "", list[object]()
    if period.first:
        sql += " AND snapshot.day >= %s"
        parameters.append(period.first)
    if period.last:
        sql += " AND snapshot.day <= %s"
        parameters.append(period.last)
    if states:
        sql += " AND snapshot.state = ANY(%s)"
        parameters.append(list(states))
    return sql, parameters


def standings(
    scope: Scope, on: date, since: date | None, reference: str, language: str, *, is_period: bool = False
) -> Statement:
    """Return the league on a day, in its own order."""
    sql, parameters = league_sql(scope, on, since, reference, language, is_period=is_period)
    counted = f"FROM ({sql}) line"
    return Statement(STANDINGS, sql, tuple(parameters), counted, counted, tuple(parameters))
