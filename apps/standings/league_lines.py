"""The rows of the league's statement, and how values are read from them. Columns that begin with n_ are of the day asked for, with
t_ of the earlier day."""

from datetime import date
from typing import Any, NamedTuple

from apps.snapshots.rules import SPANS, last_day
from apps.standings import precision
from apps.standings.changes import Counted
from apps.standings.types import LeftOutAccount, Reading, Value

DAY = len(SPANS)  # the narrowest span's stored number
EPOCH = date(1900, 1, 1).toordinal()
THERE = (
    "counted",
    "hidden",
    "private",
)  # the states of accounts that are there, whether or not they show a count

# Of a row's columns those of one day, or of its accounts counted on both. Thousands of rows are read, so they are not wrapped again.
Side = Any  # a tuple; what a slice of a named one holds, types cannot say
SIDE = ("state", "followers", "bound", "precision", "day", "span", "source", "note")
SUMS = ("step", "parts", "of", "end", "oldest", "newest")  # None where the row is one account
SAME = ("same", "same_step", "same_bits", "same_coarse", "same_last", "same_oldest", "same_newest")
_WIDTH, _SAME = len(SIDE) + len(SUMS), len(SAME)
SAME_THEN, SAME_NOW = slice(-_SAME, None), slice(-2 * _SAME, -_SAME)
THEN = slice(-2 * _SAME - _WIDTH, -2 * _SAME)
NOW = slice(-2 * _SAME - 2 * _WIDTH, -2 * _SAME - _WIDTH)


class LeagueLine(NamedTuple):
    """One row of the statement, in the order of its columns; those of the two days come last, each with the same names."""

    actor_id: int
    actor_slug: str
    name_en: str
    name_ru: str
    name_kk: str
    kind: str
    platform: str
    account_id: int | None  # only where the row is one account, as the handle
    handle: str
    accounts: int
    unread: int  # accounts that nothing is recorded of
    shown: bool  # False: here only as the reference, or stale where only fresh values are asked for
    is_reference: bool
    rank: int | None
    rank_then: int | None
    rank_is_open: bool
    rank_then_is_open: bool
    rank_change: int | None
    is_compared: (
        bool  # the same accounts are counted on both days, and a period's first reading is near its beginning
    )
    pairs: int | None  # accounts that are counted on both days
    nothing_new: bool
    left_out: list[str] | None  # "platform handle" of accounts that are counted on one of the days only
    gap: int | None
    times: float | None
    audience_id: int | None  # of the indicator's value that its reach is measured by
    n_state: str | None  # None: nothing is known, and the rest is None too
    n_followers: int | None
    n_bound: str
    n_precision: str
    n_day: date
    n_span: int
    n_source: str
    n_note: str
    # Of an actor's accounts together; None where the row is one account, whose own follow from the above.
    n_step: int | None
    n_parts: int | None
    n_of: int | None
    n_end: date | None
    n_oldest: int | None  # see reading_of()
    n_newest: int | None
    t_state: str | None
    t_followers: int | None
    t_bound: str
    t_precision: str
    t_day: date
    t_span: int
    t_source: str
    t_note: str
    t_step: int | None
    t_parts: int | None
    t_of: int | None
    t_end: date | None
    t_oldest: int | None
    t_newest: int | None
    # Of an actor's accounts that are counted on both days.
    n_same: int | None
    n_same_step: int | None
    n_same_bits: int | None
    n_same_coarse: int | None
    n_same_last: date | None
    n_same_oldest: int | None
    n_same_newest: int | None
    t_same: int | None
    t_same_step: int | None
    t_same_bits: int | None
    t_same_coarse: int | None
    t_same_last: date | None
    t_same_oldest: int | None
    t_same_newest: int | None

    def age(self, on: date) -> int:
        """Return the days from the end of the value's span to the day asked for; 0 inside the span."""
        end = self.n_end or (
            self.n_day if self.n_span == DAY else last_day(self.n_day, SPANS[self.n_span - 1])
        )
        return max(0, (on - end).days)

    @property
    def newest_code(self) -> int:
        """Return the newest reading in the count; see reading_of()."""
        if self.n_newest is not None and self.n_parts is not None and self.n_parts > 1:
            return self.n_newest
        return (self.n_day.toordinal() - EPOCH) * 4 + self.n_span

    @property
    def is_of_one_account(self) -> bool:
        """Say whether the columns of sums are left out."""
        return self.n_end is None and self.t_end is None

    def sides(self) -> tuple[Counted | None, Counted | None]:
        """Return the earlier and the later number over the same accounts; None, None where they are not compared."""
        if not self.is_compared:
            return None, None
        if self.is_of_one_account:
            return side_count(self[THEN]), side_count(self[NOW])
        return common_sum(self[SAME_THEN]), common_sum(self[SAME_NOW])

    def parts_left_out(self) -> tuple[LeftOutAccount, ...]:
        """Return the accounts that are counted on one of the days only, where the row is counted on both."""
        if self.n_followers is None or self.t_followers is None:
            return ()
        pairs = (text.partition(" ") for text in self.left_out or ())
        return tuple(sorted(LeftOutAccount(platform, handle) for platform, _, handle in pairs))


def value(side: Side, on: date | None) -> Value | None:
    """Return a row's value as of the day that was asked for; None where nothing is known."""
    state, followers, bound, word, day, span, source, note, step, parts, of, end, oldest, newest = side
    if span == DAY and step is None and followers is not None and on:  # nearly every row of accounts
        step = 1 if word == "exact" else precision.step(followers, word)
        return Value(state, followers, bound, word, step, day, "day", source, (on - day).days, note)
    if state is None or on is None:
        return None
    if step is None:
        end = last_day(day, SPANS[span - 1])
        parts, step = (0, 0) if followers is None else (1, precision.step(followers, word))
        of = int(state in THERE)
    bound = "" if followers is None else bound
    age = max(0, (on - end).days)
    first, last = (reading_of(oldest), reading_of(newest)) if parts > 1 else (None, None)
    return Value(
        state, followers, bound, word, step, day, SPANS[span - 1], source, age, note, parts, of, first, last
    )  # fmt: skip


def reading_of(code: int) -> Reading:
    """Return the day and the span that one number holds, so that both are compared at once."""
    days, span = divmod(code, 4)
    return Reading(date.fromordinal(EPOCH + days), SPANS[span - 1])


def side_count(side: Side) -> Counted | None:
    """Return the number of one account's side with what it leaves open; None where it has none."""
    _, followers, bound, word, day, span, *_ = side
    if followers is None:
        return None
    step = 1 if word == "exact" else precision.step(followers, word)
    reading = Reading(day, SPANS[span - 1])
    return Counted(followers, step, word == "exact", bound, day, reading.ends, reading, reading)


def common_sum(same: Side) -> Counted | None:
    """Return the sum of the accounts that are counted on both days; None where there are none."""
    followers, step, bits, coarse, last, oldest, newest = same
    if followers is None:
        return None
    first = reading_of(oldest)
    return Counted(
        followers, step, coarse == 0, precision.BOUNDS[bits], first.day, last, first, reading_of(newest)
    )
