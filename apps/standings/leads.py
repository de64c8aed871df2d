"""Who leads a trend's lines, over whom, and since when."""

from dataclasses import dataclass
from datetime import date

from apps.standings import overtakes
from apps.standings.types import Point, Series, Trend


@dataclass(frozen=True)
class Lead:
    """The line with most followers at its newest count, and the next one on the same platform."""

    ahead: Series
    behind: Series
    now: Point  # the newest counts of the two
    then: Point
    since: date | None  # the first day of the unbroken strict order; None where it is as old as the lines
    spans: bool  # `since` is the beginning of a whole month or year


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
    turns = overtakes.turns(ahead.points, behind.points)
    last = turns[-1] if turns else next(overtakes.orders(ahead.points, behind.points), None)
    if last is None or last.sign < 0:
        return None
    since = last.day if turns else None
    return Lead(ahead, behind, newest[id(ahead)], newest[id(behind)], since, last.spans)


def _most(lines: list[Series]) -> int:
    return max(point.followers or 0 for line in lines for point in line.points)
