"""A day, a month or a year as people write it in Kazakh, Russian or English."""

import re
from datetime import date, datetime
from functools import lru_cache

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive

from apps.common.tables import FIRST_YEAR, LAST_YEAR
from apps.snapshots.models import Span

_MONTHS = (
    "january jan январь января янв қаңтар қаң",
    "february feb февраль февраля фев февр ақпан ақп",
    "march mar март марта мар наурыз нау",
    "april apr апрель апреля апр сәуір сәу",
    "may май мая мамыр мам",
    "june jun июнь июня июн маусым мау",
    "july jul июль июля июл шілде шіл",
    "august aug август августа авг тамыз там",
    "september sep sept сентябрь сентября сен сент қыркүйек қыр",
    "october oct октябрь октября окт қазан қаз",
    "november nov ноябрь ноября ноя нояб қараша қар",
    "december dec декабрь декабря дек желтоқсан жел",
)
MONTHS = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
YEAR_WORDS = {"г", "год", "года", "ж", "жыл", "жылы", "жылғы", "year"}
ISO = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?)?(?:[T ]00:00(?::00)?)?", re.ASCII)
DOTTED = re.compile(r"(?:(\d{1,2})\.)?(\d{1,2})\.(\d{4})(?:\s*(?:г|ж)\.?)?", re.ASCII)
WORDS = re.compile(r"[^\W\d_]+|\d+")


@lru_cache(maxsize=20_000)
def parse_when(text: str) -> tuple[date, Span] | None:
    """Return the first day of what is named, and how long it lasts; None where it cannot be told without guessing.

    2022, 2022-03, 2022-03-05, 05.03.2022, 03.2022, "5 марта 2022 г.", "наурыз 2022", "March 2022". Not 03/05/2022,
    which is March to some and May to others; not a year of two digits.
    """
    text = text.strip()
    if len(text) > 40:
        return None
    if match := ISO.fullmatch(text):
        return _make(match[1], match[3], match[4])
    if match := DOTTED.fullmatch(text):
        return _make(match[3], match[2], match[1])
    return _in_words(WORDS.findall(text.lower().replace("\u00a0", " "))) if _is_plain(text) else None


def parse_instant(text: str) -> datetime | None:
    """Return an instant with its offset, such as 2026-01-31T18:05:00Z; None for anything else."""
    try:
        instant = parse_datetime(text)
    except ValueError:
        return None
    # The first and the last instants there are have no day in another zone.
    if instant is None or is_naive(instant) or not FIRST_YEAR <= instant.year <= LAST_YEAR:
        return None
    return instant


def _is_plain(text: str) -> bool:
    """Tell whether the text is nothing but words, numbers and what stands between them in a date."""
    return not WORDS.sub("", text.lower()).strip(" ,.\u00a0")


def _in_words(words: list[str]) -> tuple[date, Span] | None:
    numbers = [word for word in words if word.isdecimal() and word.isascii()]
    names = [word for word in words if not word.isdecimal() and word not in YEAR_WORDS]
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) <= 2]
    if len(years) != 1 or len(days) > 1 or len(names) > 1 or len(years) + len(days) != len(numbers):
        return None
    month = MONTHS.get(names[0]) if names else None
    if (names and not month) or (days and not month):
        return None
    return _make(years[0], month, days[0] if days else None)


def _make(year: str, month: str | int | None, day: str | None) -> tuple[date, Span] | None:
    span = Span.DAY if day else Span.MONTH if month else Span.YEAR
    try:
        made = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return (made, span) if FIRST_YEAR <= made.year <= LAST_YEAR else None
