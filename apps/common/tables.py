"""Reading CSV files that people write: every mistake is found, each with its file, line and column."""

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
WHOLE = re.compile(r"\d+", re.ASCII)
NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)
MANY_LINES = "note"  # the one column whose text may run over several lines
SHOWN = 80  # signs of a cell in a message
FIRST_YEAR, LAST_YEAR = 1900, 2100  # 0217 and 20022 are slips of the hand


@dataclass(frozen=True)
class Problem:
    """One mistake. `column` is the column's name, or "row" where the whole line cannot be taken apart."""

    file: str
    line: int
    column: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.sentence}"


class BadTable(ValueError):
    """Files with mistakes in them; `problems` has them all, in the order of files and lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class Row:
    """One line of a file. A cell that cannot be read leaves a problem behind and gives None or ""."""

    def __init__(self, file: str, line: int, cells: dict[str, str], problems: list[Problem]) -> None:
        self.file = file
        self.line = line
        self._cells = cells
        self._problems = problems
        self._bad: set[str] = set()

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def cells(self) -> dict[str, str]:
        """Return a copy of the line's cells by column, as they were written."""
        return dict(self._cells)

    def wrong(self, column: str, sentence: str) -> None:
        """Note a problem; only the first one of each cell is said."""
        if column not in self._bad:
            self._bad.add(column)
            self._problems.append(Problem(self.file, self.line, column, sentence))

    def has(self, column: str) -> bool:
        """Tell whether the file has this column at all."""
        return column in self._cells

    def text(self, column: str, *, required: bool = False) -> str:
        """Return the cell without the space around it; "" where the file has no such column."""
        cell = self._cells.get(column, "")
        if any(_is_unprintable(sign, column) for sign in cell):
            self.wrong(column, _("This holds a character that is not text."))
            return ""
        if required and not cell:
            self.wrong(column, _("This must not be empty."))
        return cell

    def one_of(self, column: str, known: Collection[str], *, required: bool = True) -> str:
        cell = self.text(column, required=required)
        if cell and cell not in known:
            choices = ", ".join(known)
            self.wrong(
                column,
                _("“%(value)s” is not known; known are: %(choices)s.")
                % {"value": shown(cell), "choices": choices},
            )
            return ""
        return cell

    def when(self, column: str, *, required: bool = False) -> tuple[date, int] | None:
        """Return the first day of what is dated, and how many parts its date has: 1 year, 2 month, 3 day."""
        cell = self.text(column, required=required)
        if not cell:
            return None
        parts = PARTIAL_DATE.fullmatch(cell)
        numbers = [int(part) for part in parts.groups() if part] if parts else []
        try:
            day = date(*[*numbers, 1, 1][:3]) if numbers else None
        except ValueError:
            day = None
        if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.wrong(
                column,
                _("“%(value)s” is not a date; write 2017, 2017-06 or 2017-06-15.") % {"value": shown(cell)},
            )
            return None
        return day, len(numbers)

    def whole(self, column: str, *, required: bool = False) -> int | None:
        cell = self.text(column, required=required)
        if not cell:
            return None
        # Longer ones fit no column, and Python refuses to read numbers of thousands of digits.
        if not WHOLE.fullmatch(cell) or len(cell) > 30:
            self.wrong(
                column,
                _("“%(value)s” is not a whole number; write it in digits alone: 39000.")
                % {"value": shown(cell)},
            )
            return None
        return int(cell)

    def number(self, column: str, *, required: bool = False) -> Decimal | None:
        cell = self.text(column, required=required)
        if not cell:
            return None
        if not NUMBER.fullmatch(cell):
            self.wrong(
                column,
                _("“%(value)s” is not a number; write digits and a point: 85.9.") % {"value": shown(cell)},
            )
            return None
        return Decimal(cell)

    def check(self, made: Model, *columns: str, **renamed: str) -> None:
        """Hold an object to the limits of its model; fields named as their columns, others as field="column"."""
        column_of = {column: column for column in columns} | renamed
        others = {field.name for field in made._meta.fields} - column_of.keys()
        try:
            made.clean_fields(exclude=others)
        except ValidationError as error:
            for field, messages in error.message_dict.items():
                self.wrong(column_of[field], messages[0])


def read(path: Path, required: Sequence[str], optional: Sequence[str], problems: list[Problem]) -> list[Row]:
    """Return the rows of a UTF-8 CSV file with a header line; what is wrong goes to `problems`.

    Columns may stand in any order; one that is missing or not known stops the reading of this file.
    """
    # A byte that is not UTF-8 becomes a lone surrogate, which Row.text refuses in the cell it stands in.
    text = path.read_bytes().decode("utf-8-sig", errors="surrogateescape")
    lines = _lines(path.name, text, problems)
    at, header = next(lines, (1, []))
    names = [shown(name.strip()) for name in header]
    wrong = list(_header_problems(path.name, at, names, required, optional))
    problems += wrong
    if wrong:
        return []
    rows = []
    for line, cells in lines:
        if len(cells) != len(names):
            sentence = _("This line has %(count)d cells, the header has %(expected)d.")
            counts = {"count": len(cells), "expected": len(names)}
            problems.append(Problem(path.name, line, "row", sentence % counts))
            continue
        stripped = [cell.strip() for cell in cells]
        rows.append(Row(path.name, line, dict(zip(names, stripped, strict=True)), problems))
    return rows


def csv_lines(file: Iterable[str], delimiter: str = ",") -> Iterator[tuple[int, list[str], str]]:
    """Yield each record with the line it begins on, and why it cannot be read: nothing comes after one that cannot, as
    what follows an unclosed quote belongs to nothing that can be told."""
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells, ""
            line = reader.line_num + 1
    except csv.Error as error:
        yield line, [], _("This is not CSV: %(reason)s.") % {"reason": error}


def _lines(file: str, text: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not blank, with the number of the line it begins on."""
    for line, cells, wrong in csv_lines(io.StringIO(text, newline="")):
        if wrong:
            problems.append(Problem(file, line, "row", wrong))
        elif cells:
            yield line, cells


def _header_problems(
    file: str, line: int, names: Sequence[str], required: Sequence[str], optional: Sequence[str]
) -> Iterator[Problem]:
    allowed = [*required, *optional]
    for place, name in enumerate(names):
        if name not in allowed:
            known = {"columns": ", ".join(allowed)}
            yield Problem(
                file, line, name or "row", _("This column is not known; known are: %(columns)s.") % known
            )
        elif name in names[:place]:
            yield Problem(file, line, name, _("This column stands here twice."))
    for name in required:
        if name not in names:
            yield Problem(file, line, name, _("This column is missing."))


def decimals_of(value: Decimal) -> int:
    """Count the figures after the point as they were written: 2 of 11.00, 0 of 39000."""
    exponent = value.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def write_date(day: date | None, parts: int | None) -> str:
    """Return a date as files write it: 2017, 2017-06 or 2017-06-15 for 1, 2 or 3 parts; "" for none."""
    return day.isoformat()[: (4, 7, 10)[parts - 1]] if day and parts else ""


def shown(text: str) -> str:
    """Return a cell as a message may quote it: short, and nothing in it that a terminal would obey."""
    clean = "".join(sign if sign.isprintable() else "\ufffd" for sign in text[:SHOWN])
    return clean + "…" if len(text) > SHOWN else clean


def _is_unprintable(sign: str, column: str) -> bool:
    if sign in "\n\t":
        return column != MANY_LINES
    return unicodedata.category(sign) in ("Cc", "Cs")  # control characters, halves of surrogate pairs
