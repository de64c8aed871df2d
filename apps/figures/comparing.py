"""A comparison in whole sentences: who leads and since when, what changed most, what the view says."""

import math
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext

from apps.figures import formats, labels, sentences
from apps.figures.marks import base_name
from apps.figures.measures import measure
from apps.figures.twins import write_share
from apps.snapshots.rules import last_day
from apps.standings import changes
from apps.standings.comparison import Drawn, View, point_as_of
from apps.standings.leads import Lead, lead
from apps.standings.overtakes import strict_sign
from apps.standings.shares import Moment
from apps.standings.types import FRESH_DAYS, Change, Point, Reading, Series, Trend


def summary(
    trend: Trend, drawn: Sequence[Drawn], view: View, base: date | None, moments: Sequence[Moment] = ()
) -> list[str]:
    """Return the sentences of a comparison, the most telling first; one that says there is nothing where that is so."""
    ahead = lead(trend)
    written = [say_lead(ahead) if ahead else "", of_view(trend, drawn, view, base, moments), gain(trend)]
    return [text for text in written if text] or plain(trend)


def plain(trend: Trend) -> list[str]:
    """Say what there is where nothing can be compared: each line of a single actor, else the largest count."""
    if len({series.actor_slug for series in trend.series}) == 1:
        return sentences.trend(trend)
    newest = [
        (points[-1].followers or 0, points[-1], series)
        for series in trend.series
        if (points := [point for point in series.points if point.followers is not None])
    ]
    if not newest:
        return [gettext("No counts have been recorded for this selection yet.")]
    followers, point, series = max(newest, key=lambda one: one[0])
    return [
        gettext("%(name)s, %(platform)s: %(followers)s (%(when)s).")
        % {
            "name": labels.short(series.name(formats.language())),
            "platform": formats.platform_name(series.platform),
            "followers": formats.followers(followers, series.platform, formats.bound_of(point)),
            "when": formats.span(point.day, point.span),
        }
    ]


def say_lead(found: Lead) -> str:
    """Say who leads whom, by how much, and since when as far as the lines tell."""
    gap = change(found.then, found.now)
    if gap is None or not gap.absolute or gap.within_rounding or gap.bound in "<~":
        return ""
    said = {
        "platform": formats.platform_name(found.ahead.platform),
        "leader": labels.short(found.ahead.name(formats.language())),
        "other": labels.short(found.behind.name(formats.language())),
        "gap": formats.followers(gap.absolute, found.ahead.platform, gap.bound),
        "when": together(found.now, found.then),
    }
    if found.since is None:
        return (
            gettext(
                "On %(platform)s, %(leader)s leads %(other)s by %(gap)s (%(when)s) and has not been behind on any date shown."
            )
            % said
        )
    said["since"] = formats.span(*found.since)
    return (
        gettext(
            "On %(platform)s, %(leader)s leads %(other)s by %(gap)s (%(when)s) and has not been behind in any count since %(since)s."
        )
        % said
    )


def together(*points: Point) -> str:
    """Return the dates of some points, each once."""
    return ", ".join(dict.fromkeys(formats.span(point.day, point.span) for point in points))


def change(then: Point, now: Point) -> Change | None:
    """Return the change from one point to another by the standings' rules."""
    return changes.between(to_count(then), to_count(now))


def to_count(point: Point) -> changes.Counted | None:
    """Return a point's number with what it leaves open; None where it has none."""
    if point.followers is None:
        return None
    reading = Reading(point.day, point.span)
    return changes.Counted(
        point.followers,
        point.step,
        point.precision == "exact",
        point.bound,
        point.day,
        reading.ends,
        reading,
        reading,
    )


def gain(trend: Trend) -> str:
    """Return the largest change between a line's first and newest count shown, of two lines or more.

    Nothing is the largest where another line's counts are bounds alone, or of another time.
    """
    found: list[tuple[int, Series, Change]] = []
    for series in trend.series:
        counted = [point for point in series.points if point.followers is not None]
        points = [point for point in counted if point.bound == "="]
        if len(points) < 2:
            if len(counted) > 1:
                return ""
            continue
        if not series.are_comparable(points[0], points[-1]):
            continue
        if moved := change(points[0], points[-1]):
            found.append((abs(moved.absolute), series, moved))
    if len(found) < 2:
        return ""
    largest, series, moved = max(found, key=lambda one: one[0])
    others = [other for _, _, other in found if other is not moved]
    # Two within rounding of each other are in no order.
    if moved.within_rounding or not moved.absolute or moved.since is None or moved.until is None:
        return ""
    if not all(
        largest - abs(other.absolute) > moved.slack + other.slack and changes.is_same_time(moved, other)
        for other in others
    ):
        return ""
    return gettext("%(name)s changed the most between %(then)s and %(now)s: %(change)s.") % {
        "then": formats.span(*moved.since),
        "now": formats.span(*moved.until),
        "name": labels.short(series.name(formats.language())),
        "change": formats.change(moved),
    }


def of_view(
    trend: Trend, drawn: Sequence[Drawn], view: View, base: date | None, moments: Sequence[Moment]
) -> str:
    """Say what this view says beyond the counts."""
    if view == View.SHARE:
        return share(trend, moments)
    ends = [
        End(one.values[place] or 0, one.point(place), one.series)
        for one in drawn
        if is_counted_last(one.series)
        and (place := max((at for at, value in enumerate(one.values) if value is not None), default=None))
        is not None
    ]
    if view == View.GAP:
        return nearest(ends, trend)
    if view not in (View.PERCENT, View.INDEX) or base is None:
        return ""
    best = fastest(ends, base)
    if best is None:
        return ""
    said = {
        "base": base_name(trend, base),
        "name": labels.short(best.series.name(formats.language())),
        "value": measure(view).shown(best.value, "="),
        "when": formats.span(best.point.day, best.point.span),
    }
    if view == View.INDEX:
        return gettext("With %(base)s as 100, %(name)s stands highest: %(value)s (%(when)s).") % said
    return gettext("Highest percentage change since %(base)s: %(name)s, %(value)s (%(when)s).") % said


class End(NamedTuple):
    """The newest number that a view has of a line. The point bears the number's bound."""

    value: float
    point: Point
    series: Series

    @property
    def ends(self) -> date:
        return last_day(self.point.day, self.point.span)


def is_counted_last(series: Series) -> bool:
    """Say whether a line's newest point has a count; one that has ended is set beside nobody."""
    return bool(series.points) and series.points[-1].followers is not None


def fastest(ends: Sequence[End], base: date) -> End | None:
    """Return the line that has grown most since the base beyond what rounding leaves open; None where a bound, rounding or
    another time leaves it open, or where none has grown."""
    if not are_of_one_time(ends) or any(one.point.bound != "=" for one in ends):
        return None
    ranges = [(ratio_range(one, base), one) for one in ends]
    (low, _), best = max(ranges, key=lambda item: item[0])
    if low <= 1 or any(high >= low for (_, high), one in ranges if one is not best):
        return None
    return best


def ratio_range(end: End, base: date) -> tuple[float, float]:
    """Return the least and the greatest that the newest count may be, measured by that of the base."""
    begun = point_as_of(end.series, base)
    if begun is None or not begun.followers or end.point.followers is None:
        return 0, math.inf
    low = (end.point.followers - slack(end.point)) / (begun.followers + slack(begun))
    rest = begun.followers - slack(begun)
    return low, (end.point.followers + slack(end.point)) / rest if rest > 0 else math.inf


def slack(point: Point) -> int:
    """Return by how many followers rounding may have changed a count."""
    return 0 if point.precision == "exact" else point.step


def are_of_one_time(ends: Sequence[End]) -> bool:
    """Say whether all numbers are fresh as of the newest of them."""
    days = [one.ends for one in ends]
    return bool(days) and (max(days) - min(days)).days <= FRESH_DAYS


def nearest(ends: Sequence[End], trend: Trend) -> str:
    """Say who is nearest to the reference, and on which side; nothing where a bound, rounding or another time leaves it
    open."""
    reference = next((series for series in trend.series if series.is_reference), None)
    others = [one for one in ends if not one.series.is_reference]
    if reference is None or not others:
        return gettext("There is no reference with a count to compare with.")
    gaps = [(gap, one) for one in others if (gap := gap_to(reference, one))]
    if not are_of_one_time(others) or len(gaps) < len(others) or any(gap.bound != "=" for gap, _ in gaps):
        return ""
    own, best = min(gaps, key=lambda item: abs(item[0].absolute))
    rest = [gap for gap, one in gaps if one is not best]
    if any(abs(gap.absolute) - abs(own.absolute) <= gap.slack + own.slack for gap in rest):
        return ""
    said = {
        "reference": labels.short(reference.name(formats.language())),
        "name": labels.short(best.series.name(formats.language())),
        "gap": formats.signed(own.absolute),
        "when": formats.span(best.point.day, best.point.span),
    }
    if own.within_rounding:
        return gettext("Nearest to %(reference)s: %(name)s, level within rounding (%(when)s).") % said
    return gettext("Closest to %(reference)s: %(name)s, %(gap)s (%(when)s).") % said


def gap_to(reference: Series, end: End) -> Change | None:
    """Return the distance to the reference's count as of the day; None where that is old by then, or there is none."""
    measured = point_as_of(reference, end.point.day)
    if measured is None or (end.ends - last_day(measured.day, measured.span)).days > FRESH_DAYS:
        return None
    point = next(point for point in end.series.points if point[:2] == end.point[:2])
    return change(measured, point)


def share(trend: Trend, moments: Sequence[Moment]) -> str:
    """Say whose share of the sum is the largest, now and when the chart begins."""
    if not moments:
        return ""
    last = moments[-1]
    # Who was the only one counted had all of the sum, which says nothing.
    first = next((one for one in moments if sum(percent is not None for percent in one.percents) > 1), last)
    known = [(percent, place) for place, percent in enumerate(last.percents) if percent is not None]
    if len(known) < 2:
        return ""
    percent, place = max(known)
    if not is_largest(trend, last, place):
        return ""
    said = {
        "name": labels.short(trend.series[place].name(formats.language())),
        "share": write_share(percent, last, place),
        "total": formats.count(last.total, last.total_bound),
        "when": formats.span(last.day, last.span),
        "then": formats.span(first.day, first.span),
    }
    before = first.percents[place]
    if before is None or first is last:
        return (
            gettext("%(name)s has the largest share: %(share)s of %(total)s follows in total (%(when)s).")
            % said
        )
    return gettext(
        "%(name)s has the largest share: %(share)s of %(total)s follows in total (%(when)s), compared with %(before)s (%(then)s)."
    ) % {**said, "before": write_share(before, first, place)}


def is_largest(trend: Trend, moment: Moment, place: int) -> bool:
    """Say whether a line's count of a moment is beyond doubt larger than every other in it."""
    points = [point_as_of(series, moment.day) for series in trend.series]
    own = points[place]
    return own is not None and all(
        strict_sign(own, point) > 0
        for at, point in enumerate(points)
        if at != place and point is not None and moment.percents[at] is not None
    )
