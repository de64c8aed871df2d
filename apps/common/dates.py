"""How a day and an instant are written in the three languages: by CLDR, short, in one line."""

from datetime import date, datetime
from functools import lru_cache
from typing import Final

from babel.dates import format_date
from django.utils import timezone
from django.utils.translation import get_language

NO_BREAK: Final = "\u00a0"
_DAY: Final = {"en": "d MMM y", "ru": "d MMM y 'г'.", "kk": "y 'ж'. d MMM"}


def language() -> str:
    """Return the active language's code, without region; English where it is none of the three."""
    code = (get_language() or "en").split("-")[0]
    return code if code in _DAY else "en"


def write_day(value: date) -> str:
    """Return a day in the active language: 22 Nov 2026, 22 нояб. 2026 г., 2026 ж. 22 қар."""
    return _day(value, language())


@lru_cache(maxsize=4096)  # Babel takes 19 µs, and a page has hundreds of days
def _day(value: date, code: str) -> str:
    text: str = format_date(value, _DAY[code], locale=code)
    return text.replace(" ", NO_BREAK)


def write_moment(instant: datetime) -> str:
    """Return an instant as Almaty's clocks show it: 22 Nov 2026, 23:10."""
    local = timezone.localtime(instant)
    return f"{write_day(local.date())}, {local:%H:%M}"
