"""Classify a single cell: a count, a date, an address, nothing, the word for a state."""

import re
from functools import lru_cache
from typing import Final

from apps.collectors.numbers import NotACount, read_count
from apps.common.grids import read_cell
from apps.intake.dates import DateQuestion, NotADate, month_of, read_when
from apps.intake.links import EMAIL, PHONE, is_address
from apps.intake.platform_words import platform_or_none

# Nothing was counted: said, recorded as nothing. «Нет» and «жоқ» are no states by themselves.
_NOTHING: Final = frozenset(
    ["-", "--", "---", "–", "—", "…", "...", "..", ".", "?", "??", "н/д", "нд", "н.д.", "н/а", "n/a", "na", "nan", "n.a.", "n\\a", "null", "none", "nil", "nope", "#n/a", "нет", "жоқ", "no", "отсутствует", "неизвестно", "белгісіз", "unknown", "пусто", "д/ж", "м/ж"]
) | {
    "нет данных", "нет сведений", "данных нет", "no data", "not available", "not applicable", "деректер жоқ", "дерек жоқ",
    "мәлімет жоқ", "мәліметтер жоқ", "не указано", "не определено", "не указан",
}  # fmt: skip
_STATES: Final = {
    "absent": r"страниц\w* не существует|не существует|страниц\w* нет|нет страниц\w*|страниц\w* отсутствует|страниц\w* удален\w*|"
              r"удален[аоы]?|аккаунт\w* удал[её]н|нет аккаунта|(?:page )?does not exist|page (?:is )?(?:gone|deleted)|deleted|absent|"
              r"no (?:page|account)|парақша(?:сы)? жоқ|аккаунт(?:ы)? жоқ|бет жоқ|жойылған|өшірілген",
    "hidden": r"(?:число |количество )?(?:подписчик\w* )?скрыт[аоы]?|скрыто|hidden|count hidden|жасырылған|сан жасырылған|жасырын",
    "suspended": r"(?:страниц\w* |аккаунт\w* )?заблокирован[аоы]?|suspended|blocked|banned|бұғатталған|оқшауланған",
    "private": r"(?:страниц\w* |аккаунт\w* |профиль )?закрыт[аоы]?й?|закрытая страница|закрытый аккаунт|private|closed account|жабық(?: парақша)?",
}  # fmt: skip
_STATE_SHAPES: Final = tuple((code, re.compile(shape)) for code, shape in _STATES.items())
_HANDLE: Final = re.compile(r"@[\w.]{2,40}|[A-Za-z][\w.]*[_.\d][\w.]*", re.ASCII)
_NUMERIC: Final = (
    "fraction",
    "mark",
    "percent",
    "negative",
    "power",
    "range",
    "footnote",
    "letter",
    "lone_unit",
    "large",
)


def is_nothing(text: str) -> bool:
    """Tell whether a cell says that there is no number."""
    return not text or text.casefold().strip(" *") in _NOTHING or not re.search(r"\w|[?+#@%<>≈~=]", text)


def state_of(text: str) -> str:
    """Return the state that a cell's words name: absent, hidden, suspended or private; "" where they name none."""
    plain = " ".join(text.casefold().replace("ё", "е").split()).strip(" .*()")
    return next((code for code, shape in _STATE_SHAPES if shape.fullmatch(plain)), "")


@lru_cache(
    maxsize=20_000
)  # cells repeat within a table and are asked for by each column: 16 µs less for each
def kind_of(text: str) -> str:
    """Return what a cell looks like: nothing, number, fraction, date, month, email, phone, address, platform, handle, state, text."""
    cell = read_cell(text)
    if cell.kind:
        return _kind_of_type(cell.kind, cell.text)
    text = " ".join(text.split())
    if is_nothing(text):
        return "nothing"
    if len(text) > 300:
        return "text"
    if text.isdecimal() and len(text) == 4 and 1990 <= int(text) <= 2100:
        return "year"
    if EMAIL.fullmatch(text):
        return "email"
    if is_address(text):
        return "address"
    if any(sign.isdecimal() for sign in text):
        numeric = _numeric(text)
        if numeric:
            return numeric
    elif month_of(text.casefold().strip(".")):
        return "month"
    if platform_or_none(text):
        return "platform"
    if state_of(text):
        return "state"
    return "handle" if _HANDLE.fullmatch(text) else "text"


def _kind_of_type(kind: str, value: str) -> str:
    if kind == "number":
        return "number" if value.lstrip("-").isdecimal() else "fraction"
    return {"percent": "fraction", "date": "date", "bool": "text", "error": "nothing"}.get(kind, "text")


def _numeric(text: str) -> str:
    """Tell numbers and dates apart; "" for what is neither."""
    try:
        read_count(text)
        return "number"
    except NotACount as refused:
        code = refused.code
    try:
        read_when(text)
        return "date"
    except DateQuestion:
        return "date"
    except NotADate as refused:
        is_short = re.fullmatch(
            r"\d{1,2}[.,/]\d{1,2}", text
        )  # 12.9 is a number sooner than the 12th of September
        if refused.code in ("quarter", "half", "no_year", "no_such_day", "vague") and not is_short:
            return "date"
    if PHONE.fullmatch(text):
        return "phone"
    return "fraction" if code in _NUMERIC else ""
