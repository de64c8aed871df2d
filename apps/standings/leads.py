"""The leader of a trend's lines, the runner-up, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from apps.standings import overtakes
from apps.standings.types import Point, Reading, Series, Trend


@dataclass(frozen=True)
class Lead:
    """The line with most followers at its newest count, and the next one on the same platform."""

    ahead: Series
    behind: Series
    now: Point  # the newest counts of the two
    then: Point
    since: Reading | None  # from which on no count shows another order; None where it is as old as the lines


def lead(trend: Trend) -> Lead | None:
    """Return the lead among the lines that are still counted; None where fewer than two are, or rounding leaves it
    open.

    Lines of different platforms are not set against each other: the platform with most lines speaks, of equals the
    one with the longest line.
    """
    newest = {id(line): line.points[-1] for line in trend.series if line.points}
    counted = [line for line in trend.series if line.points and newest[id(line)].followers is not None]
    platforms = {line.platform for line in counted}
    by_platform = [[line for line in counted if line.platform == platform] for platform in sorted(platforms)]
    chosen = max(by_platform, key=lambda lines: (len(lines), _most(lines)), default=[])
    if len(chosen) < 2:
        return None
    ahead, behind, *_ = sorted(chosen, key=lambda line: (-(newest[id(line)].followers or 0), line.actor_slug))
    is_leading, since = _unbroken(ahead.points, behind.points)
    if not is_leading:
        return None
    return Lead(ahead, behind, newest[id(ahead)], newest[id(behind)], since)


def _unbroken(ahead: Sequence[Point], behind: Sequence[Point]) -> tuple[bool, Reading | None]:
    """Say whether one is ahead as of the newest of the days, and since which reading no count shows it otherwise.

    Every two counts are compared, however old one of them is, as both are on the chart. Where rounding or a bound leaves
    it open the order is broken; equal exact counts do not break it. No reading: it is as old as the lines.
    """
    since: Reading | None = None
    is_leading = is_broken = False
    one: Point | None = None
    other: Point | None = None
    readings = sorted(
        [(Reading(point.day, point.span), True, point) for point in ahead]
        + [(Reading(point.day, point.span), False, point) for point in behind],
        key=lambda item: item[0].order(),
    )
    for reading, same in groupby(readings, key=itemgetter(0)):
        for _, is_own, point in same:
            one, other = (point, other) if is_own else (one, point)
        if one is None or other is None or one.followers is None or other.followers is None:
            continue
        is_level = one.followers == other.followers and _is_plain(one) and _is_plain(other)
        is_leading = overtakes.strict_sign(one, other) > 0
        if not is_leading and not is_level:
            is_broken, since = True, None
        elif is_leading and is_broken and since is None:
            since = reading
    return is_leading, since


def _is_plain(point: Point) -> bool:
    return point.precision == "exact" and point.bound == "="


def _most(lines: list[Series]) -> int:
    return max(point.followers or 0 for line in lines for point in line.points)
