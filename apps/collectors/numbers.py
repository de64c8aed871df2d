"""Counts as pages print them in English, Russian and Kazakh: "76 012", "1,205", "76K", "1,2 млн", "76 мың"."""

import re
from typing import Final

GROUPED: Final = re.compile(
    r"[0-9]{1,3}(?:([ ,.\u00a0\u202f\u2009'])[0-9]{3}(?:\1[0-9]{3}){0,5})?|[0-9]{4,18}"
)
UNIT: Final = {
    **dict.fromkeys(("k", "к", "тыс", "мың", "thousand"), 10**3),
    **dict.fromkeys(("m", "м", "млн", "million"), 10**6),
    **dict.fromkeys(("b", "млрд", "billion"), 10**9),
}
UNITS: Final = "|".join(sorted(UNIT, key=len, reverse=True))
SHORT: Final = re.compile(rf"([0-9]{{1,4}})(?:[.,]([0-9]{{1,2}}))?\s?({UNITS})\.?", re.IGNORECASE)


def printed(text: str) -> tuple[int, str] | None:
    """The number and its precision (exact or abbrev); None for what cannot be read without guessing."""
    text = text.strip()
    if GROUPED.fullmatch(text):
        return int(re.sub(r"[^0-9]", "", text)), "exact"
    short = SHORT.fullmatch(text)
    if short is None:
        return None
    whole, fraction, unit = short[1], short[2] or "", UNIT[short[3].lower()]
    return int(whole + fraction) * unit // 10 ** len(fraction), "abbrev"
