"""The one statement behind every league: as-of values, sums, ranks, changes, gaps, shares and reach.

Rules: docs/architecture.md, "Data" (as of, precision) and "Derived numbers". Columns that begin with n_ are of the
day that is asked for, with t_ of the earlier day.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple, Self

from apps.standings import precision, scopes
from apps.standings.changes import last_day_sql, yearly_sql
from apps.standings.types import FRESH_DAYS, Scope, SpanWord, Value
from apps.tracking.models import State

REACH_INDICATOR = "platform_audience"
REACH_SEGMENT = "advertising reach"

# Where none of a row's accounts is counted, the state that says most of what is still there speaks for it.
TELLING = (State.COUNTED, State.HIDDEN, State.PRIVATE, State.SUSPENDED, State.ABSENT)


class Side(NamedTuple):
    """A row's value on one of the two days: Value's fields, then the time that all counted parts span."""

    state: str | None  # None: nothing is known, and the rest is None too
    followers: int | None
    bound: str
    precision: str
    step: int
    day: date
    span: SpanWord
    source: str
    age_days: int
    note: str
    parts: int
    first: date
    last: date

    def value(self) -> Value | None:
        return None if self.state is None else Value(self.state, *self[1:-2])


class Line(NamedTuple):
    """One row of the statement, in the order of its columns; the two sides come last."""

    actor_id: int
    actor_slug: str
    name_en: str
    name_ru: str
    name_kk: str
    kind: str
    platform: str
    account_id: int
    handle: str
    accounts: int
    shown: bool  # False: here only as the reference, or stale where only fresh values are asked for
    is_reference: bool
    rank: int | None
    rank_then: int | None
    counted_then: int
    change: int | None
    change_percent: float | None
    yearly_low: float | None
    yearly_high: float | None
    within_rounding: bool
    change_bound: str
    nothing_new: bool
    gap: int | None
    times: float | None
    share_percent: float | None
    reach_percent: float | None
    reach_audience: int
    reach_segment: str
    reach_day: date
    reach_span: SpanWord
    reach_source: str
    reach_locator: str
    now: Side
    then: Side

    @classmethod
    def read(cls, columns: Sequence[Any]) -> Self:
        own = len(cls._fields) - 2
        end = own + len(Side._fields)
        return cls._make([*columns[:own], Side._make(columns[own:end]), Side._make(columns[end:])])


COLUMNS = ", ".join(
    [*Line._fields[:-2], *(f"n_{name}" for name in Side._fields), *(f"t_{name}" for name in Side._fields)]
)


ORDER = "own_rank, sort_en, actor_slug, platform, account_id"


def statement(scope: Scope, on: date, since: date | None, reference: str) -> tuple[str, list[Any]]:
    """The statement whose rows Line reads, in order of rank, then of names; the uncounted last."""
    lines, parameters = _lines(scope, on, since, reference)
    return f"{lines} SELECT {COLUMNS} FROM finished ORDER BY {ORDER}", parameters  # noqa: S608 our words


def csv_statement(
    scope: Scope, on: date, since: date | None, reference: str, language: str
) -> tuple[str, list[Any]]:
    """The same rows with the columns of standings.csv."""
    lines, parameters = _lines(scope, on, since, reference)
    name = {"ru": "name_ru", "kk": "name_kk"}.get(language, "name_en")

    def rounded(column: str) -> str:
        return f"trim_scale(round({column}::numeric, 4))"

    columns = {
        "rank": "rank",
        "actor_slug": "actor_slug",
        "actor_name": f"coalesce(nullif({name}, ''), name_en)",
        "kind": "kind",
        "platform": "platform",
        "handle": "CASE WHEN accounts = 1 THEN handle END",
        "account_id": "CASE WHEN accounts = 1 THEN account_id END",
        "state": "n_state",
        "bound": "CASE WHEN n_followers IS NOT NULL THEN n_bound END",
        "followers": "n_followers",
        "precision": "CASE WHEN n_followers IS NOT NULL THEN n_precision END",
        "day": "n_day",
        "span": "n_span",
        "rank_then": "rank_then",
        "followers_then": "t_followers",
        "day_then": "t_day",
        "span_then": "t_span",
        "change": "change",
        "change_percent": rounded("change_percent"),
        "yearly_growth_percent_low": rounded("yearly_low"),
        "yearly_growth_percent_high": rounded("yearly_high"),
        "within_rounding": "within_rounding::text",
        "gap_to_reference": "gap",
        "times_reference": rounded("times"),
        "share_percent": rounded("share_percent"),
        "reach_percent": rounded("reach_percent"),
        "source": "n_source",
    }
    chosen = ", ".join(f"{made} AS {column}" for column, made in columns.items())
    return f"{lines} SELECT {chosen} FROM finished WHERE shown ORDER BY {ORDER}", parameters  # noqa: S608 our words


def _as_of(side: str, day: str, *, fresh: bool, readable: str) -> str:
    """Joins an account's value as of a day: the newest snapshot on or before it, the narrower span on the same day.

    LATERAL walks the (account, day, span) index once per account; DISTINCT ON would read every snapshot.
    """
    age = f"greatest(0, asked.{day} - {side}.last_day)"
    return f"""LEFT JOIN LATERAL (
            SELECT s.id, s.state, s.followers, s.day, s.span, s.note, s.source_id,
                {last_day_sql("s.day", "s.span")} AS last_day,
                CASE WHEN s.followers IS NOT NULL THEN {precision.bits_sql("s.bound")} END AS bits,
                CASE WHEN s.followers IS NOT NULL THEN {precision.coarseness_sql("s.precision")} END AS coarse,
                CASE WHEN s.followers IS NOT NULL THEN {precision.step_sql("s.followers", "s.precision")} END
                    AS step
            FROM tracking_snapshot s WHERE s.account_id = a.id AND s.day <= asked.{day}{readable}
            ORDER BY s.day DESC, s.span DESC LIMIT 1
        ) {side} ON {f"{age} <= {FRESH_DAYS}" if fresh else "true"}
        LEFT JOIN tracking_source {side}s ON {side}s.id = {side}.source_id"""  # noqa: S608 our words


def _account_columns(side: str) -> str:
    """What a line needs of one account's value."""
    return f"""{side}.id AS {side}_id, {side}.followers AS {side}_followers, {side}.bits AS {side}_bits,
            {side}.coarse AS {side}_coarse, {side}.step AS {side}_step, {side}.note AS {side}_note,
            CASE WHEN {side}.followers IS NOT NULL THEN {side}.day END AS {side}_first,
            CASE WHEN {side}.followers IS NOT NULL THEN {side}.last_day END AS {side}_last,
            {side}s.key AS {side}_source,
            {side}.day AS {side}_day, {side}.last_day AS {side}_end, {side}.span AS {side}_span,
            {side}.state AS {side}_state"""


def _told(side: str) -> str:
    """An array that orders the parts of a sum, the one that speaks for the row first.

    Of counted parts that is the stalest; of others the most telling state, the newest of it.
    """
    telling = " ".join(f"WHEN '{state}' THEN {place}" for place, state in enumerate(TELLING))
    return f"""CASE WHEN {side}_id IS NOT NULL THEN ARRAY[CASE {side}_state {telling} END,
            ({side}_end - date '1900-01-01') * CASE WHEN {side}_followers IS NOT NULL THEN 1 ELSE -1 END,
            {side}_day - date '1900-01-01', {side}_span, id] END"""


def _one(side: str) -> str:
    """One side of a line that is one account."""
    return f"""{side}_followers, CASE WHEN {side}_followers IS NULL THEN 0 ELSE 1 END AS {side}_parts,
            coalesce({side}_bits, 0) AS {side}_bits, coalesce({side}_coarse, 0) AS {side}_coarse,
            coalesce({side}_step, 0) AS {side}_step, {side}_first, {side}_last,
            {side}_state, {side}_day, {side}_end, {side}_span, {side}_source,
            coalesce({side}_note, '') AS {side}_note"""


def _sums(side: str) -> str:
    """One side of a line that is an actor: its accounts' values together."""

    def words(column: str, joint: str, keep: str) -> str:
        # Sorting and joining is only done where there is something to join: it costs more than all the rest.
        return f"""CASE WHEN min({column}) IS NOT DISTINCT FROM max({column}) THEN min({column}) ELSE (
                SELECT string_agg(DISTINCT word, '{joint}' ORDER BY word)
                FROM unnest(array_agg({column}) {keep}) word WHERE word <> '') END"""  # noqa: S608 our words

    counted = f"FILTER (WHERE {side}_followers IS NOT NULL)"
    states = ", ".join(f"'{state}'" for state in TELLING)
    told = f"(min({_told(side)}))"
    return f"""sum({side}_followers)::bigint AS {side}_followers, count({side}_followers) AS {side}_parts,
            coalesce(bit_or({side}_bits), 0) AS {side}_bits, coalesce(max({side}_coarse), 0) AS {side}_coarse,
            coalesce(sum({side}_step), 0)::bigint AS {side}_step,
            min({side}_first) AS {side}_first, max({side}_last) AS {side}_last,
            (ARRAY[{states}])[{told}[1]::int + 1] AS {side}_state,
            date '1900-01-01' + {told}[3]::int AS {side}_day,
            date '1900-01-01' + abs({told}[2])::int AS {side}_end, {told}[4]::int AS {side}_span,
            coalesce({words(f"{side}_source", " ", counted)}, {words(f"{side}_source", " ", "")}) AS {side}_source,
            coalesce({words(f"{side}_note", "; ", "")}, '') AS {side}_note"""


def _accounts_apart() -> str:
    return f"""
        SELECT actor_id, id AS account_id, handle, 1 AS accounts, listed, is_reference, platform,
            (n_followers IS NULL) <> (t_followers IS NULL) AS differ,
            n_id IS NOT DISTINCT FROM t_id AS nothing_new,
            {_one("n")},
            {_one("t")}
        FROM account"""  # noqa: S608 our words


def _accounts_together() -> str:
    return f"""
        SELECT actor_id, min(id) AS account_id, min(handle) AS handle, count(*) AS accounts,
            bool_or(listed) AS listed, bool_or(is_reference) AS is_reference,
            CASE WHEN min(platform) = max(platform) THEN min(platform) ELSE '' END AS platform,
            bool_or((n_followers IS NULL) <> (t_followers IS NULL)) AS differ,
            bool_and(n_id IS NOT DISTINCT FROM t_id) AS nothing_new,
            {_sums("n")},
            {_sums("t")}
        FROM account GROUP BY actor_id"""  # noqa: S608 our words


def _side_columns(side: str, day: str) -> str:
    """Numbers made into words, for one side of a finished line."""
    bounds = ", ".join(f"'{bound}'" for bound in precision.BOUNDS)
    coarseness = ", ".join(f"'{one}'" for one in precision.COARSENESS)
    return f"""{side}_state, {side}_followers,
            (ARRAY[{bounds}])[{side}_bits + 1] AS {side}_bound,
            (ARRAY[{coarseness}])[{side}_coarse + 1] AS {side}_precision, {side}_step, {side}_day,
            (ARRAY['year', 'month', 'day'])[{side}_span] AS {side}_span, {side}_source,
            greatest(0, asked.{day} - {side}_end) AS {side}_age_days, {side}_note, {side}_parts,
            {side}_first, {side}_last"""


def _lines(scope: Scope, on: date, since: date | None, reference: str) -> tuple[str, list[Any]]:
    """The common table expressions; the last, `finished`, has all columns and those of ORDER."""
    filters, wanted = scopes.filters(scope)
    platform, platform_wanted = scopes.platform(scope)
    parameters = [
        *(on, since, reference, *wanted),
        *(*platform_wanted, *wanted),
        *(REACH_INDICATOR, REACH_SEGMENT),
    ]
    by_account = scope.rows == "accounts"
    readable = scopes.readable(scope)
    shown = "ranked.listed AND n_state IS NOT NULL" if scope.fresh else "ranked.listed"
    sql = f"""
    WITH asked AS MATERIALIZED (
        SELECT %s::date AS on_day, %s::date AS since_day, %s::text AS reference
    ),
    account AS (
        SELECT a.id, a.actor_id, a.platform, a.handle, ({filters}) AS listed,
            ac.slug = asked.reference AS is_reference,
            {_account_columns("n")},
            {_account_columns("t")}
        FROM asked CROSS JOIN tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id
        {_as_of("n", "on_day", fresh=scope.fresh, readable=readable)}
        {_as_of("t", "since_day", fresh=scope.fresh, readable=readable)}
        WHERE NOT ac.hidden AND {platform} AND (({filters}) OR ac.slug = asked.reference)
    ),
    line AS MATERIALIZED ({_accounts_apart() if by_account else _accounts_together()}),
    listed AS (
        SELECT count(t_followers) AS counted_then, sum(n_followers)::float8 AS total FROM line WHERE listed
    ),
    measure AS (
        SELECT {"platform" if by_account else "''"} AS of_platform, max(n_followers) AS followers
        FROM line WHERE is_reference GROUP BY 1
    ),
    ranked AS (
        SELECT line.*,
            CASE WHEN n_followers IS NOT NULL THEN rank() OVER (
                PARTITION BY listed ORDER BY n_followers DESC NULLS LAST) END AS own_rank,
            CASE WHEN t_followers IS NOT NULL THEN rank() OVER (
                PARTITION BY listed ORDER BY t_followers DESC NULLS LAST) END AS own_rank_then,
            CASE WHEN NOT differ THEN t_followers END AS v0, CASE WHEN NOT differ THEN n_followers END AS v1,
            n_last - t_first AS longest, n_first - t_last AS shortest
        FROM line
    ),
    audience AS (
        SELECT DISTINCT ON (v.platform, v.day) v.platform, v.day, v.span, v.value, v.segment, v.locator,
            s.key AS source
        FROM context_indicatorvalue v
        JOIN context_indicator i ON i.id = v.indicator_id JOIN tracking_source s ON s.id = v.source_id
        WHERE i.key = %s AND v.geo = 'KZ' AND v.segment = %s AND v.value > 0
        ORDER BY v.platform, v.day, v.span DESC, s.key
    ),
    reach AS (
        SELECT *, lead(day) OVER (PARTITION BY platform ORDER BY day) AS until FROM audience
    ),
    finished AS (
        SELECT ranked.actor_id, ac.slug AS actor_slug, ac.name_en, ac.name_ru, ac.name_kk, ac.kind,
            ranked.platform, account_id, handle, accounts, {shown} AS shown, is_reference,
            CASE WHEN ranked.listed THEN own_rank END AS rank, CASE WHEN ranked.listed THEN own_rank_then END AS rank_then,
            counted_then,
            v1 - v0 AS change,
            CASE WHEN v0 > 0 THEN 100 * (v1 - v0) / v0::float8 END AS change_percent,
            {yearly_sql("v0", "v1", "longest", "shortest", "least")} AS yearly_low,
            {yearly_sql("v0", "v1", "longest", "shortest", "greatest")} AS yearly_high,
            abs(v1 - v0) < CASE WHEN n_coarse + t_coarse = 0 THEN 0 ELSE n_step + t_step END AS within_rounding,
            CASE WHEN v1 IS NOT NULL THEN
                (ARRAY['=', '>', '<', '~'])[(n_bits | ((t_bits & 1) << 1) | (t_bits >> 1)) + 1] END AS change_bound,
            nothing_new,
            n_followers - measure.followers AS gap,
            CASE WHEN measure.followers > 0 THEN n_followers / measure.followers::float8 END AS times,
            CASE WHEN ranked.listed AND total > 0 THEN 100 * n_followers / total END AS share_percent,
            100 * n_followers / reach.value::float8 AS reach_percent,
            reach.value::bigint AS reach_audience, reach.segment AS reach_segment, reach.day AS reach_day,
            (ARRAY['year', 'month', 'day'])[reach.span] AS reach_span, reach.source AS reach_source,
            reach.locator AS reach_locator,
            {_side_columns("n", "on_day")},
            {_side_columns("t", "since_day")},
            own_rank, ac.sort_en
        FROM asked CROSS JOIN listed CROSS JOIN ranked JOIN tracking_actor ac ON ac.id = ranked.actor_id
        LEFT JOIN measure ON {"of_platform = ranked.platform" if by_account else "true"}
        LEFT JOIN reach ON reach.platform = ranked.platform AND n_followers IS NOT NULL
            AND reach.day <= n_day AND (reach.until IS NULL OR reach.until > n_day)
    )"""  # noqa: S608 our words
    return sql, parameters
