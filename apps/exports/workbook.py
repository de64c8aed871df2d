"""XLSX: a workbook that XlsxWriter makes, with rows that PostgreSQL writes as the sheet's own XML.

XlsxWriter alone would write every cell in Python and the whole file to disk before its first byte could leave. So it makes
the workbook with one sample row; what stands before and after that row is kept, and the rows stream between.
"""

import io
import re
import zipfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from apps.exports.archive import pack
from apps.exports.columns import Column, ColumnKind
from apps.exports.copying import ONE_TEXT, Dialect
from apps.exports.statements import Statement

MOST_ROWS = 1_048_575  # Excel's, without the header
LONGEST_TEXT = 16_000  # characters; a cell of Excel holds 32,767 units, of which a character may take two
CUT = " … [cut: a cell of Excel holds no more; the CSV has it whole]"
SHEET = "xl/worksheets/sheet1.xml"
FORMATS = {
    "day": "yyyy-mm-dd", "month": "yyyy-mm", "year": "yyyy", "instant": "yyyy-mm-dd hh:mm:ss",
}  # fmt: skip
WIDTHS = {
    ColumnKind.TEXT: 18,
    ColumnKind.TIME: 12,
    ColumnKind.INTEGER: 12,
    ColumnKind.DECIMAL: 12,
    ColumnKind.BOOLEAN: 8,
    ColumnKind.DAY: 12,
    ColumnKind.INSTANT: 19,
}
SAMPLE = "2000-01-01"
# Nothing that looks like a formula, an address or a number becomes one.
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

Cell = str | int | None


@dataclass(frozen=True)
class Frame:
    """A workbook without its rows: the other parts of the file, and the sheet's XML before and after the rows."""

    parts: dict[str, bytes]
    head: bytes
    tail: bytes
    styles: dict[str, int]  # the words of FORMATS and the numbers that the sheet knows them by


def build_workbook(
    columns: Sequence[Column], rows: Iterable[Sequence[Cell]], notes: Sequence[str], day: date
) -> bytes:
    """Return a whole workbook of rows that are in memory; days come as ISO dates. Its bytes depend on nothing else."""
    content = io.BytesIO()
    book = Workbook(content, {**OPTIONS, "constant_memory": True})
    book.set_properties({"created": datetime(day.year, day.month, day.day)})  # noqa: DTZ001 Excel knows no time zone
    formats = {word: book.add_format({"num_format": shown}) for word, shown in FORMATS.items()}
    sheet = book.add_worksheet("Data")
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for place, column in enumerate(columns):
        sheet.set_column(place, place, WIDTHS[column.kind])
        sheet.write_string(0, place, text(column.name), bold)
    spans = spans_of(columns)
    for number, row in enumerate(rows, 1):
        for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
            if cell is None or cell == "":
                continue
            if column.kind == ColumnKind.INSTANT:
                moment = datetime.fromisoformat(str(cell)).replace(tzinfo=None)
                sheet.write_datetime(number, place, moment, formats["instant"])
            elif column.kind == ColumnKind.TIME:
                span = {4: "year", 7: "month", 10: "day"}[len(str(cell))]
                first = date.fromisoformat(f"{cell}-01-01"[:10])
                sheet.write_datetime(number, place, first, formats[span])
            elif column.kind == ColumnKind.DAY:
                span = str(row[spans[place]]) if place in spans else "day"
                sheet.write_datetime(number, place, date.fromisoformat(str(cell)), formats[span])
            elif column.kind == ColumnKind.TEXT:
                sheet.write_string(number, place, text(str(cell)))
            else:
                sheet.write_number(number, place, int(cell))
    about = book.add_worksheet("About")
    about.set_column(0, 0, 120)
    for number, line in enumerate(notes):
        about.write_string(number, 0, text(line))
    book.close()
    return content.getvalue()


def text(content: str) -> str:
    return content if len(content) <= LONGEST_TEXT else content[:LONGEST_TEXT] + CUT


def spans_of(columns: Sequence[Column]) -> dict[int, int]:
    """Return the places of the days that have a span, and of their spans: day and span, day_then and span_then."""
    places = {column.name: place for place, column in enumerate(columns)}
    return {
        place: places[name.replace("day", "span")]
        for name, place in places.items()
        if name.startswith("day") and name.replace("day", "span") in places
    }


def frame(columns: Sequence[Column], notes: Sequence[str], day: date) -> Frame:
    sample: list[Cell] = ["x"] * len(columns)
    for place, column in enumerate(columns):
        if column.kind in (ColumnKind.DAY, ColumnKind.INSTANT):
            sample[place] = SAMPLE
        elif column.kind in (ColumnKind.INTEGER, ColumnKind.DECIMAL, ColumnKind.BOOLEAN):
            sample[place] = 0
    rows = [_with_spans(columns, sample, span) for span in ("day", "month", "year")]
    with zipfile.ZipFile(io.BytesIO(build_workbook(columns, rows, notes, day))) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = re.sub(rb"<dimension [^>]*/>", b"", parts.pop(SHEET))  # it would tell the wrong number of rows
    head, _row, rest = sheet.partition(b'<row r="2"')
    samples, end, tail = rest.partition(b"</sheetData>")
    return Frame(parts, head, end + tail, _styles(columns, samples))


def _with_spans(columns: Sequence[Column], sample: Sequence[Cell], span: str) -> list[Cell]:
    spans = set(spans_of(columns).values())
    return [span if place in spans else cell for place, cell in enumerate(sample)]


def _styles(columns: Sequence[Column], samples: bytes) -> dict[str, int]:
    """Return the style numbers, as the sample rows (2 day, 3 month, 4 year) use them."""
    spans = spans_of(columns)
    found: dict[str, int] = {}
    for place, column in enumerate(columns):
        if column.kind not in (ColumnKind.DAY, ColumnKind.INSTANT):
            continue
        letter = xl_col_to_name(place)
        numbers = [int(number) for number in re.findall(rf'<c r="{letter}\d" s="(\d+)"'.encode(), samples)]
        words = ["instant"] if column.kind == ColumnKind.INSTANT else ["day", "month", "year"]
        words = words if place in spans else words[:1]
        found |= dict(zip(words, numbers, strict=False))
    return found


def stream_workbook(frame: Frame, rows: Iterator[bytes]) -> Generator[bytes]:
    """Yield the file, while its rows come."""
    sheet = (SHEET, chain([frame.head], rows, [frame.tail]))
    return pack(chain([(name, [part]) for name, part in frame.parts.items()], [sheet]))


def dialect(frame: Frame) -> Dialect:
    """Write rows as the sheet's XML, made by PostgreSQL."""

    def rows(statement: Statement) -> str:
        spans = spans_of(statement.columns)
        cells = ", ".join(
            _cell(
                column,
                xl_col_to_name(place),
                statement.columns[spans[place]].name if place in spans else "",
                frame.styles,
            )
            for place, column in enumerate(statement.columns)
        )
        numbered = f"SELECT row_number() OVER () + 1 AS sheet_row, numbered.* FROM ({statement.sql}) numbered"  # noqa: S608
        return f"""SELECT concat('<row r="', sheet_row, '">', {cells}, '</row>') FROM ({numbered}) line"""  # noqa: S608

    return Dialect(rows, ONE_TEXT)


def _cell(column: Column, letter: str, span: str, styles: dict[str, int]) -> str:
    """Write SQL of a cell's XML; NULL, which concat leaves out, where there is no value."""
    name = f'line."{column.name}"'
    place = f"""'<c r="{letter}' || sheet_row"""
    match column.kind:
        case ColumnKind.TEXT:
            start = """ || '" t="inlineStr"><is><t xml:space="preserve">' || """
            return f"""{place}{start}{_text(f"NULLIF({name}, '')")} || '</t></is></c>'"""
        case ColumnKind.BOOLEAN:
            return f"""{place} || '" t="b"><v>' || ({name})::boolean::int || '</v></c>'"""
        case ColumnKind.DAY:
            style = f"{styles['day']}"
            if span:
                style = (
                    f"""CASE line."{span}" WHEN 'year' THEN {styles["year"]} WHEN 'month' THEN {styles["month"]}"""
                    f" ELSE {styles['day']} END"
                )
            return (
                f"""{place} || '" s="' || {style} || '"><v>' || ({name} - date '1899-12-30') || '</v></c>'"""
            )
        case ColumnKind.INSTANT:
            days = f"round(extract(epoch FROM date_trunc('second', {name})) / 86400 + 25569, 9)"
            return f"""{place} || '" s="{styles["instant"]}"><v>' || {days} || '</v></c>'"""
        case _:
            return f"""{place} || '"><v>' || {name} || '</v></c>'"""


def _text(name: str) -> str:
    """Write SQL of a text within XML. What XML cannot hold is written as Excel does: _x0001_; so is what looks like
    that."""
    cut = f"CASE WHEN length({name}) > {LONGEST_TEXT} THEN left({name}, {LONGEST_TEXT}) || '{CUT}' ELSE {name} END"
    escaped = f"replace(replace(replace({cut}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"
    rare = f"regexp_replace({escaped}, '_(?=x[0-9A-Fa-f]{{4}}_)', '_x005F_', 'g')"
    for code in (*range(1, 9), *range(11, 32), 0xFFFE, 0xFFFF):
        rare = f"replace({rare}, chr({code}), '_x{code:04X}_')"
    rare = f"replace(replace({rare}, chr(9), '&#9;'), chr(10), '&#10;')"
    is_rare = f"{name} ~ '[[:cntrl:]\\uFFFE\\uFFFF]|_x[0-9A-Fa-f]{{4}}_'"
    return f"CASE WHEN {is_rare} THEN {rare} ELSE {escaped} END"
