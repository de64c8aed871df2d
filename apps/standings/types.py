"""What standings hands to pages, files, mails and the API. Plain values; every number is computed below this line.

Values, changes and points are made by the thousand, as tuples with names: a frozen dataclass takes four times as long.

Rules: docs/architecture.md, "Derived numbers". Days are calendar days in Asia/Almaty.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

Rows = Literal["actors", "accounts"]
SpanWord = Literal["day", "month", "year"]
SPANS: tuple[SpanWord, ...] = (
    "year",
    "month",
    "day",
)  # from the widest; the stored number of each is its place, from 1
FRESH_DAYS = 30  # an older value is "last known"


def last_day(day: date, span: SpanWord) -> date:
    """The last day of the span that `day` is the first of."""
    if span == "year":
        return date(day.year, 12, 31)
    if span == "month":
        return (day + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return day


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


class Value(NamedTuple):
    """A count, or a state, as of a day. A row of several accounts sums those that are counted."""

    state: str  # counted | hidden | absent | suspended | private
    followers: int | None  # only where counted
    bound: str  # = > < ~
    precision: str  # exact | 3sf | abbrev | printed; the coarsest of the parts
    step: int  # half-width of what the precision leaves open; the sum over the parts
    day: date  # first day of the span; of several parts the stalest (that whose span ended first)
    span: SpanWord
    source: str  # Source.key; of several parts joined by a space, in order
    age_days: int  # from the end of the span to the day asked for; 0 inside the span
    note: str = ""  # the wording of the source, where one part has it
    parts: int = 1  # accounts that are counted in it

    @property
    def is_fresh(self) -> bool:
        return self.age_days <= FRESH_DAYS

    @property
    def last_day(self) -> date:
        """The last day of the span."""
        return last_day(self.day, self.span)


class Change(NamedTuple):
    """From one value to another. None in a number: it does not exist (from 0, from nothing)."""

    absolute: int
    percent: float | None
    yearly_low: float | None  # compound yearly growth in percent; a range between spans, else low == high
    yearly_high: float | None
    within_rounding: bool  # smaller than what the two precisions leave open: no growth is claimed
    bound: str  # = unless a bound is involved: then > < or ~ (what the change is at least, at most, about)
    nothing_new: bool = False  # both values are the same snapshots: nothing was read in between


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


class Named:
    """What has an actor's names."""

    name_en: str
    name_ru: str
    name_kk: str

    def name(self, language: str) -> str:
        """In kk, ru or en; the English one where that is empty."""
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
    change: Change | None  # only where the same accounts are counted on both days
    gap: int | None  # to the reference's count
    times: float | None
    share_percent: float | None  # of the counted total
    reach: Reach | None
    is_reference: bool = False
    accounts: int = 1  # in scope, counted or not

    @property
    def rank_change(self) -> int | None:
        """Places gained (positive) or lost since then."""
        if self.rank is None or self.rank_then is None:
            return None
        return self.rank_then - self.rank


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


@dataclass(frozen=True)
class League:
    """Rows in order of rank; the uncounted after them, by name key in English."""

    on: date
    since: date | None
    rows: tuple[Row, ...]
    counted: int  # N of the ranks
    counted_then: int
    states: dict[str, int]  # how many rows are hidden, absent ..., "unknown" for no value
    last_known: int  # counted rows whose value is older than FRESH_DAYS
    total: int | None  # sum of the counted, None where none is
    reference: Row | None
    samples: tuple[ConstantSample, ...] = ()  # all kinds together first, then per kind
    sources: frozenset[str] = frozenset()  # the keys of those behind the rows' values of both days


class Point(NamedTuple):
    """One value of a trend. `followers` is None for a state without a number: the line breaks there."""

    day: date
    span: SpanWord
    followers: int | None
    state: str
    bound: str = "="
    precision: str = "exact"
    step: int = 1
    source: str = ""
    note: str = ""
    locator: str = ""
    observed_today: bool = False  # provisional: the day is not over


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


@dataclass(frozen=True)
class Overtake:
    """`winner` passed `loser` somewhere between the two days, both inclusive."""

    winner: str  # actor slug
    loser: str
    platform: str
    after: date  # last day the winner was strictly below (its span's first day)
    by: date  # first day it was strictly above (its span's last day)
    spans: bool  # the days are ends of whole months or years
