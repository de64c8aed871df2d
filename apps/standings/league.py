"""The league: ranks of everyone in a scope on one day, compared with an earlier day.

The SQL statement of league_statement.py computes values, sums, ranks and gaps. league() returns them as rows,
league_sql() as the columns of standings.csv. What follows from a row alone (change, share, reach) is computed lazily
by the row in Python and by the file's statement in SQL; tests compare the two.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from django.utils.functional import cached_property  # functools' takes a lock each time in Python 3.11

from apps.common import reading
from apps.registry.models import ActorKind
from apps.standings import changes, precision
from apps.standings.audiences import audiences
from apps.standings.changes import Counted
from apps.standings.league_lines import LeagueLine, reading_of
from apps.standings.league_rows import Asked, LineRow, measures_of
from apps.standings.league_statement import csv_statement, statement
from apps.standings.league_totals import Window
from apps.standings.long_league import Question, long_league
from apps.standings.scopes import count_accounts, group_reference, is_wide
from apps.standings.types import (
    FRESH_DAYS,
    ConstantSample,
    League,
    Reading,
    Row,
    Scope,
    newest,
)

# From so many accounts on the database reckons, and the rows that are shown are read alone: measured with the accounts of
# one platform and of all, a page of 4,000 accounts took as long either way, one of 25,000 half.
LONG = 4000
FIRST = Window()


def league(
    scope: Scope,
    on: date,
    since: date | None = None,
    reference: str = "",
    *,
    is_period: bool = False,
    window: Window = FIRST,
) -> League:
    """Return the standings on a day, compared with the day `since`.

    reference: an actor's slug; "" takes the group's own where the scope is a group. Ranks, totals and shares are of
    the rows alone; gaps are reckoned from the reference even where the scope's filters leave it out of the rows.
    Among accounts the reference is its largest account on the same platform. A group stands for its members, not
    for its platform: say that in the scope. is_period: `since` names a period ("1 year"), so a change needs a reading
    near its beginning; else it is a day, and every change tells the days of its own readings. Three statements at most,
    however many rows. window: which rows are looked at, where they are thousands; others are read when they are.
    """
    question = Question(scope, on, since, reference or group_reference(scope), is_period)
    if scope.rows == "actors" and is_wide(scope) and count_accounts() > LONG:
        return long_league(question, window, lambda: _whole(question))
    return _whole(question)


def _whole(question: Question) -> League:
    """Return the league with all its lines read."""
    scope, on, since, reference, is_period = question
    sql, parameters = statement(scope, on, since, reference, is_period=is_period)
    with reading.cursor() as cursor:
        cursor.execute(sql, parameters)
        lines = [LeagueLine._make(columns) for columns in cursor.fetchall()]
    shown = [line for line in lines if line.shown]
    counts = [line.n_followers for line in shown if line.n_followers is not None]
    states = Counter(line.n_state or "unknown" for line in shown)
    del states["counted"]
    asked = Asked(
        on,
        since,
        sum(counts),
        Counter(line.n_bound for line in shown if line.n_followers is not None),
        len(counts),
        sum(line.rank_then is not None for line in lines),
        measures_of(lines, scope),
        audiences({line.audience_id for line in lines if line.audience_id}),
    )
    first = next((line for line in lines if line.is_reference), None)
    ranks = [(line.rank, line.rank_then) for line in lines]
    stale_before = on - timedelta(days=FRESH_DAYS)
    return _LineLeague(
        on=on,
        since=since,
        rows=tuple([LineRow(line, asked) for line in shown]),
        counted=len(counts),
        counted_then=asked.counted_then,
        states=dict(states),
        last_known=sum(
            # Nearly all are fresh by their first day already.
            line.n_followers is not None and line.n_day < stale_before and line.age(on) > FRESH_DAYS
            for line in shown
        ),
        total=asked.total if counts else None,
        total_bound=precision.of_sum(*asked.bounds),
        reference=LineRow(first, asked) if first else None,
        is_period=is_period,
        new=sum(now is not None and then is None for now, then in ranks) if since else 0,
        dropped=sum(now is None and then is not None for now, then in ranks) if since else 0,
        compared=sum(line.rank_change is not None for line in lines),
    )


def league_sql(
    scope: Scope,
    on: date,
    since: date | None = None,
    reference: str = "",
    language: str = "en",
    *,
    is_period: bool = False,
) -> tuple[str, list[Any]]:
    """Return the same league as a statement with its parameters; its columns are those of standings.csv, in order.

    Percentages and ratios are rounded to four decimals, so that the file is the same on every machine.
    """
    return csv_statement(scope, on, since, reference or group_reference(scope), language, is_period=is_period)


@dataclass(frozen=True)
class _LineLeague(League):
    """A league that makes its samples, and names its sources, when they are looked at."""

    rows: tuple[LineRow, ...]

    @cached_property
    def newest(self) -> Reading | None:
        # Thousands of rows are of a few days.
        codes = {row._line.newest_code for row in self.rows if row._line.n_followers is not None}
        return newest(reading_of(code) for code in codes)

    @cached_property
    def clear_gain(self) -> Row | None:
        return changes.clear_gain(self.rows)

    @cached_property
    def sources(self) -> frozenset[str]:
        lines = [row._line for row in self.rows]
        named = {line.n_source for line in lines} | {line.t_source for line in lines if self.since}
        return frozenset(key for keys in named if keys for key in keys.split())

    @cached_property
    def samples(self) -> tuple[ConstantSample, ...]:
        return _samples([row._line for row in self.rows]) if self.since else ()


def _samples(lines: Sequence[LeagueLine]) -> tuple[ConstantSample, ...]:
    """Return the constant sample of all kinds together, then of each kind; the reference is what they are measured by."""
    measured = [line for line in lines if not line.is_reference]
    present = {line.kind for line in measured}
    return (
        _sample("", measured),
        *(
            _sample(kind, [line for line in measured if line.kind == kind])
            for kind in ActorKind.values
            if kind in present
        ),
    )


def _sample(kind: str, lines: Sequence[LeagueLine]) -> ConstantSample:
    """Add up the rows over the accounts that are counted on both days. Totals and medians are 0 where there are none."""
    sides = [line.sides() for line in lines]
    pairs = [(then, now) for then, now in sides if then and now]
    before, after = _total([then for then, _ in pairs]), _total([now for _, now in pairs])
    return ConstantSample(
        kind=kind,
        then=before.followers if before else 0,
        now=after.followers if after else 0,
        median_then=float(median([then.followers for then, _ in pairs])) if pairs else 0,
        median_now=float(median([now.followers for _, now in pairs])) if pairs else 0,
        counted=len(pairs),
        of=len(lines),
        change=changes.between(before, after),
        bound_then=before.bound if before else "=",
        bound_now=after.bound if after else "=",
    )


def _total(parts: Sequence[Counted]) -> Counted | None:
    """Return the sum of counted values: steps add up, bounds join, the time is all of theirs. None of nothing."""
    if not parts:
        return None
    return Counted(
        followers=sum(part.followers for part in parts),
        step=sum(part.step for part in parts),
        exact=all(part.exact for part in parts),
        bound=precision.of_sum(*{part.bound for part in parts}),
        first=min(part.first for part in parts),
        last=max(part.last for part in parts),
        oldest=min((part.oldest for part in parts if part.oldest), key=Reading.order, default=None),
        newest=max((part.newest for part in parts if part.newest), key=Reading.order, default=None),
    )
