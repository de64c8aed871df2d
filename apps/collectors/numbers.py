"""Counts as people, pages and platforms write them in Kazakh, Russian and English: the one reader of them.

`read_count` understands "76 012", "1,2 млн", "76K followers", «76 тыс. подписчиков», «76 мың жазылушы», "76K+",
«более 76 тыс.», «15 мыңнан астам», and refuses whatever could be two numbers.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

MOST: Final = 20_000_000_000  # more than there are people: a slip of the finger
LONGEST: Final = 200  # characters; longer texts are no counts
LoneMark = Literal["group", "decimal", "ask"]

_THOUSAND: Final = "k к тыс тысяч тысяча тысячи тысячу мың thousand thousands"
_MILLION: Final = "m mln mio млн миллион миллиона миллионов million millions"
_BILLION: Final = "b bn bln млрд миллиард миллиарда миллиардов billion billions"
UNIT: Final = {
    **dict.fromkeys(_THOUSAND.split(), 10**3),
    **dict.fromkeys(_MILLION.split(), 10**6),
    **dict.fromkeys(_BILLION.split(), 10**9),
}
UNITS: Final = "|".join(sorted(UNIT, key=len, reverse=True))
LONE_UNITS: Final = ("м", "т")  # «267,8 м.» is мың to some and миллион to others

_INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_SPACES: Final = dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007\u2008\t\r\n"), " ")
_BEFORE: Final = {
    ">": "более чем|более|больше чем|больше|свыше|выше|не менее|не меньше|от|more than|over|above|at least|кемінде|>=|≥|>",
    "<": "менее чем|менее|меньше чем|меньше|не более|не больше|до|less than|fewer than|under|below|up to|at most|<=|≤|<",
    "~": "около|примерно|приблизительно|приб|порядка|почти|ок|approximately|approx|about|around|circa|ca|nearly|almost|"
    "roughly|шамамен|жуықтап|~|≈|∼|±",
    "=": "=|ровно|exactly",
}
_AFTER: Final = {
    ">": r"\+|с лишним|и более|и больше|or more|plus|астам|артық|аса|көп",
    "<": "и менее|or less|or fewer|кем|аз|дейін",
    "~": "жуық|шамасында|таяу",
}
# The case that a Kazakh word of comparison asks for: «13 500-ден астам», «15 мыңнан астам», «76 мыңға жуық».
_CASE: Final = r"-?(?:[ндт][ае]н|[ғгқк][ае])"
_LIKE: Final = r"-?[дт][ае]й(?![^\W\d_])"  # «76 мыңдай»: about 76 thousand
_PEOPLE: Final = (
    r"followers?|subscribers?|subs|members?|people|persons?|users?|participants?|"
    r"подписчик(?:и|а|ов)?|подписавшихся|подп|фолловер(?:ы|а|ов)?|читател(?:ь|и|я|ей)|участник(?:и|а|ов)?|человека?|чел|"
    r"пользовател(?:ь|и|я|ей)|жазылушы(?:сы|лар|лары)?|жазылғандар|оқырман(?:ы|дар|дары)?|қатысушы(?:сы|лар)?|"
    r"мүше(?:сі|лер)?|адам"
)
_END: Final = r"(?![^\W\d_])"  # the word ends here
_SHAPE: Final = re.compile(
    rf"(?:(?:number of )?(?:{_PEOPLE}){_END}(?: саны)?\s*[:.–—]?\s*)?"
    rf"(?:(?P<before>{'|'.join(_BEFORE.values())})\.?{_END})?\s*"
    r"(?P<number>[0-9](?:[0-9 .,'’ʼ`]*[0-9])?)"
    rf"(?P<like>\s?{_LIKE})?(?:{_CASE}{_END})?(?P<plus>\+)?\s*"
    rf"(?:(?P<unit>{UNITS})(?:(?P<likewise>{_LIKE})|(?:{_CASE})?{_END})\.?)?\s*"
    rf"(?:(?P<after>{'|'.join(_AFTER.values())}){_END})?\s*"
    rf"(?:(?:{_PEOPLE}){_END}\.?)?\s*"
    rf"(?:(?P<last>{'|'.join(_AFTER.values())}){_END})?\.?"
)
_GROUPED: Final = re.compile(r"[0-9]{1,3}(?P<mark>[ .,'’ʼ`])[0-9]{3}(?:(?P=mark)[0-9]{3}){0,5}")
_DECIMAL: Final = re.compile(
    r"(?P<whole>[0-9]+|[0-9]{1,3}(?P<mark>[ .,'’])[0-9]{3}(?:(?P=mark)[0-9]{3})*)[.,](?P<part>[0-9]+)"
)
_EMPTY_PART: Final = re.compile(
    r"([0-9]{4,})\.0+"
)  # how programs print a whole number of a column of fractions


@dataclass(frozen=True, slots=True)
class Count:
    """A count as it was written: how many, and what the wording leaves open."""

    followers: int
    precision: str  # exact: every figure was written; abbrev: a unit stood for the last ones
    bound: str  # = > < ~
    wording: str = ""  # the text it was read from


class NotACount(ValueError):
    """A text that is no count, or that could be two of them.

    `code` is one of empty, shape, unit, lone_unit, fraction, mark, percent, negative, power, range, letter, footnote, large;
    `seen` is the part of the text that decided.
    """

    def __init__(self, code: str, seen: str) -> None:
        super().__init__(f"{code}: {seen}")
        self.code = code
        self.seen = seen


def read_count(text: str, *, unit: int = 1, lone_mark: LoneMark = "group") -> Count:
    """Read a count; a decimal comma and a decimal point are the same, thousands may be grouped by either.

    `unit` is what a number without a unit of its own is counted in (1000 in a column headed «тыс.»). `lone_mark` says what
    a single mark before three figures is, 12,345: a mark of thousands, of a fraction, or a question (code "mark").
    Raises NotACount rather than guess.
    """
    if text.isascii() and text.isdecimal() and unit == 1:
        return Count(_check_size(int(text[:20]), text), "exact", "=", text)
    plain = text.translate(_INVISIBLE).translate(_SPACES).strip().casefold()
    if not plain:
        raise NotACount("empty", text)
    match = _SHAPE.fullmatch(plain) if len(plain) <= LONGEST else None
    if match is None:
        raise _refusal(plain[:LONGEST], text)
    factor = UNIT[match["unit"]] if match["unit"] else unit
    amount = _amount(match["number"].strip(), factor, lone_mark, text)
    bound = _bound(match, text)
    return Count(_check_size(amount, text), "exact" if factor == 1 else "abbrev", bound, text.strip())


def read_printed(text: str) -> tuple[int, str] | None:
    """Return the number and its precision (exact or abbrev); None for what cannot be read without guessing."""
    try:
        count = read_count(text)
    except NotACount:
        return None
    return (count.followers, count.precision) if count.bound == "=" else None


def _bound(match: re.Match[str], text: str) -> str:
    signs = set()
    for word, words in ((match["before"], _BEFORE), (match["after"], _AFTER), (match["last"], _AFTER)):
        if word:
            signs.add(next(sign for sign, known in words.items() if re.fullmatch(known, word)))
    if match["plus"]:
        signs.add(">")
    if match["like"] or match["likewise"]:
        signs.add("~")
    if len(signs) > 1:
        raise NotACount("shape", text)
    return signs.pop() if signs else "="


def _amount(number: str, factor: int, lone_mark: LoneMark, text: str) -> int:
    if number.isdecimal():
        return int(number[:20]) * factor
    grouped, decimal = _GROUPED.fullmatch(number), _DECIMAL.fullmatch(number)
    is_lone = re.fullmatch(r"[0-9]{1,3}[.,][0-9]{3}", number) is not None
    if is_lone and number.startswith("0"):
        grouped = None  # 0.764 is no way of writing 764
    elif is_lone and (lone_mark == "ask" or (factor != 1 and lone_mark == "group")):
        raise NotACount("mark", text)  # "1,234K" is 1.234 thousand, or 1,234 thousand
    elif is_lone and lone_mark == "decimal":
        grouped = None
    if grouped:
        return int(re.sub(r"\D", "", number)[:20]) * factor
    if decimal is None:
        raise NotACount("shape", text)
    whole, part = re.sub(r"\D", "", decimal["whole"])[:20], decimal["part"]
    if factor == 1 and _EMPTY_PART.fullmatch(number):
        return int(whole)
    if factor == 1 or len(part) >= len(str(factor)) or (len(whole) > 1 and whole.startswith("0")):
        raise NotACount("fraction", text)
    return int(Decimal(f"{whole}.{part}") * factor)


def _check_size(followers: int, text: str) -> int:
    if followers > MOST:
        raise NotACount("large", text)
    return followers


_REASONS: Final = (
    ("negative", re.compile(r"[-−–]\s?[0-9][0-9 .,]*")),
    ("percent", re.compile(r"[^%]*[0-9]\s?(?:%|٪|процент.*|percent|пайыз.*)")),
    ("power", re.compile(r"[0-9]+(?:[.,][0-9]+)?(?:e[+-]?[0-9]+|\s?[x×·*]\s?10.*)")),
    ("range", re.compile(r"[^0-9]*[0-9][0-9 .,]*[^\W\d_]*\.?\s?(?:[-–—−…]|\.\.\.?|to|до)\s?[0-9].*")),
    ("footnote", re.compile(r"[^0-9]*[0-9][0-9 .,'’]*[^\W\d_]*\.?\s?(?:[*†‡¹²³⁴⁵⁶⁷⁸⁹⁰#]+|\[[0-9*]+\]|[0-9]\)|\([0-9*]+\))")),
    ("letter", re.compile(r"[0-9 .,]*[^\W\d_][0-9 .,]*[0-9][^\W\d_]?[0-9 .,]*|[0-9]+[^\W\d_]{1,2}[0-9]+")),
)  # fmt: skip
_TAIL: Final = re.compile(
    rf"(?:[^\w]|_)*(?:(?:{'|'.join(_BEFORE.values())})\s*)?[0-9][0-9 .,'’]*\s*(?P<word>[^\W\d_]+)\.?.*"
)


def _refusal(plain: str, text: str) -> NotACount:
    """Say why a text is no count, as closely as its shape tells."""
    code = _first(_REASONS, plain)
    if code:
        return NotACount(code, text)
    tail = _TAIL.fullmatch(plain)
    if tail is None or tail["word"] in UNIT or re.fullmatch(_PEOPLE, tail["word"]):
        return NotACount("shape", text)
    return NotACount("lone_unit" if tail["word"] in LONE_UNITS else "unit", tail["word"])


def _first(reasons: Iterable[tuple[str, re.Pattern[str]]], plain: str) -> str:
    return next((code for code, shape in reasons if shape.fullmatch(plain)), "")
