"""Assign a role to each column: by the words above it, by what its cells hold, and by the table as a whole."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from itertools import combinations, pairwise

from apps.common.grids import Record, read_cell
from apps.intake import headings
from apps.intake.cell_kinds import kind_of
from apps.intake.dates import DateQuestion, NotADate, month_of, read_when, span_of_format
from apps.intake.headings import ONE_OF, read_heading, without_platform
from apps.intake.layout import Column, Layout
from apps.intake.links import LINK

NameIsKnown = Callable[[str], bool]
PART_OF_YEAR = re.compile(
    r"(?:[qh][1-4]|[1-4]q|\w*кв|кварт\w*|quarters?|half|halves|полугод\w*|тоқсан\w*|жартыжыл\w*)\.?"
)
DAY_OF_MONTH = re.compile(r"день(?: месяца)?|day(?: of (?:the )?month)?|күні?|айдың күні")
VALUE = re.compile(r"значени[ея]|values?|мәні?|мәндері|шамасы")
MOST_WORDS = 12  # of a heading, among which a date is looked for


def read_column(
    place: int, parts: Sequence[str], cells: Sequence[str], knows: NameIsKnown, *, has_heading: bool
) -> Column:
    """Read one column: by its heading's parts, then by its cells."""
    name = " · ".join(read_cell(part).text.strip() for part in parts)[:200]
    column = Column(place, name, "")
    for part in parts:
        _read_part(column, part, knows)
    content = _content(cells, knows)
    if column.role == "platform" and column.platform and content.get("platform", 0) < 0.5:
        column.role = ""  # «Социальные сети» above, Facebook below: what the cells are of it, they tell
    if column.role == "left" and column.why in (
        "total",
        "other",
        "email",
        "phone",
        "site",
        "place",
        "known",
        "metric",
    ):
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
    platform, name = without_platform(text)
    if name and knows(name):
        column.actor, column.platform, column.confidence = name, platform, 90
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
    """Return the date in a heading such as «Подписчики (янв 2018)» or "Followers 30.12.2023", as it is written.

    The longest run of words that reads as one, so that a day is not taken for its year; "" for none, for two, and for
    quarters and halves, which are no month and no year.
    """
    words = re.sub(r"[()\[\]_,;:]", " ", text.casefold()).split()[:MOST_WORDS]
    runs = sorted(combinations(range(len(words) + 1), 2), key=lambda run: (run[0] - run[1], run[0]))
    for start, end in runs:
        if _is_date(" ".join(words[start:end])):
            others = [*words[:start], *words[end:]]
            is_part = any(
                _is_date(word)
                or PART_OF_YEAR.fullmatch(word)
                or any(month_of(part) for part in re.split("[-–—/]", word))
                for word in others
            )
            return "" if is_part else " ".join(words[start:end])
    return ""


def _is_date(text: str) -> bool:
    if not any(map(str.isdigit, text)):
        return False
    try:
        read_when(text)
    except DateQuestion:  # one of two
        return True
    except NotADate:
        return False
    return True


def _date_heading(iso: str, code: str) -> str:
    """Return a date cell of a heading as far as it is shown: a month where a month is shown."""
    length = {1: 4, 2: 7, 3: 10}.get(span_of_format(code), 10)
    return iso[:length]


def _content(cells: Sequence[str], knows: NameIsKnown) -> dict[str, float]:
    """Return the share of each kind among the cells that hold something."""
    kinds: Counter[str] = Counter()
    named = worded = units = linked = 0
    for cell in cells[:200]:
        kind = kind_of(cell)
        if headings.is_total(cell):
            continue
        kinds[kind] += 1
        named += kind in ("text", "handle") and knows(cell)
        linked += LINK.search(cell) is not None
        units += not any(map(str.isdigit, cell)) and headings.unit_of_cell(cell) > 0
        worded += kind == "text" and (" " in cell.strip() or not cell.isascii())
    held = sum(kinds.values()) - kinds["nothing"]
    if not held:
        return {}
    shares = {kind: count / held for kind, count in kinds.items() if kind != "nothing"}
    shares["named"] = named / held
    shares["worded"] = worded / held
    shares["linked"] = linked / held
    shares["units"] = units / held
    shares["serial"] = float(_is_serial([cell for cell in cells[:200] if cell]))
    return shares


def _is_serial(cells: Sequence[str]) -> bool:
    """Tell whether the cells number the rows: 1, 2, 3, gaps allowed."""
    numbers = [int(cell.rstrip(".")) for cell in cells if cell.rstrip(".").isdecimal() and len(cell) < 7]
    rising = all(later > earlier for earlier, later in pairwise(numbers))
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
    elif column.role == "handle" and shares.get("worded", 0) > 0.5:
        column.role, column.confidence = "actor", 70  # an account that is called by its owner's name
    elif column.role == "platform" and shares.get("linked", 0) > 0.5:
        column.role, column.confidence = (
            "address",
            70,
        )  # «Соцсети», and under it addresses, with words or without
    elif column.role in ("actor", "handle", "locator", "note", "number") and links > 0.5:
        column.role, column.confidence = "address", 85
    elif (column.role == "address" and not links and names > 0.6 and not column.platform) or (
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
    elif shares.get("units", 0) > 0.9:
        column.role, column.confidence = "unit", 75
    elif not has_heading and names > 0.4:
        column.role, column.confidence = "actor", 55
    else:
        column.role, column.why = "left", "unknown"


def settle(layout: Layout, body: Sequence[Sequence[str]], knows: NameIsKnown) -> None:
    """Let no two columns claim one role, and see what the table as a whole says."""
    columns = layout.columns
    _divided_dates(layout, body)
    for role in ONE_OF:
        rivals = [column for column in columns if column.role == role]
        for column in sorted(rivals, key=_strength)[1:]:
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
    _only_numbers(layout, body)
    _values_of_metrics(layout)
    _one_count(layout)
    if layout.title_unit > 1 and any(column.unit > 1 for column in layout.counts):
        layout.title_unit = 1


def _strength(column: Column) -> tuple[bool, int, int]:
    """Sort rivals for one role: what is shown before what is hidden, then the surest."""
    return column.hidden, -column.confidence, column.place


def _divided_dates(layout: Layout, body: Sequence[Sequence[str]]) -> None:
    """Read a date that stands in two or three columns: the year, the month and its day; or the year beside columns of months."""
    rivals = [column for column in layout.columns if column.role == "day"]
    parts: dict[str, Column] = {}
    for column in rivals:
        part = _part_of_date(
            column.name, [cells[column.place] for cells in body if column.place < len(cells)]
        )
        if not part or part in parts:
            return
        parts[part] = column
    are_months = [
        kind_of(column.when) == "month" for column in layout.columns if column.is_count and column.when
    ]
    if "year" in parts and ("month" in parts or (are_months and all(are_months))):
        for part, column in parts.items():
            column.role = part


def _part_of_date(name: str, cells: Sequence[str]) -> str:
    """Return which part of a date a column holds: year, month or month_day; "" for whole dates."""
    texts = [read_cell(cell).text.strip() for cell in cells if cell.strip() and not headings.is_total(cell)]
    if not texts:
        return ""
    if all(kind_of(text) == "year" for text in texts):
        return "year"
    numbers = [int(text) if text.isdecimal() and len(text) < 3 else 0 for text in texts]
    if all(1 <= number <= 31 for number in numbers) and DAY_OF_MONTH.fullmatch(name.casefold()):
        return "month_day"
    pairs = zip(numbers, texts, strict=True)
    return "month" if all(1 <= number <= 12 or kind_of(text) == "month" for number, text in pairs) else ""


def _only_numbers(layout: Layout, body: Sequence[Sequence[str]]) -> None:
    """Take the only column of numbers for the counts where a table of names and days has no heading."""
    if layout.header or layout.counts or not layout.of("day") or not layout.names_somebody:
        return
    unknown = [column for column in layout.columns if column.role == "left" and column.why == "unknown"]
    numeric = []
    for column in unknown:
        cells = [cells[column.place] for cells in body if column.place < len(cells)]
        numbers = sum(kind_of(cell) in ("number", "year", "nothing", "state") for cell in cells)
        if cells and numbers > 0.8 * len(cells):
            numeric.append(column)
    if len(numeric) == 1:
        numeric[0].role, numeric[0].why, numeric[0].confidence = "followers", "", 55


def _values_of_metrics(layout: Layout) -> None:
    """Take a column of values for the counts where another says in each row what is counted."""
    if layout.counts or not any(column.why == "metric" for column in layout.columns):
        return
    for column in layout.columns:
        if column.why == "unknown" and VALUE.fullmatch(column.name.casefold()):
            column.role, column.why, column.confidence = "followers", "", 60
            return


def _actors_as_columns(layout: Layout, body: Sequence[Sequence[str]]) -> None:
    """Read headings of numbers beside one actor's name as names too, known or not: a table of dates by actors."""
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
        elif column.is_count and column.platform and not column.when and not column.actor:
            _platform, column.actor = without_platform(column.name)


def _whose(layout: Layout, knows: NameIsKnown) -> None:
    """Take the first text column for the names where none is and it stands to the left of the numbers."""
    if layout.of("actor") or any(column.actor for column in layout.columns) or not layout.counts:
        return
    if any(column.role in ("address", "handle", "account_id") for column in layout.columns):
        return
    for column in layout.columns:
        if column.role == "left" and column.why == "unknown" and not column.name:
            column.role, column.confidence, column.why = "actor", 60, ""
            return


def _one_count(layout: Layout) -> None:
    """Settle on one of several plain columns of counts; a name without a platform is weaker than one with it."""
    plain = [column for column in layout.counts if not column.when and not column.actor]
    by_platform: dict[str, list[Column]] = {}
    for column in plain:
        by_platform.setdefault(column.platform, []).append(column)
    for rivals in by_platform.values():
        for column in sorted(rivals, key=_strength)[1:]:
            column.role, column.why = "left", "second"
    if len(by_platform) > 1 and "" in by_platform and layout.of("platform") is None:
        for column in by_platform[""]:
            column.role, column.why = "left", "second"


# What the numbers and days of the first rows say


def look_at_numbers(layout: Layout, body: Sequence[Sequence[str]]) -> None:
    fractions: set[str] = set()
    lone: set[str] = set()
    for column in layout.counts:
        cells = [cells[column.place].strip() for cells in body if column.place < len(cells)]
        for cell in cells:
            if re.fullmatch(r"\d{1,3}[.,]\d{3}", cell) and not cell.startswith("0"):
                lone.add(re.sub(r"\d", "", cell))
            elif match := re.fullmatch(r"\d+([.,])\d{1,2}|0+([.,])\d+|\d{5,}([.,])\d+", cell):
                fractions.add(next(mark for mark in match.groups() if mark))
        if column.actor:
            are_changes = any((_whole(cell) or 0) < 0 for cell in cells)
        else:
            are_changes = _are_changes(column, cells, layout, body)
        if not column.when and are_changes:
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


def look_at_days(layout: Layout, rows: Sequence[Record], today: date | None) -> None:
    """Settle the order of day and month for all rows by one row that can only be read one way."""
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
