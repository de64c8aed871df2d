"""How a table is read: which rows are its heading, what each column is. Told by words and by what the cells hold.

`recognise` looks at the first rows alone. What it says is shown, and can be changed, before anything is read.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, Final

from apps.common.grids import Record, Sheet, covers, read_cell
from apps.intake import headings
from apps.intake.cell_kinds import kind_of
from apps.intake.dates import DateQuestion, NotADate, month_of, read_when, shown_span
from apps.intake.headings import ONE_OF, read_heading

LOOKED_AT: Final = 400  # rows by which a table is recognised
HEAD: Final = 40  # rows among which its heading stands
NameIsKnown = Callable[[str], bool]


@dataclass
class Column:
    """One column. `when` is the heading's date as it is written, where the column is of one day, month or year."""

    place: int
    name: str
    role: str
    confidence: int = 0  # per cent
    platform: str = ""
    when: str = ""
    actor: str = ""  # whose counts these are, where the heading names an actor
    unit: int = 1
    why: str = ""  # of a column that is left out
    hidden: bool = False

    @property
    def is_count(self) -> bool:
        return self.role == "followers"


@dataclass
class Layout:
    """The reading of one sheet."""

    sheet: int = 0
    sheet_name: str = ""
    sheet_state: str = "visible"
    first: int = 1  # the line of the first row with data
    header: list[int] = field(default_factory=list)  # lines
    columns: list[Column] = field(default_factory=list)
    titles: list[tuple[int, str]] = field(default_factory=list)
    title_unit: int = 1
    title_day: str = ""  # the day that a title names, ISO; of a period its last
    changes: str = ""  # the name of the column that holds changes where a total was to be expected
    decimal: str = ""  # ask: 1.234 in a column of fractions | decimal | "" thousands
    day_order: str = ""  # dmy or mdy where a row can only be that
    order_line: int = 0  # the row that says so
    hidden_rows: int = 0
    rows: int = 0  # as many as the sheet is known to have; 0 where nobody has counted

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> "Layout":
        columns = [Column(**column) for column in saved["columns"]]
        titles = [(line, text) for line, text in saved["titles"]]
        return cls(**{**saved, "columns": columns, "titles": titles})

    def of(self, role: str) -> Column | None:
        """The one column of this role."""
        return next((column for column in self.columns if column.role == role), None)

    @property
    def counts(self) -> list[Column]:
        return [column for column in self.columns if column.is_count]

    @property
    def names_somebody(self) -> bool:
        return any(
            column.role in ("actor", "address", "handle", "account_id") or column.actor
            for column in self.columns
        )

    @property
    def is_table(self) -> bool:
        """Whether anything in it can be recorded."""
        return bool(self.counts) or any(column.role in ("address", "handle") for column in self.columns)


def recognise(
    records: Iterable[Record],
    sheet: Sheet,
    number: int = 0,
    *,
    knows: NameIsKnown = lambda _name: False,
    today: date | None = None,
) -> Layout:
    """Return how the sheet is best read; `knows` tells whether an actor bears a name."""
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
    width = max((len(record.cells) for record in filled), default=0)
    body = [record.cells for record in after if not covers(sheet.hidden_rows, record.line)] or [
        record.cells for record in after
    ]
    body = [cells for cells in body if len([cell for cell in cells if cell.strip()]) > 1] or body
    parts = _heading_parts([filled[place] for place in head], width)
    for place in range(width):
        cells = [cells[place].strip() for cells in body if place < len(cells)]
        column = _column(place, parts[place] if parts else [], cells, knows, has_heading=bool(head))
        column.hidden = covers(sheet.hidden_columns, place)
        layout.columns.append(column)
    _settle(layout, body, knows)
    _look_at_numbers(layout, body)
    _look_at_days(layout, after, today)
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
        rows[best].cells, rows[below].cells, scores[below] if below < len(scores) else 0
    ):
        return [best, below]
    if best and _is_second_head(rows[best - 1].cells, rows[best].cells, scores[best]):
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
        elif kind in ("address", "email", "phone"):
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
    """A heading is not of one kind with the rows below it."""
    below = [score for score in scores[best + 1 : best + 6]]
    if not below:
        return True
    cells = [cell.strip() for cell in rows[best].cells if cell.strip()]
    words = sum(
        bool(read_heading(cell).role) for cell in cells if kind_of(cell) not in ("number", "fraction")
    )
    return words > 0 or scores[best] > max(below) + 0.9


def _is_second_head(upper: Sequence[str], lower: Sequence[str], score: float) -> bool:
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
        text = " ".join(_shown(cell) for cell in record.cells if cell.strip())
        if not text:
            continue
        layout.titles.append((record.line, text[:300]))
        layout.title_unit = max(layout.title_unit, headings.unit_of_title(text))
        layout.title_day = _day_in(text) or layout.title_day


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


def _shown(cell: str) -> str:
    return read_cell(cell).text.strip()


# Columns


def _column(
    place: int, parts: Sequence[str], cells: Sequence[str], knows: NameIsKnown, *, has_heading: bool
) -> Column:
    """Read one column: by its heading's parts, then by its cells."""
    name = " · ".join(_shown(part) for part in parts)[:200]
    column = Column(place, name, "")
    for part in parts:
        _read_part(column, part, knows)
    content = _content(cells, knows)
    if column.role == "left" and column.why in ("total", "other", "email", "phone", "site", "place", "known"):
        return column
    _by_content(column, content, has_heading)
    return column


def _read_part(column: Column, part: str, knows: NameIsKnown) -> None:
    cell = read_cell(part)
    if cell.kind == "date":
        column.when, column.role, column.confidence = _date_heading(cell.text, cell.format), "followers", 95
        return
    text = cell.text
    kind = kind_of(part)
    if kind in ("year", "month") or (kind == "date" and not read_heading(text).role):
        column.when, column.role, column.confidence = text, "followers", 90
        return
    if kind in ("number", "fraction") and re.fullmatch(r"[2-6]\d{4}", text):
        column.when, column.role, column.confidence = text, "followers", 60
        return
    heading = read_heading(text)
    if heading.confidence < 98 and knows(text):
        column.actor, column.confidence = text, 90
        return
    column.platform = column.platform or heading.platform
    column.unit = max(column.unit, heading.unit)
    if heading.role in ("followers", "") and not column.when:
        column.when = _date_inside(text)
        if column.when:
            column.role, column.confidence = "followers", 85
    if heading.role and (not column.role or heading.role in ("change", "left")):
        column.role, column.why, column.confidence = heading.role, heading.why, heading.confidence


def _date_inside(text: str) -> str:
    """Return the date that a heading such as «Подписчики (янв 2018)» or "Followers 2018" ends or begins with."""
    for shape in (
        r"\(([^()]{4,30})\)$",
        r"(?:на|за|в|on|of|as of)\s+(\S.{3,28})$",
        r"\b((?:[^\W\d_]+\.?\s+)?(?:19|20)\d{2}(?:\s*(?:г|ж)\.?)?)$",
        r"(\d{1,2}\.\d{1,2}\.\d{2,4})",
    ):
        match = re.search(shape, text.casefold())
        if match:
            try:
                read_when(match[1])
            except DateQuestion:
                return match[1]
            except NotADate:
                continue
            return match[1]
    return ""


def _date_heading(iso: str, code: str) -> str:
    """Return a date cell of a heading as far as it is shown: a month where a month is shown."""
    length = {1: 4, 2: 7, 3: 10}.get(shown_span(code), 10)
    return iso[:length]


def _content(cells: Sequence[str], knows: NameIsKnown) -> dict[str, float]:
    """Return the share of each kind among the cells that hold something."""
    kinds: Counter[str] = Counter()
    named = 0
    for cell in cells[:200]:
        kind = kind_of(cell)
        if headings.is_total(cell):
            continue
        kinds[kind] += 1
        named += kind in ("text", "handle") and knows(cell)
    held = sum(kinds.values()) - kinds["nothing"]
    if not held:
        return {}
    shares = {kind: count / held for kind, count in kinds.items() if kind != "nothing"}
    shares["named"] = named / held
    shares["serial"] = float(_is_serial([cell for cell in cells[:200] if cell]))
    return shares


def _is_serial(cells: Sequence[str]) -> bool:
    """Tell whether the cells number the rows: 1, 2, 3, gaps allowed."""
    numbers = [int(cell.rstrip(".")) for cell in cells if cell.rstrip(".").isdecimal() and len(cell) < 7]
    rising = all(later > earlier for earlier, later in zip(numbers, numbers[1:], strict=False))
    return (
        len(numbers) >= 2
        and len(numbers) >= len(cells) * 0.7
        and rising
        and numbers[0] in (0, 1)
        and numbers[-1] <= len(cells) * 3
    )


def _by_content(column: Column, shares: dict[str, float], has_heading: bool) -> None:
    """Let the cells decide what the words leave open, and lower the confidence where they contradict."""
    numbers = shares.get("number", 0) + shares.get("fraction", 0) + shares.get("year", 0)
    links = shares.get("address", 0)
    names = shares.get("text", 0) + shares.get("handle", 0)
    dates = shares.get("date", 0) + shares.get("month", 0)
    if not shares:
        column.role = column.role or ("address" if column.platform and not column.when else "")
        column.role = column.role or "left"
        column.why = "empty" if column.role == "left" else column.why
        return
    if column.role == "actor" and numbers > 0.6:
        column.role, column.why, column.confidence = (
            "left",
            "unknown",
            0,
        )  # the name of somebody whose counts these are
    elif column.role in ("actor", "handle", "locator", "note", "number") and links > 0.5:
        column.role, column.confidence = "address", 85
    elif column.role == "address" and not links and names > 0.6 and not column.platform:
        column.confidence = 50
    elif (
        column.role == "day"
        and numbers > 0.5
        and not dates
        and not shares.get("year")
        and _few_serials(shares)
    ):
        column.confidence = 50
    elif column.role == "followers" and not column.when and numbers < 0.2 and names + links > 0.7:
        column.role, column.confidence = ("address", 70) if links > 0.3 or column.platform else ("left", 40)
        column.why = "other" if column.role == "left" else ""
    elif not column.role:
        _unknown_by_content(column, shares, numbers, links, names, dates, has_heading)


def _few_serials(shares: dict[str, float]) -> bool:
    return not shares.get("number")


def _unknown_by_content(
    column: Column,
    shares: dict[str, float],
    numbers: float,
    links: float,
    names: float,
    dates: float,
    has_heading: bool,
) -> None:
    if column.actor:
        column.role = "followers" if numbers > 0.3 else "left"
    elif column.platform:
        column.role = "followers" if numbers > 0.5 else "address"
        column.confidence = 90
    elif shares.get("serial") and column.place == 0:
        column.role, column.confidence = "number", 70
    elif links + shares.get("phone", 0) + shares.get("email", 0) > 0.5 and not has_heading:
        column.role, column.confidence = "address", 85
    elif links > 0.5:
        column.role, column.confidence = "address", 60
    elif shares.get("email", 0) > 0.5:
        column.role, column.why, column.confidence = "left", "email", 80
    elif shares.get("platform", 0) > 0.5:
        column.role, column.confidence = "platform", 75
    elif shares.get("named", 0) > 0.3:
        column.role, column.confidence = "actor", 75
    elif dates > 0.6:
        column.role, column.confidence = "day", 60
    elif not has_heading and names > 0.4:
        column.role, column.confidence = "actor", 55
    else:
        column.role, column.why = "left", "unknown"


def _settle(layout: Layout, body: Sequence[Sequence[str]], knows: NameIsKnown) -> None:
    """Let no two columns claim one role, and see what the table as a whole says."""
    columns = layout.columns
    for role in ONE_OF:
        rivals = [column for column in columns if column.role == role]
        for column in sorted(rivals, key=lambda column: (-column.confidence, column.place))[1:]:
            column.role, column.why = "left", "second"
    day = layout.of("day")
    dated = [column for column in columns if column.is_count and column.when]
    plain = [column for column in columns if column.is_count and not column.when and not column.actor]
    if day and dated and not plain and len(dated) > 1:
        day.role, day.why = "left", "second"
    if dated and plain and not any(column.platform for column in plain):
        for column in plain:
            column.role, column.why = "left", "second"
    _actors_as_columns(layout, body)
    _whose(layout, knows)
    _one_count(layout)
    if layout.title_unit > 1 and any(column.unit > 1 for column in layout.counts):
        layout.title_unit = 1


def _actors_as_columns(layout: Layout, body: Sequence[Sequence[str]]) -> None:
    """Dates by actors: beside one actor's name the other headings of numbers are names too, known or not."""
    columns = layout.columns
    if not any(column.actor and column.is_count for column in columns):
        return
    if layout.of("actor"):
        for column in columns:
            if column.actor and column.is_count:
                column.role, column.why = "left", "unknown"
        return
    for column in columns:
        if column.role == "left" and column.why == "unknown" and column.name:
            cells = [cells[column.place] for cells in body if column.place < len(cells)]
            if cells and sum(
                kind_of(cell) in ("number", "fraction", "nothing", "year") for cell in cells
            ) > 0.8 * len(cells):
                column.role, column.actor, column.confidence, column.why = "followers", column.name, 60, ""


def _whose(layout: Layout, knows: NameIsKnown) -> None:
    """A table without a column of names takes the first text column for it where it stands to the left of the numbers."""
    if layout.of("actor") or any(column.actor for column in layout.columns) or not layout.counts:
        return
    if any(column.role in ("address", "handle", "account_id") for column in layout.columns):
        return
    for column in layout.columns:
        if column.role == "left" and column.why == "unknown" and not column.name:
            column.role, column.confidence, column.why = "actor", 60, ""
            return


def _one_count(layout: Layout) -> None:
    """Of several plain columns of counts only one can be meant; a name without a platform is weaker than one with it."""
    plain = [column for column in layout.counts if not column.when and not column.actor]
    by_platform: dict[str, list[Column]] = {}
    for column in plain:
        by_platform.setdefault(column.platform, []).append(column)
    for rivals in by_platform.values():
        for column in sorted(rivals, key=lambda column: (-column.confidence, column.place))[1:]:
            column.role, column.why = "left", "second"
    if len(by_platform) > 1 and "" in by_platform and layout.of("platform") is None:
        for column in by_platform[""]:
            column.role, column.why = "left", "second"


# What the numbers and days of the first rows say


def _look_at_numbers(layout: Layout, body: Sequence[Sequence[str]]) -> None:
    fractions: set[str] = set()
    lone: set[str] = set()
    for column in layout.counts:
        cells = [cells[column.place].strip() for cells in body if column.place < len(cells)]
        for cell in cells:
            if re.fullmatch(r"\d{1,3}[.,]\d{3}", cell) and not cell.startswith("0"):
                lone.add(re.sub(r"\d", "", cell))
            elif match := re.fullmatch(r"\d+([.,])\d{1,2}|0+([.,])\d+|\d{5,}([.,])\d+", cell):
                fractions.add(next(mark for mark in match.groups() if mark))
        if not column.when and not column.actor and _are_changes(column, cells, layout, body):
            column.role, column.why = "change", "changes"
            layout.changes = layout.changes or column.name
    has_unit = layout.title_unit > 1 or any(column.unit > 1 for column in layout.counts)
    if lone and fractions:
        layout.decimal = "decimal" if has_unit and lone <= fractions else "ask"
    if not layout.counts and not layout.changes:
        named = [column for column in layout.columns if column.role == "change"]
        layout.changes = named[0].name if named else ""


def _are_changes(column: Column, cells: Sequence[str], layout: Layout, body: Sequence[Sequence[str]]) -> bool:
    """Tell whether a column called "followers" holds what was gained on each day: one is negative, or the total is their sum."""
    if layout.names_somebody and not layout.of("day"):
        return False
    numbers = [_whole(cell) for cell in cells]
    if any(number is not None and number < 0 for number in numbers):
        negative = sum(number is not None and number < 0 for number in numbers)
        return not layout.names_somebody or negative > 0.2 * len(numbers)
    totals = [
        _whole(row[column.place].strip())
        for row in body
        if column.place < len(row)
        and any(headings.is_total(cell) for cell in row[: column.place] if cell.strip())
    ]
    known = [number for number in numbers if number is not None]
    return not layout.names_somebody and any(
        total is not None and total > 0 and len(known) > 2 and sum(known) - total == total for total in totals
    )


def _whole(cell: str) -> int | None:
    text = read_cell(cell).text.replace(" ", "").replace("\u00a0", "").replace(",", "").replace("−", "-")
    return int(text) if re.fullmatch(r"-?\d{1,15}", text) else None


def _look_at_days(layout: Layout, rows: Sequence[Record], today: date | None) -> None:
    """Where one row can only be day first, or month first, all are."""
    day = layout.of("day")
    texts = [
        (record.line, record.cells[day.place]) for record in rows if day and day.place < len(record.cells)
    ]
    texts += [(layout.header[-1], column.when) for column in layout.counts if column.when and layout.header]
    orders: dict[str, int] = {}
    for line, text in texts:
        match = re.fullmatch(r"\s*(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}\b.*", text)
        if match and (int(match[1]) > 12) != (int(match[2]) > 12):
            orders.setdefault("dmy" if int(match[1]) > 12 else "mdy", line)
    if len(orders) == 1:
        layout.day_order, layout.order_line = next(iter(orders.items()))


def with_roles(layout: Layout, roles: dict[str, str]) -> Layout:
    """Return the layout with the roles that a person has given to columns, by name or place.

    A role is one of `headings.ROLES`, or "address:PLATFORM", "followers:PLATFORM", "followers@DATE".
    """
    columns = []
    for column in layout.columns:
        chosen = roles.get(column.name) or roles.get(str(column.place))
        if not chosen:
            columns.append(column)
            continue
        role, _, platform = chosen.partition(":")
        role, _, when = role.partition("@")
        columns.append(
            replace(column, role=role, confidence=100, why="chosen" if role == "left" else "",
                    platform=platform or column.platform, when=when or (column.when if role == "followers" else ""),
                    actor=column.actor if role == "followers" else "")
        )  # fmt: skip
    chosen_places = {column.place for column in columns if column.confidence == 100}
    for column in columns:
        rivals = [other for other in columns if other.role == column.role and other.place in chosen_places]
        if column.role in ONE_OF and rivals and column.place not in chosen_places:
            column.role, column.why = "left", "second"
    plain = [
        column
        for column in columns
        if column.is_count and column.place in chosen_places and not column.when and not column.actor
    ]
    for column in columns:
        if (
            plain
            and column.is_count
            and column.place not in chosen_places
            and not column.when
            and column.platform in {one.platform for one in plain}
        ):
            column.role, column.why = "left", "second"
    return replace(layout, columns=columns, changes="" if plain else layout.changes)


def month_alone(column: Column) -> bool:
    """Tell whether a heading names a month and no year."""
    return bool(column.when) and bool(month_of(column.when.casefold().strip(" .")))
