"""Rows of a league that make their values when they are looked at."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from django.utils.functional import cached_property  # functools' takes a lock each time in Python 3.11

from apps.standings import changes, precision
from apps.standings.league_lines import NOW, THEN, LeagueLine, value
from apps.standings.types import Change, LeftOutAccount, Reach, Row, Scope, Value


class Asked(NamedTuple):
    """What all rows of a league share."""

    on: date
    since: date | None
    total: int
    bounds: Counter[str]  # how many of the summed counts have each bound
    counted: int
    counted_then: int
    measures: dict[str, str]  # the bounds of the reference's counts, by platform among accounts
    audiences: dict[int, Reach]


def measures_of(lines: Iterable[LeagueLine], scope: Scope) -> dict[str, str]:
    """Return the bounds of the counts that gaps are measured from, by platform among accounts: of the reference and its
    successor the larger count's."""
    counts = sorted(
        (
            line.n_followers,
            precision.BITS[line.n_bound],
            line.platform if scope.rows == "accounts" else "",
            line.n_bound,
        )
        for line in lines
        if line.is_reference and line.n_followers is not None
    )
    return {platform: bound for _, _, platform, bound in counts}


def _own(column: str) -> Any:
    return property(attrgetter(f"_line.{column}"))


class LineRow(Row):
    """A row that makes its values when they are looked at: a page shows a hundred rows of thousands.

    Making all values of 2,000 rows takes 40 ms, as long as the statement; making the rows alone takes 0.3 ms.
    """

    _line: LeagueLine
    _asked: Asked

    def __init__(self, line: LeagueLine, asked: Asked) -> None:
        self.__dict__.update(
            _line=line, _asked=asked
        )  # Row is frozen: its own __init__ would fill every value

    actor_id = _own("actor_id")
    actor_slug = _own("actor_slug")
    name_en = _own("name_en")
    name_ru = _own("name_ru")
    name_kk = _own("name_kk")
    kind = _own("kind")
    platform = _own("platform")
    account_id = _own("account_id")
    handle = _own("handle")
    rank = _own("rank")
    rank_then = _own("rank_then")
    gap = _own("gap")
    times = _own("times")
    is_reference = _own("is_reference")
    accounts = _own("accounts")
    nothing_new = _own("nothing_new")
    unread = _own("unread")
    rank_is_open = _own("rank_is_open")
    rank_then_is_open = _own("rank_then_is_open")
    rank_change = _own("rank_change")

    @property
    def state(self) -> str:
        return self._line.n_state or ""

    @cached_property
    def now(self) -> Value | None:
        return value(self._line[NOW], self._asked.on)

    @cached_property
    def then(self) -> Value | None:
        return value(self._line[THEN], self._asked.since)

    @property
    def rank_of(self) -> int | None:
        return None if self._line.rank is None else self._asked.counted

    @property
    def rank_then_of(self) -> int | None:
        return None if self._line.rank_then is None else self._asked.counted_then

    @cached_property
    def change(self) -> Change | None:
        then, now = self._line.sides()
        return changes.between(then, now, nothing_new=self._line.nothing_new, parts=self._line.pairs or 0)

    @cached_property
    def left_out(self) -> tuple[LeftOutAccount, ...]:
        return self._line.parts_left_out()

    @property
    def gap_bound(self) -> str:
        line, measures = self._line, self._asked.measures
        if line.gap is None or (line.is_reference and line.gap == 0):  # no gap, or that to itself
            return "="
        return precision.of_change(measures.get("") or measures[line.platform], line.n_bound)

    @property
    def share_bound(self) -> str:
        if self._line.n_followers is None:
            return "="
        return precision.of_share(self._line.n_bound, self._asked.bounds)

    @property
    def share_percent(self) -> float | None:
        line, total = self._line, self._asked.total
        if not line.shown or line.n_followers is None or not total:
            return None
        return 100 * line.n_followers / total

    @property
    def reach(self) -> Reach | None:
        line = self._line
        if line.audience_id is None or line.n_followers is None:
            return None
        audience = self._asked.audiences[line.audience_id]
        return replace(
            audience,
            percent=audience.percent * line.n_followers,
            bound=precision.of_change(audience.bound, line.n_bound),
        )
