"""Recognise a table by its first rows: titles, one or two rows of heading, and what each column is."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from apps.common.grids import Record, Sheet, covers, read_cell
from apps.intake import headings
from apps.intake.cell_kinds import kind_of
from apps.intake.column_roles import NameIsKnown, look_at_days, look_at_numbers, read_column, settle
from apps.intake.dates import NotADate, read_when
from apps.intake.headings import read_heading
from apps.intake.layout import Layout

HOLDS_ADDRESS: Final = re.compile(r"https?://|(?:[\w-]+\.)+[a-z]{2,}/\w|(?<!\w)@\w", re.IGNORECASE)
LOOKED_AT: Final = 400  # rows by which a table is recognised
HEAD: Final = 40  # rows among which its heading stands


def recognise(
    records: Iterable[Record],
    sheet: Sheet,
    number: int = 0,
    *,
    knows: NameIsKnown = lambda _name: False,
    today: date | None = None,
) -> Layout:
    """Return the best reading of the sheet; `knows` tells whether an actor bears a name."""
    rows = [record for record, _number in zip(records, range(LOOKED_AT), strict=False) if not record.broken]
    layout = Layout(number, sheet.name, sheet.state, rows=sheet.rows)
    layout.hidden_rows = sum(last - first + 1 for first, last in sheet.hidden_rows)
    if not rows:
        return layout
    filled = _fill_merged(rows, sheet)
    head = _head_rows(filled, knows)
    layout.header = [filled[place].line for place in head]
    before = filled[: head[0]] if head else []
    after = filled[head[-1] + 1 :] if head else filled
    layout.first = after[0].line if after else filled[-1].line + 1
    _read_titles(layout, before)
    _read_remarks(layout, after)
    width = max((len(record.cells) for record in filled), default=0)
    body = [record.cells for record in after if not covers(sheet.hidden_rows, record.line)] or [
        record.cells for record in after
    ]
    body = [cells for cells in body if len([cell for cell in cells if cell.strip()]) > 1] or body
    parts = _heading_parts([filled[place] for place in head], width)
    for place in range(width):
        cells = [cells[place].strip() for cells in body if place < len(cells)]
        column = read_column(place, parts[place] if parts else [], cells, knows, has_heading=bool(head))
        column.hidden = covers(sheet.hidden_columns, place)
        layout.columns.append(column)
    settle(layout, body, knows)
    look_at_numbers(layout, body)
    look_at_days(layout, after, today)
    return layout


def _fill_merged(rows: Sequence[Record], sheet: Sheet) -> list[Record]:
    """Return the rows with what is merged standing in each cell that it covers, for a heading and for names."""
    if not sheet.merged:
        return list(rows)
    lines = {record.line: number for number, record in enumerate(rows)}
    filled = [Record(record.line, list(record.cells)) for record in rows]
    for first_row, first_column, last_row, last_column in sheet.merged:
        if first_row not in lines or first_column >= len(filled[lines[first_row]].cells):
            continue
        text = filled[lines[first_row]].cells[first_column]
        if last_column - first_column + 1 >= max(sheet.columns, 3):
            continue  # a title or a heading across the whole table
        for line in range(first_row, min(last_row, first_row + LOOKED_AT) + 1):
            if line in lines:
                cells = filled[lines[line]].cells
                cells += [""] * (min(last_column, 1000) + 1 - len(cells))
                for place in range(first_column, min(last_column, 1000) + 1):
                    cells[place] = cells[place] or text
    return filled


# Heading


def _head_rows(rows: Sequence[Record], knows: NameIsKnown) -> list[int]:
    """Return the places of the heading's rows: none, one or two."""
    scores = [_head_score(record.cells, knows) for record in rows[:HEAD]]
    if not scores:
        return []
    best = max(range(len(scores)), key=lambda place: (scores[place], -place))
    if scores[best] < 1.5 or not _is_above_other_kinds(rows, best, scores):
        return []
    below = best + 1
    if below < len(rows) and _is_second_head(
        rows[best].cells, rows[below].cells, scores[below] if below < len(scores) else 0, knows
    ):
        return [best, below]
    if best and _is_second_head(rows[best - 1].cells, rows[best].cells, scores[best], knows):
        return [best - 1, best]
    if below < len(rows) and _counts_columns(rows[below].cells):
        return [best, below]
    return [best]


def _head_score(cells: Sequence[str], knows: NameIsKnown) -> float:
    score, years, numbers, filled = 0.0, 0, 0, 0
    for cell in cells:
        text = cell.strip()
        if not text:
            continue
        filled += 1
        kind = kind_of(cell)
        if kind == "year":
            years += 1
        elif kind in ("date", "month"):
            score += 1
        elif kind in ("number", "fraction"):
            numbers += 1
        elif kind in ("address", "email", "phone") or HOLDS_ADDRESS.search(text):
            score -= 2
        elif len(text) > 120:
            score -= 1
        else:
            heading = read_heading(text)
            is_word = heading.role or heading.unit > 1
            score += (
                2 if is_word and len(text) <= 60 else 1.4 if heading.platform else 0.5 if knows(text) else 0.1
            )
    score += years if years > 1 or not numbers else -numbers
    return score - 1.5 * numbers if filled > 1 else min(score, 1.0)


def _is_above_other_kinds(rows: Sequence[Record], best: int, scores: Sequence[float]) -> bool:
    """Tell whether the row's cells differ in kind from those below it, as a heading's do."""
    below = scores[best + 1 : best + 6]
    if not below:
        return True
    cells = [cell.strip() for cell in rows[best].cells if cell.strip()]
    words = sum(
        bool(read_heading(cell).role) for cell in cells if kind_of(cell) not in ("number", "fraction")
    )
    return words > 0 or scores[best] > max(below) + 0.9


def _is_second_head(upper: Sequence[str], lower: Sequence[str], score: float, knows: NameIsKnown) -> bool:
    """Tell whether two rows are one heading: the lower has only words of headings, beneath fewer of the upper."""
    filled = [cell for cell in lower if cell.strip()]
    above = [cell for cell in upper if cell.strip()]
    if len(filled) < 2 or not above or score < 1.5:
        return False
    if any(kind_of(cell) in ("number", "fraction", "address", "email", "phone") for cell in filled):
        return False
    if len(above) == 1 and upper[0].strip():
        return False  # a title
    known = [
        cell
        for cell in filled
        if kind_of(cell) in ("year", "date", "month")
        or read_heading(cell).role
        or read_heading(cell).platform
    ]
    named_above = [
        cell
        for cell in above
        if read_heading(cell).role
        or read_heading(cell).platform
        or kind_of(cell) in ("year", "date", "month")
        or knows(cell)
    ]
    first = lower[0].strip() if lower else ""
    is_data = first and not read_heading(first).role and first != (upper[0].strip() if upper else "")
    return bool(named_above) and len(known) >= max(2, len(filled) - 1) and not is_data


def _counts_columns(cells: Sequence[str]) -> bool:
    """Tell whether a row only numbers the columns: 1, 2, 3, 4."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return len(filled) > 2 and filled == [str(number) for number in range(1, len(filled) + 1)]


def _heading_parts(head: Sequence[Record], width: int) -> list[list[str]]:
    """Return the texts above each column; an upper one speaks for the empty places to its right where a lower one divides it."""
    if not head:
        return []
    rows = [
        list(record.cells) + [""] * (width - len(record.cells))
        for record in head
        if not _counts_columns(record.cells)
    ]
    if len(rows) == 2:
        for place in range(1, width):
            if not rows[0][place].strip() and rows[1][place].strip():
                rows[0][place] = rows[0][place - 1]
    return [
        list(dict.fromkeys(row[place].strip() for row in rows if row[place].strip()))
        for place in range(width)
    ]


def _read_titles(layout: Layout, before: Sequence[Record]) -> None:
    for record in before:
        text = " ".join(_text(cell) for cell in record.cells if cell.strip())
        if not text:
            continue
        layout.titles.append((record.line, text[:300]))
        layout.title_unit = max(layout.title_unit, headings.unit_of_title(text))
        layout.title_day = _day_in(text) or layout.title_day


def _read_remarks(layout: Layout, after: Sequence[Record]) -> None:
    """Take the unit from a remark among or under the rows: a row of one cell such as «Данные в тыс. подписчиков»."""
    for record in after:
        filled = [_text(cell) for cell in record.cells if cell.strip()]
        if len(filled) == 1 and (unit := headings.unit_of_title(filled[0])) > layout.title_unit:
            layout.titles.append((record.line, filled[0][:300]))
            layout.title_unit = unit


def _day_in(text: str) -> str:
    """Return the last day that a title names, ISO: of a period its end."""
    pieces = re.split(r"\s[-–—]\s|\sпо\s|\sto\s", text)
    for piece in reversed(pieces):
        for words in (
            piece,
            *(
                match[0]
                for match in re.finditer(
                    r"\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}-\d{2}-\d{2}|\d{1,2}\s+\w+\s+\d{4}|\w+\s+\d{1,2},\s+\d{4}|\d{4}\s+жыл\w*\s+\d{1,2}\s+\w+",
                    piece,
                )
            ),
        ):
            try:
                when = read_when(words)
            except NotADate:
                continue
            if when.span == 3:
                return when.day.isoformat()
    return ""


def _text(cell: str) -> str:
    return read_cell(cell).text.strip()
