"""The statement behind every league: as-of values, sums, changes over the same accounts, ranks, places and gaps.

For files changes, shares and reach are reckoned in it too. Rules: docs/method.md; docs/architecture.md, "Data" (as of,
precision) and "Derived numbers". Columns that begin with n_ are of the day that is asked for, with t_ of the earlier day.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from apps.snapshots.models import State
from apps.snapshots.rules import SPANS, last_day_sql
from apps.standings import as_of, precision, scopes, succession
from apps.standings.audiences import REACH_INDICATOR, REACH_SEGMENT
from apps.standings.changes import is_near_sql, yearly_sql
from apps.standings.league_lines import SAME, SIDE, SUMS, THERE, LeagueLine
from apps.standings.openness import is_open_sql, width_sql
from apps.standings.types import FRESH_DAYS, Scope

# Where none of a row's accounts is counted, the state that says most of what is still there speaks for it.
TELLING = (State.COUNTED, State.HIDDEN, State.PRIVATE, State.SUSPENDED, State.ABSENT)

SPAN_WORDS = "(ARRAY[{}])".format(", ".join(f"'{word}'" for word in SPANS))
ORDER = "rank, n_followers DESC NULLS LAST, sort_en, actor_slug, platform, account_id"


def statement(
    scope: Scope, on: date, since: date | None, reference: str, *, is_period: bool = False
) -> tuple[str, list[Any]]:
    """Return the statement whose rows are Lines, in order of rank, then of names; the uncounted last.

    What follows from a row alone (steps, ages, changes) is left to whoever looks at the row: for thousands of rows
    the words would take the database longer than the ranks do.
    """
    lines, parameters = _lines(scope, on, since, reference, is_period=is_period)
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


RECORDED = ("id", "state", "followers", "bound", "precision", "day", "span", "note", "source_id")


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


def _read(side: str) -> str:
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


# Read once: within the sums it would be planned anew for each of them.
HANDED_ON = """handed_on AS MATERIALIZED (
        SELECT actor_id, platform FROM account WHERE handed GROUP BY 1, 2
        HAVING bool_or(n_followers IS NOT NULL) AND bool_or(t_followers IS NOT NULL)
    ),"""


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
            SELECT account.*, {_read("n")}, {_read("t")}, ns.key AS n_source, ts.key AS t_source,
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
            n_there::int AS n_of, t_there::int AS t_of, {_read("n")}, {_read("t")},
            ns.key AS n_source, ts.key AS t_source,
            NULL::int AS n_oldest, NULL::int AS n_newest, NULL::int AS t_oldest, NULL::int AS t_newest
        FROM ranked {SOURCES}"""  # noqa: S608 our words


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


WITHIN_ROUNDING = (
    "abs(v1 - v0) < CASE WHEN n_same_coarse + t_same_coarse = 0 THEN 0 ELSE n_same_step + t_same_step END"
)
# Days that may lie between the two.
LONGEST, SHORTEST = "(n_same_last - t_first)", "(n_first - t_same_last)"


def _lines(
    scope: Scope, on: date, since: date | None, reference: str, *, is_period: bool
) -> tuple[str, list[Any]]:
    """Return the common table expressions; the last, `finished`, has all columns and those of ORDER.

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
    # Before the line changed hands the successor's own pages were not on it.
    begun = scopes.has_begun("asked.since_day")
    if not by_account:
        begun += """ AND (a.actor_id, a.platform) NOT IN (
                SELECT heir_id, platform FROM over WHERE asked.since_day < over.day)"""
    value = as_of.together("n", on, RECORDED, readable=readable)
    value_then = (
        as_of.together("t", since, RECORDED, readable=readable, only="a.begun")
        if since
        else as_of.one_by_one("t", "NULL::date", RECORDED, readable=readable, only="false")
    )
    # Whom another succeeded are few.
    handed = as_of.one_by_one("n", "asked.on_day", RECORDED, readable=readable, only="false")
    handed_then = as_of.one_by_one(
        "t", "asked.since_day", RECORDED, readable=readable, only="asked.since_day < over.day"
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
            AND (a.actor_id, a.platform) NOT IN (SELECT actor_id, platform FROM over)
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
        {handed_then.joins}
    ),
    {"" if by_account else f"{HANDED_ON} actor AS ({_actors(compared=since is not None)}),"}
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
            count(n_followers) FILTER (WHERE listed) OVER () AS rank_of,
            count(t_followers) FILTER (WHERE listed) OVER () AS rank_then_of,
            (sum(n_followers) FILTER (WHERE listed) OVER ())::float8 AS total,
            {measure} AS measure
        FROM compared one
    ),
    line AS ({_apart() if by_account else "SELECT ranked.* FROM ranked"}),
    audience AS (
        SELECT DISTINCT ON (v.platform, v.day) v.id, v.platform, v.day, v.value, v.bound
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
            line.platform, account_id, handle, accounts, unread, {shown} AS shown, is_reference, rank, rank_then,
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
    return sql, parameters


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
