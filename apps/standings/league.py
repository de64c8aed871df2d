"""Who stands where: everyone in a scope on one day, compared with an earlier day.

Every number of a row is made by the one SQL statement of league_statement.py. league() hands them out as
dataclasses, league_sql() as the columns of standings.csv, so pages and files cannot differ.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from statistics import median
from typing import Any, NamedTuple

from django.db import connection

from apps.standings import changes
from apps.standings.changes import Counted
from apps.standings.league_statement import Line, csv_statement, statement
from apps.standings.scopes import group_reference
from apps.standings.types import Change, ConstantSample, League, Reach, Row, Scope
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
    rows = tuple(_row(line) for line in shown)
    counts = [row.now for row in rows if row.now and row.now.followers is not None]
    states = Counter(row.now.state if row.now else "unknown" for row in rows)
    del states["counted"]
    first = next((line for line in lines if line.is_reference), None)
    return League(
        on=on,
        since=since,
        rows=rows,
        counted=len(counts),
        counted_then=shown[0].counted_then if shown else 0,
        states=dict(states),
        last_known=sum(not value.is_fresh for value in counts),
        total=sum(value.followers or 0 for value in counts) if counts else None,
        reference=_row(first) if first else None,
        samples=_samples(shown) if since else (),
    )


def league_sql(
    scope: Scope, on: date, since: date | None = None, reference: str = "", language: str = "en"
) -> tuple[str, list[Any]]:
    """The same league as a statement with its parameters; its columns are those of standings.csv, in order.

    Percentages and ratios are rounded to four decimals, so that the file is the same on every machine.
    """
    return csv_statement(scope, on, since, reference or group_reference(scope), language)


def _row(line: Line) -> Row:
    one = line.accounts == 1
    return Row(
        actor_id=line.actor_id,
        actor_slug=line.actor_slug,
        name_en=line.name_en,
        name_ru=line.name_ru,
        name_kk=line.name_kk,
        kind=line.kind,
        platform=line.platform,
        account_id=line.account_id if one else None,
        handle=line.handle if one else "",
        now=line.now.value(),
        then=line.then.value(),
        rank=line.rank,
        rank_then=line.rank_then,
        change=_change(line),
        gap=line.gap,
        times=line.times,
        share_percent=line.share_percent,
        reach=_reach(line),
        is_reference=line.is_reference,
        accounts=line.accounts,
    )


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


class _Pair(NamedTuple):
    """A row's numbers on both days, where the same accounts are counted."""

    then: Counted
    now: Counted


def _samples(lines: Sequence[Line]) -> tuple[ConstantSample, ...]:
    """The constant sample of all kinds together, then of each kind; the reference is what they are measured by."""
    of: Counter[str] = Counter()
    pairs: dict[str, list[_Pair]] = {}
    for line in lines:
        if line.is_reference:
            continue
        of[line.kind] += 1
        if line.change is not None and (then := line.then.counted()) and (now := line.now.counted()):
            pairs.setdefault(line.kind, []).append(_Pair(then, now))
    kinds = [kind for kind in ActorKind.values if kind in of]
    every = [pair for kind in kinds for pair in pairs.get(kind, [])]
    return (
        _sample("", every, of.total()),
        *(_sample(kind, pairs.get(kind, []), of[kind]) for kind in kinds),
    )


def _sample(kind: str, pairs: Sequence[_Pair], of: int) -> ConstantSample:
    """Totals and medians are 0 where nothing is counted on both days."""
    then, now = [pair.then for pair in pairs], [pair.now for pair in pairs]
    return ConstantSample(
        kind=kind,
        then=sum(part.followers for part in then),
        now=sum(part.followers for part in now),
        median_then=median([float(part.followers) for part in then]) if then else 0,
        median_now=median([float(part.followers) for part in now]) if now else 0,
        counted=len(pairs),
        of=of,
        change=changes.between(changes.total(then), changes.total(now)),
    )
