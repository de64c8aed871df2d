"""Unfold a workbook (XLSX or ODS) into rows of typed cells, in a process of its own: whatever the file does, only it dies.

Run as `python -P workbook_cells.py WORKBOOK DIRECTORY ROWS COLUMNS BYTES`, with nothing of the project at hand. Each sheet
becomes `N.csv` (row number, then the cells), and `workbook.json` says what the sheets are called, which are hidden, which
rows and columns are, what is merged and where links lead. A cell that is more than plain text or a whole number is
written as MARK, its kind (number, percent, date, bool, error), its value and its format.
"""

import csv
import json
import re
import resource
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

MEMORY = 1024**3  # bytes of address space
SECONDS = 80
MARK, PART = "\x01", "\x1f"
MOST_STRINGS = 3_000_000
MOST_CHARACTERS = 300_000_000  # of all shared strings
MOST_SHEETS = 200
MOST_MERGED = 20_000
MOST_LINKS = 50_000
MOST_STYLES = 70_000
LONGEST = 40_000  # characters of a cell
CHUNK = 1 << 18
BUILT_IN = {
    0: "", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 14: "dd.mm.yyyy",
    15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm", 21: "h:mm:ss", 22: "dd.mm.yyyy h:mm",
    37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss", 48: "##0.0E+0",
    49: "@",
}  # fmt: skip
LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
HYPERLINK = re.compile(r'HYPERLINK\(\s*"([^"]{1,2000})"', re.IGNORECASE)


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


def typed(kind: str, value: str, code: str = "") -> str:
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
        return dated(value, code, epoch)
    plain = str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if not kind and plain.isdecimal():
        return plain
    return typed(kind or "number", plain, code)


def dated(serial: float, code: str, epoch: datetime) -> str:
    """Write a date as ISO. A day of Excel's 1900 calendar before March has one number too many."""
    try:
        moment = epoch + timedelta(days=serial + (1 if epoch.year == 1899 and 0 < serial < 60 else 0))
    except (OverflowError, ValueError):
        return typed("number", repr(serial), code)
    moment = (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    iso = moment.isoformat(" ").removesuffix(" 00:00:00")
    return typed("date", iso, code)


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


# XLSX


def place(reference: str) -> tuple[int, int]:
    """Return the row from 1 and the column from 0 of "C5"."""
    letters = reference.rstrip("0123456789")
    digits = reference[len(letters) :]
    if len(letters) > 3 or len(digits) > 7:
        raise TooMuch("columns" if len(letters) > 3 else "rows")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return int(digits or 0), column - 1


def area(reference: str) -> tuple[int, int, int, int]:
    first, _, last = reference.partition(":")
    return (*place(first), *place(last or first))


def relations(book: zipfile.ZipFile, part: str) -> dict[str, str]:
    """Return id -> target of a part's relations."""
    folder, _, name = part.rpartition("/")
    targets: dict[str, str] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and len(targets) < MOST_LINKS:
            target = attributes.get("Target", "")
            if attributes.get("TargetMode") != "External":
                target = target[1:] if target.startswith("/") else f"{folder}/{target}".lstrip("/")
            targets[attributes.get("Id", "")] = target

    try:
        with book.open(f"{folder}/_rels/{name}.rels".lstrip("/")) as stream:
            parse(stream, start, nothing, nothing)
    except KeyError:
        pass
    return targets


def shared_strings(book: zipfile.ZipFile) -> list[str]:
    strings: list[str] = []
    pieces: list[str] = []
    state = {"in_text": False, "in_sound": False, "characters": 0}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sst" and int(attributes.get("uniqueCount", "0")) > MOST_STRINGS:
            raise TooMuch("strings")
        if tag == "rPh":
            state["in_sound"] = True
        state["in_text"] = tag == "t" and not state["in_sound"]

    def end(tag: str) -> None:
        state["in_text"] = False
        if tag == "rPh":
            state["in_sound"] = False
        elif tag == "si":
            string = "".join(pieces)[:LONGEST]
            pieces.clear()
            state["characters"] += len(string)
            strings.append(string)
            if len(strings) > MOST_STRINGS or state["characters"] > MOST_CHARACTERS:
                raise TooMuch("strings")

    def text(piece: str) -> None:
        if state["in_text"]:
            pieces.append(piece)

    try:
        with book.open("xl/sharedStrings.xml") as stream:
            parse(stream, start, end, text)
    except KeyError:
        pass
    return strings


def formats(book: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Return (format code, kind) of each cell style."""
    codes = dict(BUILT_IN)
    styles: list[tuple[str, str]] = []
    state = {"in_cells": False}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt" and len(codes) < MOST_STYLES:
            codes[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")[:300]
        elif tag == "cellXfs":
            state["in_cells"] = True
        elif tag == "xf" and state["in_cells"] and len(styles) < MOST_STYLES:
            code = codes.get(int(attributes.get("numFmtId", "0")), "")
            styles.append((code, kind_of(code)))

    def end(tag: str) -> None:
        if tag == "cellXfs":
            state["in_cells"] = False

    try:
        with book.open("xl/styles.xml") as stream:
            parse(stream, start, end, nothing)
    except KeyError:
        pass
    return styles


class XlsxSheet:
    """The handlers of one sheet's XML."""

    def __init__(
        self,
        sheet: Sheet,
        strings: list[str],
        styles: list[tuple[str, str]],
        epoch: datetime,
        links: dict[str, str],
    ) -> None:
        self.sheet, self.strings, self.styles, self.epoch, self.targets = sheet, strings, styles, epoch, links
        self.row = 0
        self.column = -1
        self.cells: dict[int, str] = {}
        self.type = self.style = ""
        self.pieces: list[str] = []
        self.formula: list[str] = []
        self.into: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            reference = attributes.get("r")
            self.column = place(reference)[1] if reference else self.column + 1
            self.type, self.style = attributes.get("t", "n"), attributes.get("s", "0")
            self.pieces, self.formula = [], []
        elif tag in ("v", "t"):
            self.into = self.pieces
        elif tag == "f":
            self.into = self.formula
        elif tag == "row":
            self.row = int(attributes.get("r") or self.row + 1)
            self.column, self.cells = -1, {}
            if attributes.get("hidden") in ("1", "true"):
                self.sheet.hide_row(self.row)
        elif tag == "col" and attributes.get("hidden") in ("1", "true"):
            add_range(
                self.sheet.hidden_columns, int(attributes["min"]) - 1, min(int(attributes["max"]) - 1, 20_000)
            )
        elif tag == "mergeCell":
            first_row, first_column, last_row, last_column = area(attributes.get("ref", "A1"))
            self.sheet.merge(first_row, first_column, last_row, last_column)
        elif tag == "hyperlink":
            target = self.targets.get(local(attributes, "id"), "")
            row, column = place(attributes.get("ref", "A1").partition(":")[0])
            if target:
                self.sheet.link(row, column, target)

    def end(self, tag: str) -> None:
        if tag in ("v", "t", "f"):
            self.into = None
        elif tag == "c":
            self._cell("".join(self.pieces))
        elif tag == "row":
            self.sheet.write(self.row, self.cells)

    def text(self, piece: str) -> None:
        if self.into is not None:
            self.into.append(piece)

    def _cell(self, value: str) -> None:
        if self.formula:
            named = HYPERLINK.search("".join(self.formula)[:3000])
            if named:
                self.sheet.link(self.row, self.column, named[1])
        if not value:
            return
        if self.type == "s":
            index = int(value)
            value = self.strings[index] if index < len(self.strings) else ""
        elif self.type == "n":
            index = int(self.style)
            code, kind = self.styles[index] if index < len(self.styles) else ("", "")
            value = number(value, code, kind, self.epoch)
        elif self.type == "b":
            value = typed("bool", value)
        elif self.type == "e":
            value = typed("error", value)
        elif self.type == "d":
            value = typed("date", value.replace("T", " ").removesuffix(" 00:00:00"), "yyyy-mm-dd")
        if value:
            self.cells[self.column] = (
                ESCAPED.sub(unescape, value[:LONGEST]) if "_x" in value else value[:LONGEST]
            )


def unescape(escaped: re.Match[str]) -> str:
    sign = chr(int(escaped[1], 16))
    return sign if sign.isprintable() or sign in "\n\t" else "\ufffd"


def unfold_xlsx(book: zipfile.ZipFile, target: Path, limits: tuple[int, int]) -> list[dict[str, Any]]:
    listed: list[tuple[str, str, str]] = []
    state = {"epoch": 1899}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            state["epoch"] = 1904
        elif tag == "sheet":
            listed.append(
                (attributes.get("name", ""), attributes.get("state", "visible"), local(attributes, "id"))
            )
            if len(listed) > MOST_SHEETS:
                raise TooMuch("sheets")

    with book.open("xl/workbook.xml") as stream:
        parse(stream, start, nothing, nothing)
    targets = relations(book, "xl/workbook.xml")
    strings, styles = shared_strings(book), formats(book)
    epoch = datetime(1904, 1, 1) if state["epoch"] == 1904 else datetime(1899, 12, 30)  # noqa: DTZ001 (a calendar of its own)
    sheets: list[dict[str, Any]] = []
    for name, visible, relation in listed:
        part = targets.get(relation, "")
        if not part or part not in book.namelist() or "/worksheets/" not in f"/{part}":
            continue  # a sheet that is a chart
        sheet = Sheet(name, visible.lower(), target, len(sheets), limits)
        handlers = XlsxSheet(sheet, strings, styles, epoch, relations(book, part))
        with book.open(part) as stream:
            parse(stream, handlers.start, handlers.end, handlers.text)
        sheets.append(sheet.close())
    return sheets


# ODS


class OdsStyles:
    """Number styles of content.xml and styles.xml as the format codes of the other kind of workbook."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.cells: dict[str, str] = {}  # style of a cell -> name of its number style
        self.hidden_tables: set[str] = set()
        self.name = self.style = ""
        self.family = ""
        self.text_into = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("number-style", "percentage-style", "date-style", "currency-style", "time-style"):
            self.name = local(attributes, "name")
            self.codes[self.name] = ""
        elif tag == "style" and len(self.cells) < MOST_STYLES:
            self.style, self.family = local(attributes, "name"), local(attributes, "family")
            self.cells[self.style] = local(attributes, "data-style-name")
        elif tag == "table-properties" and local(attributes, "display") == "false":
            self.hidden_tables.add(self.style)
        elif self.name:
            self._part(tag, attributes)

    def _part(self, tag: str, attributes: dict[str, str]) -> None:
        is_long = local(attributes, "style") == "long"
        code = ""
        if tag == "number":
            places = local(attributes, "decimal-places") or "0"
            scale = local(attributes, "display-factor")
            code = "#,##0" if local(attributes, "grouping") == "true" else "0"
            code += "." + "0" * min(int(places), 20) if places.isdecimal() and int(places) else ""
            code += "," * (len(scale.split(".")[0]) // 3) if scale.startswith("1000") else ""
        elif tag == "scientific-number":
            code = "0.00E+00"
        elif tag == "day":
            code = "dd"
        elif tag == "month":
            textual = local(attributes, "textual") == "true"
            code = ("mmmm" if is_long else "mmm") if textual else "mm"
        elif tag == "year":
            code = "yyyy" if is_long else "yy"
        elif tag in ("hours", "minutes", "seconds"):
            code = {"hours": "h", "minutes": "mm", "seconds": "ss"}[tag]
        elif tag == "text":
            self.text_into = True
        self.codes[self.name] = (self.codes[self.name] + code)[:300]

    def end(self, tag: str) -> None:
        if tag == "text":
            self.text_into = False
        elif tag in ("number-style", "percentage-style", "date-style", "currency-style", "time-style"):
            self.name = ""

    def text(self, piece: str) -> None:
        if self.name and self.text_into and piece:
            quoted = piece if piece == "%" else f'"{piece.replace(chr(34), "")}"'
            self.codes[self.name] = (self.codes[self.name] + quoted)[:300]

    def code_of(self, style: str) -> str:
        return self.codes.get(self.cells.get(style, ""), "")


class OdsSheets:
    """The handlers of content.xml: its automatic styles first, then the tables."""

    def __init__(self, target: Path, limits: tuple[int, int], styles: OdsStyles) -> None:
        self.target, self.limits, self.styles = target, limits, styles
        self.sheets: list[dict[str, Any]] = []
        self.sheet: Sheet | None = None
        self.in_annotation = 0
        self.is_cell = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self.sheet is None:
            if tag == "table":
                self._begin(attributes)
            else:
                self.styles.start(tag, attributes)
        elif tag == "table-column":
            repeated = min(int(local(attributes, "number-columns-repeated") or 1), 20_000)
            if local(attributes, "visibility") in ("collapse", "filter"):
                add_range(self.sheet.hidden_columns, self.next_column, self.next_column + repeated - 1)
            self.next_column += repeated
        elif tag == "table-row":
            self.repeated_rows = int(local(attributes, "number-rows-repeated") or 1)
            self.row_hidden = local(attributes, "visibility") in ("collapse", "filter")
            self.cells: dict[int, str] = {}
            self.column = 0
        elif tag in ("table-cell", "covered-table-cell"):
            self._begin_cell(tag, attributes)
        elif tag == "annotation":
            self.in_annotation += 1
        elif tag == "p" and self.is_cell and self.pieces:
            self.pieces.append("\n")
        elif tag == "s" and self.is_cell:
            self.pieces.append(" " * min(int(local(attributes, "c") or 1), 100))
        elif tag == "a" and self.is_cell and not self.in_annotation:
            self.sheet.link(self.row, self.column, local(attributes, "href"))

    def _begin(self, attributes: dict[str, str]) -> None:
        if len(self.sheets) >= MOST_SHEETS:
            raise TooMuch("sheets")
        state = "hidden" if local(attributes, "style-name") in self.styles.hidden_tables else "visible"
        self.sheet = Sheet(local(attributes, "name"), state, self.target, len(self.sheets), self.limits)
        self.row, self.next_column = 1, 0

    def _begin_cell(self, tag: str, attributes: dict[str, str]) -> None:
        self.is_cell = tag == "table-cell"
        self.pieces: list[str] = []
        self.repeated = int(local(attributes, "number-columns-repeated") or 1)
        self.type = local(attributes, "value-type")
        self.value = next(
            (
                local(attributes, key)
                for key in ("value", "date-value", "boolean-value")
                if local(attributes, key)
            ),
            "",
        )
        self.code = self.styles.code_of(local(attributes, "style-name"))
        columns = int(local(attributes, "number-columns-spanned") or 1)
        rows = int(local(attributes, "number-rows-spanned") or 1)
        if self.sheet and (columns > 1 or rows > 1):
            self.sheet.merge(self.row, self.column, self.row + rows - 1, self.column + columns - 1)

    def end(self, tag: str) -> None:
        if self.sheet is None:
            self.styles.end(tag)
        elif tag == "annotation":
            self.in_annotation -= 1
        elif tag in ("table-cell", "covered-table-cell"):
            self._end_cell()
        elif tag == "table-row":
            self._end_row()
        elif tag == "table":
            self.sheets.append(self.sheet.close())
            self.sheet = None

    def _end_cell(self) -> None:
        text = "".join(self.pieces)[:LONGEST]
        cell = text
        if self.type in ("float", "currency", "percentage"):
            kind = "percent" if self.type == "percentage" else kind_of(self.code)
            cell = number(self.value, self.code, kind if kind != "date" else "", datetime(1899, 12, 30))  # noqa: DTZ001
            if self.type == "percentage":
                cell = typed("percent", self.value, self.code)
        elif self.type == "date":
            cell = typed(
                "date", self.value.replace("T", " ").removesuffix(" 00:00:00"), self.code or "dd.mm.yyyy"
            )
        elif self.type == "boolean":
            cell = typed("bool", self.value)
        elif text.startswith(("#N/A", "#VALUE!", "#REF!", "#DIV/0!", "Err:")):
            cell = typed("error", text)
        if cell and self.is_cell:
            if self.column + self.repeated > self.limits[1]:
                raise TooMuch("columns")
            for column in range(self.column, self.column + self.repeated):
                self.cells[column] = cell
        self.column += self.repeated
        self.is_cell = False

    def _end_row(self) -> None:
        assert self.sheet is not None
        if self.row_hidden:
            self.sheet.hide_row(self.row, self.row + self.repeated_rows - 1)
        if self.cells:
            if self.row + self.repeated_rows - 1 > self.limits[0]:
                raise TooMuch("rows")
            for row in range(self.row, self.row + self.repeated_rows):
                self.sheet.write(row, self.cells)
        self.row += self.repeated_rows

    def text(self, piece: str) -> None:
        if self.sheet is None:
            self.styles.text(piece)
        elif self.is_cell and not self.in_annotation and piece.strip("\n"):
            self.pieces.append(piece)


def unfold_ods(book: zipfile.ZipFile, target: Path, limits: tuple[int, int]) -> list[dict[str, Any]]:
    styles = OdsStyles()
    if "styles.xml" in book.namelist():
        with book.open("styles.xml") as stream:
            parse(stream, styles.start, styles.end, styles.text)
    sheets = OdsSheets(target, limits, styles)
    with book.open("content.xml") as stream:
        parse(stream, sheets.start, sheets.end, sheets.text)
    return sheets.sheets


def unfold(workbook: str, target: Path, rows: int, columns: int, size: int) -> str:
    """Write the sheets; "" when it is done, else the code of what stood in the way."""
    with zipfile.ZipFile(workbook) as book:
        names = set(book.namelist())
        if any(name.startswith("/") or ".." in name.split("/") for name in names):
            return "outside"
        if sum(member.file_size for member in book.infolist()) > size:
            return "unpacked"
        if any(member.flag_bits & 1 for member in book.infolist()):
            return "locked"
        if "xl/workbook.xml" in names:
            sheets = unfold_xlsx(book, target, (rows, columns))
        elif "content.xml" in names:
            sheets = unfold_ods(book, target, (rows, columns))
        else:
            return "archive"
    if not sheets:
        return "empty"
    (target / "workbook.json").write_text(json.dumps(sheets, ensure_ascii=False), encoding="utf-8")
    return ""


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    rows, columns, size = (int(limit) for limit in sys.argv[3:6])
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    try:
        code = unfold(sys.argv[1], Path(sys.argv[2]), rows, columns, size)
    except TooMuch as error:
        code = str(error)
    except MemoryError:
        code = "strings"
    except Exception as error:  # whatever a broken file makes of the parser is told by one sentence
        code = f"broken {type(error).__name__}"
    sys.stderr.write(code)
    return 1 if code else 0


if __name__ == "__main__":
    sys.exit(main())
