"""Days of the desk's lists: in the reader's language on the page, as ISO in the list's file."""

from datetime import date

from apps.common.tables import write_date
from apps.figures import formats
from apps.snapshots.models import Span


class ShownDay(str):
    """A day, month or year in words. `iso` is how files write it: 2017, 2017-06 or 2017-06-15."""

    __slots__ = ("iso",)

    iso: str


def shown_day(day: date | None, span: int | None) -> ShownDay:
    """Return the date in the language of the page; "" for none."""
    shown = ShownDay(formats.span(day, Span(span).word) if day and span else "")  # type: ignore[arg-type]  # one of three
    shown.iso = write_date(day, span)
    return shown
