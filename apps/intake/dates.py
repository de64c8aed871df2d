"""Days, months and years as people write them in Kazakh, Russian and English: the one reader of them.

What has two readings (03/05/2019, Dec-18, 43439) is read by the answers in `DateRules`; without one it is a question.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1990, 2100
YEAR, MONTH, DAY = 1, 2, 3  # as snapshots count spans
ALMATY: Final = ZoneInfo("Asia/Almaty")

# Stems with the endings that a month takes: «января», «қаңтары», «желтоқсандағы».
_STEMS: Final = (
    "january|jan|январ[ьяею]|янв|қаңтар|қаң",
    "february|feb|феврал[ьяею]|февр?|ақпан|ақп",
    "march|mar|март[ае]?|мар|наурыз|нау",
    "april|apr|апрел[ьяею]|апр|сәуір|сәу",
    "may|ма[йяею]|мамыр|мам",
    "june|jun|июн[ьяею]|июн|маусым|мау",
    "july|jul|июл[ьяею]|июл|шілде|шіл",
    "august|aug|август[ае]?|авг|тамыз|там",
    "september|sept?|сентябр[ьяею]|сент?|қыркүйек|қыр",
    "october|oct|октябр[ьяею]|окт|қазан|қаз",
    "november|nov|ноябр[ьяею]|ноя|нояб|қараша|қар",
    "december|dec|декабр[ьяею]|дек|желтоқсан|жел",
)
_KAZAKH: Final = re.compile(
    r"(қаңтар|ақпан|наурыз|сәуір|мамыр|маусым|шілде|тамыз|қыркүйе[кг]|қазан|қараша|желтоқсан)"
    r"(?:с?[ыі](?:н(?:ың|ің|да|де|дағы|дегі|а|е))?|[дтн][аеың]+[а-яғқңі]*|ғы|гі)?"
)
_MONTH: Final = tuple(re.compile(stem) for stem in _STEMS)
_YEAR_WORD: Final = r"(?:г\.?|год[ауе]?|гг\.?|ж\.?|жыл(?:ы|ғы|дың|дан|да|ғысы)?|year)"
_WEEKDAY: Final = (
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|"
    r"пятница|суббота|воскресенье|дүйсенбі|сейсенбі|сәрсенбі|бейсенбі|жұма|сенбі|жексенбі"
)
_LEAD: Final = re.compile(
    rf"^(?:(?:по состоянию|по сост\.?|состояние|данные|as|status|дата|date)\s+)?(?:на|of|at|on|за|в|от|in)\s+|^(?:{_WEEKDAY})\.?,?\s+"
)
_TRAIL: Final = re.compile(r"\s*(?:жағдай(?:ы|ына|ға)?(?:\s+бойынша)?|бойынша|күні|күнгі|жылғы жағдай)\.?$")
_TIME: Final = re.compile(
    r"(?:[t ]\s*|,\s*)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(z|utc|gmt|[+-]\d{2}:?\d{2})?\s*$"
)
_ISO: Final = re.compile(r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?")
_COMPACT: Final = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_NUMERIC: Final = re.compile(r"(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})")
_MONTH_YEAR: Final = re.compile(r"(\d{1,2})[./-](\d{4})")
_DAY_MONTH: Final = re.compile(r"(\d{1,2})[./](\d{1,2})\.?")
_SERIAL: Final = re.compile(r"([2-6]\d{4})(?:[.,]\d+)?")
_WORDS: Final = re.compile(r"[^\W\d_]+|\d+")
_VAGUE: Final = (
    ("quarter", re.compile(r".*(?:\bкв(?:\.|арт)|\bквартал|\bquarter|\bq[1-4]\b|\b[1-4]q\b|тоқсан(?!д?а?ғы?\s*$)(?<!желтоқсан)).*")),
    ("half", re.compile(r".*(?:полугод|\bhalf\b|\bh[12]\b|жартыжыл|жарты жыл).*")),
    ("vague", re.compile(r".*(?:\bконец|\bконце|\bначал|\bсередин|\bend\b|\bearly\b|\blate\b|\bmid\b|соңы|басы|ортасы|весна|лето|осень|зима).*")),
    ("relative", re.compile(r"(?:вчера|сегодня|позавчера|завтра|today|yesterday|now|кеше|бүгін|сейчас).*")),
    ("range", re.compile(r".*\d{4}\s?(?:г\.?)?\s?(?:[-–—/]|to|по|until)\s?(?:\d{4}|\d{2})\b(?![-./]).*|.*\d\s?[–—]\s?\d.*|.*\d{4}.*\s-\s.*\d{4}.*")),
)  # fmt: skip


class When(NamedTuple):
    """The first day of what is named, how long it lasts (1 year, 2 month, 3 day), and the instant where one is told."""

    day: date
    span: int
    instant: datetime | None = None


@dataclass(frozen=True)
class DateRules:
    """What a person has said about dates with two readings; "" where nothing."""

    day_order: str = ""  # dmy | mdy
    short_years: str = ""  # 20yy: "18" after a month is 2018 | day: it is the 18th
    serials: str = ""  # 1900 | 1904: five digits are a day as spreadsheets count them
    year: int = 0  # of months and days that name none


class NotADate(ValueError):
    """A text that is no day, month or year.

    `code`: empty, shape, no_such_day, no_year, quarter, half, vague, relative, range, out_of_range.
    """

    def __init__(self, code: str, seen: str) -> None:
        super().__init__(f"{code}: {seen}")
        self.code = code
        self.seen = seen


class DateQuestion(NotADate):
    """A text with two readings; `code` is the rule that decides it, `likely` what it says in the likely answer."""

    def __init__(self, code: str, seen: str, likely: str) -> None:
        super().__init__(code, seen)
        self.likely = likely


@lru_cache(maxsize=50_000)  # a million rows name some thousand days: 9 µs less for each
def read_when(text: str, rules: DateRules = DateRules()) -> When:
    """Read a date. Raises DateQuestion where a rule must decide, NotADate where nothing can."""
    plain = _plain(text)
    if not plain:
        raise NotADate("empty", text)
    if len(plain) > 80:
        raise NotADate("shape", text)
    plain, clock = _without_clock(plain)
    when = _numeric(plain, text, rules)
    if when is None:
        _refuse_vague(plain, text)
        when = _in_words(plain, text, rules)
    return _at(when, clock) if clock else when


def month_of(word: str) -> int:
    """Return the number of the month that a word in small letters names; 0 where it names none."""
    named = _KAZAKH.fullmatch(word)
    if named:
        word = named[1].replace("қыркүйег", "қыркүйек")
    return next((number for number, stem in enumerate(_MONTH, 1) if stem.fullmatch(word)), 0)


def read_instant(text: str) -> datetime | None:
    """Return an instant with its offset, such as 2026-01-31T18:05:00Z; None for anything else."""
    try:
        instant = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    if instant.tzinfo is None or not FIRST_YEAR <= instant.year <= LAST_YEAR:
        return None
    return instant


def _plain(text: str) -> str:
    """Reduce to small letters and single spaces, without what stands around a date: «на … года», a weekday, brackets."""
    plain = (
        " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split()).strip("()[]*\"«»' ").casefold()
    )
    while True:
        shorter = _TRAIL.sub("", _LEAD.sub("", plain)).strip(" ,;:")
        if shorter == plain:
            return plain
        plain = shorter


def _without_clock(plain: str) -> tuple[str, str]:
    clock = _TIME.search(plain)
    return (plain[: clock.start()].strip(), plain[clock.start() :].strip(" t,")) if clock else (plain, "")


def _at(when: When, clock: str) -> When:
    """Return the day in Almaty of an instant with an offset; a time without one is of that day."""
    hour, minute, second, offset = _TIME.search(f" {clock}").groups()  # type: ignore[union-attr]  # it was found before
    if when.span != DAY or int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:
        raise NotADate("shape", clock)
    if not offset:
        return when
    sign = offset if offset[0] in "+-" else "+00:00"
    iso = f"{when.day}T{int(hour):02}:{minute}:{second or '00'}{sign[:3]}:{sign[-2:]}"
    instant = datetime.fromisoformat(iso)
    return When(instant.astimezone(ALMATY).date(), DAY, instant)


def _numeric(plain: str, text: str, rules: DateRules) -> When | None:
    bare = re.sub(rf"\s*{_YEAR_WORD}$", "", plain).strip(" .,")
    if re.fullmatch(r"\d{4}", bare):
        return _to_when(int(bare), 0, 0, text)
    if match := _ISO.fullmatch(bare):
        return _to_when(int(match[1]), int(match[3]), int(match[4] or 0), text)
    if match := _COMPACT.fullmatch(bare):
        return _to_when(int(match[1]), int(match[2]), int(match[3]), text)
    if match := _NUMERIC.fullmatch(bare):
        return _three(match, text, rules)
    if match := _MONTH_YEAR.fullmatch(bare):
        return _to_when(int(match[2]), int(match[1]), 0, text)
    if _SERIAL.fullmatch(bare):
        return _serial(bare, text, rules)
    if match := _DAY_MONTH.fullmatch(bare):
        if not rules.year:
            raise NotADate("no_year", text)
        return _to_when(rules.year, int(match[2]), int(match[1]), text)
    return None


def _three(match: re.Match[str], text: str, rules: DateRules) -> When:
    """Read two small numbers and a year: with points the day comes first, else the order may be a question."""
    first, mark, second, year = int(match[1]), match[2], int(match[3]), match[4]
    order = "dmy" if mark == "." else rules.day_order
    if not order:
        if first != second and first <= 12 and second <= 12:
            raise DateQuestion("day_order", text, f"{year}-{second:02}-{first:02}")
        order = "mdy" if second > 12 else "dmy"
    day, month = (second, first) if order == "mdy" else (first, second)
    if len(year) == 4:
        return _to_when(int(year), month, day, text)
    if rules.short_years != "20yy":
        raise DateQuestion("short_years", text, f"20{year}-{month:02}-{day:02}")
    return _to_when(2000 + int(year), month, day, text)


def _serial(bare: str, text: str, rules: DateRules) -> When:
    """Read five digits as a spreadsheet's day number, when a person says so."""
    number = int(re.split("[.,]", bare)[0])
    epoch = date(1904, 1, 1) if rules.serials == "1904" else date(1899, 12, 30)
    day = epoch + timedelta(days=number)
    if rules.serials not in ("1900", "1904"):
        raise DateQuestion("serials", text, day.isoformat())
    return When(day, DAY)


def _refuse_vague(plain: str, text: str) -> None:
    for code, shape in _VAGUE:
        if shape.fullmatch(plain):
            raise NotADate(code, text)


def _in_words(plain: str, text: str, rules: DateRules) -> When:
    words = _WORDS.findall(plain)
    if re.search(r"[^\w\s.,/'’-]|_", plain) or len(words) > 6:
        raise NotADate("shape", text)
    numbers = [word.removeprefix("") for word in words if word.isdecimal() and word.isascii()]
    others = [word for word in words if not word.isdecimal()]
    months = [month_of(word) for word in others]
    strange = [
        word
        for word, month in zip(others, months, strict=True)
        if not month
        and not re.fullmatch(rf"{_YEAR_WORD}|{_WEEKDAY}|st|nd|rd|th|of|числа|-?ші|-?шы|і|ы|е", word)
    ]
    named = [month for month in months if month]
    years = [number for number in numbers if len(number) == 4]
    short = [number for number in numbers if len(number) <= 2]
    if (
        strange
        or len(named) != 1
        or len(years) > 1
        or len(short) > 2
        or len(years) + len(short) != len(numbers)
    ):
        raise NotADate("shape", text)
    month = named[0]
    if years:
        if len(short) > 1:
            raise NotADate("shape", text)
        return _to_when(int(years[0]), month, int(short[0]) if short else 0, text)
    return _without_full_year(month, short, plain, text, rules)


def _without_full_year(month: int, short: list[str], plain: str, text: str, rules: DateRules) -> When:
    if len(short) == 2:  # "7 дек 18", "Dec 7, 18": the last is the year
        if rules.short_years != "20yy":
            raise DateQuestion("short_years", text, f"20{short[1]}-{month:02}-{int(short[0]):02}")
        return _to_when(2000 + int(short[1]), month, int(short[0]), text)
    if not short:
        if not rules.year:
            raise NotADate("no_year", text)
        return _to_when(rules.year, month, 0, text)
    is_first = plain[0].isdecimal() and not re.search(rf"\d\s*{_YEAR_WORD}", plain)
    says_year = re.search(rf"\d\s*{_YEAR_WORD}|['’]\d", plain)
    if (rules.short_years == "20yy" and not is_first) or (says_year and int(short[0]) > 31):
        return _to_when(2000 + int(short[0]), month, 0, text)
    if not rules.short_years and not is_first:
        raise DateQuestion("short_years", text, f"20{short[0]}-{month:02}")
    if not rules.year:
        raise NotADate("no_year", text)
    return _to_when(rules.year, month, int(short[0]), text)


def _to_when(year: int, month: int, day: int, text: str) -> When:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotADate("out_of_range", text)
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        raise NotADate("no_such_day", text) from None
    return When(first, DAY if day else MONTH if month else YEAR)


def span_of_format(code: str) -> int:
    """Return how much of a date a workbook's format shows: 1 year, 2 month, 3 day; 0 a time of day alone."""
    bare = (
        re.sub(r'"[^"]*"|\\.|_.|\[[^\]]*\]', "", code.split(";")[0])
        .lower()
        .replace("г", "y")
        .replace("м", "m")
        .replace("д", "d")
    )
    if "d" in bare:
        return DAY
    has_clock = "h" in bare or "s" in bare
    if "y" in bare:
        return MONTH if re.search(r"m", bare) and not has_clock else YEAR if not has_clock else DAY
    return 0 if has_clock or "m" not in bare else MONTH
