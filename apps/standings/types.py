"""Result types of the standings, for pages, files, mails and the API: plain values, already computed.

Values, changes and points are named tuples: they come by the thousand, and a frozen dataclass takes four times as long.

Rules: docs/architecture.md, "Derived numbers". Days are calendar days in Asia/Almaty.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal, NamedTuple

from apps.snapshots.rules import SPANS, SpanWord, last_day

Rows = Literal["actors", "accounts"]
FRESH_DAYS = 30  # an older value is "last known"


@dataclass(frozen=True)
class Scope:
    """What is compared. Empty means all. Hidden actors are never in it."""

    platform: str = ""
    kinds: tuple[str, ...] = ()
    region: str = ""
    group: str = ""  # slug
    actors: tuple[str, ...] = ()  # slugs
    q: str = ""  # searched in names of all three languages
    rows: Rows = "actors"
    fresh: bool = False  # leave out values older than FRESH_DAYS
    publish: bool = False  # for files: leave out what a platform's terms do not let us give out
    freeze: bool = False  # for editions: leave out what may not be given out, or not be kept for ever


class Reading(NamedTuple):
    """The first day and the span of one recorded count."""

    day: date
    span: SpanWord

    @property
    def ends(self) -> date:
        """Return the last day of the span."""
        return last_day(self.day, self.span)

    def order(self) -> tuple[date, int]:
        """Return what readings are sorted by: their first day, then the wider span."""
        return self.day, SPANS.index(self.span)


def newest(readings: Iterable[Reading]) -> Reading | None:
    """Return the reading whose span ends last, of equals the narrower; None of none."""
    return max(readings, key=lambda one: (one.ends, SPANS.index(one.span)), default=None)


class Value(NamedTuple):
    """A count, or a state, as of a day, with what it is made of. A row of several accounts sums those that are counted.

    A sum of fewer accounts than are there is a lower bound. Without a count there is no bound.
    """

    state: str  # counted | hidden | absent | suspended | private
    followers: int | None  # only where counted
    bound: str  # = > < ~; "" where nothing is counted
    precision: str  # exact | 3sf | abbrev | printed; the coarsest of the parts
    step: int  # half-width of what the precision leaves open; the sum over the parts
    day: date  # first day of the span; of several parts the stalest (that whose span ended first)
    span: SpanWord
    source: str  # Source.key; of several parts joined by a space, in order
    age_days: int  # from the end of the span to the day asked for; 0 inside the span
    note: str = ""  # the wording of the source, where one part has it
    parts: int = 1  # accounts that are counted in it
    of: int = 1  # accounts that are there that day: counted, hidden or private
    oldest: Reading | None = None  # of the readings in it; None where it is one reading
    newest: Reading | None = None

    @property
    def is_fresh(self) -> bool:
        return self.age_days <= FRESH_DAYS

    @property
    def first(self) -> Reading:
        """Return the oldest reading in it."""
        return self.oldest or Reading(self.day, self.span)

    @property
    def last(self) -> Reading:
        """Return the newest reading in it."""
        return self.newest or Reading(self.day, self.span)

    @property
    def first_day(self) -> date:
        """Return the first day that it speaks for."""
        return self.first.day

    @property
    def last_day(self) -> date:
        """Return the last day that it speaks for."""
        return self.last.ends

    @property
    def is_mixed(self) -> bool:
        """Say whether the readings in it lie more than FRESH_DAYS apart."""
        return self.newest is not None and (self.last.ends - self.first.ends).days > FRESH_DAYS

    @property
    def is_partial(self) -> bool:
        """Say whether accounts that are there are missing in the count."""
        return self.followers is not None and self.parts < self.of


class Change(NamedTuple):
    """From one value to another, over the same accounts. None in a number: it does not exist (from 0, from nothing)."""

    absolute: int
    percent: float | None
    yearly_low: float | None  # compound yearly growth in percent; a range between spans, else low == high
    yearly_high: float | None
    within_rounding: bool  # smaller than what the two precisions leave open: no growth is claimed
    bound: str  # = unless a bound is involved: then > < or ~ (what the change is at least, at most, about)
    nothing_new: bool = False  # both values are the same snapshots: nothing was read in between
    since: Reading | None = None  # the oldest reading that it starts from
    until: Reading | None = None  # the newest reading that it leads to
    parts: int = 1  # accounts that are counted on both days
    slack: int = 0  # what the roundings of both counts leave open; 0 between exact ones


class LeftOutAccount(NamedTuple):
    """An account that a change leaves out, as it is counted on one of the two days only."""

    platform: str
    handle: str


@dataclass(frozen=True)
class Reach:
    """Followers over the platform's audience in Kazakhstan."""

    percent: float
    audience: int
    segment: str
    day: date
    span: SpanWord
    source: str
    locator: str = ""
    bound: str = "="  # of the share: at least, at most, about; from the count's and the audience's


class Named:
    """What has an actor's names."""

    name_en: str
    name_ru: str
    name_kk: str

    def name(self, language: str) -> str:
        """Return the name in kk, ru or en; the English one where that is empty."""
        return {"ru": self.name_ru, "kk": self.name_kk}.get(language, self.name_en) or self.name_en


@dataclass(frozen=True)
class Row(Named):
    """One line of the league: an actor (its accounts in scope together) or one account."""

    actor_id: int
    actor_slug: str
    name_en: str
    name_ru: str
    name_kk: str
    kind: str
    platform: str  # "" where accounts of several platforms are summed
    account_id: int | None  # only where the row is one account
    handle: str
    now: Value | None  # None: nothing known on the day
    then: Value | None  # as of `since`; None too where no `since` was asked
    rank: int | None  # among the counted; ties share
    rank_then: int | None
    change: Change | None  # of the accounts that are counted on both days
    gap: int | None  # to the reference's count
    times: float | None
    share_percent: float | None  # of the counted total
    reach: Reach | None
    is_reference: bool = False
    accounts: int = 1  # in scope, counted or not
    nothing_new: bool = False  # both values are the same snapshots: nothing was read in between
    unread: int = 0  # of the accounts, those that nothing is recorded of
    rank_of: int | None = None  # how many the rank is among
    rank_then_of: int | None = None
    rank_is_open: bool = False  # a bound, a rounding step or a missing part leaves open who is above whom
    rank_then_is_open: bool = False
    rank_change: int | None = (
        None  # gained (positive) or lost among those counted on both days, over the same accounts
    )
    left_out: tuple[LeftOutAccount, ...] = ()  # accounts that are counted on one of the days only
    gap_bound: str = "="  # of the gap: at least, at most, about
    share_bound: str = "="

    @property
    def state(self) -> str:
        """Return the state of the value; "" where nothing is known."""
        return self.now.state if self.now else ""

    @property
    def is_new(self) -> bool:
        """Say whether the row is counted now and was not then."""
        return self.rank is not None and self.rank_then is None

    @property
    def has_dropped_out(self) -> bool:
        """Say whether the row was counted then and is not now."""
        return self.rank is None and self.rank_then is not None


@dataclass(frozen=True)
class ConstantSample:
    """Rows counted on both days; the reference actor is never in it (it is what the others are measured by)."""

    kind: str  # "" = all kinds together
    then: int
    now: int
    median_then: float
    median_now: float
    counted: int  # rows in the sample
    of: int  # rows that could have been
    change: Change | None
    bound_then: str = "="
    bound_now: str = "="


@dataclass(frozen=True)
class League:
    """Rows in order of rank; the uncounted after them, by name key in English."""

    on: date
    since: date | None
    rows: Sequence[Row]
    counted: int  # N of the ranks
    counted_then: int
    states: dict[str, int]  # how many rows are hidden, absent ..., "unknown" for no value
    last_known: int  # counted rows whose value is older than FRESH_DAYS
    total: int | None  # sum of the counted, None where none is
    reference: Row | None
    total_bound: str = "="
    is_period: bool = False  # `since` names a period, so a change needs a reading near its beginning
    new: int = 0  # counted now and not then
    dropped: int = 0  # counted then and not now
    compared: int = 0  # rows that places are counted among

    @property
    def samples(self) -> tuple[ConstantSample, ...]:
        """Return the constant sample of all kinds together, then of each kind."""
        raise NotImplementedError

    @property
    def clear_gain(self) -> Row | None:
        """Return the row that gained more than any other beyond doubt and in the same time; None where that is open."""
        raise NotImplementedError

    @property
    def absent(self) -> Sequence[Row]:
        """Return the rows whose page does not exist; of thousands of rows only the first few."""
        return [row for row in self.rows if row.state == "absent"]

    @property
    def has_reach(self) -> bool:
        """Say whether any row has a reach."""
        return any(row.reach for row in self.rows)

    @property
    def has_open_ranks(self) -> bool:
        """Say whether the record leaves any rank open."""
        return any(row.rank_is_open or row.rank_then_is_open for row in self.rows)

    def place_of(self, slug: str) -> int | None:
        """Return an actor's place among the rows, from 0; None where it has none."""
        return next((place for place, row in enumerate(self.rows) if row.actor_slug == slug), None)

    def rows_by(self, sort: str) -> Sequence[Row] | None:
        """Return the rows in the order of a column, "-" before it for falling; None where the caller has to sort them."""
        return self.rows if sort == "rank" else None

    @property
    def sources(self) -> frozenset[str]:
        """Return the keys of the sources behind the rows' values of both days."""
        raise NotImplementedError

    @property
    def newest(self) -> Reading | None:
        """Return the newest reading in the rows' counts; None where nothing is counted."""
        return newest(row.now.last for row in self.rows if row.now and row.now.followers is not None)


class Point(NamedTuple):
    """One value of a trend. `followers` is None for a state without a number: the line breaks there."""

    day: date
    span: SpanWord
    followers: int | None
    state: str
    bound: str = "="  # "" where nothing is counted
    precision: str = "exact"
    step: int = 1
    source: str = ""
    note: str = ""
    locator: str = ""
    observed_today: bool = False  # provisional: the day is not over
    parts: int = 1  # accounts that are counted in it
    of: int = (
        1  # accounts that are there: counted, hidden or private; of fewer parts the count is a lower bound
    )
    accounts: tuple[int, ...] = ()  # of a sum: those that are counted in it

    @property
    def is_partial(self) -> bool:
        """Say whether accounts that are there are missing in the count."""
        return self.followers is not None and self.parts < self.of


@dataclass(frozen=True)
class Handover(Named):
    """A line changes hands: what is on it before the day was counted on the pages of the actor before."""

    day: date  # the first on which the successor is counted
    actor_slug: str  # of the one before
    name_en: str
    name_ru: str
    name_kk: str
    account_id: int | None  # of its pages; None where they were several, as the handle
    handle: str


@dataclass(frozen=True)
class Series(Named):
    """One line: an account, or an actor's accounts on a platform together.

    An actor's line begins with what those it succeeds were counted at (succession.py); the account is its own.
    """

    actor_slug: str
    name_en: str
    name_ru: str
    name_kk: str
    kind: str
    platform: str
    account_id: int | None
    handle: str
    points: tuple[Point, ...]  # oldest first; days with nothing recorded are simply not there
    is_reference: bool = False
    handovers: tuple[Handover, ...] = ()  # oldest first; only those with points before them

    def are_comparable(self, then: Point, now: Point) -> bool:
        """Say whether two points are of the same accounts, or of those that hand the line on to one another."""
        return then.accounts == now.accounts or any(then.day < one.day <= now.day for one in self.handovers)


class Resolution(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Trend:
    first: date
    last: date
    resolution: Resolution
    series: tuple[Series, ...] = field(default=())

    @property
    def newest(self) -> Reading | None:
        """Return the newest reading on the lines; None without points."""
        return newest(Reading(point.day, point.span) for series in self.series for point in series.points)


@dataclass(frozen=True)
class Overtake:
    """`winner` passed `loser` somewhere between the two days, both inclusive."""

    winner: str  # actor slug
    loser: str
    platform: str
    after: date  # the last day on which one of the two was read and the winner strictly below (of a span its first day)
    by: date  # the first on which one was read and the winner strictly above (of a span its last day)
    spans: bool  # the days are ends of whole months or years
