"""A league of thousands of lines: the database reckons totals and ranks, and the rows that are shown are read alone."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple, overload

from django.utils.functional import cached_property

from apps.common import reading
from apps.standings import precision
from apps.standings.audiences import audiences
from apps.standings.league_lines import LeagueLine, reading_of
from apps.standings.league_rows import Asked, LineRow, measures_of
from apps.standings.league_statement import statement
from apps.standings.league_totals import SORTS, RankedLine, Totals, Window, ranked_line, totals_statement
from apps.standings.types import ConstantSample, League, Reach, Reading, Row, Scope, newest


class Question(NamedTuple):
    """What league() was asked."""

    scope: Scope
    on: date
    since: date | None
    reference: str
    is_period: bool

    def totals(self, window: Window) -> Totals:
        """Return what all lines come to, and the ranks of those in the window. One statement."""
        scope, on, since, reference, is_period = self
        sql, parameters = totals_statement(scope, on, since, reference, window, is_period=is_period)
        with reading.cursor() as cursor:
            cursor.execute(sql, parameters)
            return Totals._make(cursor.fetchone())

    def lines(self, only: Collection[int]) -> list[LeagueLine]:
        """Return the lines of these actors and of the reference; their ranks mean nothing. One statement."""
        scope, on, since, reference, is_period = self
        sql, parameters = statement(scope, on, since, reference, is_period=is_period, only=sorted(only))
        with reading.cursor() as cursor:
            cursor.execute(sql, parameters)
            return [LeagueLine._make(columns) for columns in cursor.fetchall()]


UNRANKED = RankedLine(0, None, None, False, False, None)


def with_ranks(line: LeagueLine, ranked: RankedLine) -> LeagueLine:
    _, rank, rank_then, is_open, was_open, rank_change = ranked
    return line._replace(
        rank=rank,
        rank_then=rank_then,
        rank_is_open=is_open,
        rank_then_is_open=was_open,
        rank_change=rank_change,
    )


class LongRows(Sequence[Row]):
    """Rows in an order, of which some are held; others are read when they are looked at, and all of them as one."""

    def __init__(self, count: int, held: dict[int, LineRow], league: "LongLeague", sort: str) -> None:
        self._count, self._held, self._league, self._sort = count, held, league, sort

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Row]:
        # The order of another column than the rank is only asked for by the page.
        return iter(self._league.whole.rows) if self._sort == "rank" else iter(self[:])

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...

    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        asked = range(self._count)[place]
        places = [asked] if isinstance(asked, int) else list(asked)
        if not self._held.keys() >= set(places):
            self._held.update(self._league.read(Window(self._sort, min(places), max(places) + 1)))
        rows = [self._held[one] for one in places]
        return rows[0] if isinstance(place, int) else rows


@dataclass(frozen=True, kw_only=True)
class LongLeague(League):
    """A league whose rows are read when they are looked at."""

    question: Question
    totals: Totals
    shared: Asked
    window: Window
    lines: dict[int, LeagueLine]  # that were read first, by actor
    read_whole: Callable[[], League]

    @cached_property
    def whole(self) -> League:
        """Return the same league with all its rows read."""
        return self.read_whole()

    def read(self, window: Window) -> dict[int, LineRow]:
        """Read rows by their places in an order. Two statements."""
        ranked = dict(map(ranked_line, self.question.totals(window).lines))
        lines = {
            line.actor_id: line for line in self.question.lines([one.actor_id for one in ranked.values()])
        }
        shared = self.shared._replace(audiences=_audiences(lines.values()))
        return {place: LineRow(with_ranks(lines[one.actor_id], one), shared) for place, one in ranked.items()}

    @cached_property
    def newest(self) -> Reading | None:
        return newest(reading_of(code) for code in self.totals.newest)

    @property
    def sources(self) -> frozenset[str]:
        return frozenset(self.totals.sources)

    @cached_property
    def samples(self) -> tuple[ConstantSample, ...]:
        return self.whole.samples

    @property
    def clear_gain(self) -> Row | None:
        actor = self.totals.most_gained
        return self._row(actor) if actor else None

    @property
    def absent(self) -> Sequence[Row]:
        return [self._row(actor) for actor in self.totals.gone]

    def _row(self, actor: int) -> Row:
        return LineRow(with_ranks(self.lines[actor], UNRANKED), self.shared)

    @property
    def has_reach(self) -> bool:
        return self.totals.has_reach

    @property
    def has_open_ranks(self) -> bool:
        return self.totals.has_open_ranks

    def place_of(self, slug: str) -> int | None:
        return self.totals.place if slug == self.window.around else super().place_of(slug)

    def rows_by(self, sort: str) -> Sequence[Row] | None:
        if sort == "rank":
            return self.rows
        if sort.lstrip("-") not in SORTS:
            return None
        held = _held(self.totals.lines, self.lines, self.shared) if sort == self.window.sort else {}
        return LongRows(self.totals.rows, held, self, sort)


def long_league(question: Question, window: Window, read_whole: Callable[[], League]) -> LongLeague:
    """Return the league with the rows of the window, the first two and those that sentences are about. Three
    statements."""
    totals = question.totals(window)
    ranked = [ranked_line(cells)[1] for cells in (*totals.lines, *totals.top)]
    wanted = {one.actor_id for one in ranked} | {*totals.gone}
    if totals.most_gained:
        wanted.add(totals.most_gained)
    if totals.reference:
        wanted.add(ranked_line(totals.reference)[1].actor_id)
    lines = {line.actor_id: line for line in question.lines(wanted)}
    counts = {bound: count for bound, count in zip(precision.BOUNDS, totals.bounds, strict=True) if count}
    shared = Asked(
        question.on,
        question.since,
        totals.total or 0,
        Counter(counts),
        totals.counted,
        totals.ranked_then,
        measures_of(lines.values(), question.scope),
        _audiences(lines.values()),
    )
    reference: LineRow | None = None
    if totals.reference:
        own = ranked_line(totals.reference)[1]
        reference = LineRow(with_ranks(lines[own.actor_id], own), shared)
    league = LongLeague(
        on=question.on,
        since=question.since,
        rows=(),
        counted=totals.counted,
        counted_then=totals.ranked_then,
        states=totals.states,
        last_known=totals.last_known,
        total=totals.total if totals.counted else None,
        total_bound=precision.of_sum(*counts),
        reference=reference,
        is_period=question.is_period,
        new=totals.new if question.since else 0,
        dropped=totals.dropped if question.since else 0,
        compared=totals.compared,
        question=question,
        totals=totals,
        shared=shared,
        window=window,
        lines=lines,
        read_whole=read_whole,
    )
    held = _held([*totals.top, *(totals.lines if window.sort not in sorted_columns() else [])], lines, shared)
    return replace(league, rows=LongRows(totals.rows, held, league, "rank"))


def sorted_columns() -> set[str]:
    """Return every order but that of the ranks."""
    return {sign + name for name in SORTS for sign in ("", "-")}


def _held(
    cells: Sequence[Sequence[object]], lines: dict[int, LeagueLine], shared: Asked
) -> dict[int, LineRow]:
    ranked = [ranked_line(line) for line in cells]
    return {place: LineRow(with_ranks(lines[one.actor_id], one), shared) for place, one in ranked}


def _audiences(lines: Collection[LeagueLine]) -> dict[int, Reach]:
    return audiences({line.audience_id for line in lines if line.audience_id})
