"""Days as addresses write them, for the forms of pages, files and the API."""

import calendar
import re
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
SINCE: Final = {"7d": timedelta(days=7), "30d": timedelta(days=30), "1y": timedelta(days=365)}


def read_day(text: str, *, first: bool = False) -> date:
    """Read 2022-05-31, 2022-05 or 2022; a month or a year stands for its last day, or for its first.

    Raises ValueError.
    """
    if not (matched := DATE.fullmatch(text)):
        raise ValueError(text)
    year, month, day = (int(part or 0) for part in matched.groups())
    if day:
        return date(year, month, day)
    if first:
        return date(year, month or 1, 1)
    return date(year, month or 12, calendar.monthrange(year, month or 12)[1])


class DayField(forms.CharField):
    """A day, a month or a year, as read_day reads it; None where nothing is given."""

    def __init__(self, *, first: bool = False, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.first = first

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return read_day(text, first=self.first) if text else None
        except ValueError:
            message = _("“%(value)s” is not a date such as 2022-05-31, 2022-05 or 2022.")
            raise forms.ValidationError(message, params={"value": text}) from None


class SinceField(DayField):
    """A day as above, or so long before the day shown: 7d, 30d, 1y. Gives a day or a stretch of time."""

    def clean(self, value: Any) -> Any:
        return SINCE.get(str(value or "")) or super().clean(value)
