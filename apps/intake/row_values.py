"""Read a row's count: a number in any writing, a typed cell of a workbook, or the word for a state."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from apps.collectors.numbers import MOST, UNIT, NotACount, read_count
from apps.common.grids import read_cell
from apps.common.tables import shown
from apps.intake import headings
from apps.intake.cell_kinds import is_nothing, state_of
from apps.intake.layout import Column
from apps.intake.sheet_reader import MANY, SheetReader, not_a_count, nothing_to_record, wrong
from apps.snapshots.rules import value_problems
from apps.snapshots.words import VALUE_PROBLEMS

STATES: Final = ("counted", "hidden", "absent", "suspended", "private")
BOUNDS: Final = ("=", ">", "<", "~")
PRECISIONS: Final = ("exact", "3sf", "abbrev", "printed")
# Users of each platform in the world, generously: no account has more followers.
MOST_USERS: Final = {
    "facebook": 3_500_000_000, "instagram": 3_500_000_000, "youtube": 3_500_000_000, "whatsapp": 4_000_000_000,
    "tiktok": 2_500_000_000, "telegram": 1_500_000_000, "x": 1_000_000_000, "threads": 700_000_000, "vk": 700_000_000,
    "ok": 400_000_000, "bluesky": 100_000_000, "mastodon": 30_000_000,
}  # fmt: skip
_AMBIGUOUS_FORMAT: Final = re.compile(r'"\s*[мМ]\.?\s*"|\\[мМ](?!\w)')  # thousand or million
_LABELS: dict[str, str] = {}  # labels of states in each language -> state


def know_labels(labels: Mapping[str, str]) -> None:
    """Remember the words that pages use for the states, so that our own tables come back."""
    _LABELS.update(labels)


class CellCount(NamedTuple):
    """What a cell says of how many follow."""

    state: str
    followers: int | None
    bound: str = "="
    precision: str = "printed"
    wording: str = ""


class ValuesOfRows(SheetReader):
    """Reads the count of a row. Raises Stop."""

    def _value(self, cells: Sequence[str], column: Column, *, is_there: bool = True) -> CellCount:
        raw = cells[column.place]
        state_word = self._text(cells, "state")
        bound = self._one_of(cells, "bound", BOUNDS)
        precision = self._one_of(cells, "precision", PRECISIONS)
        state = self._state(state_word)
        if state != "counted":
            number = 0 if raw and not is_nothing(raw) else None
            for field, code in value_problems(state, number, bound or "="):
                raise wrong(column.name if field == "followers" else field, VALUE_PROBLEMS[code])
            return CellCount(state, None, "=", precision or "printed")
        if not raw and not is_there:
            raise wrong(column.name, _("The row has no count."))
        value = self._count(raw, column, self._row_unit(cells))
        if bound or precision:
            return value._replace(bound=bound or value.bound, precision=precision or value.precision)
        return value

    def _state(self, word: str) -> str:
        if is_nothing(word):
            return "counted"
        plain = word.casefold()
        state = plain if plain in STATES else _LABELS.get(plain) or state_of(word)
        if not state:
            raise wrong(
                "state",
                _("“%(value)s” is not known; known are: %(choices)s.")
                % {"value": shown(word), "choices": ", ".join(STATES)},
            )
        return state

    def _row_unit(self, cells: Sequence[str]) -> int:
        """Return the unit that a column of units gives to the row's count; 0 where it gives none."""
        word = self._text(cells, "unit")
        if is_nothing(word):
            return 0
        unit = headings.unit_of_cell(word)
        if not unit:
            raise wrong("unit", not_a_count(NotACount("percent" if "%" in word else "unit", word)))
        return unit

    def _count(self, raw: str, column: Column, row_unit: int = 0) -> CellCount:
        if raw.startswith(MANY):
            raise wrong(column.name, _("One number over several cells: of which is it?"))
        cell = read_cell(raw)
        unit = row_unit or self._unit(column)
        if cell.kind:
            return self._read_typed(cell.kind, cell.text, cell.format, column, unit)
        text = cell.text
        if text.isascii() and text.isdecimal() and unit == 1 and len(text) < 12:
            return CellCount("counted", int(text), precision=self._precision)
        if is_nothing(text):
            raise nothing_to_record("nothing" if text else "empty", text)
        state = state_of(text)
        if state:
            return CellCount(state, None)
        return self._read_text(text, column, unit)

    def _read_text(self, text: str, column: Column, unit: int) -> CellCount:
        decimal = self.answers.decimal or self.layout.decimal or ("group" if unit == 1 else "ask")
        mark = {"decimal": "decimal", "ask": "ask"}.get(decimal, "group")
        if unit != 1 and mark == "group" and self.answers.decimal != "group":
            mark = "ask"
        try:
            if unit != 1 and self.answers.decimal == "group" and re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", text):
                text = re.sub(r"[.,]", "", text)
            count = read_count(text, unit=unit, lone_mark=mark)  # type: ignore[arg-type]  # one of the three
        except NotACount as refused:
            if refused.code == "mark" and mark == "ask":
                raise self._ask("decimal", "", example=text) from None
            raise wrong(column.name, not_a_count(refused)) from None
        precision = self._precision if count.precision == "exact" else count.precision
        is_plain = count.bound == "=" and count.precision == "exact"
        return CellCount(
            "counted",
            count.followers,
            count.bound,
            precision,
            "" if is_plain and text[-1:].isdecimal() else text,
        )

    def _read_typed(self, kind: str, text: str, code: str, column: Column, unit: int) -> CellCount:
        """Read a cell of a workbook by its value and its format: a unit in the format counts, a thousands mark cannot be."""
        sentences = {
            "percent": _("This is a percentage, not a count."),
            "date": _("This cell is a date, not a count."),
            "bool": _("This cell is true or false, not a count."),
            "error": _("An error of the spreadsheet stands here."),
        }
        if kind != "number":
            raise wrong(column.name, sentences[kind])
        if _AMBIGUOUS_FORMAT.search(code.split(";")[0]):
            raise wrong(column.name, not_a_count(NotACount("lone_unit", "м")))
        own, is_shown = _unit_of_format(code)
        factor = own if is_shown else unit
        followers = Decimal(text) * factor
        if followers < 0:
            raise wrong(column.name, not_a_count(NotACount("negative", text)))
        if factor == 1:
            if followers != followers.to_integral_value():
                raise wrong(column.name, not_a_count(NotACount("fraction", text)))
            return self._check(CellCount("counted", int(followers), precision=self._precision), column)
        step = Decimal(10) ** -_places(code) * factor if is_shown else Decimal(1)
        rounded = int((followers / step).to_integral_value() * step)
        return self._check(
            CellCount("counted", rounded, "=", "abbrev", f"{text} x {factor:,}".replace(",", " ")), column
        )

    def _check(self, value: CellCount, column: Column) -> CellCount:
        if value.followers is not None and value.followers > MOST:
            raise wrong(column.name, not_a_count(NotACount("large", str(value.followers))))
        return value

    def _unit(self, column: Column) -> int:
        units = self.answers.unit
        chosen = units.get(column.name)
        if chosen:
            return chosen
        if column.unit > 1:
            return column.unit
        if self.layout.title_unit > 1 and "*" not in units:
            raise self._ask(
                "unit",
                "*",
                example=" ".join(text for _line, text in self.layout.titles),
                likely=[str(self.layout.title_unit)],
            )
        return units.get("*", 1)

    def _check_size(self, value: CellCount, account: int) -> None:
        platform = self.tracked.platforms.get(account, "")
        if value.followers is not None and value.followers > MOST_USERS.get(platform, MOST):
            raise wrong(
                "followers",
                _("More than the platform has users: %(count)s.")
                % {"count": f"{value.followers:,}".replace(",", " ")},
            )


def _unit_of_format(code: str) -> tuple[int | Decimal, bool]:
    """Return what a number format multiplies by, and whether it says so: 0.0" тыс." is a thousand; #,##0," тыс." is one."""
    positive = code.split(";")[0]
    words = " ".join(
        re.findall(r'"([^"]*)"|\\(\w)', positive)
        and [a or b for a, b in re.findall(r'"([^"]*)"|\\(\w)', positive)]
    )
    unit = UNIT.get(words.strip(" .").casefold().split(" ")[0].strip("."), 1) if words.strip() else 1
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", positive)
    scale = re.search(r"[0#](,+)(?![0#,])", bare)
    divisor = 1000 ** len(scale[1]) if scale else 1
    if unit == 1 and divisor == 1:
        return 1, False
    if unit == 1:
        return 1, True  # shown in thousands without a word: the cell holds the number itself
    return (unit // divisor if unit >= divisor else Decimal(unit) / divisor), True


def _places(code: str) -> int:
    match = re.search(r"\.([0#]+)", code.split(";")[0])
    return len(match[1]) if match else 0
