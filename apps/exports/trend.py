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
from apps.exports.columns import FORMULA_STARTS, TREND, Column, Kind
from apps.exports.copying import EXCEL, Dialect
from apps.exports.statements import accounts
from apps.standings.trends import trend
from apps.standings.types import Point, Scope, Series

Cell = str | int | None
MOST_LINES = 200

# The narrower span speaks where several begin on one day.
NARROWEST_LAST = ("year", "month", "day")


def line_count(scope: Scope) -> int:
    """How many lines there will be: an actor's accounts on a platform are one, unless the rows are accounts."""
    chosen, parameters = accounts(scope)
    line = "a.id" if scope.rows == "accounts" else "(a.actor_id, a.platform)"
    with reading.cursor() as cursor:
        cursor.execute(f"SELECT count(DISTINCT {line}) {chosen}", parameters)
        return int(cursor.fetchone()[0])


def lines(scope: Scope, first: date | None, last: date) -> list[Series]:
    """The lines a chart of the scope draws, by actor_slug, platform and account; those of the scope alone."""
    chosen, parameters = accounts(scope)
    with reading.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT ac.slug {chosen}", parameters)
        slugs = {slug for (slug,) in cursor.fetchall()}
    found = [line for line in trend(scope, first, last).series if line.actor_slug in slugs]
    return sorted(found, key=lambda line: (line.actor_slug, line.platform, line.account_id or 0))


def long_table(series: Sequence[Series], language: str) -> list[list[Cell]]:
    """A header, then a row for each value of each line, oldest first."""
    rows: list[list[Cell]] = [[column.name for column in TREND]]
    for line in series:
        rows += [_long_row(line, point, language) for point in line.points]
    return rows


def _long_row(line: Series, point: Point, language: str) -> list[Cell]:
    """The line's own name, and the page that was counted: before a change of hands that is another actor's."""
    page = next((one for one in line.handovers if point.day < one.day), line)
    return [
        point.day.isoformat(), point.span, line.actor_slug, line.name(language), line.kind, line.platform,
        page.handle, page.account_id, point.state, point.bound, point.followers, point.precision,
        point.source, point.locator, point.note,
    ]  # fmt: skip


def wide_table(series: Sequence[Series], language: str) -> list[list[Cell]]:
    """A header of `day` and the lines' names, then a row for each day on which any line has a value."""
    cells: dict[date, list[Cell]] = {}
    spoken = [
        (NARROWEST_LAST.index(point.span), place, point)
        for place, line in enumerate(series)
        for point in line.points
    ]
    for _span, place, point in sorted(spoken, key=lambda one: one[:2]):
        cells.setdefault(point.day, [None] * len(series))[place] = point.followers
    header: list[Cell] = ["day", *titles(series, language)]
    return [header, *([day.isoformat(), *cells[day]] for day in sorted(cells))]


def columns(header: Sequence[Cell], *, is_wide: bool) -> tuple[Column, ...]:
    """The columns of a table above."""
    if not is_wide:
        return TREND
    return (Column("day", Kind.DAY), *(Column(str(title), Kind.INTEGER) for title in header[1:]))


def titles(series: Sequence[Series], language: str) -> list[str]:
    """Names that tell the lines apart, no longer than that takes: name, platform, handle, account."""
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


def written(rows: Sequence[Sequence[Cell]], dialect: Dialect) -> bytes:
    """The table as CSV, as COPY would write it."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator="\n")
    for row in rows:
        writer.writerow([_safe(cell) for cell in row] if dialect is EXCEL else row)
    return dialect.start + text.getvalue().encode()


def objects(rows: Sequence[Sequence[Cell]]) -> bytes:
    """The rows below the header as JSON objects with commas between; an empty text is null, as in copied rows."""
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
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
