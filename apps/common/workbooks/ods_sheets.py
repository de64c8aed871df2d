"""The sheets of an .ods, with its number styles as the format codes of the other kind of workbook."""

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from apps.common.workbooks.typed_cells import (
    LONGEST,
    MOST_SHEETS,
    MOST_STYLES,
    Sheet,
    TooMuch,
    add_range,
    kind_of,
    local,
    number,
    parse,
    read_typed,
)


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
                cell = read_typed("percent", self.value, self.code)
        elif self.type == "date":
            cell = read_typed(
                "date", self.value.replace("T", " ").removesuffix(" 00:00:00"), self.code or "dd.mm.yyyy"
            )
        elif self.type == "boolean":
            cell = read_typed("bool", self.value)
        elif text.startswith(("#N/A", "#VALUE!", "#REF!", "#DIV/0!", "Err:")):
            cell = read_typed("error", text)
        if cell and self.is_cell:
            if self.column + self.repeated > self.limits[1]:
                raise TooMuch("columns")
            for column in range(self.column, self.column + self.repeated):
                self.cells[column] = cell
        self.column += self.repeated
        self.is_cell = False

    def _end_row(self) -> None:
        if self.sheet is None:
            return
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
