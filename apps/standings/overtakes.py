"""Overtakes: who passed whom, and between which days."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations, islice, product
from math import inf, nan
from operator import gt, lt, or_
from typing import NamedTuple

from apps.snapshots.rules import last_day
from apps.standings import precision, trends
from apps.standings.types import FRESH_DAYS, Overtake, Point, Resolution, Scope, Series

EVERYWHERE = (-inf, inf)
LOOKS_BACK = 7  # days before the period, at first: among 25,000 accounts most had a strict order in these


def between(one: str, other: str, platform: str, last: date, first: date | None = None) -> list[Overtake]:
    """Return how two actors, by slug, passed each other on a platform, whoever won; see within()."""
    return within(Scope(platform=platform, actors=(one, other)), first, last)


def within(scope: Scope, first: date | None, last: date, of: Collection[str] = ()) -> list[Overtake]:
    """Return every overtake between two actors of the scope that shows for the first time on a day from `first` to
    `last`.

    A value of a month or a year shows on its first day. first None: from the beginning. Newest first, then by winner
    and loser; platforms apart. An overtake runs from the last day of a reading as of which the winner was strictly
    below to the first as of which it was strictly above, so `after` may lie before `first`; equal days between the two
    do not break it, and it never overlaps with its own reversal. Two counts are compared as of every day that one of
    them was read, if neither was older than FRESH_DAYS then. Nothing is claimed that rounding or a bound leaves open.
    Where an actor has several accounts on the platform it is their sum, on days all of them were read.
    of: slugs; then only the overtakes that one of these actors has a part in.
    Six statements, however many actors; a few more where somebody was passed, or two stood level for longer than LOOKS_BACK.
    """
    first = first or trends.first_day(scope) or last
    whole = trends.lines(scope, first, last, Resolution.DAY, lead=True)
    pairs = [
        pair
        for platform in sorted({series.platform for series in whole})
        for pair, may_cross in _pairs(
            [_line(series) for series in whole if series.platform == platform], of, first
        )
        if may_cross or pair.is_level_before(first)
    ]
    # Each pair is walked once: a page spends more on that than on anything else.
    passes = [(pair, list(pair.overtakes(first))) for pair in _with_history(pairs, scope, first, last)]
    return sorted(
        _with_spans(passes, scope, first, last),
        key=lambda one: (-one.by.toordinal(), one.winner, one.loser, one.platform),
    )


def _pairs(lines: Sequence["_Line"], of: Collection[str], first: date) -> Iterator[tuple["_Pair", bool]]:
    """Yield the pairs of a platform that may have passed each other, and whether each was above the other on some day.

    Of fifty actors most pairs never change places, and are not walked day by day.
    """
    days = sorted({point.day for line in lines for point in line.points})
    counts = {id(line): _as_of(days, line) for line in lines}
    for one, other in _near_some(lines, of, first) if of else _near(lines, first):
        mine, theirs = counts[id(one)], counts[id(other)]
        pair = _Pair(one, other) if one.series.actor_slug <= other.series.actor_slug else _Pair(other, one)
        yield pair, any(map(gt, mine, theirs)) and any(map(lt, mine, theirs))


def _near(lines: Sequence["_Line"], first: date) -> Iterator[tuple["_Line", "_Line"]]:
    """Yield every two lines of which one may have passed the other since `first`.

    All pairs of 25,000 accounts are 300 million. Left out are those who have no count that is still fresh then, and
    of those who stood in a clear order before, or had not begun, the ones whose counts never came near each other.
    """
    alive = [line for line in lines if not line.is_stale(first)]
    settled = sorted(
        ((*line.extent(), place) for place, line in enumerate(alive) if line.is_settled(first)),
    )
    unsettled = [place for place, line in enumerate(alive) if not line.is_settled(first)]
    for at, (_, high, place) in enumerate(settled):
        for low, _, beside in islice(settled, at + 1, None):
            if low > high:
                break
            yield alive[place], alive[beside]
    for one, other in combinations(unsettled, 2):
        yield alive[one], alive[other]
    for one, (_, _, other) in product(unsettled, settled):
        yield alive[one], alive[other]


def _near_some(
    lines: Sequence["_Line"], of: Collection[str], first: date
) -> Iterator[tuple["_Line", "_Line"]]:
    """Yield the same of a few actors and all others."""
    alive = [line for line in lines if not line.is_stale(first)]
    extents = [line.extent() if line.is_settled(first) else EVERYWHERE for line in alive]
    chosen = {place for place, line in enumerate(alive) if line.series.actor_slug in of}
    for place in chosen:
        low, high = extents[place]
        for beside, (least, most) in enumerate(extents):
            if least <= high and low <= most and beside != place and (beside > place or beside not in chosen):
                yield alive[place], alive[beside]


def _as_of(days: Sequence[date], line: "_Line") -> list[float]:
    """Return the newest count as of each day, however old; NaN, which is neither above nor below anything, where none
    is."""
    counts = {point.day: point.followers for point in line.points}
    made: list[float] = []
    newest: int | None = None
    for day in days:
        newest = counts.get(day, newest)
        made.append(nan if newest is None else newest)
    return made


def _with_history(pairs: Sequence["_Pair"], scope: Scope, first: date, last: date) -> list["_Pair"]:
    """Return the pairs, those that were level when the period began with the last time before that they were not.

    Their history is read backwards, each time twice as far: most were in a strict order not long ago, and of two who
    never were there is nothing left to find at the first snapshot. Where one was not read for years, those years are
    leapt over: nothing is compared with a value that old.
    """
    settled, level = _split_by_order(pairs, first)
    days = LOOKS_BACK
    begin = first
    earliest: date | None = None
    while level:
        actors = {line.actor_slug for pair in level for line in pair.series}
        asked = replace(
            scope, kinds=(), region="", group="", q="", rows="actors", actors=tuple(sorted(actors))
        )
        earliest = earliest or trends.first_day(asked) or first
        end = max(pair.last_comparable_day(begin) for pair in level)
        begin = max(earliest, end - timedelta(days=min(days, (end - earliest).days)))
        history = {
            (series.actor_slug, series.platform): series
            for series in trends.lines(asked, begin, last, Resolution.DAY, lead=True, until=end)
        }
        # A line is in many pairs: each is made longer once.
        lines = {id(line): line for pair in level for line in (pair.one, pair.other)}
        longer = {
            key: _before(line, history[line.series.actor_slug, line.series.platform])
            for key, line in lines.items()
        }
        level = [_Pair(longer[id(pair.one)], longer[id(pair.other)]) for pair in level]
        known, level = _split_by_order(level, first)
        settled += known
        if begin == earliest:  # they have been level from the first
            return settled + level
        days *= 2
    return settled


def _with_spans(
    passes: Sequence[tuple["_Pair", list[Overtake]]], scope: Scope, first: date, last: date
) -> list[Overtake]:
    """Return the overtakes; where somebody has counts of whole months or years, as all that was before shows them.

    Such a count may have shown the reversal just before, until a day on which the overtake cannot have begun yet: a period
    that does not hold it would tell another beginning. Counts whose time was over by then play no part.
    """
    passed = [pair for pair, overtakes in passes if overtakes]
    actors = {line.actor_slug for pair in passed for line in pair.series}
    earliest = min((one.after for _, overtakes in passes for one in overtakes), default=first)
    spanned = trends.actors_with_spans(actors, first, earliest)
    passed = [pair for pair in passed if spanned & {line.actor_slug for line in pair.series}]
    if not passed:
        return [one for _, overtakes in passes for one in overtakes]
    among = {id(pair) for pair in passed}
    actors = {line.actor_slug for pair in passed for line in pair.series}
    asked = replace(scope, kinds=(), region="", group="", q="", rows="actors", actors=tuple(sorted(actors)))
    whole = {
        (series.actor_slug, series.platform): _line(series)
        for series in trends.lines(asked, trends.first_day(asked) or first, last, Resolution.DAY)
    }
    found: list[Overtake] = []
    for pair, overtakes in passes:
        if id(pair) in among:
            found += _Pair(*(whole[line.actor_slug, line.platform] for line in pair.series)).overtakes(first)
        else:
            found += overtakes
    return found


def _split_by_order(pairs: Sequence["_Pair"], first: date) -> tuple[list["_Pair"], list["_Pair"]]:
    """Return the pairs of which it is known how they stood before the day, and those that were level then."""
    both: tuple[list[_Pair], list[_Pair]] = [], []
    for pair in pairs:
        both[pair.is_level_before(first)].append(pair)
    return both


@dataclass(frozen=True)
class _Line:
    series: Series
    points: tuple[Point, ...]  # one a day, the narrower span where there are two
    marks: tuple["_Mark", ...]  # the same in numbers: pairs are many, and each is walked day by day
    days: tuple[tuple[int, int], ...]  # of the marks

    @property
    def is_one_account(self) -> bool:
        """Say whether the points are all there is: of several accounts, and of a line that changed hands, more may have been
        before."""
        return self.series.account_id is not None and not self.series.handovers

    def is_stale(self, first: date) -> bool:
        """Tell whether no count of it is compared with another on a day from `first` on."""
        fresh = first.toordinal() - FRESH_DAYS
        return self.is_one_account and all(mark[1] < fresh for mark in self.marks if mark[2] is not None)

    def is_settled(self, first: date) -> bool:
        """Tell whether its order to another such line was clear before `first`, where the counts are apart, or whether it
        had not begun."""
        if not self.is_one_account or not self.points:
            return False
        lead = self.points[0]
        return lead.day >= first or (
            lead.span == "day"
            and lead.followers is not None
            and lead.bound == "="
            and (first - lead.day).days <= FRESH_DAYS
        )

    def extent(self) -> tuple[int, int]:
        """Return the least and the greatest count with what rounding leaves open."""
        counted = [point for point in self.points if point.followers is not None]
        wide = max(point.step for point in counted)
        counts = [point.followers or 0 for point in counted]
        return min(counts) - wide, max(counts) + wide


class Order(NamedTuple):
    """How two actors stood to each other as of a day."""

    day: date
    sign: int  # 1: the first of the pair was strictly above; -1: strictly below
    ends: date  # the last day of the two values' spans together
    spans: bool


@dataclass(frozen=True)
class _Pair:
    one: _Line
    other: _Line

    @property
    def series(self) -> tuple[Series, Series]:
        return self.one.series, self.other.series

    def is_level_before(self, first: date) -> bool:
        """Tell whether both were read before the day, but were in a strict order only later, or when is not known.

        Two who never were in one pass nobody.
        """
        known = [bool(line.points) and line.points[0].day < first for line in (self.one, self.other)]
        # Several accounts may have begun although their newest values before the day, of different days, are no sum.
        open_ = [line.series.account_id is None for line in (self.one, self.other)]
        if not all(map(or_, known, open_)):
            return False
        earliest = next(orders(self.one.points, self.other.points), None)
        return not all(known) if earliest is None else earliest.day >= first

    def last_comparable_day(self, begin: date) -> date:
        """Return the last day before `begin` on which the two may have been compared; of both there is the newest
        point before.

        A sum of several accounts may have had others before.
        """
        last = begin - timedelta(days=1)
        for line in (self.one, self.other):
            if line.series.account_id is not None and not line.series.handovers:
                newest = line.points[0]
                last = min(last, last_day(newest.day, newest.span) + timedelta(days=FRESH_DAYS))
        return last

    def overtakes(self, first: date) -> Iterator[Overtake]:
        one, other = self.one, self.other
        # Of two who were read on the same days, as most are, no value is ever older than the other.
        together = one.days == other.days
        pairs = zip(one.marks, other.marks, strict=True) if together else _beside(one.marks, other.marks)
        passed_by = date.min  # until when the one before this one had happened: two never overlap
        for before, order in _turns(pairs):
            after = min(max(before.day, passed_by), order.ends)
            passed_by = order.ends
            if order.day >= first:
                winner, loser = self.series if order.sign > 0 else reversed(self.series)
                yield Overtake(
                    winner=winner.actor_slug,
                    loser=loser.actor_slug,
                    platform=winner.platform,
                    after=after,
                    by=order.ends,
                    spans=before.spans or order.spans,
                )


def _line(series: Series) -> _Line:
    days = {point.day: point for point in series.points}
    marks = tuple([_mark(point) for point in days.values()])
    return _Line(
        series,
        tuple(days.values()),
        marks,
        tuple([mark[:2] for mark in marks]),
    )


def _before(line: _Line, history: Series) -> _Line:
    begins = line.points[0].day if line.points else date.max
    return _line(
        replace(
            line.series, points=tuple(point for point in history.points if point.day < begins) + line.points
        )
    )


def orders(one: Sequence[Point], other: Sequence[Point]) -> Iterator[Order]:
    """Yield the strict orders as of each day that one of the two was read, oldest first."""
    at, beside = -1, -1
    while at + 1 < len(one) or beside + 1 < len(other):
        next_one = one[at + 1].day if at + 1 < len(one) else date.max
        next_other = other[beside + 1].day if beside + 1 < len(other) else date.max
        day = min(next_one, next_other)
        at += next_one == day
        beside += next_other == day
        if at < 0 or beside < 0:
            continue
        sign = strict_sign(one[at], other[beside])
        if sign:
            ends = (last_day(one[at].day, one[at].span), last_day(other[beside].day, other[beside].span))
            if (day - min(ends)).days <= FRESH_DAYS:
                spans = one[at].span != "day" or other[beside].span != "day"
                yield Order(day, sign, max(ends), spans)


# A point's day and its span's last day as numbers, its count, whether nothing is left open in that, and itself.
_Mark = tuple[int, int, int | None, bool, Point]
NEVER = date.max.toordinal()


def _mark(point: Point) -> _Mark:
    is_plain = point.precision == "exact" and point.bound == "="
    ends = last_day(point.day, point.span).toordinal()
    return point.day.toordinal(), ends, point.followers, is_plain, point


def _turns(pairs: Iterable[tuple[_Mark, _Mark]]) -> Iterator[tuple[Order, Order]]:
    """Yield where orders() turns round: the last order before, and the first one after. Nothing is made of other days."""
    sign_before = 0
    before: tuple[_Mark, _Mark] | None = None
    for mine, theirs in pairs:
        count, measure = mine[2], theirs[2]
        if count is None or measure is None or count == measure:
            continue
        sign = (1 if count > measure else -1) if mine[3] and theirs[3] else strict_sign(mine[4], theirs[4])
        if not sign:
            continue
        if before and sign != sign_before:
            yield _order(*before, sign_before), _order(mine, theirs, sign)
        before, sign_before = (mine, theirs), sign


def _beside(one: Sequence[_Mark], other: Sequence[_Mark]) -> Iterator[tuple[_Mark, _Mark]]:
    """Yield the two as of each day that one of them was read, where neither is too old by then."""
    at, beside = -1, -1
    while at + 1 < len(one) or beside + 1 < len(other):
        next_one = one[at + 1][0] if at + 1 < len(one) else NEVER
        next_other = other[beside + 1][0] if beside + 1 < len(other) else NEVER
        day = min(next_one, next_other)
        at += next_one == day
        beside += next_other == day
        if at >= 0 and beside >= 0 and day - min(one[at][1], other[beside][1]) <= FRESH_DAYS:
            yield one[at], other[beside]


def _order(one: _Mark, other: _Mark, sign: int) -> Order:
    return Order(
        day=max(one[4].day, other[4].day),
        sign=sign,
        ends=date.fromordinal(max(one[1], other[1])),
        spans="day" not in (one[4].span, other[4].span) or one[4].span != other[4].span,
    )


def strict_sign(one: Point, other: Point) -> int:
    """Return 1 or -1 where the first is beyond doubt above or below the second, else 0."""
    if one.followers is None or other.followers is None or one.followers == other.followers:
        return 0
    ahead = one.followers - other.followers
    exact = one.precision == other.precision == "exact"
    if abs(ahead) < precision.tolerance(other.step, one.step, exact=exact):
        return 0
    bound = precision.of_change(other.bound, one.bound)
    if bound == "~" or bound == ("<" if ahead > 0 else ">"):
        return 0
    return 1 if ahead > 0 else -1
