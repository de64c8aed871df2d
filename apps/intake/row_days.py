"""Find a count's day, month or year."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from django.utils.translation import gettext as _

from apps.common.grids import read_cell
from apps.common.tables import shown
from apps.intake.cell_kinds import is_nothing
from apps.intake.dates import (
    ALMATY,
    DAY,
    DateQuestion,
    DateRules,
    NotADate,
    When,
    read_instant,
    read_when,
    span_of_format,
)
from apps.intake.layout import Column
from apps.intake.sheet_reader import MOST_REMEMBERED, SheetReader, Stop, nothing_to_record, wrong
from apps.intake.words import NOT_A_DATE

SPANS: Final = {"year": 1, "month": 2, "day": 3}


class DaysOfRows(SheetReader):
    """Reads the day of a row. Raises Stop."""

    def _when(self, cells: Sequence[str], column: Column, account: int | None = None) -> tuple[date, int]:
        day_column = self._roles.get("day")
        text = column.when or (cells[day_column.place] if day_column else "")
        if "year" in self._roles:
            text = self._join_date(cells, column.when)
        key = (text, self._text(cells, "span") if not column.when else "")
        when = self._days.get(key)
        if when is None:
            try:
                when = self._read_when(*key, column.name if column.when else "day")
            except Stop as stop:
                if stop.kind == "asked":
                    raise
                when = stop
            if len(self._days) < MOST_REMEMBERED:
                self._days[key] = when
        if isinstance(when, Stop):
            raise when
        return (
            self._with_lost_span(*when, account)
            if self._is_own_wide and when[0].day == 1 and when[1] == DAY
            else when
        )

    def _join_date(self, cells: Sequence[str], month: str) -> str:
        """Return the date that stands in columns of their own, in one piece; what is empty of it stays open."""
        year = self._text(cells, "year").strip()
        month = month or self._text(cells, "month").strip()
        day = self._text(cells, "month_day").strip()
        if month.isdecimal() and len(month) < 3:
            return f"{year}-{int(month):02}-{int(day):02}" if day.isdecimal() else f"{year}-{int(month):02}"
        return " ".join(part for part in (day, month, year) if part)

    def _read_when(self, text: str, span_word: str, name: str) -> tuple[date, int]:
        if is_nothing(text):
            if self._roles.get("day") and not self.answers.day:
                raise wrong("day", str(NOT_A_DATE["empty"]))
            return self._of_whole_table()
        when = self._date(text, name, is_whole=bool(span_word))
        if when.day > self.today:
            raise wrong(name, str(NOT_A_DATE["future"]))
        if not span_word:
            return when.day, when.span
        span = SPANS.get(span_word.casefold())
        if span is None:
            raise wrong(
                "span",
                _("“%(value)s” is not known; known are: %(choices)s.")
                % {"value": shown(span_word), "choices": ", ".join(SPANS)},
            )
        first = when.day.replace(month=1, day=1) if span == 1 else when.day.replace(day=1)
        if when.span != DAY or (span != DAY and when.day != first):
            raise wrong(
                "day", _("Write the first day of the span: 2017-01-01 for a year, 2017-06-01 for a month.")
            )
        return when.day, span

    def _date(self, text: str, name: str, *, is_whole: bool = False) -> When:
        cell = read_cell(text)
        rules = self._rules
        if cell.kind == "date":
            span = DAY if is_whole else span_of_format(cell.format) or DAY
            text = cell.text[: {1: 4, 2: 7, 3: 10}[span]]
        elif cell.kind == "number":
            text = cell.text
        try:
            return read_when(text, rules)
        except DateQuestion as question:
            raise self._ask(question.code, "", example=shown(text), likely=[question.likely]) from None
        except NotADate as refused:
            if refused.code == "no_year" and not rules.year and re.search(r"[^\W\d_]{3}", text):
                likely = "sheet" if re.fullmatch(r"(?:19|20)\d\d", self.layout.sheet_name.strip()) else ""
                raise self._ask("year", "", example=shown(text), likely=[likely] if likely else []) from None
            raise wrong(name, str(NOT_A_DATE[refused.code]) % {"seen": shown(text)}) from None

    def _of_whole_table(self) -> tuple[date, int]:
        above = self._day_above or self._day_of_sheet()
        if above and not (self.answers.day and _lies_within(read_when(self.answers.day, DateRules()), above)):
            if above.day > self.today:
                raise wrong("day", str(NOT_A_DATE["future"]))
            return above.day, above.span
        if not self.answers.day:
            raise self._ask("day", likely=[self.layout.title_day] if self.layout.title_day else [])
        when = read_when(self.answers.day, DateRules())
        if when.day > self.today:
            raise wrong("day", str(NOT_A_DATE["future"]))
        return when.day, when.span

    def _day_of_sheet(self) -> When | None:
        """Return the day, month or year that the sheet is called by; None where its name is no date."""
        return self._day_of(self.layout.sheet_name)

    def _day_of(self, text: str) -> When | None:
        """Return the date that a heading within the table or a sheet's name is; None where it is none, or one of two."""
        cell = read_cell(text)
        words = (
            cell.text[: {1: 4, 2: 7}.get(span_of_format(cell.format) or DAY, 10)]
            if cell.kind == "date"
            else cell.text
        )
        try:
            return read_when(words.strip(), self._rules)
        except NotADate:
            return None

    def _with_lost_span(self, day: date, span: int, account: int | None) -> tuple[date, int]:
        """Return the day and span where our chart's file has lost the span (a year looks like its first day): by what
        is recorded, else by a person."""
        chosen = self.answers.span.get(day.isoformat())
        if chosen == "leave":
            raise nothing_to_record("answered")
        if chosen:
            return (day.replace(month=1) if chosen == "year" else day), SPANS[chosen]
        wider = self.tracked.spans.get((account, day)) if account else None
        if wider:
            return day, wider
        raise self._ask(
            "span", day.isoformat(), likely=["day", "month", *(["year"] if day.month == 1 else [])]
        )

    def _instant(self, cells: Sequence[str], day: date, span: int) -> datetime | None:
        text = self._text(cells, "observed_at")
        column = self._roles.get("observed_at")
        if column and read_cell(cells[column.place]).kind == "date":
            text = f"{text}Z"  # our workbooks hold instants as dates in UTC
        if is_nothing(text):
            return None
        instant = read_instant(text)
        if instant is None:
            raise wrong("observed_at", _("Write the instant with its offset: 2026-01-31T18:05:00Z."))
        if span != DAY or instant.astimezone(ALMATY).date() != day:
            raise wrong("observed_at", _("This instant is not on that day in Almaty."))
        return instant


def _lies_within(when: When, other: When) -> bool:
    """Tell whether a day or month is one of the other's, so that it says more."""
    return when.span >= other.span and when.day.isoformat().startswith(
        other.day.isoformat()[: {1: 4, 2: 7, 3: 10}[other.span]]
    )
