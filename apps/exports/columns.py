"""The columns of every file, in order: the contract that scripts rely on. docs/exports.md says what each one means."""

import re
from dataclasses import dataclass
from enum import StrEnum

# What a spreadsheet would take for a formula when a cell begins with it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# What it would take for a number, a date, a time or a truth value: 1e5, 007, 1-2, 12:30, 5 мая, MAR1.
MONTHS = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
    "янв",
    "фев",
    "мар",
    "апр",
    "мая",
    "май",
    "июн",
    "июл",
    "авг",
    "сен",
    "окт",
    "ноя",
    "дек",
]
MONTH = f"({'|'.join(MONTHS)})[[:alpha:].]*"
LIKE_A_NUMBER = (
    "^[ \u00a0]*("
    "[0-9.,][0-9.,:/ \u00a0%$€₽₸e+-]*"
    f"|[0-9]{{1,4}}[ \u00a0./-]*{MONTH}[ \u00a0.,/-]*[0-9]*"
    f"|{MONTH}[ \u00a0.,/-]*[0-9]+[ \u00a0.,/-]*[0-9]*"
    "|true|false|истина|ложь|ақиқат|жалған"
    ")[ \u00a0]*$"
)
LIKE_A_NUMBER_SQL = LIKE_A_NUMBER.replace("%", "%%")  # where a statement has parameters
_LIKE_A_NUMBER = re.compile(LIKE_A_NUMBER.replace("[:alpha:]", "a-zа-яё"), re.IGNORECASE)
INSTANT = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'


class ColumnKind(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"  # may have a fraction
    TIME = "time"  # a day, a month or a year: 2022-06-01, 2022-06, 2022
    BOOLEAN = "boolean"  # true or false
    DAY = "day"  # ISO 8601 date
    INSTANT = "instant"  # ISO 8601, UTC, whole seconds, Z


@dataclass(frozen=True)
class Column:
    name: str
    kind: ColumnKind = ColumnKind.TEXT


def columns_of(text: str) -> tuple[Column, ...]:
    """Parse columns written as "name" (text) or "name:kind"."""
    parts = (word.partition(":") for word in text.split())
    return tuple(Column(name, ColumnKind(kind or "text")) for name, _colon, kind in parts)


SNAPSHOTS = columns_of("""
    day:day span actor_slug actor_name kind platform handle account_id:integer state bound followers:integer
    precision observed_at:instant source locator note
""")
STANDINGS = columns_of("""
    rank:integer actor_slug actor_name kind platform handle account_id:integer state bound followers:integer
    precision day:day span rank_then:integer followers_then:integer day_then:day span_then change:integer
    change_percent:decimal yearly_growth_percent_low:decimal yearly_growth_percent_high:decimal
    within_rounding:boolean gap_to_reference:integer times_reference:decimal share_percent:decimal
    reach_percent:decimal source
    parts:integer of:integer parts_then:integer of_then:integer first_day:day first_day_then:day
    rank_of:integer rank_then_of:integer rank_is_open:boolean
    last_day:day last_day_then:day rank_change:integer
    bound_then precision_then rank_then_is_open:boolean
    change_bound change_parts:integer change_since:day change_since_span change_until:day change_until_span
    gap_bound share_bound reach_bound
""")
TREND = tuple(column for column in SNAPSHOTS if column.name != "observed_at")


def plain(column: Column) -> str:
    """Write SQL of a cell in the plain file. An empty text is NULL, which COPY writes as nothing rather than as ""."""
    name = f'line."{column.name}"'
    match column.kind:
        case ColumnKind.TEXT:
            return f"NULLIF({name}, '')"
        case ColumnKind.BOOLEAN:
            return f"({name})::text"
        case ColumnKind.INSTANT:
            return f"to_char({name} AT TIME ZONE 'UTC', '{INSTANT}')"
        case _:
            return name


def excel(column: Column) -> str:
    """Write SQL of a cell for Excel on a Russian or Kazakh Windows: decimal comma, and text that stays text.

    A text that would run as a formula, or that Excel would take for a number or a date, has an apostrophe before it.
    """
    name = f'line."{column.name}"'
    match column.kind:
        case ColumnKind.TEXT:
            starts = ", ".join(f"chr({ord(start)})" for start in FORMULA_STARTS)
            changes = f"left({name}, 1) IN ({starts}) OR {name} ~* '{LIKE_A_NUMBER_SQL}'"
            return f"CASE WHEN {changes} THEN '''' || {name} ELSE NULLIF({name}, '') END"
        case ColumnKind.DECIMAL:
            return f"replace(({name})::text, '.', ',')"
        case _:
            return plain(column)


def stays_text(text: str) -> bool:
    """Say whether Excel leaves a text as it is; excel() has the same rule in SQL."""
    return not text.startswith(FORMULA_STARTS) and not _LIKE_A_NUMBER.search(text)


def json_cell(column: Column) -> str:
    """Write SQL of a cell that keeps its kind, for JSON: numbers are numbers, an empty text is null."""
    name = f'line."{column.name}"'
    return f"({name})::boolean" if column.kind == ColumnKind.BOOLEAN else plain(column)
