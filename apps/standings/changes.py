"""From one value to another: difference, percentage, compound yearly growth."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple

from apps.standings import precision
from apps.standings.types import Change, Reading, Row, Value

NEAR_DAYS = 3  # days before a period's beginning that a reading may always be of
DAYS_IN_YEAR = 365.25
LARGEST_POWER = 700  # exp() of more overflows


class Counted(NamedTuple):
    """A number with what it leaves open: in size (step, bound) and in time (first and last day it may be of)."""

    followers: int
    step: int
    exact: bool
    bound: str
    first: date
    last: date
    oldest: Reading | None = None
    newest: Reading | None = None


def number_of(value: Value) -> Counted | None:
    """Return the number of a value; None where it has none."""
    if value.followers is None:
        return None
    exact = value.precision == "exact"
    return Counted(
        value.followers,
        value.step,
        exact,
        value.bound,
        value.first_day,
        value.last_day,
        value.first,
        value.last,
    )


def is_near(ends: date, since: date, on: date) -> bool:
    """Say whether a reading whose span ends on a day is near enough to the beginning of the period from `since` to `on`.

    It is no older than max(3 days, a tenth of the period); a month or a year is near while the day lies in it too.
    """
    return (since - ends).days <= max(NEAR_DAYS, (on - since).days / 10)


def is_near_sql(ends: str, since: str, on: str) -> str:
    """Write is_near() as an SQL expression."""
    return f"({since} - {ends} <= greatest({NEAR_DAYS}, ({on} - {since}) / 10.0))"


def is_same_time(one: Change, other: Change) -> bool:
    """Say whether two changes are of about the same time: both ends no further apart than is_near() allows."""
    if not (one.since and one.until and other.since and other.until):
        return False
    leeway = max(NEAR_DAYS, (one.until.ends - one.since.ends).days / 10)
    apart = (one.since.ends - other.since.ends).days, (one.until.ends - other.until.ends).days
    return max(map(abs, apart)) <= leeway


def is_beyond(one: Change, other: Change) -> bool:
    """Say whether a change is larger than another whatever their rounding and bounds leave open."""
    return other.bound in "=<" and one.absolute - other.absolute > one.slack + other.slack


def clear_gain(rows: Sequence[Row]) -> Row | None:
    """Return the row that gained most, where that is beyond rounding and not open to the bottom; None else.

    One that is only "at least" or "about" so much may be the largest, two within rounding of each other are in no order,
    and what somebody gained in another time says nothing of this one.
    """
    changed = [(row, row.change) for row in rows if row.change is not None]
    risen = [pair for pair in changed if not pair[1].within_rounding and pair[1].absolute > 0]
    if len(risen) < 2:
        return None
    row, change = max(risen, key=lambda pair: pair[1].absolute)
    if change.bound not in "=>" or not all(
        is_beyond(change, other) and is_same_time(change, other) for own, other in changed if own is not row
    ):
        return None
    return row


def between(
    then: Counted | None, now: Counted | None, *, nothing_new: bool = False, parts: int = 1
) -> Change | None:
    """Return the change from one number to another; None where either is missing."""
    if then is None or now is None:
        return None
    was, step_then, exact_then, bound_then, _, _, since, _ = then
    followers, step_now, exact_now, bound_now, _, _, _, until = now
    low, high = yearly_range(then, now)
    # What is nearly always so is asked first: the rows of a league have thousands of changes.
    exact = exact_then and exact_now
    within = not exact and abs(followers - was) < precision.tolerance(step_then, step_now, exact=exact)
    bound = "=" if bound_then == bound_now == "=" else precision.of_change(bound_then, bound_now)
    percentage = percent(was, followers)
    return Change(
        followers - was,
        percentage,
        low,
        high,
        within,
        bound,
        nothing_new,
        since,
        until,
        parts,
        0 if exact else step_then + step_now,
    )


def percent(then: int, now: int) -> float | None:
    """Return 100 (now - then) / then; None where `then` is 0."""
    return 100 * (now - then) / then if then else None


def yearly(then: int, now: int, days: int) -> float | None:
    """Return the compound yearly growth in percent; None from 0, where no time has passed, or beyond what a float
    holds."""
    if not then or days < 1:
        return None
    if not now:
        return -100.0
    power = math.log(now / then) * DAYS_IN_YEAR / days
    return 100 * (math.exp(max(power, -LARGEST_POWER)) - 1) if power <= LARGEST_POWER else None


def yearly_range(then: Counted, now: Counted) -> tuple[float, float] | tuple[None, None]:
    """Return the least and the greatest compound yearly growth, from the longest and the shortest time between the
    two.

    Two days have one time between them. Spans that touch or overlap leave no shortest time: none.
    """
    was, _, _, _, began, ended, _, _ = then
    followers, _, _, _, begins, ends, _, _ = now
    slow = yearly(was, followers, (ends - began).days)
    if begins == ends and began == ended:
        return (None, None) if slow is None else (slow, slow)
    fast = yearly(was, followers, (begins - ended).days)
    if slow is None or fast is None:
        return None, None
    return min(slow, fast), max(slow, fast)


def yearly_sql(then: str, now: str, longest: str, shortest: str, pick: Literal["least", "greatest"]) -> str:
    """Write one end of yearly_range() as an SQL expression over the names of counts and of days between them."""
    power = f"ln({now} / {then}::float8) * {DAYS_IN_YEAR} /"
    ends = [f"exp(greatest({power} {days}, -{LARGEST_POWER})) - 1" for days in (longest, shortest)]
    return f"""CASE WHEN coalesce({then} = 0 OR {shortest} < 1, true) THEN NULL
        WHEN {now} = 0 THEN -100
        WHEN {power} {shortest} <= {LARGEST_POWER} THEN 100 * {pick}({", ".join(ends)}) END"""
