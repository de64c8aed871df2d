"""Who stands where: everyone in a scope on one day, compared with an earlier day.

Every number of a row is made by the one SQL statement of league_statement.py. league() hands them out as
dataclasses, league_sql() as the columns of standings.csv, so pages and files cannot differ.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from statistics import median
from typing import Any

from django.db import connection

from apps.standings import changes, precision
from apps.standings.changes import Counted
from apps.standings.league_statement import Line, Side, csv_statement, statement
from apps.standings.scopes import group_reference
from apps.standings.types import FRESH_DAYS, Change, ConstantSample, League, Reach, Row, Scope, Value
from apps.tracking.models import ActorKind


def league(scope: Scope, on: date, since: date | None = None, reference: str = "") -> League:
    """The standings on a day, compared with the day `since`.

    reference: an actor's slug; "" takes the group's own where the scope is a group. Ranks, totals and shares are of
    the rows alone; gaps are reckoned from the reference even where the scope's filters leave it out of the rows.
    Among accounts the reference is its largest account on the same platform. A group stands for its members, not
    for its platform: say that in the scope. Two statements at most, however many rows.
    """
    sql, parameters = statement(scope, on, since, reference or group_reference(scope))
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        lines = [Line.read(columns) for columns in cursor.fetchall()]
    shown = [line for line in lines if line.shown]
    counts = [line.now for line in shown if line.now.followers is not None]
    states = Counter(line.now.state or "unknown" for line in shown)
    del states["counted"]
    first = next((line for line in lines if line.is_reference), None)
    return League(
        on=on,
        since=since,
        rows=tuple(_LineRow(line) for line in shown),
        counted=len(counts),
        counted_then=shown[0].counted_then if shown else 0,
        states=dict(states),
        last_known=sum(side.age_days > FRESH_DAYS for side in counts),
        total=sum(side.followers or 0 for side in counts) if counts else None,
        reference=_LineRow(first) if first else None,
        samples=_samples(shown) if since else (),
    )


def league_sql(
    scope: Scope, on: date, since: date | None = None, reference: str = "", language: str = "en"
) -> tuple[str, list[Any]]:
    """The same league as a statement with its parameters; its columns are those of standings.csv, in order.

    Percentages and ratios are rounded to four decimals, so that the file is the same on every machine.
    """
    return csv_statement(scope, on, since, reference or group_reference(scope), language)


class _LineRow(Row):
    """A row that makes its values when they are looked at: to make those of thousands would take longer than SQL does."""

    _line: Line

    def __init__(self, line: Line) -> None:
        one = line.accounts == 1
        self.__dict__.update(
            _line=line,
            actor_id=line.actor_id,
            actor_slug=line.actor_slug,
            name_en=line.name_en,
            name_ru=line.name_ru,
            name_kk=line.name_kk,
            kind=line.kind,
            platform=line.platform,
            account_id=line.account_id if one else None,
            handle=line.handle if one else "",
            rank=line.rank,
            rank_then=line.rank_then,
            gap=line.gap,
            times=line.times,
            share_percent=line.share_percent,
            is_reference=line.is_reference,
            accounts=line.accounts,
        )

    @cached_property
    def now(self) -> Value | None:
        return self._line.now.value()

    @cached_property
    def then(self) -> Value | None:
        return self._line.then.value()

    @cached_property
    def change(self) -> Change | None:
        return _change(self._line)

    @cached_property
    def reach(self) -> Reach | None:
        return _reach(self._line)


def _change(line: Line) -> Change | None:
    if line.change is None:
        return None
    return Change(
        absolute=line.change,
        percent=line.change_percent,
        yearly_low=line.yearly_low,
        yearly_high=line.yearly_high,
        within_rounding=line.within_rounding,
        bound=line.change_bound,
        nothing_new=line.nothing_new,
    )


def _reach(line: Line) -> Reach | None:
    if line.reach_percent is None:
        return None
    return Reach(
        percent=line.reach_percent,
        audience=line.reach_audience,
        segment=line.reach_segment,
        day=line.reach_day,
        span=line.reach_span,
        source=line.reach_source,
        locator=line.reach_locator,
    )


def _samples(lines: Sequence[Line]) -> tuple[ConstantSample, ...]:
    """The constant sample of all kinds together, then of each kind; the reference is what they are measured by."""
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


def _sample(kind: str, lines: Sequence[Line]) -> ConstantSample:
    """Of the rows whose same accounts are counted on both days. Totals and medians are 0 where there are none."""
    pairs = [line for line in lines if line.change is not None]
    then, now = [line.then for line in pairs], [line.now for line in pairs]
    before, after = _total(then), _total(now)
    return ConstantSample(
        kind=kind,
        then=before.followers if before else 0,
        now=after.followers if after else 0,
        median_then=_median(then),
        median_now=_median(now),
        counted=len(pairs),
        of=len(lines),
        change=changes.between(before, after),
    )


def _median(sides: Sequence[Side]) -> float:
    return median([float(side.followers or 0) for side in sides]) if sides else 0


def _total(sides: Sequence[Side]) -> Counted | None:
    """The sum of counted values: steps add up, bounds join, the time is all of theirs. None of nothing."""
    if not sides:
        return None
    return Counted(
        followers=sum(side.followers or 0 for side in sides),
        step=sum(side.step for side in sides),
        exact=all(side.precision == "exact" for side in sides),
        bound=precision.of_sum(*{side.bound for side in sides}),
        first=min(side.first for side in sides),
        last=max(side.last for side in sides),
    )
