"""Numbers, dates and counts as the page's language writes them. All follow the active language: kk, ru or en.

Babel (CLDR) gives month names and date orders, and a test holds the separators to it; what CLDR lacks (a date inside a sentence) is here.
"""

from datetime import date
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.dates import format_date
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext

from apps.collectors.platforms import PLATFORMS
from apps.common.dates import NO_BREAK as NO_BREAK
from apps.common.dates import language as language
from apps.common.dates import write_day
from apps.snapshots.rules import SpanWord
from apps.standings.types import Change, Overtake, Point, Row, Value

LANGUAGES: Final = ("kk", "ru", "en")
MINUS: Final = "\u2212"
DASH: Final = "\u2013"
AT_LEAST: Final = ">="  # said of a sum that lacks an account

_MONTH: Final = {"en": "LLLL y", "ru": "LLLL y", "kk": "y 'ж'. LLLL"}

# Months after "in": Russian's prepositional case, Kazakh's locative. CLDR has neither.
_IN_MONTH: Final = {
    "ru": (
        [
            "январе",
            "феврале",
            "марте",
            "апреле",
            "мае",
            "июне",
            "июле",
            "августе",
            "сентябре",
            "октябре",
            "ноябре",
            "декабре",
        ],
        "в {month} {year} года",
    ),
    "kk": (
        [
            "қаңтарда",
            "ақпанда",
            "наурызда",
            "сәуірде",
            "мамырда",
            "маусымда",
            "шілдеде",
            "тамызда",
            "қыркүйекте",
            "қазанда",
            "қарашада",
            "желтоқсанда",
        ],
        "{year} жылғы {month}",
    ),
}
_IN_YEAR: Final = {"en": "in {year}", "ru": "в {year} году", "kk": "{year} жылы"}
_COMPACT: Final = {
    "en": ("K", "M"),
    "ru": (NO_BREAK + "тыс.", NO_BREAK + "млн"),
    "kk": (NO_BREAK + "мың", NO_BREAK + "млн"),
}

_STATES: Final = {
    "counted": gettext_lazy("counted"),
    "hidden": gettext_lazy("count hidden"),
    "absent": gettext_lazy("page does not exist"),
    "suspended": gettext_lazy("suspended"),
    "private": gettext_lazy("private"),
    "unknown": gettext_lazy("no count"),
}

SUBSCRIBED: Final = frozenset({"youtube", "telegram"})
JOINED: Final = frozenset({"ok"})


def number(value: float, digits: int = 0, code: str = "") -> str:
    """Group by thousands, with at most `digits` decimals: 1,234.5 or 1 234,5 with no-break spaces.

    code: the page's language, where somebody writes many and has asked for it once.
    """
    return _number(value, digits, code or language())


def _number(value: float, digits: int, code: str) -> str:
    text = f"{round(value, digits):,.{digits}f}"
    if digits:
        text = text.rstrip("0").rstrip(".")
    if code != "en":
        text = text.replace(",", NO_BREAK).replace(".", ",")
    return "0" if text == "-0" else text.replace("-", MINUS)


def compact(value: int) -> str:
    """Shorten a number for an axis: 76K, 1.4M; 76 тыс.; 76 мың. (CLDR's Kazakh forms change their word at 100,000.)"""
    thousand, million = _COMPACT[language()]
    if abs(value) >= 1_000_000:
        return number(value / 1_000_000, 1) + million
    return number(value / 1000, 1) + thousand if abs(value) >= 1000 else number(value)


def signed(value: float, digits: int = 0) -> str:
    """Write a number with its sign, a real minus; zero has none."""
    return ("+" if value > 0 else "") + number(value, digits)


def percent(value: float, digits: int = 1, code: str = "") -> str:
    """Write a percentage: 64.1% in English, 64,1 % in Russian and Kazakh."""
    code = code or language()
    return _number(value, digits, code) + ("%" if code == "en" else NO_BREAK + "%")


def signed_percent(value: float, digits: int = 1) -> str:
    return ("+" if value > 0 else "") + percent(value, digits)


def times(value: float) -> str:
    """Return how many times the reference: ×1.19; ×12 from ten on."""
    return "×" + number(value, 0 if value >= 10 else 2)


def day(value: date) -> str:
    return write_day(value)


@lru_cache(maxsize=8)  # three languages; Babel reads the locale's names anew each time
def _months(code: str) -> tuple[str, ...]:
    names = Locale.parse(code).months["stand-alone"]["abbreviated"]
    return tuple(names[month].rstrip(".").lower() if code != "en" else names[month] for month in range(1, 13))


def quote(text: str) -> str:
    """Put a text into the language's quotation marks."""
    return f"“{text}”" if language() == "en" else f"«{text}»"


def short_day(value: date, *, with_year: bool) -> str:
    """Return a day under an axis: 22 Nov, and its year below where it is asked for."""
    text = f"{value.day}{NO_BREAK}{short_month(value, with_year=False)}"
    return f"{text}<br>{value.year}" if with_year else text


def short_month(value: date, *, with_year: bool) -> str:
    """Return a month under an axis: Nov, and its year below where it is asked for."""
    text = _months(language())[value.month - 1]
    return f"{text}<br>{value.year}" if with_year else text


def month(value: date) -> str:
    return _month(value, language())


@lru_cache(maxsize=1024)  # Babel takes 19 µs, as for a day, and the months of a page are few
def _month(value: date, code: str) -> str:
    text: str = format_date(value, _MONTH[code], locale=code)
    return (text.lower() if code != "en" else text).replace(" ", NO_BREAK)


def span(first: date, word: SpanWord) -> str:
    """Return the time a value speaks for: 2017, June 2017 or 2 Nov 2026. `first` is the span's first day."""
    if word == "year":
        return str(first.year)
    return month(first) if word == "month" else day(first)


def in_span(first: date, word: SpanWord) -> str:
    """Return the same inside a sentence: in 2017, in June 2017, on 2 November 2026."""
    code = language()
    if word == "year":
        return _IN_YEAR[code].format(year=first.year)
    if code == "en":
        long: str = format_date(first, "MMMM y" if word == "month" else "d MMMM y", locale="en")
        return f"in {long}" if word == "month" else f"on {long}"
    if word == "month":
        names, template = _IN_MONTH[code]
        return template.format(month=names[first.month - 1], year=first.year)
    if code == "ru":
        text: str = format_date(first, "d MMMM y 'года'", locale="ru")
        return text
    names, _ = _IN_MONTH["kk"]
    return f"{first.year} жылғы {first.day} {names[first.month - 1]}"


def since_span(first: date, word: SpanWord) -> str:
    """Return the same after "since": 2017, June 2017, 2 Nov 2026; in Russian in the genitive, with its noun."""
    if language() != "ru":
        return span(first, word)
    if word == "year":
        return f"{first.year} года"
    text: str = format_date(first, "MMMM y 'года'" if word == "month" else "d MMMM y 'года'", locale="ru")
    return text


def passed_after(item: Overtake) -> str:
    """Return the last time that the winner was behind: a day, or the year where whole years are compared."""
    return str(item.after.year) if is_by_years(item) else day(item.after)


def passed_by(item: Overtake) -> str:
    """Return the first time that the winner was ahead, written alike."""
    return str(item.by.year) if is_by_years(item) else day(item.by)


def is_by_years(item: Overtake) -> bool:
    """Say whether an overtake's two days are written as years; of one year they would say nothing."""
    return item.spans and item.after.year < item.by.year


def when(value: Value) -> str:
    """Return the date a value carries; of readings that lie far apart the oldest and the newest: 2022 – 30 Nov 2026."""
    if value.is_mixed:
        first, last = span(*value.first), span(*value.last)
        if first != last:
            return f"{first} {DASH} {last}"
    return span(value.day, value.span)


def bound_of(value: Value | Point) -> str:
    """Return the bound as it is said: a sum that lacks an account is "at least" so much, not "more than"."""
    return AT_LEAST if value.is_partial and value.bound == ">" else value.bound


def platform_name(platform: str) -> str:
    return PLATFORMS.get(platform, "") or gettext("All platforms")


def state(code: str) -> str:
    """Return what stands where a count would: the state in words."""
    return str(_STATES.get(code, code))


# The ending of "from" after a Kazakh number, by its last word: units, tens, hundreds, thousands, millions, milliards.
_KK_UNITS: Final = ("ден", "ден", "ден", "тен", "тен", "тен", "дан", "ден", "ден", "дан")
_KK_TENS: Final = ("", "нан", "дан", "дан", "тан", "ден", "тан", "тен", "нен", "нан")
_KK_POWERS: Final = ("ден", "нан", "нан", "тан")


def kk_ablative(value: int) -> str:
    """Return the ending that a Kazakh number takes for "from", "more than" and "less than": 12 000-нан, 40-тан."""
    digits = str(value)
    zeros = len(digits) - len(digits.rstrip("0")) if value else 0
    if zeros == 0:
        return _KK_UNITS[value % 10]
    if zeros == 1:
        return _KK_TENS[value // 10 % 10]
    return _KK_POWERS[min(zeros // 3, 3)]


def bounded(text: str, bound: str) -> str:
    """Return a number's text with its bound in words."""
    digits = text.replace(NO_BREAK, "")
    if bound in ("<", ">") and language() == "kk" and digits.isdecimal():
        return f"{text}-{kk_ablative(int(digits))} {'астам' if bound == '>' else 'аз'}"
    if bound == ">":
        return gettext("more than %(number)s") % {"number": text}
    if bound == AT_LEAST:
        return gettext("at least %(number)s") % {"number": text}
    if bound == "<":
        return gettext("less than %(number)s") % {"number": text}
    if bound == "~":
        return gettext("about %(number)s") % {"number": text}
    return text


def count(followers: int, bound: str = "=", code: str = "") -> str:
    """Return a count as it stands in tables: 64,000 or more than 10,000."""
    return bounded(number(followers, code=code), bound)


def value(item: Value | None) -> str:
    """Return a count, or what stands in its place."""
    if item is None:
        return state("unknown")
    if item.followers is None:
        return state(item.state)
    return count(item.followers, bound_of(item))


def parts(item: Value | None) -> str:
    """Say of how many accounts a sum is made, where some that are there are missing in it; else nothing."""
    if item is None or not item.is_partial:
        return ""
    return ngettext("%(parts)s of %(of)s account", "%(parts)s of %(of)s accounts", item.of) % {
        "parts": number(item.parts),
        "of": number(item.of),
    }


def followers(amount: int, platform: str, bound: str = "=") -> str:
    """Return a count with the platform's own word: 12,000 followers, 1 subscriber, more than 10,000 followers."""
    shown = {"count": count(amount, bound)}
    if platform in SUBSCRIBED:
        return ngettext("%(count)s subscriber", "%(count)s subscribers", amount) % shown
    if platform in JOINED:
        return ngettext("%(count)s member", "%(count)s members", amount) % shown
    if not platform:  # several platforms together: one person may be in it several times
        return ngettext("%(count)s follow", "%(count)s follows", amount) % shown
    return ngettext("%(count)s follower", "%(count)s followers", amount) % shown


def followers_title(platform: str) -> str:
    """Return the platform's own word as the head of a column."""
    if platform in SUBSCRIBED:
        return gettext("Subscribers")
    if platform in JOINED:
        return gettext("Members")
    return gettext("Followers") if platform else gettext("Follows")


def is_rounded(item: Value | None) -> bool:
    """Tell whether the last figures of a count are open: 64,000 in print is, 25,173 is not, nor is a sum of such."""
    return item is not None and item.followers is not None and item.step > item.parts


def change(item: Change | None) -> str:
    """Write a change: +25,000; `within rounding` where the two precisions forbid more; empty where there is none."""
    if item is None:
        return ""
    if item.within_rounding:
        return gettext("within rounding")
    return change_bounded(signed(item.absolute), item.bound)


def between(item: Change) -> str:
    """Return the two days that a change's own readings have: 2017 – 2022."""
    if item.since is None or item.until is None:
        return ""
    return f"{span(*item.since)} {DASH} {span(*item.until)}"


def left_out(row: Row) -> str:
    """Name the accounts that a row's change leaves out, as they are counted on one of the two days only; else nothing."""
    if row.change is None or not row.left_out:
        return ""
    platforms = [part.platform for part in row.left_out]
    names = [
        f"{platform_name(part.platform)}: {part.handle}"
        if part.handle and (platforms.count(part.platform) > 1 or row.platform)
        else platform_name(part.platform)
        for part in row.left_out
    ]
    return gettext("without %(accounts)s") % {"accounts": ", ".join(names)}


def change_bounded(text: str, bound: str) -> str:
    if bound == ">":
        return gettext("at least %(change)s") % {"change": text}
    if bound == "<":
        return gettext("at most %(change)s") % {"change": text}
    if bound == "~":
        return pgettext("change", "about %(change)s") % {"change": text}
    return text


def change_percent(item: Change | None) -> str:
    """Write a change in percent: +64.1%; empty from 0, from nothing and within rounding."""
    if item is None or item.percent is None or item.within_rounding:
        return ""
    digits = 0 if abs(item.percent) >= 1000 else 1
    return change_bounded(signed_percent(item.percent, digits), item.bound)


def yearly(item: Change | None) -> str:
    """Write compound yearly growth: 8.6 to 13.2%, one number between two days, the open end only from or to a bound."""
    if item is None or item.yearly_low is None or item.yearly_high is None or item.within_rounding:
        return ""
    low, high = round(item.yearly_low, 1), round(item.yearly_high, 1)
    if low == high or item.bound in "<>":
        return change_bounded(signed_percent(low if item.bound == ">" else high), item.bound)
    text = gettext("%(low)s to %(high)s") % {"low": signed(low, 1), "high": signed_percent(high)}
    return change_bounded(text, item.bound)
