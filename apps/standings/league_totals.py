"""What a league of thousands of lines comes to, in SQL: counts, totals, ranks; and which lines stand where.

Of each line only numbers are read. The words of the few that are shown are read by the whole statement, for them alone
(league_statement.py). Actors only: accounts apart are read whole.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from apps.snapshots.rules import last_day_sql
from apps.standings import precision
from apps.standings.audiences import REACH_INDICATOR, REACH_SEGMENT
from apps.standings.changes import NEAR_DAYS
from apps.standings.league_ranks import ranked_lines, read_columns
from apps.standings.league_statement import AUDIENCE, TELLING, WITHIN_ROUNDING, shown_lines
from apps.standings.types import FRESH_DAYS, Scope

READ = ("id", "state", "followers", "bound", "precision", "day", "span", "source_id")
BY_RANK = "rank, n_followers DESC NULLS LAST, sort_en, slug"
# What a column of the table sorts by; the others are sorted with all their words.
SORTS = {
    "moved": "rank_change",
    "followers": "n_followers",
    "change": "CASE WHEN is_compared AND NOT within THEN v1 - v0 END",
    "percent": "CASE WHEN is_compared AND NOT within AND v0 > 0 THEN 100 * (v1 - v0) / v0::float8 END",
    "gap": "n_followers - measure",
    "share": "n_followers",
}
GONE = 4  # lines that are told of by name, and one more


class Window(NamedTuple):
    """Which lines are asked for: places from `start` to before `stop` in an order, and those around an actor."""

    sort: str = "rank"  # or a column of SORTS, "-" before it for falling
    start: int = 0
    stop: int = 60
    around: str = ""  # an actor's slug
    beside: int = 0  # places before and after it


class RankedLine(NamedTuple):
    """A line's ranks among all."""

    actor_id: int
    rank: int | None
    rank_then: int | None
    rank_is_open: bool
    rank_then_is_open: bool
    rank_change: int | None


class Totals(NamedTuple):
    """The one row of the statement, in the order of its columns."""

    rows: int
    counted: int
    total: int | None
    bounds: list[int]  # how many counts have each bound, in the order of precision.BOUNDS
    states: dict[str, int]  # of the uncounted
    last_known: int
    newest: list[int]  # codes of days, see league_lines.reading_of()
    ranked_then: int
    new: int
    dropped: int
    compared: int
    has_reach: bool
    has_open_ranks: bool
    sources: list[str]
    gone: list[int]  # actors whose page does not exist, GONE at most
    most_gained: int | None  # the actor that gained more than any other beyond doubt
    place: int | None  # from 0, of the actor that others are asked for around
    lines: list[list[Any]]  # place in the asked order, then RankedLine
    top: list[list[Any]]  # the same by rank, of the first two
    reference: list[Any] | None  # the reference's, without a place; of it and its successor the first by rank


def totals_statement(
    scope: Scope, on: date, since: date | None, reference: str, window: Window, *, is_period: bool
) -> tuple[str, list[Any]]:
    """Return the statement whose one row is Totals."""
    ranked, parameters = ranked_lines(
        scope,
        on,
        since,
        reference,
        is_period=is_period,
        actors=_actors(compared=since is not None),
        columns=READ,
        totals=False,
    )
    column = SORTS.get(window.sort.lstrip("-"))
    order = f"{column} {'DESC' if window.sort.startswith('-') else 'ASC'} NULLS LAST, {BY_RANK}"
    asked = f"row_number() OVER (ORDER BY {order}) - 1" if column else "place"
    line = "actor_id, rank, rank_then, rank_is_open, rank_then_is_open, rank_change"
    states = ", ".join(f"'{state}'" for state in TELLING)
    bits = precision.of_change_sql("t_same_bits", "n_same_bits")
    code = "date '1900-01-01' + {0} / 4"
    ends = {
        side: last_day_sql(f"({code.format(column)})", f"mod({column}, 4)")
        for side, column in (("since", "t_same_oldest"), ("until", "n_same_newest"))
    }
    counted = "FILTER (WHERE n_followers IS NOT NULL)"
    per_bound = ", ".join(
        f"count(*) FILTER (WHERE n_followers IS NOT NULL AND n_bits = {bit})" for bit in range(4)
    )
    sql = f"""{ranked},
    {AUDIENCE},
    number AS MATERIALIZED (
        SELECT one.*, (ARRAY[{states}])[n_telling + 1] AS n_state,
            coalesce({WITHIN_ROUNDING}, false) AS within, {bits} AS change_bits,
            CASE WHEN n_same_coarse + t_same_coarse = 0 THEN 0 ELSE n_same_step + t_same_step END AS slack,
            CASE WHEN is_compared THEN {ends["since"]} END AS since_ends,
            CASE WHEN is_compared THEN {ends["until"]} END AS until_ends,
            ac.slug, ac.sort_en
        FROM ranked one JOIN tracking_actor ac ON ac.id = one.actor_id
    ),
    shown AS MATERIALIZED (
        SELECT *, row_number() OVER (ORDER BY {BY_RANK}) - 1 AS place FROM number WHERE {shown_lines(scope)}
    ),
    change AS MATERIALIZED (
        SELECT actor_id, place, v1 - v0 AS absolute, within, change_bits, slack, since_ends, until_ends
        FROM shown WHERE is_compared
    ),
    gain AS (
        SELECT * FROM change WHERE NOT within AND absolute > 0 ORDER BY absolute DESC, place LIMIT 1
    ),
    clear_gain AS (
        SELECT gain.actor_id FROM gain WHERE gain.change_bits IN (0, 1)
            AND (SELECT count(*) FROM change WHERE NOT within AND absolute > 0) > 1
            AND NOT EXISTS (
                SELECT FROM change other WHERE other.actor_id <> gain.actor_id AND (other.change_bits NOT IN (0, 2)
                    OR gain.absolute - other.absolute <= gain.slack + other.slack
                    OR greatest(abs(gain.since_ends - other.since_ends), abs(gain.until_ends - other.until_ends))
                        > greatest({NEAR_DAYS}, (gain.until_ends - gain.since_ends) / 10.0)))
    ),
    asked_line AS (SELECT *, {asked} AS asked_place FROM shown),
    own AS (SELECT place FROM shown WHERE slug = %s)
    SELECT count(*), count(n_followers), sum(n_followers)::bigint, ARRAY[{per_bound}],
        (SELECT coalesce(json_object_agg(n_state, amount), '{{}}') FROM (
            SELECT coalesce(n_state, 'unknown') AS n_state, count(*) AS amount FROM shown
            WHERE n_state IS DISTINCT FROM 'counted' GROUP BY 1) other),
        count(*) FILTER (WHERE n_followers IS NOT NULL AND date '{on.isoformat()}' - n_stale_end > {FRESH_DAYS}),
        coalesce(array_agg(DISTINCT n_newest) {counted}, '{{}}'),
        (SELECT count(rank_then) FROM number),
        (SELECT count(*) FROM number WHERE rank IS NOT NULL AND rank_then IS NULL),
        (SELECT count(*) FROM number WHERE rank IS NULL AND rank_then IS NOT NULL),
        (SELECT count(rank_change) FROM number),
        EXISTS (SELECT FROM audience JOIN (
            SELECT platform, max(n_stale_day) AS last FROM shown WHERE n_followers IS NOT NULL GROUP BY 1
        ) line USING (platform) WHERE audience.day <= line.last),
        coalesce(bool_or(rank_is_open OR rank_then_is_open), false),
        ARRAY(SELECT key FROM tracking_source WHERE id IN (
            SELECT unnest(coalesce(n_sources, n_others)) FROM shown
            UNION SELECT unnest(coalesce(t_sources, t_others)) FROM shown)),
        ARRAY(SELECT actor_id FROM shown WHERE n_state = 'absent' ORDER BY place LIMIT {GONE}),
        (SELECT actor_id FROM clear_gain),
        (SELECT place FROM own),
        (SELECT coalesce(json_agg(json_build_array(asked_place, {line})), '[]') FROM asked_line
            WHERE asked_place >= %s AND asked_place < %s
                OR asked_place BETWEEN (SELECT place FROM own) - %s AND (SELECT place FROM own) + %s),
        (SELECT coalesce(json_agg(json_build_array(place, {line})), '[]') FROM shown WHERE place < 2),
        (SELECT json_build_array(NULL, {line}) FROM number WHERE is_reference ORDER BY {BY_RANK} LIMIT 1)
    FROM shown"""  # noqa: S608 our words
    around = [window.start, window.stop, window.beside, window.beside]
    return sql, [*parameters, REACH_INDICATOR, REACH_SEGMENT, window.around, *around]


def _actors(*, compared: bool) -> str:
    """Add an actor's accounts up, without their words (league_statement.py has those)."""
    counted = "n_followers IS NOT NULL AND t_followers IS NOT NULL"
    handed = "(actor_id, platform) IN (SELECT actor_id, platform FROM handed_on)"
    return f"""
        SELECT actor_id, false AS gone, bool_or(listed) AS listed, bool_or(is_reference) AS is_reference,
            CASE WHEN min(platform) = max(platform) THEN min(platform) ELSE '' END AS platform,
            {_sums("n", compared=compared)} {_sums("t", compared=compared)}
            {"count(n_followers) FILTER (WHERE paired)" if compared else "0::bigint"} AS pairs
        FROM (
            SELECT account.*, {read_columns("n")}, {read_columns("t")},
                CASE WHEN handed THEN {handed} AND num_nonnulls(n_followers, t_followers) > 0
                    ELSE {counted} END AS paired
            FROM account
        ) account
        GROUP BY actor_id"""  # noqa: S608 our words


def _sums(side: str, *, compared: bool) -> str:
    """Write one side of a line: the same numbers as the whole statement has (league_statement.py)."""
    counted = f"FILTER (WHERE {side}_followers IS NOT NULL)"
    telling = " ".join(f"WHEN '{state}' THEN {place}" for place, state in enumerate(TELLING))
    same = "FILTER (WHERE paired)" if compared else "FILTER (WHERE false)"
    # Of the stalest counted part: the end of its span, then its first day, as one number that is compared at once.
    stale = (
        f"min(({side}_end - date '1900-01-01')::bigint << 20 | ({side}_day - date '1900-01-01')) {counted}"
    )
    return f"""sum({side}_followers)::bigint AS {side}_followers,
            bit_or({side}_bits) | (count(*) FILTER (WHERE {side}_there) > count({side}_followers))::int AS {side}_bits,
            coalesce(max({side}_coarse) {counted}, max({side}_coarse)) AS {side}_coarse,
            sum({side}_step)::bigint AS {side}_step, max({side}_code) AS {side}_newest,
            min(CASE {side}_state {telling} END) AS {side}_telling,
            date '1900-01-01' + ({stale} >> 20)::int AS {side}_stale_end,
            date '1900-01-01' + ({stale} & 1048575)::int AS {side}_stale_day,
            array_agg({side}_source_id) {counted} AS {side}_sources,
            array_agg({side}_source_id) FILTER (WHERE {side}_followers IS NULL AND {side}_source_id IS NOT NULL) AS {side}_others,
            sum({side}_followers) {same}::bigint AS {side}_same, sum({side}_step) {same}::bigint AS {side}_same_step,
            bit_or({side}_bits) {same} AS {side}_same_bits, max({side}_coarse) {same} AS {side}_same_coarse,
            min({side}_end) {same} AS {side}_same_ended,
            min({side}_code) {same} AS {side}_same_oldest, max({side}_code) {same} AS {side}_same_newest,"""


def ranked_line(cells: Sequence[Any]) -> tuple[int, RankedLine]:
    """Return a line's place in the asked order, and its ranks."""
    place, *rest = cells
    return place, RankedLine._make(rest)
