"""Parses a claim written in one of three languages, and words the verdict on it."""

import math
import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext

from apps.figures import formats, labels
from apps.standings.claim_check import Claimed, ClaimKind, ClaimVerdict, Range, Result, VerdictReason
from apps.standings.types import Row, Value

NUMBER: Final = re.compile(
    r"(?P<digits>\d{1,3}(?:[ \u00a0\u202f,.]\d{3})+(?!\d)|\d+(?:[.,]\d+)?)"
    r"(?:[ \u00a0]?(?P<unit>k|m|bn|thousand|million|billion|тыс(?:яч[аиу]?)?|млн|миллион(?:а|ов)?|млрд|миллиард(?:а|ов)?|мың)"
    r"(?=\b|-?(?:нан|нен|дан|ден|тан|тен)\b)\.?)?",
    re.IGNORECASE,
)
UNITS: Final = (
    (r"k|thousand|тыс(?:яч[аиу]?)?|мың", 1_000),
    (r"m|million|млн|миллион\w*", 1_000_000),
    (r"bn|billion|млрд|миллиард\w*", 1_000_000_000),
)
TIMES: Final = re.compile(r"\btimes\b|\bраза?\b|\bесе\b|[×xх]\s?\d|\btwice\b|\bвдвое\b", re.IGNORECASE)
PERCENT: Final = re.compile(r"%|per ?cent|процент|пайыз", re.IGNORECASE)
PASSED: Final = re.compile(
    r"pass(?:ed|es)?\b|over(?:took|taken|takes?)|обогна|обош[её]?л|обгон|перегна|опередил|вперёд вы|озды|озып|алға шық",
    re.IGNORECASE,
)
FEWER: Final = re.compile(
    r"\bfewer\b|\bless\b|\bbehind\b|меньше|отста|позади|\bаз\b|артта|кем\b", re.IGNORECASE
)
MORE: Final = re.compile(
    r"\bmore\b|\bahead\b|\blarger\b|\bbigger\b|\bleads?\b|больше|впереди|лидир|опереж|көп|артық|алда|үлкен",
    re.IGNORECASE,
)
OVER: Final = re.compile(
    r"(?:(?<!no )(?<!not )more than|over|at least|above|>|(?:no|not) (?:less|fewer) than|(?<!не )более(?: чем)?|(?<!не )больше(?: чем)?|свыше|не менее|кемінде)\s*$",
    re.IGNORECASE,
)
UNDER: Final = re.compile(
    r"(?:less than|fewer than|under|at most|below|<|(?:no|not) more than|менее(?: чем)?|меньше(?: чем)?|не более(?: чем)?|не больше(?: чем)?|көп дегенде)\s*$",
    re.IGNORECASE,
)
# Kazakh says it behind the number: 12 000-нан астам.
OVER_BEHIND: Final = re.compile(r"^-?(?:нан|нен|дан|ден|тан|тен) (?:астам|көп)", re.IGNORECASE)
UNDER_BEHIND: Final = re.compile(r"^-?(?:нан|нен|дан|ден|тан|тен) аз", re.IGNORECASE)
ABOUT: Final = re.compile(
    r"(?:about|around|nearly|almost|some|около|примерно|почти|шамамен|жуық)\s*$", re.IGNORECASE
)
EXACTLY: Final = re.compile(r"(?:exactly|ровно|дәл|тура)\s*$", re.IGNORECASE)
# A claim that something is not so: its opposite may be open where it is.
DENIED: Final = re.compile(
    r"\bnot\b(?! (?:more|less|fewer))|n't\b|\bне\b(?! (?:более|больше|менее|меньше))|\bжоқ\b|\bемес\b|озба",
    re.IGNORECASE,
)
WORDS: Final = (
    (r"полтора|полторы|бір жарым|one and a half", "1.5"),
    (r"half a|жарты", "0.5"),
    (r"two|два|две|двух|екі", "2"),
    (r"three|три|тр[её]х|үш", "3"),
    (r"four|четыре|төрт", "4"),
    (r"five|пять|бес", "5"),
    (r"six|шесть|алты", "6"),
    (r"seven|семь|жеті", "7"),
    (r"eight|восемь|сегіз", "8"),
    (r"nine|девять|тоғыз", "9"),
    (r"ten|десять|он", "10"),
)
COUNTED: Final = r"(?=\s+(?:times|раза?\b|есе\b|thousand|million|billion|тыс|млн|миллион|млрд|миллиард|мың))"
FOLDS: Final = ((r"втрое", "в 3 раза"), (r"вчетверо", "в 4 раза"), (r"впятеро", "в 5 раз"))
LOOSE: Final = 0.1  # what "about" leaves open, of the number


@dataclass(frozen=True)
class Written:
    """A number as it stood in a text: its value, half of the unit of its last figure, and where it stood."""

    value: float
    half: float
    start: int
    end: int


def parse_claim(text: str) -> Claimed | None:
    """Return what a text claims; None where it claims nothing that two counts could decide."""
    if DENIED.search(text):
        return None
    text = in_digits(text)
    written = number(text)
    if written is None:
        return wordless(text)
    if PERCENT.search(text):
        share = range_of(text, written)
        sign = -1 if FEWER.search(text) else 1
        ends = sorted((1 + sign * share.low / 100, 1 + sign * share.high / 100))
        return Claimed(ClaimKind.TIMES, Range(*ends))
    claimed = range_of(text, written)
    if TIMES.search(text):
        if FEWER.search(text) and claimed.low > 0:
            claimed = Range(0 if math.isinf(claimed.high) else 1 / claimed.high, 1 / claimed.low)
        return Claimed(ClaimKind.TIMES, claimed)
    rest = without_bound(text, written)
    if FEWER.search(rest):
        return Claimed(ClaimKind.FEWER_BY, claimed)
    if MORE.search(rest):
        return Claimed(ClaimKind.MORE_BY, claimed)
    return Claimed(ClaimKind.COUNT, claimed)


def in_digits(text: str) -> str:
    """Return the text with the numbers in words before times and thousands in digits: a claim of three times is not
    one of being ahead."""
    for word, digits in WORDS:
        text = re.sub(rf"\b(?:{word})\b{COUNTED}", digits, text, flags=re.IGNORECASE)
    for word, digits in FOLDS:
        text = re.sub(rf"\b{word}\b", digits, text, flags=re.IGNORECASE)
    return text


def wordless(text: str) -> Claimed | None:
    """Return what a claim without a number says."""
    if PASSED.search(text):
        return Claimed(ClaimKind.PASSED)
    if re.search(r"\btwice\b|\bвдвое\b", text, re.IGNORECASE):
        return Claimed(ClaimKind.TIMES, Range(1.95, 2.05))
    if FEWER.search(text):
        return Claimed(ClaimKind.BEHIND)
    return Claimed(ClaimKind.AHEAD) if MORE.search(text) else None


def number(text: str) -> Written | None:
    """Return the first number of a text."""
    match = NUMBER.search(text)
    if match is None:
        return None
    digits = match["digits"]
    grouped = re.fullmatch(r"\d{1,3}(?:[ \u00a0\u202f,.]\d{3})+", digits)
    plain = re.sub(r"[ \u00a0\u202f,.]", "", digits) if grouped else digits.replace(",", ".")
    decimals = len(plain.partition(".")[2])
    factor = next(
        (
            size
            for shape, size in UNITS
            if match["unit"] and re.fullmatch(shape, match["unit"], re.IGNORECASE)
        ),
        1,
    )
    value = float(plain) * factor
    if decimals or factor > 1:
        unit = factor * 10.0**-decimals
    else:  # the zeros at the end may be rounding: 160 000 is a printed number, 138 is exact to one
        zeros = len(plain) - len(plain.rstrip("0")) if float(plain) else 0
        unit = 10.0 ** min(zeros, max(len(plain) - 2, 0))
    return Written(value, unit / 2, match.start(), match.end())


def range_of(text: str, written: Written) -> Range:
    """Return where the claimed number may lie: what its last figure leaves open, or its bound."""
    before, after = text[: written.start], text[written.end :]
    if OVER.search(before) or OVER_BEHIND.search(after):
        return Range(written.value, math.inf)
    if UNDER.search(before) or UNDER_BEHIND.search(after):
        return Range(0, written.value)
    if EXACTLY.search(before):
        return Range(written.value - 0.5, written.value + 0.5)
    leeway = max(written.half, written.value * LOOSE) if ABOUT.search(before) else written.half
    return Range(written.value - leeway, written.value + leeway)


def without_bound(text: str, written: Written) -> str:
    """Return the text without the words that are a bound of the number: "more than 12,000" claims no difference."""
    before = UNDER.sub("", OVER.sub("", text[: written.start]))
    after = UNDER_BEHIND.sub("", OVER_BEHIND.sub("", text[written.end :]))
    return f"{before} {after}"


def verdict(result: Result) -> str:
    """Return the verdict in a few words."""
    match result.verdict:
        case ClaimVerdict.HOLDS:
            return gettext("It holds")
        case ClaimVerdict.FAILS:
            return gettext("It does not hold")
    return gettext("It cannot be told")


def why(result: Result, claim: Claimed, platform: str) -> list[str]:
    """Return the sentences that say why: the reading of the claim, the counts, and what leaves it open."""
    texts = [say_reading(claim, result)]
    texts += [write_count(row, platform) for row in (result.one, result.other) if row is not None]
    one, other = (row.now if row else None for row in (result.one, result.other))
    if one and other and one.followers is not None and other.followers:
        texts.append(
            gettext("The difference is %(gap)s, the ratio %(times)s, as recorded.")
            % {
                "gap": formats.signed(one.followers - other.followers),
                "times": formats.times(one.followers / other.followers),
            }
        )
    match result.reason:
        case VerdictReason.ROUNDING:
            texts.append(gettext("Rounding, or a count that is only a bound, leaves it open."))
        case VerdictReason.NO_COUNT:
            texts.append(gettext("There is no count of both on this day."))
        case VerdictReason.OLD:
            texts.append(gettext("A count is more than 30 days older than this day."))
        case VerdictReason.NEVER_BEHIND:
            texts.append(gettext("It was ahead on this day, but no recorded count shows it behind before."))
        case VerdictReason.ZERO:
            texts.append(gettext("Nothing is a number of times zero."))
    return texts


def say_reading(claim: Claimed, result: Result) -> str:
    """Return how the claim was understood."""
    names = {"one": name(result.one), "other": name(result.other), "number": write_range(claim.number)}
    texts = {
        ClaimKind.AHEAD: gettext("Understood as: %(one)s has more than %(other)s."),
        ClaimKind.BEHIND: gettext("Understood as: %(one)s has fewer than %(other)s."),
        ClaimKind.PASSED: gettext("Understood as: %(one)s had fewer than %(other)s and has more now."),
        ClaimKind.MORE_BY: gettext("Understood as: %(one)s has more than %(other)s, by %(number)s."),
        ClaimKind.FEWER_BY: gettext("Understood as: %(one)s has fewer than %(other)s, by %(number)s."),
        ClaimKind.TIMES: gettext("Understood as: %(one)s has %(number)s times as many as %(other)s."),
        ClaimKind.COUNT: gettext("Understood as: %(one)s has %(number)s."),
    }
    return texts[claim.kind] % names


def write_range(claimed: Range | None) -> str:
    """Return a claimed number as it was understood, with what its writing leaves open."""
    if claimed is None:
        return ""
    if math.isinf(claimed.high):
        return formats.bounded(plain(claimed.low), ">")
    if claimed.low == 0:
        return formats.bounded(plain(claimed.high), "<")
    return f"{plain(claimed.low)}\u2009–\u2009{plain(claimed.high)}"


def plain(value: float) -> str:
    return formats.number(value, 0 if value >= 100 or value == int(value) else 2)


def name(row: Row | None) -> str:
    return labels.short(row.name(formats.language())) if row else ""


def write_count(row: Row, platform: str) -> str:
    """Return a count with its bound, its day and its age."""
    value: Value | None = row.now
    if value is None or value.followers is None:
        return gettext("%(name)s: %(state)s.") % {"name": name(row), "state": formats.value(value)}
    return gettext("%(name)s: %(followers)s (%(when)s).") % {
        "name": name(row),
        "followers": formats.followers(value.followers, platform, value.bound),
        "when": formats.when(value) + (f", {gettext('rounded')}" if formats.is_rounded(value) else ""),
    }
