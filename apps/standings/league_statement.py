"""The statement behind every league: as-of values, sums, changes over the same accounts, ranks, places and gaps.

For files changes, shares and reach are reckoned in it too. Rules: docs/method.md; docs/architecture.md, "Data" (as of,
precision) and "Derived numbers". Columns that begin with n_ are of the day that is asked for, with t_ of the earlier day.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from apps.snapshots.models import State
from apps.snapshots.rules import SPANS
from apps.standings import precision
from apps.standings.audiences import REACH_INDICATOR, REACH_SEGMENT
from apps.standings.changes import yearly_sql
from apps.standings.league_lines import SAME, SIDE, SUMS, LeagueLine
from apps.standings.league_ranks import ranked_lines, read_columns
from apps.standings.types import Scope

# Where none of a row's accounts is counted, the state that says most of what is still there speaks for it.
TELLING = (State.COUNTED, State.HIDDEN, State.PRIVATE, State.SUSPENDED, State.ABSENT)

SPAN_WORDS = "(ARRAY[{}])".format(", ".join(f"'{word}'" for word in SPANS))
ORDER = "rank, n_followers DESC NULLS LAST, sort_en, actor_slug, platform, account_id"


def statement(
    scope: Scope,
    on: date,
    since: date | None,
    reference: str,
    *,
    is_period: bool = False,
    only: Sequence[int] | None = None,
) -> tuple[str, list[Any]]:
    """Return the statement whose rows are Lines, in order of rank, then of names; the uncounted last.

    only: actors, by id, that are read alone with the reference: ranks are then among them and mean nothing.

    What follows from a row alone (steps, ages, changes) is left to whoever looks at the row: for thousands of rows
    the words would take the database longer than the ranks do.
    """
    lines, parameters = _lines(scope, on, since, reference, is_period=is_period, only=only)
    unasked = (
        {f"{side}_{name}" for side in "nt" for name in (*SUMS, *SAME)} if scope.rows == "accounts" else ()
    )
    columns = ", ".join("NULL" if name in unasked else name for name in LeagueLine._fields)
    return f"{lines} SELECT {columns} FROM finished ORDER BY {ORDER}", parameters  # noqa: S608 our words


def csv_statement(
    scope: Scope, on: date, since: date | None, reference: str, language: str, *, is_period: bool = False
) -> tuple[str, list[Any]]:
    """Return the same rows with the columns of standings.csv."""
    lines, parameters = _lines(scope, on, since, reference, is_period=is_period)
    name = {"ru": "name_ru", "kk": "name_kk"}.get(language, "name_en")

    def rounded(column: str) -> str:
        return f"trim_scale(round({column}::numeric, 4))"

    def day_of(code: str) -> str:
        return f"date '1900-01-01' + {code} / 4"

    def span_of(code: str) -> str:
        return f"{SPAN_WORDS}[({code}) & 3]"

    def bound_of(bits: str, number: str) -> str:
        return f"CASE WHEN {number} IS NOT NULL THEN {precision.bound_sql(bits)} END"

    gap_bits = precision.of_change_sql("measure_bits", "own_bits")
    share_bits = precision.of_share_sql("own_bits", more="more", less="less", counted="rank_of")
    reach_bits = precision.of_change_sql(precision.bits_sql("audience_bound"), "own_bits")
    change_bits = precision.of_change_sql("t_same_bits", "n_same_bits")

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
        "precision": "n_precision",
        "day": "n_day",
        "span": f"{SPAN_WORDS}[n_span]",
        "rank_then": "rank_then",
        "followers_then": "t_followers",
        "day_then": "t_day",
        "span_then": f"{SPAN_WORDS}[t_span]",
        "change": "v1 - v0",
        "change_percent": rounded("CASE WHEN v0 > 0 THEN 100 * (v1 - v0) / v0::float8 END"),
        "yearly_growth_percent_low": rounded(yearly_sql("v0", "v1", LONGEST, SHORTEST, "least")),
        "yearly_growth_percent_high": rounded(yearly_sql("v0", "v1", LONGEST, SHORTEST, "greatest")),
        "within_rounding": f"({WITHIN_ROUNDING})::text",
        "gap_to_reference": "gap",
        "times_reference": rounded("times"),
        "share_percent": rounded("CASE WHEN listed AND total > 0 THEN 100 * n_followers / total END"),
        "reach_percent": rounded("100 * n_followers / audience"),
        "source": "n_source",
        "parts": "CASE WHEN n_state IS NOT NULL THEN n_parts END",
        "of": "CASE WHEN n_state IS NOT NULL THEN n_of END",
        "parts_then": "CASE WHEN t_state IS NOT NULL THEN t_parts END",
        "of_then": "CASE WHEN t_state IS NOT NULL THEN t_of END",
        "first_day": f"coalesce({day_of('n_oldest')}, n_day)",
        "first_day_then": f"coalesce({day_of('t_oldest')}, t_day)",
        "rank_of": "CASE WHEN rank IS NOT NULL THEN rank_of END",
        "rank_then_of": "CASE WHEN rank_then IS NOT NULL THEN rank_then_of END",
        "rank_is_open": "(CASE WHEN rank IS NOT NULL THEN rank_is_open END)::text",
        "last_day": f"coalesce({day_of('n_newest')}, n_day)",
        "last_day_then": f"coalesce({day_of('t_newest')}, t_day)",
        "rank_change": "rank_change",
        "bound_then": "CASE WHEN t_followers IS NOT NULL THEN t_bound END",
        "precision_then": "t_precision",
        "rank_then_is_open": "(CASE WHEN rank_then IS NOT NULL THEN rank_then_is_open END)::text",
        "change_bound": bound_of(change_bits, "(v1 - v0)"),
        "change_parts": "CASE WHEN v1 - v0 IS NOT NULL THEN pairs END",
        "change_since": f"CASE WHEN v1 - v0 IS NOT NULL THEN {day_of('t_same_oldest')} END",
        "change_since_span": f"CASE WHEN v1 - v0 IS NOT NULL THEN {span_of('t_same_oldest')} END",
        "change_until": f"CASE WHEN v1 - v0 IS NOT NULL THEN {day_of('n_same_newest')} END",
        "change_until_span": f"CASE WHEN v1 - v0 IS NOT NULL THEN {span_of('n_same_newest')} END",
        "gap_bound": bound_of(f"CASE WHEN is_reference AND gap = 0 THEN 0 ELSE {gap_bits} END", "gap"),
        "share_bound": bound_of(share_bits, "CASE WHEN listed AND total > 0 THEN n_followers END"),
        "reach_bound": bound_of(reach_bits, "(n_followers / audience)"),
    }
    chosen = ", ".join(f'{made} AS "{column}"' for column, made in columns.items())
    among = "OVER (PARTITION BY platform)" if scope.rows == "accounts" else "OVER ()"
    sql = f"""{lines},
    weighed AS (
        SELECT finished.*, own_bits,
            count(*) FILTER (WHERE listed AND own_bits & 1 > 0) OVER () AS more,
            count(*) FILTER (WHERE listed AND own_bits & 2 > 0) OVER () AS less,
            (max(ARRAY[n_followers, own_bits]) FILTER (WHERE is_reference AND n_followers IS NOT NULL) {among})[2]::int
                AS measure_bits
        FROM finished CROSS JOIN LATERAL (
            SELECT CASE WHEN n_followers IS NULL THEN 0 ELSE {precision.bits_sql("n_bound")} END AS own_bits
        ) own
    )
    SELECT {chosen} FROM weighed WHERE shown ORDER BY {ORDER}"""  # noqa: S608 our words
    return sql, parameters


def _speaks(side: str) -> str:
    """Return an array that orders the parts of a sum, the one that speaks for the row first.

    Of counted parts that is the stalest; of others the most telling state, the newest of it.
    """
    telling = " ".join(f"WHEN '{state}' THEN {place}" for place, state in enumerate(TELLING))
    return f"""CASE WHEN {side}_id IS NOT NULL THEN ARRAY[CASE {side}_state {telling} END,
            ({side}_end - date '1900-01-01') * CASE WHEN {side}_followers IS NOT NULL THEN 1 ELSE -1 END,
            {side}_day - date '1900-01-01', {side}_span, id] END"""


def _sums(side: str, *, compared: bool) -> str:
    """Write one side of a line that is an actor: its accounts' values together, and those counted on both days."""

    def words(column: str, joint: str, keep: str) -> str:
        # Sorting and joining is only done where there is something to join: it costs more than all the rest.
        return f"""CASE WHEN min({column}) IS NOT DISTINCT FROM max({column}) THEN min({column}) ELSE (
                SELECT string_agg(DISTINCT word, '{joint}' ORDER BY word)
                FROM unnest(array_agg({column}) {keep}) word WHERE word <> '') END"""  # noqa: S608 our words

    counted = f"FILTER (WHERE {side}_followers IS NOT NULL)"
    states = ", ".join(f"'{state}'" for state in TELLING)
    bounds = ", ".join(f"'{bound}'" for bound in precision.BOUNDS)
    coarseness = ", ".join(f"'{word}'" for word in precision.COARSENESS)
    speaks = f"(min({_speaks(side)}))"
    # A sum of fewer accounts than are there is a lower bound: the bit of "may be more".
    bits = f"(bit_or({side}_bits) | (count(*) FILTER (WHERE {side}_there) > count({side}_followers))::int)"
    coarse = f"coalesce(max({side}_coarse) {counted}, max({side}_coarse))"
    same = "FILTER (WHERE paired)"
    return f"""sum({side}_followers)::bigint AS {side}_followers, count({side}_followers) AS {side}_parts,
            count(*) FILTER (WHERE {side}_there) AS {side}_of,
            {bits} AS {side}_bits, {coarse} AS {side}_coarse,
            (ARRAY[{bounds}])[{bits} + 1] AS {side}_bound,
            (ARRAY[{coarseness}])[{coarse} + 1] AS {side}_precision,
            sum({side}_step)::bigint AS {side}_step,
            min({side}_code) AS {side}_oldest, max({side}_code) AS {side}_newest,
            (ARRAY[{states}])[{speaks}[1]::int + 1] AS {side}_state,
            date '1900-01-01' + {speaks}[3]::int AS {side}_day,
            date '1900-01-01' + abs({speaks}[2])::int AS {side}_end, {speaks}[4]::int AS {side}_span,
            coalesce({words(f"{side}_source", " ", counted)}, {words(f"{side}_source", " ", "")}) AS {side}_source,
            coalesce({words(f"{side}_note", "; ", "")}, '') AS {side}_note,""" + (
        f"""sum({side}_followers) {same}::bigint AS {side}_same, sum({side}_step) {same}::bigint AS {side}_same_step,
            bit_or({side}_bits) {same} AS {side}_same_bits, max({side}_coarse) {same} AS {side}_same_coarse,
            max({side}_end) {same} AS {side}_same_last, min({side}_end) {same} AS {side}_same_ended,
            min({side}_code) {same} AS {side}_same_oldest, max({side}_code) {same} AS {side}_same_newest,"""
        if compared
        else f"""NULL::bigint AS {side}_same, NULL::bigint AS {side}_same_step, NULL::int AS {side}_same_bits,
            NULL::int AS {side}_same_coarse, NULL::date AS {side}_same_last, NULL::date AS {side}_same_ended,
            NULL::int AS {side}_same_oldest, NULL::int AS {side}_same_newest,"""
    )


SOURCES = """LEFT JOIN tracking_source ns ON ns.id = n_source_id
        LEFT JOIN tracking_source ts ON ts.id = t_source_id"""


def _actors(*, compared: bool) -> str:
    """Return the accounts of an actor together, with what those it succeeds were counted at in its place.

    On a platform where the line changed hands the old pages are set against the new ones, together.
    """
    own = "count(*) FILTER (WHERE NOT gone)"
    counted = "n_followers IS NOT NULL AND t_followers IS NOT NULL"
    apart = "(n_followers IS NULL) <> (t_followers IS NULL)"
    handed = "(actor_id, platform) IN (SELECT actor_id, platform FROM handed_on)"
    return f"""
        SELECT actor_id, CASE WHEN {own} = 1 THEN min(id) FILTER (WHERE NOT gone) END AS account_id,
            CASE WHEN {own} = 1 THEN min(handle) FILTER (WHERE NOT gone) ELSE '' END AS handle, {own} AS accounts,
            count(*) FILTER (WHERE NOT gone AND NOT known) AS unread, false AS gone,
            bool_or(listed) AS listed, bool_or(is_reference) AS is_reference,
            CASE WHEN min(platform) = max(platform) THEN min(platform) ELSE '' END AS platform,
            {_sums("n", compared=compared)}
            {_sums("t", compared=compared)}
            {"count(n_followers) FILTER (WHERE paired)" if compared else "0::bigint"} AS pairs,
            {"coalesce(bool_and(n_id IS NOT DISTINCT FROM t_id) FILTER (WHERE paired), false)" if compared else "false"} AS nothing_new,
            {f"array_agg(platform || ' ' || handle) FILTER (WHERE {apart} AND NOT paired)" if compared else "NULL::text[]"} AS left_out
        FROM (
            SELECT account.*, {read_columns("n")}, {read_columns("t")}, ns.key AS n_source, ts.key AS t_source,
                CASE WHEN handed THEN {handed} AND num_nonnulls(n_followers, t_followers) > 0
                    ELSE {counted} END AS paired
            FROM account {SOURCES}
        ) account
        GROUP BY actor_id"""  # noqa: S608 our words


def _apart() -> str:
    """Read the words of an account only after the ranks: that keeps short what is sorted for them."""
    return f"""
        SELECT ranked.*, ranked.id AS account_id, 1 AS accounts, (NOT known)::int AS unread,
            n_id IS NOT DISTINCT FROM t_id AS nothing_new, num_nonnulls(n_followers, t_followers) / 2 AS pairs,
            NULL::text[] AS left_out,
            num_nonnulls(n_followers) AS n_parts, num_nonnulls(t_followers) AS t_parts,
            n_there::int AS n_of, t_there::int AS t_of, {read_columns("n")}, {read_columns("t")},
            ns.key AS n_source, ts.key AS t_source,
            NULL::int AS n_oldest, NULL::int AS n_newest, NULL::int AS t_oldest, NULL::int AS t_newest
        FROM ranked {SOURCES}"""  # noqa: S608 our words


WITHIN_ROUNDING = (
    "abs(v1 - v0) < CASE WHEN n_same_coarse + t_same_coarse = 0 THEN 0 ELSE n_same_step + t_same_step END"
)
# Days that may lie between the two.
LONGEST, SHORTEST = "(n_same_last - t_first)", "(n_first - t_same_last)"


def _lines(
    scope: Scope,
    on: date,
    since: date | None,
    reference: str,
    *,
    is_period: bool,
    only: Sequence[int] | None = None,
) -> tuple[str, list[Any]]:
    """Return the common table expressions; the last, `finished`, has all columns and those of ORDER."""
    by_account = scope.rows == "accounts"
    actors = _actors(compared=since is not None)
    ranked, parameters = ranked_lines(
        scope, on, since, reference, is_period=is_period, actors=actors, only=only
    )
    sql = f"""{ranked},
    line AS ({_apart() if by_account else "SELECT ranked.* FROM ranked"}),
    {AUDIENCE},
    reach AS (
        SELECT *, lead(day) OVER (PARTITION BY platform ORDER BY day) AS until FROM audience
    ),
    finished AS (
        SELECT line.actor_id, ac.slug AS actor_slug, ac.name_en, ac.name_ru, ac.name_kk, ac.kind,
            line.platform, account_id, handle, accounts, unread, {shown_lines(scope)} AS shown, is_reference, rank, rank_then,
            rank_of, rank_then_of, rank_is_open, rank_then_is_open, rank_change, is_compared, pairs, nothing_new, left_out,
            v0, v1, listed, total,
            n_followers - measure AS gap,
            CASE WHEN measure > 0 THEN n_followers / measure::float8 END AS times,
            reach.id AS audience_id, reach.value::float8 AS audience, reach.bound AS audience_bound,
            {_columns("n", by_account=by_account)}, {_columns("t", by_account=by_account)},
            ac.sort_en
        FROM line JOIN tracking_actor ac ON ac.id = line.actor_id
        LEFT JOIN reach ON reach.platform = line.platform AND n_followers IS NOT NULL
            AND reach.day <= n_day AND (reach.until IS NULL OR reach.until > n_day)
    )"""  # noqa: S608 our words
    return sql, [*parameters, REACH_INDICATOR, REACH_SEGMENT]


# Its parameters are REACH_INDICATOR and REACH_SEGMENT.
AUDIENCE = """audience AS (
        SELECT DISTINCT ON (v.platform, v.day) v.id, v.platform, v.day, v.value, v.bound
        FROM context_indicatorvalue v
        JOIN context_indicator i ON i.id = v.indicator_id JOIN tracking_source s ON s.id = v.source_id
        WHERE i.key = %s AND v.geo = 'KZ' AND v.segment = %s AND v.value > 0
        ORDER BY v.platform, v.day, v.span DESC, s.key
    )"""


def shown_lines(scope: Scope) -> str:
    """Write the condition on a line that it is a row, and not here only as the reference or as stale."""
    return "listed AND NOT gone" + (" AND n_state IS NOT NULL" if scope.fresh else "")


def _columns(side: str, *, by_account: bool) -> str:
    """Write one side of a finished line; of one account its own numbers are those of the accounts counted on both
    days."""
    whole = [f"{side}_{name}" for name in (*SIDE, *SUMS)]
    if not by_account:
        first = f"date '1900-01-01' + {side}_same_oldest / 4 AS {side}_first"
        return ", ".join([*whole, *(f"{side}_{name}" for name in SAME), first])
    same = {
        "same": "followers",
        "same_step": "step",
        "same_bits": "bits",
        "same_coarse": "coarse",
        "same_last": "end",
        "same_oldest": "code",
        "same_newest": "code",
    }
    own = [f"{side}_{same[name]} AS {side}_{name}" for name in SAME if name in same]
    none = [f"NULL::int AS {side}_{name}" for name in SAME if name not in same]
    return ", ".join([*whole, *own, *none, f"{side}_day AS {side}_first"])
