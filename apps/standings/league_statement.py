"""The statement behind every league: as-of values, sums, ranks and gaps; for files changes, shares and reach too.

Rules: docs/architecture.md, "Data" (as of, precision) and "Derived numbers". Columns that begin with n_ are of the
day that is asked for, with t_ of the earlier day.
"""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from apps.collectors.platforms import PLATFORMS
from apps.common import reading
from apps.snapshots.models import State
from apps.standings import precision, scopes, succession
from apps.standings.changes import Counted, last_day_sql, yearly_sql
from apps.standings.types import FRESH_DAYS, SPANS, Reach, Scope, Value, last_day

REACH_INDICATOR = "platform_audience"
REACH_SEGMENT = "advertising reach"

# Where none of a row's accounts is counted, the state that says most of what is still there speaks for it.
TELLING = (State.COUNTED, State.HIDDEN, State.PRIVATE, State.SUSPENDED, State.ABSENT)


DAY = len(SPANS)  # the narrowest span's stored number

# Of a row's columns those of one day: n_ and t_ of Line. Thousands of rows are read, so they are not wrapped again.
Side = Any  # a tuple; what a slice of a named one holds, types cannot say
NOW, THEN = slice(-26, -13), slice(-13, None)


def value(side: Side, on: date | None) -> Value | None:
    """A row's value as of the day that was asked for; None where nothing is known."""
    state, followers, bound, word, day, span, source, note, step, parts, end, _, _ = side
    if span == DAY and step is None and followers is not None and on:  # nearly every row of accounts
        step = 1 if word == "exact" else precision.step(followers, word)
        return Value(state, followers, bound, word, step, day, "day", source, (on - day).days, note)
    if state is None or on is None:
        return None
    if step is None:
        end = last_day(day, SPANS[span - 1])
        parts, step = (0, 0) if followers is None else (1, precision.step(followers, word))
        bound, word = ("=", "exact") if followers is None else (bound, word)
    age = max(0, (on - end).days)
    return Value(state, followers, bound, word, step, day, SPANS[span - 1], source, age, note, parts)


def counted(side: Side) -> Counted | None:
    """A row's number with what it leaves open; None where it has none."""
    _, followers, bound, word, day, span, _, _, step, _, _, first, last = side
    if followers is None:
        return None
    if step is None:
        step = 1 if word == "exact" else precision.step(followers, word)
        first, last = day, day if span == DAY else last_day(day, SPANS[span - 1])
    return Counted(followers, step, word == "exact", bound, first, last)


class Line(NamedTuple):
    """One row of the statement, in the order of its columns; those of the two days come last, each with the same names."""

    actor_id: int
    actor_slug: str
    name_en: str
    name_ru: str
    name_kk: str
    kind: str
    platform: str
    account_id: int | None  # only where the row is one account, as the handle
    handle: str
    accounts: int
    shown: bool  # False: here only as the reference, or stale where only fresh values are asked for
    is_reference: bool
    rank: int | None
    rank_then: int | None
    differ: bool  # not the same accounts are counted on both days
    nothing_new: bool
    gap: int | None
    times: float | None
    audience_id: int | None  # of the indicator's value that its reach is measured by
    n_state: str | None  # None: nothing is known, and the rest is None too
    n_followers: int | None
    n_bound: str
    n_precision: str
    n_day: date
    n_span: int
    n_source: str
    n_note: str
    # Of an actor's accounts together; None where the row is one account, whose own follow from the above.
    n_step: int | None
    n_parts: int | None
    n_end: date | None
    n_first: date | None
    n_last: date | None
    t_state: str | None
    t_followers: int | None
    t_bound: str
    t_precision: str
    t_day: date
    t_span: int
    t_source: str
    t_note: str
    t_step: int | None
    t_parts: int | None
    t_end: date | None
    t_first: date | None
    t_last: date | None

    def age(self, on: date) -> int:
        """Days from the end of the value's span to the day asked for; 0 inside the span."""
        end = self.n_end or (
            self.n_day if self.n_span == DAY else last_day(self.n_day, SPANS[self.n_span - 1])
        )
        return max(0, (on - end).days)


SPAN_WORDS = "(ARRAY[{}])".format(", ".join(f"'{word}'" for word in SPANS))
ORDER = "rank, n_followers DESC NULLS LAST, sort_en, actor_slug, platform, account_id"


def statement(scope: Scope, on: date, since: date | None, reference: str) -> tuple[str, list[Any]]:
    """The statement whose rows are Lines, in order of rank, then of names; the uncounted last.

    What follows from a row alone (steps, ages, changes) is left to whoever looks at the row: for thousands of rows
    the words would take the database longer than the ranks do.
    """
    lines, parameters = _lines(scope, on, since, reference)
    parts = ("step", "parts", "end", "first", "last") if scope.rows == "accounts" else ()
    columns = ", ".join("NULL" if name[2:] in parts else name for name in Line._fields)
    return f"{lines} SELECT {columns} FROM finished ORDER BY {ORDER}", parameters  # noqa: S608 our words


def audiences(found: Collection[int]) -> dict[int, Reach]:
    """The indicators' values that rows are measured by, by id, as the reach of one follower."""
    if not found:
        return {}
    with reading.cursor() as cursor:
        cursor.execute(
            """SELECT v.id, v.value::float8, v.value::bigint, v.segment, v.day, v.span, s.key, v.locator
            FROM context_indicatorvalue v JOIN tracking_source s ON s.id = v.source_id WHERE v.id = ANY(%s)""",
            [list(found)],
        )
        return {
            number: Reach(100 / people, audience, segment, day, SPANS[span - 1], source, locator)
            for number, people, audience, segment, day, span, source, locator in cursor.fetchall()
        }


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
        "account_id": "account_id",
        "state": "n_state",
        "bound": "CASE WHEN n_followers IS NOT NULL THEN n_bound END",
        "followers": "n_followers",
        "precision": "CASE WHEN n_followers IS NOT NULL THEN n_precision END",
        "day": "n_day",
        "span": f"{SPAN_WORDS}[n_span]",
        "rank_then": "rank_then",
        "followers_then": "t_followers",
        "day_then": "t_day",
        "span_then": f"{SPAN_WORDS}[t_span]",
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


RECORDED = ("id", "state", "followers", "bound", "precision", "day", "span", "note", "source_id")


def _as_of(side: str, day: str, *, fresh: bool, readable: str, only: str = "true") -> str:
    """Joins an account's value as of a day: the newest snapshot on or before it, the narrower span on the same day.

    LATERAL walks the (account, day, span) index once per account; DISTINCT ON would read every snapshot.
    """
    age = f"asked.{day} - {last_day_sql(f'{side}.day', f'{side}.span')}"
    return f"""LEFT JOIN LATERAL (
            SELECT {", ".join(f"s.{column}" for column in RECORDED)}
            FROM tracking_snapshot s WHERE s.account_id = a.id AND s.day <= asked.{day}{readable}
            ORDER BY s.day DESC, s.span DESC LIMIT 1
        ) {side} ON {only}{f" AND {age} <= {FRESH_DAYS}" if fresh else ""}"""  # noqa: S608 our words


def _recorded(side: str) -> str:
    """An account's value as it was recorded."""
    return ", ".join(f"{side}.{column} AS {side}_{column}" for column in RECORDED)


def _read(side: str) -> str:
    """What its words and days come to, as numbers that can be added up and compared; none where nothing is counted."""
    last_day = last_day_sql(f"{side}_day", f"{side}_span")
    made = {
        "bits": (precision.bits_sql(f"{side}_bound"), "0"),
        "coarse": (precision.coarseness_sql(f"{side}_precision"), "0"),
        "step": (precision.step_sql(f"{side}_followers", f"{side}_precision"), "0"),
        "first": (f"{side}_day", "NULL"),
        "last": (last_day, "NULL"),
    }
    counted = (
        f"CASE WHEN {side}_followers IS NOT NULL THEN {value} ELSE {nothing} END AS {side}_{name}"
        for name, (value, nothing) in made.items()
    )
    return f"{', '.join(counted)}, {last_day} AS {side}_end, {side}s.key AS {side}_source"


def _told(side: str) -> str:
    """An array that orders the parts of a sum, the one that speaks for the row first.

    Of counted parts that is the stalest; of others the most telling state, the newest of it.
    """
    telling = " ".join(f"WHEN '{state}' THEN {place}" for place, state in enumerate(TELLING))
    return f"""CASE WHEN {side}_id IS NOT NULL THEN ARRAY[CASE {side}_state {telling} END,
            ({side}_end - date '1900-01-01') * CASE WHEN {side}_followers IS NOT NULL THEN 1 ELSE -1 END,
            {side}_day - date '1900-01-01', {side}_span, id] END"""


def _sums(side: str) -> str:
    """One side of a line that is an actor: its accounts' values together."""

    def words(column: str, joint: str, keep: str) -> str:
        # Sorting and joining is only done where there is something to join: it costs more than all the rest.
        return f"""CASE WHEN min({column}) IS NOT DISTINCT FROM max({column}) THEN min({column}) ELSE (
                SELECT string_agg(DISTINCT word, '{joint}' ORDER BY word)
                FROM unnest(array_agg({column}) {keep}) word WHERE word <> '') END"""  # noqa: S608 our words

    counted = f"FILTER (WHERE {side}_followers IS NOT NULL)"
    states = ", ".join(f"'{state}'" for state in TELLING)
    bounds = ", ".join(f"'{bound}'" for bound in precision.BOUNDS)
    coarseness = ", ".join(f"'{one}'" for one in precision.COARSENESS)
    told = f"(min({_told(side)}))"
    return f"""sum({side}_followers)::bigint AS {side}_followers, count({side}_followers) AS {side}_parts,
            bit_or({side}_bits) AS {side}_bits, max({side}_coarse) AS {side}_coarse,
            (ARRAY[{bounds}])[bit_or({side}_bits) + 1] AS {side}_bound,
            (ARRAY[{coarseness}])[max({side}_coarse) + 1] AS {side}_precision,
            sum({side}_step)::bigint AS {side}_step,
            min({side}_first) AS {side}_first, max({side}_last) AS {side}_last,
            (ARRAY[{states}])[{told}[1]::int + 1] AS {side}_state,
            date '1900-01-01' + {told}[3]::int AS {side}_day,
            date '1900-01-01' + abs({told}[2])::int AS {side}_end, {told}[4]::int AS {side}_span,
            coalesce({words(f"{side}_source", " ", counted)}, {words(f"{side}_source", " ", "")}) AS {side}_source,
            coalesce({words(f"{side}_note", "; ", "")}, '') AS {side}_note"""


SOURCES = """LEFT JOIN tracking_source ns ON ns.id = n_source_id
        LEFT JOIN tracking_source ts ON ts.id = t_source_id"""


def _actors() -> str:
    """The accounts of an actor together, with what those it succeeds were counted at in its place."""
    own = "count(*) FILTER (WHERE NOT gone)"
    # On a platform where the line changed hands the old pages are set against the new ones.
    platforms = ", ".join(f"'{platform}'" for platform in PLATFORMS)
    handed = " IS DISTINCT FROM ".join(
        f"bit_or(1 << array_position(ARRAY[{platforms}], platform)) FILTER (WHERE handed AND {side}_followers IS NOT NULL)"
        for side in "nt"
    )
    return f"""
        SELECT actor_id, CASE WHEN {own} = 1 THEN min(id) FILTER (WHERE NOT gone) END AS account_id,
            CASE WHEN {own} = 1 THEN min(handle) FILTER (WHERE NOT gone) ELSE '' END AS handle, {own} AS accounts,
            false AS gone,
            bool_or(listed) AS listed, bool_or(is_reference) AS is_reference,
            CASE WHEN min(platform) = max(platform) THEN min(platform) ELSE '' END AS platform,
            bool_or(NOT handed AND (n_followers IS NULL) <> (t_followers IS NULL)) OR {handed} AS differ,
            bool_and(n_id IS NOT DISTINCT FROM t_id) AS nothing_new,
            {_sums("n")},
            {_sums("t")}
        FROM (SELECT account.*, {_read("n")}, {_read("t")} FROM account {SOURCES}) account
        GROUP BY actor_id"""  # noqa: S608 our words


def _apart() -> str:
    """Of one account: to read its words only now, after the ranks, keeps short what is sorted for them."""
    return f"""
        SELECT ranked.*, ranked.id AS account_id, 1 AS accounts, n_id IS NOT DISTINCT FROM t_id AS nothing_new,
            num_nonnulls(n_followers) AS n_parts, num_nonnulls(t_followers) AS t_parts, false AS differ,
            n_followers AS v1, t_followers AS v0, {_read("n")}, {_read("t")}
        FROM ranked {SOURCES}"""  # noqa: S608 our words


def _together() -> str:
    """Of several accounts: where one is counted on one of the days only, there is no change."""
    return """
        SELECT ranked.*, CASE WHEN NOT differ THEN n_followers END AS v1,
            CASE WHEN NOT differ THEN t_followers END AS v0
        FROM ranked"""


def _side_columns(side: str) -> str:
    """One side of a finished line."""
    names = ("state", "followers", "bound", "precision", "day", "span", "source", "note")
    sums = ("step", "parts", "end", "first", "last")
    return ", ".join(f"{side}_{name}" for name in (*names, *sums))


LONGEST, SHORTEST = "(n_last - t_first)", "(n_first - t_last)"  # days that may lie between the two


def _lines(scope: Scope, on: date, since: date | None, reference: str) -> tuple[str, list[Any]]:
    """The common table expressions; the last, `finished`, has all columns and those of ORDER.

    Totals and ranks are windows over one pass: a table that is kept to be read twice costs more than both readings.
    """
    filters, wanted = scopes.filters(scope)
    platform, platform_wanted = scopes.platform(scope)
    over, succeeded = succession.tables(scope, "(SELECT on_day FROM asked)", reference)
    parameters = [
        *(on, since, reference),
        *succeeded,
        *(wanted if reference else []),
        *(*platform_wanted, *wanted),
        *(wanted if reference else []),
        *(REACH_INDICATOR, REACH_SEGMENT),
    ]
    by_account = scope.rows == "accounts"
    readable = scopes.readable(scope)
    # Without a reference every row is listed, and the database need not ask again and again.
    listed, is_reference = (f"({filters})", "ac.slug = asked.reference") if reference else ("true", "false")
    is_reference_before = f"({is_reference} OR b.slug = asked.reference)" if reference else "false"
    beside = " OR ac.slug = asked.reference" if reference else ""
    shown = "listed AND NOT gone" + (" AND n_state IS NOT NULL" if scope.fresh else "")
    measured = f"OVER ({'PARTITION BY platform' if by_account else ''})"
    measure = f"max(n_followers) FILTER (WHERE is_reference) {measured}" if reference else "NULL::bigint"
    sql = f"""
    WITH asked AS MATERIALIZED (
        SELECT %s::date AS on_day, %s::date AS since_day, %s::text AS reference
    ),
    {over},
    account AS (
        SELECT a.id, a.actor_id, a.platform, a.handle, {listed} AS listed, {is_reference} AS is_reference,
            (a.actor_id, a.platform) IN (SELECT heir_id, platform FROM over) AS handed, false AS gone,
            {_recorded("n")},
            {_recorded("t")}
        FROM asked CROSS JOIN tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id
        {_as_of("n", "on_day", fresh=scope.fresh, readable=readable)}
        {_as_of("t", "since_day", fresh=scope.fresh, readable=readable)}
        WHERE NOT ac.hidden AND {platform} AND (({filters}){beside})
            AND (a.actor_id, a.platform) NOT IN (SELECT actor_id, platform FROM over)
        UNION ALL
        SELECT a.id, {"a.actor_id" if by_account else "over.heir_id"}, a.platform, a.handle, {listed},
            {is_reference_before}, true, true,
            {_recorded("n")},
            {_recorded("t")}
        FROM asked CROSS JOIN over
        JOIN tracking_account a ON a.actor_id = over.actor_id AND a.platform = over.platform
        JOIN tracking_actor ac ON ac.id = over.heir_id JOIN tracking_actor b ON b.id = over.actor_id
        {_as_of("n", "on_day", fresh=scope.fresh, readable=readable, only="false")}
        {_as_of("t", "since_day", fresh=scope.fresh, readable=readable, only="asked.since_day < over.day")}
    ),
    {"" if by_account else f"actor AS ({_actors()}),"}
    ranked AS (
        SELECT one.*,
            CASE WHEN n_followers IS NOT NULL AND listed THEN rank() OVER (
                ORDER BY CASE WHEN listed THEN n_followers END DESC NULLS LAST) END AS rank,
            CASE WHEN t_followers IS NOT NULL AND listed THEN rank() OVER (
                ORDER BY CASE WHEN listed THEN t_followers END DESC NULLS LAST) END AS rank_then,
            (sum(n_followers) FILTER (WHERE listed) OVER ())::float8 AS total,
            {measure} AS measure
        FROM {"account" if by_account else "actor"} one
    ),
    line AS ({_apart() if by_account else _together()}),
    audience AS (
        SELECT DISTINCT ON (v.platform, v.day) v.id, v.platform, v.day, v.value
        FROM context_indicatorvalue v
        JOIN context_indicator i ON i.id = v.indicator_id JOIN tracking_source s ON s.id = v.source_id
        WHERE i.key = %s AND v.geo = 'KZ' AND v.segment = %s AND v.value > 0
        ORDER BY v.platform, v.day, v.span DESC, s.key
    ),
    reach AS (
        SELECT *, lead(day) OVER (PARTITION BY platform ORDER BY day) AS until FROM audience
    ),
    finished AS (
        SELECT line.actor_id, ac.slug AS actor_slug, ac.name_en, ac.name_ru, ac.name_kk, ac.kind,
            line.platform, account_id, handle, accounts, {shown} AS shown, is_reference, rank, rank_then,
            differ, nothing_new,
            v1 - v0 AS change,
            CASE WHEN v0 > 0 THEN 100 * (v1 - v0) / v0::float8 END AS change_percent,
            {yearly_sql("v0", "v1", LONGEST, SHORTEST, "least")} AS yearly_low,
            {yearly_sql("v0", "v1", LONGEST, SHORTEST, "greatest")} AS yearly_high,
            abs(v1 - v0) < CASE WHEN n_coarse + t_coarse = 0 THEN 0 ELSE n_step + t_step END AS within_rounding,
            n_followers - measure AS gap,
            CASE WHEN measure > 0 THEN n_followers / measure::float8 END AS times,
            CASE WHEN listed AND total > 0 THEN 100 * n_followers / total END AS share_percent,
            reach.id AS audience_id, 100 * n_followers / reach.value::float8 AS reach_percent,
            {_side_columns("n")},
            {_side_columns("t")},
            ac.sort_en
        FROM line JOIN tracking_actor ac ON ac.id = line.actor_id
        LEFT JOIN reach ON reach.platform = line.platform AND n_followers IS NOT NULL
            AND reach.day <= n_day AND (reach.until IS NULL OR reach.until > n_day)
    )"""  # noqa: S608 our words
    return sql, parameters
