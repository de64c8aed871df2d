"""Dates under an axis of time: round in the calendar, each another, two or more wherever there are two days."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from apps.figures import formats
from apps.figures.charts import Layout

DAYS_NAMED: Final = 16  # up to so many days they stand evenly on days
WEEKS: Final = (7, 14)  # days apart
MONTHS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600)  # months apart
LEAST: Final = 2


def time_ticks(first: date, last: date, most: int) -> Layout:
    """Return where dates stand between two days, at most so many, and how they are written."""
    if last < first:  # a period that ends before anything was counted
        first, last = last, first
    length = (last - first).days
    if length < DAYS_NAMED:
        return _written(_even(first, last, -(-(length + 1) // most)))
    for days in WEEKS:
        if length / days < most:
            return _written(_even(first, last, days))
    for months in MONTHS:
        shown = list(_calendar(first, last, months))
        if LEAST <= len(shown) <= most:
            return _written(shown, months)
    # No round dates are that few: the ends of what fits between two of them.
    return _written(_even(first, last, max(length // most, 1)))


def _even(first: date, last: date, step: int) -> list[date]:
    days = [first + timedelta(days=age) for age in range((last - first).days + 1)]
    return days[(len(days) - 1) % step // 2 :: step]


def _calendar(first: date, last: date, step: int) -> Iterator[date]:
    """Yield the first days of months that are so many months apart, counted from the year 0."""
    start = first.year * 12 + first.month - 1 + (first.day > 1)
    for month in range(-(-start // step) * step, last.year * 12 + last.month, step):
        yield date(month // 12, month % 12 + 1, 1)


def _written(shown: list[date], months: int = 0) -> Layout:
    write = formats.short_month if months else formats.short_day
    if months and months % 12 == 0:
        texts = [str(day.year) for day in shown]
    else:
        texts = [
            write(day, with_year=place == 0 or day.year != shown[place - 1].year)
            for place, day in enumerate(shown)
        ]
        if len(set(texts)) < len(texts):  # July of one year and July of the next
            texts = [write(day, with_year=True) for day in shown]
    return {"tickmode": "array", "tickvals": [day.isoformat() for day in shown], "ticktext": texts}
