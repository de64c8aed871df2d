"""A cell as it is written for the reader, a sheet that collects its rows, and the one way to parse a part of a workbook.

A cell that is more than plain text or a whole number is written as MARK, its kind (number, percent, date, bool, error), its
value and its format.
"""

import csv
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

MARK, PART = "\x01", "\x1f"
MOST_SHEETS = 200
MOST_MERGED = 20_000
MOST_LINKS = 50_000
MOST_STYLES = 70_000
LONGEST = 40_000  # characters of a cell
CHUNK = 1 << 18
LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')


class TooMuch(Exception):
    """The workbook holds more than is read; the text is a code."""


def kind_of(code: str) -> str:
    """Return what a number format makes of a number: "" plain, number (with words or a scale), percent, date."""
    bare = LITERAL.sub("", code.split(";")[0])
    if "%" in bare:
        return "percent"
    if re.search(r"[ymdhsYMDHSгГ]", bare) and not re.search(r"[0#?]", bare):
        return "date"
    if re.fullmatch(r"(?:General|Основной|@|[#0?.,\s-])*", bare) and not re.search(
        r"[0#],+(?:$|[^0#,])", bare
    ):
        return "number" if re.search(r'"[^"]*[^\W\d_][^"]*"|\\[^\W\d_]', code.split(";")[0]) else ""
    return "number"


class Sheet:
    """Collects the rows of one sheet, and writes them."""

    def __init__(self, name: str, state: str, target: Path, number: int, limits: tuple[int, int]) -> None:
        self.name, self.state, self.number = name, state, number
        self.rows = self.columns = 0
        self.hidden_rows: list[list[int]] = []
        self.hidden_columns: list[list[int]] = []
        self.merged: list[list[int]] = []
        self.links: dict[str, str] = {}
        self._most_rows, self._most_columns = limits
        self._file = (target / f"{number}.csv").open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")

    def write(self, row: int, cells: dict[int, str]) -> None:
        if row > self._most_rows:
            raise TooMuch("rows")
        if cells:
            width = max(cells) + 1
            if width > self._most_columns:
                raise TooMuch("columns")
            self.rows, self.columns = max(self.rows, row), max(self.columns, width)
            self._writer.writerow([row, *(cells.get(place, "") for place in range(width))])

    def hide_row(self, row: int, last: int = 0) -> None:
        add_range(self.hidden_rows, row, last or row)

    def link(self, row: int, column: int, address: str) -> None:
        if len(self.links) < MOST_LINKS:
            self.links.setdefault(f"{row},{column}", address[:2000])

    def merge(self, first_row: int, first_column: int, last_row: int, last_column: int) -> None:
        if len(self.merged) < MOST_MERGED:
            self.merged.append([first_row, first_column, last_row, last_column])

    def close(self) -> dict[str, Any]:
        self._file.close()
        return {
            "name": self.name[:200], "state": self.state, "rows": self.rows, "columns": self.columns,
            "hidden_rows": self.hidden_rows[:MOST_MERGED], "hidden_columns": self.hidden_columns[:1000],
            "merged": self.merged, "links": self.links,
        }  # fmt: skip


def add_range(ranges: list[list[int]], first: int, last: int) -> None:
    if ranges and ranges[-1][1] == first - 1:
        ranges[-1][1] = last
    else:
        ranges.append([first, last])


def read_typed(kind: str, value: str, code: str = "") -> str:
    return f"{MARK}{kind}{PART}{value}{PART}{code}"


def number(text: str, code: str, kind: str, epoch: datetime) -> str:
    """Write a number as its format shows it to be: bare digits where it is a whole plain number."""
    if not kind and text.isdecimal() and len(text) < 16:
        return text
    try:
        value = float(text)
    except ValueError:
        return text
    if kind == "date":
        return write_date(value, code, epoch)
    plain = str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if not kind and plain.isdecimal():
        return plain
    return read_typed(kind or "number", plain, code)


def write_date(serial: float, code: str, epoch: datetime) -> str:
    """Write a date as ISO. A day of Excel's 1900 calendar before March has one number too many."""
    try:
        moment = epoch + timedelta(days=serial + (1 if epoch.year == 1899 and 0 < serial < 60 else 0))
    except (OverflowError, ValueError):
        return read_typed("number", repr(serial), code)
    moment = (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    iso = moment.isoformat(" ").removesuffix(" 00:00:00")
    return read_typed("date", iso, code)


def parse(
    stream: IO[bytes], start: Callable[..., None], end: Callable[..., None], text: Callable[[str], None]
) -> None:
    """Feed a part of the archive to the handlers, names without their namespaces; what declares entities is refused."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def refuse(*_arguments: object) -> None:
        raise TooMuch("doctype")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition("}")[2], attributes)
    parser.EndElementHandler = lambda name: end(name.rpartition("}")[2])
    parser.CharacterDataHandler = text
    while chunk := stream.read(CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def local(attributes: dict[str, str], name: str) -> str:
    """Return an attribute whatever its namespace; "" where there is none."""
    if name in attributes:
        return attributes[name]
    return next((value for key, value in attributes.items() if key.endswith(f"}}{name}")), "")


def nothing(*_arguments: object) -> None:
    """Handle what is not looked at."""
