"""The sheets of an .xlsx: values, formats, what is hidden, merged or linked."""

import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from apps.common.workbooks.typed_cells import (
    LONGEST,
    MOST_LINKS,
    MOST_SHEETS,
    MOST_STYLES,
    Sheet,
    TooMuch,
    add_range,
    kind_of,
    local,
    nothing,
    number,
    parse,
    read_typed,
)

MOST_STRINGS = 3_000_000
MOST_CHARACTERS = 300_000_000  # of all shared strings
BUILT_IN = {
    0: "", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 14: "dd.mm.yyyy",
    15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm", 21: "h:mm:ss", 22: "dd.mm.yyyy h:mm",
    37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss", 48: "##0.0E+0",
    49: "@",
}  # fmt: skip
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
HYPERLINK = re.compile(r'HYPERLINK\(\s*"([^"]{1,2000})"', re.IGNORECASE)


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


WIDEST = 16_384  # columns of a sheet in any spreadsheet


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
            if self.column >= WIDEST:
                raise TooMuch("columns")  # at once, not when the row ends: it may never
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
            value = read_typed("bool", value)
        elif self.type == "e":
            value = read_typed("error", value)
        elif self.type == "d":
            value = read_typed("date", value.replace("T", " ").removesuffix(" 00:00:00"), "yyyy-mm-dd")
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
