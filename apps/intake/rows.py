"""The rows of a table of counts: whom a row means, of which day, how many. Nothing is written here.

A row gives readings, each good, or with why it is not: a mistake to mend (error), nothing to record (left), or something
that a person must say first (asked).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Final, NamedTuple, TypeVar

from django.utils.translation import gettext as _

from apps.common.grids import Record, covers, read_cell
from apps.common.tables import shown
from apps.intake import headings
from apps.intake.platform_words import platform_or_none
from apps.intake.row_accounts import AccountsOfRows
from apps.intake.row_days import DaysOfRows
from apps.intake.row_values import ValuesOfRows
from apps.intake.sheet_reader import MANY, Stop, nothing_to_record, wrong

T = TypeVar("T")
RULE: Final = re.compile(r":?(?:-{2,}|={2,}|_{2,}):?")  # above the rows of a table drawn in text
LONGEST_CELL: Final = 20_000
LONGEST_LOCATOR: Final = 1000
LONGEST_COLUMN: Final = 80
NO_TEXT: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")


class Staged(NamedTuple):
    """One count as it goes into the staging table. `kind`: "" good, error, left, asked; `problem` says why."""

    line: int
    cell: str = ""
    account_id: int | None = None
    day: date | None = None
    span: int | None = None
    state: str = ""
    followers: int | None = None
    bound: str = ""
    precision: str = ""
    observed_at: datetime | None = None
    source_id: int | None = None
    locator: str = ""
    note: str = ""
    problem: str = ""
    kind: str = ""


@dataclass
class CountReader(AccountsOfRows, DaysOfRows, ValuesOfRows):
    """Reads the rows of one sheet."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._merged = _by_row(self.sheet.merged)
        self._above: dict[int, str] = {}
        self._plain_places = self._places_of_a_plain_table()

    def _places_of_a_plain_table(self) -> tuple[int, int, list[int]] | None:
        """Return the places of day, count and names where a row can say nothing more: the quick way for large files."""
        told = {
            "source",
            "locator",
            "note",
            "state",
            "bound",
            "precision",
            "observed_at",
            "span",
            "year",
            "unit",
        } & self._roles.keys()
        day = self._roles.get("day")
        if (
            not self.is_long
            or told
            or day is None
            or self._merged
            or self.answers.account
            or self.answers.fill == "down"
            or self._is_own_wide
            or self._metric
        ):
            return None
        if (
            self._counts[0].platform
            or self.layout.title_unit > 1
            or self._unit(self._counts[0]) != 1
            or self._hidden_rows
        ):
            return None
        return day.place, self._counts[0].place, [column.place for column in self._name_columns()]

    def rows(self, record: Record) -> Iterator[Staged]:
        """Return the counts of one row."""
        if record.broken:
            yield Staged(record.line, kind="error", problem=f"row: {record.broken}")
            return
        if record.line < self.layout.first or (self._hidden_rows and covers(self._hidden_rows, record.line)):
            return
        cells = self._cells(record)
        day = self._roles.get("day")
        if day and not self.is_long and [place for place, cell in enumerate(cells) if cell] == [day.place]:
            return  # a day on which nobody was counted
        self._begin_platform(cells)
        self._begin_day(cells)
        self._fill_down(cells)
        try:
            self._leave_out_what_is_no_count(cells)
        except Stop as stop:
            yield Staged(record.line, kind=stop.kind, problem=str(stop))
            return
        if self.is_long:
            yield self._long(record.line, cells, len(record.cells))
        else:
            yield from self._wide(record.line, cells)

    def _begin_platform(self, cells: Sequence[str]) -> None:
        """Take the platform of the rows below from a row that holds nothing but its name."""
        filled = [cell for cell in cells if cell]
        if len(filled) == 1 and "platform" not in self._roles and (code := platform_or_none(filled[0])):
            self._platform_above = code
            self._who.clear()

    def _begin_day(self, cells: Sequence[str]) -> None:
        """Take the day of the rows below from a row that holds nothing but a date, where no column has days."""
        if {"day", "year"} & self._roles.keys() or any(column.when for column in self._counts):
            return
        filled = [(place, cell) for place, cell in enumerate(cells) if cell]
        if len(filled) == 1 and filled[0][0] not in {column.place for column in self._counts}:
            when = self._day_of(filled[0][1])
            if when is not None:
                self._day_above = when
                self._days.clear()

    def _fill_down(self, cells: list[str]) -> None:
        """Let the name and the platform above speak for empty cells, where a person said so; a new name ends what is above."""
        if self.answers.fill != "down" or not any(
            column.place < len(cells) and cells[column.place] for column in self._counts
        ):
            return
        above, places = (
            self._above,
            [column.place for column in self._name_columns() if column.place < len(cells)],
        )
        names = self._roles.get("actor")
        if names and names.place < len(cells) and cells[names.place]:
            above.clear()
        for place in places:
            cells[place] = cells[place] or above.get(place, "")
            if cells[place]:
                above[place] = cells[place]

    def quick(self, record: Record) -> Staged | None:
        """Read a plain row: words that were met before, and digits. None: ask `rows`. Nearly all rows of a large file are plain."""
        if self._plain_places is None:
            return None
        day_place, count_place, naming = self._plain_places
        line, cells, _broken = record
        try:
            text = cells[count_place]
            account = self._who[tuple([cells[place] for place in naming])]
            day, span = self._days[cells[day_place], ""]  # type: ignore[misc]  # a refusal cannot be taken apart
        except (KeyError, IndexError, TypeError):
            return None
        if not text.isdecimal() or not text.isascii() or len(text) > 9 or not isinstance(account, int):
            return None
        return Staged(
            line, "", account, day, span, "counted", int(text), "=", self._precision, None, self.sources[""]
        )

    def _cells(self, record: Record) -> list[str]:
        """Return the cells without the space around them; what is merged speaks for each cell that it covers, but for counts."""
        cells = [cell.strip() for cell in record.cells] + [""] * (self._width - len(record.cells))
        for place, cell in enumerate(cells):
            if cell.startswith("'") and cell[1:2] in ("=", "+", "-", "@"):
                cells[place] = cell[1:]  # as spreadsheets are told that this is text
        if self._merged is not None:
            self._remember_merged(record.line, cells)
        return cells

    def _remember_merged(self, line: int, cells: list[str]) -> None:
        count_places = {column.place for column in self._counts}
        for area in self._merged.get(line, ()):  # type: ignore[union-attr]  # asked for before
            first_row, first_column, _last_row, last_column = area
            texts = self._merged_texts
            if line == first_row:
                texts[first_row, first_column] = cells[first_column] if first_column < len(cells) else ""
            if last_column - first_column + 1 >= max(self.sheet.columns, 3):
                continue
            text = texts.get((first_row, first_column), "")
            covered = [place for place in range(first_column, last_column + 1) if place < len(cells)]
            many = sum(place in count_places for place in covered) > 1 or (
                area[2] > first_row and count_places & set(covered)
            )
            for place in covered:
                if place in count_places:
                    cells[place] = f"{MANY}{text}" if many and text else cells[place]
                else:
                    cells[place] = cells[place] or text

    @cached_property
    def _merged_texts(self) -> dict[tuple[int, int], str]:
        return {}  # of this sheet alone

    def _leave_out_what_is_no_count(self, cells: list[str]) -> None:
        """Raise Stop for totals, averages, headings, remarks and blank rows: they are no counts."""
        filled = [(place, cell) for place, cell in enumerate(cells) if cell]
        if not filled:
            raise nothing_to_record("empty")
        if self._metric and not _is_of_followers(word := read_cell(cells[self._metric.place]).text):
            raise nothing_to_record("other", word)
        head = {column.place: column.name for column in self.layout.columns}
        if len(filled) > 1 and all(cell == head.get(place) for place, cell in filled):
            raise nothing_to_record("heading")  # the head again, as on each printed page
        counts = {column.place for column in self._counts}
        for place, cell in filled[:3]:
            if place not in counts and headings.is_total(cell):
                raise nothing_to_record("average" if headings.AVERAGE.match(cell.casefold()) else "total")
        if all(RULE.fullmatch(cell) for _place, cell in filled):
            raise nothing_to_record("heading")
        if len(filled) == 1 and (self._width > 2 or self._platform_above):
            place, cell = filled[0]
            names = self._roles.get("actor")
            if not (self._counts and place in counts) and not (
                names and place == names.place and not self.is_long and self.tracked.actors.find(cell)
            ):
                raise nothing_to_record("heading")
        if len(filled) > 2 and [cell for _place, cell in filled] == [
            str(number) for number in range(1, len(filled) + 1)
        ]:
            raise nothing_to_record("numbers")

    # A row with one count

    def _long(self, line: int, cells: list[str], width: int) -> Staged:
        column = self._counts[0]
        stops: list[Stop] = []

        def attempt(read: Callable[[], T]) -> T | None:
            try:
                return read()
            except Stop as stop:
                stops.append(stop)
                return None

        attempt(lambda: self._check_text(cells))
        if stops:
            return self._stage_stop(line, "", stops)
        value = attempt(lambda: self._value(cells, column, is_there=width > column.place))
        account = attempt(lambda: self._account(cells, column))
        when = attempt(lambda: self._when(cells, column, account))
        told = attempt(lambda: self._read_given(cells))
        if value is None or account is None or when is None or told is None:
            return self._stage_stop(line, "", stops)
        instant = attempt(lambda: self._instant(cells, *when))
        attempt(lambda: self._check_size(value, account))
        if stops:
            return self._stage_stop(line, "", stops)
        return Staged(
            line, "", account, when[0], when[1], value.state, value.followers, value.bound, value.precision, instant, told[0],
            told[1], told[2] or value.wording,
        )  # fmt: skip

    def _stage_stop(self, line: int, cell: str, stops: Sequence[Stop]) -> Staged:
        """Return the staged row of what stopped it: no count first, then a mistake, then a question."""
        for kind in ("left", "error", "asked"):
            of_kind = [stop for stop in stops if stop.kind == kind]
            if of_kind:
                return Staged(
                    line,
                    cell,
                    kind=kind,
                    problem="\n".join(dict.fromkeys(self._sentence(stop) for stop in of_kind)),
                )
        raise AssertionError("no reason")

    def _sentence(self, stop: Stop) -> str:
        column = self._roles.get(stop.column)
        name = column.name if column else stop.column
        return f"{name}: {stop}" if name else str(stop)

    # A row with a count in each of several columns

    def _wide(self, line: int, cells: list[str]) -> Iterator[Staged]:
        try:
            self._check_text(cells)
            told = self._read_given(cells)
        except Stop as stop:
            yield self._stage_stop(line, "", [stop])
            return
        for column in self._counts:
            text = cells[column.place]
            if not text:
                continue
            name = column.name[:LONGEST_COLUMN]
            try:
                value = self._value(cells, column)
                account = self._account(cells, column)
                day, span = self._when(cells, column, account)
                if self._is_own_wide and value.followers is not None:  # our chart's file has lost its bounds
                    bound = self.tracked.bounds.get((account, day, span, value.followers), value.bound)
                    value = value._replace(bound=bound)
                self._check_size(value, account)
            except Stop as stop:
                yield self._stage_stop(line, name, [stop])
                continue
            source, locator, note = told
            yield Staged(
                line, name, account, day, span, value.state, value.followers, value.bound, value.precision, None, source,
                locator, note or value.wording,
            )  # fmt: skip

    def _check_text(self, cells: list[str]) -> None:
        together = "".join(cells)
        if together.isascii() and together.isprintable() and len(together) < 1000:
            return
        if "\r" in together:
            cells[:] = [cell.replace("\r\n", "\n").replace("\r", "\n") for cell in cells]
        note = self._roles.get("note")
        for column in self.layout.columns:
            if column.role in ("left", "change") or column.place >= len(cells):
                continue
            cell = read_cell(cells[column.place]).text.removeprefix(MANY)
            if bad := NO_TEXT.search(cell):
                sentence = _("This holds a character that is not text (U+%(code)s).")
                raise wrong(column.name, sentence % {"code": f"{ord(bad[0]):04X}"})
            if len(cell) > LONGEST_CELL:
                raise wrong(column.name, _("This is too long."))
            if column is not note and ("\n" in cell or "\t" in cell):
                cells[column.place] = " ".join(cells[column.place].split())

    def _read_given(self, cells: Sequence[str]) -> tuple[int | None, str, str]:
        key, locator, note = (self._text(cells, role) for role in ("source", "locator", "note"))
        if key not in self.sources:
            raise wrong("source", _("There is no source with the key “%(key)s”.") % {"key": shown(key)})
        if len(locator) > LONGEST_LOCATOR:
            raise wrong("locator", _("This is too long."))
        for role, text in (("locator", locator), ("note", note)):
            if text.startswith("="):
                raise wrong(role, _("This looks like a formula of a spreadsheet; write plain text."))
        return self.sources[key], locator, note


def _is_of_followers(metric: str) -> bool:
    """Tell whether what a row says that it counts are followers."""
    return headings.read_heading(metric).role == "followers"


def _by_row(merged: Sequence[Sequence[int]]) -> dict[int, list[Sequence[int]]] | None:
    if not merged:
        return None
    areas: dict[int, list[Sequence[int]]] = defaultdict(list)
    for area in merged:
        for row in range(area[0], min(area[2], area[0] + 10_000) + 1):
            areas[row].append(area)
    return areas
