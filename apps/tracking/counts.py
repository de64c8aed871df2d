"""A count as a page or an editor writes it: "76K", "76,0 тыс.", "76 мың", "1.2M", "76 012"."""

import re
from dataclasses import dataclass
from decimal import Decimal

from apps.tracking.models import Bound, Precision

MOST = 20_000_000_000  # more than there are people: a slip of the finger
UNITS = {
    "k": 10**3,
    "к": 10**3,
    "тыс": 10**3,
    "тысяч": 10**3,
    "тысячи": 10**3,
    "тысяча": 10**3,
    "мың": 10**3,
    "thousand": 10**3,
    "m": 10**6,
    "м": 10**6,
    "mln": 10**6,
    "млн": 10**6,
    "million": 10**6,
    "b": 10**9,
    "bn": 10**9,
    "млрд": 10**9,
    "billion": 10**9,
}
BOUNDS = {">": Bound.MORE_THAN, "<": Bound.LESS_THAN, "~": Bound.ABOUT, "≈": Bound.ABOUT, "=": Bound.EXACTLY}
SPACES = " \u00a0\u202f\u2009"
SHAPE = re.compile(
    rf"(?P<bound>[><~≈=])?\s*(?P<number>\d[\d{SPACES}.,'’]*)\s*(?P<unit>[^\W\d_]+)?\.?", re.UNICODE
)
GROUPED = re.compile(rf"\d{{1,3}}(?:(?P<mark>[{SPACES}.,'’])\d{{3}})(?:(?P=mark)\d{{3}})*")


@dataclass(frozen=True)
class Count:
    followers: int
    precision: Precision
    bound: Bound


class NotACount(ValueError):
    """The text is no count that can be understood without guessing. `code`: empty, shape, unit, fraction, large."""

    def __init__(self, code: str, seen: str) -> None:
        super().__init__(f"{code}: {seen}")
        self.code = code
        self.seen = seen


def parse_count(text: str) -> Count:
    """Read a count; a decimal comma and a decimal point are the same, thousands may be grouped by either.

    Raises NotACount rather than guess: "1,234K" may be 1.234 thousand or 1,234 thousand.
    """
    text = text.strip()
    if not text:
        raise NotACount("empty", text)
    match = SHAPE.fullmatch(text)
    if not match:
        raise NotACount("shape", text)
    bound = BOUNDS.get(match["bound"] or "=", Bound.EXACTLY)
    number = match["number"].strip(SPACES)
    unit = (match["unit"] or "").lower()
    if not unit:
        return Count(_whole(number, text), Precision.EXACT, bound)
    if unit not in UNITS:
        raise NotACount("unit", match["unit"])
    followers = _with_unit(number, UNITS[unit], text)
    return Count(_checked(followers, text), Precision.ABBREVIATED, bound)


def _whole(number: str, text: str) -> int:
    if number.isdecimal():
        return _checked(int(number[:20]), text)
    if not GROUPED.fullmatch(number):
        raise NotACount("fraction" if re.fullmatch(r"\d+[.,]\d{1,2}", number) else "shape", text)
    return _checked(int(re.sub(r"\D", "", number)[:20]), text)


def _with_unit(number: str, unit: int, text: str) -> int:
    if not re.fullmatch(r"\d{1,4}(?:[.,]\d{1,2})?", number):
        raise NotACount("shape", text)
    followers = Decimal(number.replace(",", ".")) * unit
    return int(followers)


def _checked(followers: int, text: str) -> int:
    if followers > MOST:
        raise NotACount("large", text)
    return followers
