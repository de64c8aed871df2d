"""Counts as pages print them in English: "76 012", "1,205", "76K", "1.2M"."""

import re
from typing import Final

GROUPED: Final = re.compile(
    r"[0-9]{1,3}(?:([ ,.\u00a0\u202f\u2009'])[0-9]{3}(?:\1[0-9]{3}){0,5})?|[0-9]{4,18}"
)
SHORT: Final = re.compile(r"([0-9]{1,4})(?:[.,]([0-9]{1,2}))?\s?([KMB])", re.IGNORECASE)
UNIT: Final = {"k": 10**3, "m": 10**6, "b": 10**9}


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
