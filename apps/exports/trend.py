"""The lines of a chart as a table: long, a row for each value, or wide, a column for each line.

A chart has few lines and a few hundred points on each, so these files are made in memory; their addresses are stable,
for chart tools that read them again and again.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

from apps.collectors.platforms import PLATFORMS
from apps.common import reading
from apps.exports.columns import TREND, Column, ColumnKind, stays_text
from apps.exports.copying import EXCEL, Dialect
from apps.exports.statements import accounts
from apps.snapshots.rules import SpanWord
from apps.standings.shares import Time, order_of
from apps.standings.trends import trend
from apps.standings.types import Point, Scope, Series

Cell = str | int | None
MOST_LINES = 200


def line_count(scope: Scope) -> int:
    """Return how many lines there will be: an actor's accounts on a platform are one, unless the rows are accounts."""
    chosen, parameters = accounts(scope)
    line = "a.id" if scope.rows == "accounts" else "(a.actor_id, a.platform)"
    with reading.cursor() as cursor:
        cursor.execute(f"SELECT count(DISTINCT {line}) {chosen}", parameters)
        return int(cursor.fetchone()[0])


def lines(scope: Scope, first: date | None, last: date) -> list[Series]:
    """Return the lines a chart of the scope draws, by actor_slug, platform and account; those of the scope alone."""
    chosen, parameters = accounts(scope)
    with reading.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT ac.slug {chosen}", parameters)
        slugs = {slug for (slug,) in cursor.fetchall()}
    found = [line for line in trend(scope, first, last).series if line.actor_slug in slugs]
    return sorted(found, key=lambda line: (line.actor_slug, line.platform, line.account_id or 0))


def long_table(series: Sequence[Series], language: str) -> list[list[Cell]]:
    """Return a header, then a row for each value of each line, oldest first."""
    rows: list[list[Cell]] = [[column.name for column in TREND]]
    for line in series:
        rows += [_long_row(line, point, language) for point in line.points]
    return rows


def _long_row(line: Series, point: Point, language: str) -> list[Cell]:
    """Return the line's own name, and the page that was counted: before a change of hands that is another actor's."""
    page = next((one for one in line.handovers if point.day < one.day), line)
    return [
        point.day.isoformat(), point.span, line.actor_slug, line.name(language), line.kind, line.platform,
        page.handle, page.account_id, point.state, point.bound, point.followers, point.precision,
        point.source, point.locator, point.note,
    ]  # fmt: skip


def wide_table(series: Sequence[Series], language: str, *, details: bool = False) -> list[list[Cell]]:
    """Write a header of `day` and the lines' names, then a row for each time of which any line has a value, oldest first.

    A cell is a number only where the record gives one, exact or rounded: that of a bound is empty, as a chart tool would
    draw it as the number itself. details: a bound and a precision beside each, and so the bounds' numbers too.
    """
    width = 3 if details else 1
    rows: dict[Time, list[Cell]] = {}
    for place, line in enumerate(series):
        for point in line.points:
            row = rows.setdefault((point.day, point.span), list[Cell]([None]) * len(series) * width)
            row[place * width : (place + 1) * width] = _wide_cells(point, details=details)
    header: list[Cell] = ["day"]
    for title in titles(series, language):
        header += [title, f"{title}: bound", f"{title}: precision"] if details else [title]
    return [header, *([time_text(*time), *rows[time]] for time in sorted(rows, key=order_of))]


def _wide_cells(point: Point, *, details: bool) -> list[Cell]:
    if details:
        return [point.followers, point.bound, point.precision if point.followers is not None else ""]
    return [point.followers if point.bound == "=" else None]


def time_text(day: date, span: SpanWord) -> str:
    """Write a time as ISO does: 2022-06-01, 2022-06, 2022."""
    return day.isoformat()[: {"year": 4, "month": 7, "day": 10}[span]]


def columns(header: Sequence[Cell], *, is_wide: bool, details: bool = False) -> tuple[Column, ...]:
    """Return the columns of a table above."""
    if not is_wide:
        return TREND
    kinds = (ColumnKind.INTEGER, ColumnKind.TEXT, ColumnKind.TEXT) if details else (ColumnKind.INTEGER,)
    return (
        Column("day", ColumnKind.TIME),
        *(Column(str(title), kinds[place % len(kinds)]) for place, title in enumerate(header[1:])),
    )


def titles(series: Sequence[Series], language: str) -> list[str]:
    """Return names that tell the lines apart, no longer than that takes: name, platform, handle, account."""
    ways: list[Callable[[Series], str]] = [
        lambda line: line.name(language),
        lambda line: f"{line.name(language)}, {PLATFORMS[line.platform]}",
        lambda line: f"{line.name(language)}, {PLATFORMS[line.platform]}, {line.handle}",
        lambda line: (
            f"{line.name(language)}, {PLATFORMS[line.platform]}, {line.account_id or line.actor_slug}"
        ),
    ]
    chosen = [ways[0](line) for line in series]
    for way in ways[1:]:
        often = Counter(chosen)
        chosen = [
            way(line) if often[title] > 1 else title for line, title in zip(series, chosen, strict=True)
        ]
    return chosen


def write_csv(rows: Sequence[Sequence[Cell]], dialect: Dialect, columns: Sequence[Column] = ()) -> bytes:
    """Write the table as CSV, as COPY would write it. columns: those of the table, which the Excel preset needs."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator="\n")
    are_texts = [column.kind == ColumnKind.TEXT for column in columns]
    for place, row in enumerate(rows):
        if dialect is EXCEL:
            kept = are_texts if place else [True] * len(row)
            writer.writerow(
                [_safe(cell) if is_text else cell for cell, is_text in zip(row, kept, strict=True)]
            )
        else:
            writer.writerow(row)
    return dialect.start + text.getvalue().encode()


def objects(rows: Sequence[Sequence[Cell]]) -> bytes:
    """Return the rows below the header as JSON objects with commas between; an empty text is null, as in copied rows."""
    header, *others = rows
    names = [str(name) for name in header]
    return ",".join(
        json.dumps(
            {name: None if cell == "" else cell for name, cell in zip(names, row, strict=True)},
            ensure_ascii=False,
        )
        + "\n"
        for row in others
    ).encode()


def _safe(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and not stays_text(cell) else cell
