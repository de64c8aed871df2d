"""Rules of a snapshot that several rooms obey: the time that it speaks for, and what state and number go together."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

SpanWord = Literal["day", "month", "year"]
# From the widest; the stored number of each is its place, from 1.
SPANS: tuple[SpanWord, ...] = ("year", "month", "day")


def last_day(day: date, span: SpanWord) -> date:
    """Return the last day of the span that `day` is the first of."""
    if span == "year":
        return date(day.year, 12, 31)
    if span == "month":
        return (day + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return day


def last_day_sql(day: str, span: str) -> str:
    """Return last_day() as an SQL expression over the names of a day and of a stored span."""
    return f"""CASE {span} WHEN 3 THEN {day}
        WHEN 2 THEN {month_end_sql(day)}
        ELSE ({day} + interval '1 year' - interval '1 day')::date END"""


def month_end_sql(day: str) -> str:
    """Return the last day of the month that `day` is the first of, as an SQL expression."""
    return f"({day} + interval '1 month' - interval '1 day')::date"


def value_problems(state: str, followers: int | None, bound: str = "=") -> Iterator[tuple[str, str]]:
    """Yield (field, code) for what does not go together: a number belongs to the state `counted` and to nothing else.

    Its twin in the database is the constraint snapshot_number_only_if_counted; words.VALUE_PROBLEMS has the sentences.
    """
    if state == "counted":
        if followers is None:
            yield "followers", "number_missing"
        elif followers < 0:
            yield "followers", "number_negative"
        return
    if followers is not None:
        yield "followers", "number_of_a_state"
    if bound != "=":
        yield "bound", "bound_of_a_state"
