"""A comparison in whole sentences: who leads and since when, what changed most, what the view says."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext

from apps.figures import formats, sentences
from apps.figures.marks import base_name
from apps.figures.measures import measure
from apps.snapshots.rules import last_day
from apps.standings import changes, precision
from apps.standings.comparison import Drawn, View
from apps.standings.leads import Lead, lead
from apps.standings.shares import Moment
from apps.standings.types import Change, Point, Series, Trend


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
            "name": series.name(formats.language()),
            "platform": formats.platform_name(series.platform),
            "followers": formats.followers(followers, series.platform, formats.bound_of(point)),
            "when": formats.span(point.day, point.span),
        }
    ]


def say_lead(found: Lead) -> str:
    """Say who leads whom, by how much, and since when as far as the lines tell."""
    gap = change(found.then, found.now)
    if gap is None or gap.within_rounding or gap.bound in "<~":
        return ""
    said = {
        "platform": formats.platform_name(found.ahead.platform),
        "leader": found.ahead.name(formats.language()),
        "other": found.behind.name(formats.language()),
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
    said["since"] = formats.span(found.since, "year" if found.spans else "day")
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
    if point.followers is None:
        return None
    end = last_day(point.day, point.span)
    return changes.Counted(
        point.followers, point.step, point.precision == "exact", point.bound, point.day, end
    )


def gain(trend: Trend) -> str:
    """Return the largest change between a line's first and newest count shown, of two lines or more."""
    found: list[tuple[int, Series, Change, Point, Point]] = []
    for series in trend.series:
        points = [point for point in series.points if point.followers is not None and point.bound == "="]
        if len(points) < 2 or not series.are_comparable(points[0], points[-1]):
            continue
        moved = change(points[0], points[-1])
        if moved and not moved.within_rounding and moved.absolute:
            found.append((abs(moved.absolute), series, moved, points[0], points[-1]))
    if len(found) < 2:
        return ""
    largest, series, moved, then, now = max(found, key=lambda one: one[0])
    # Two within rounding of each other are in no order.
    if any(largest - other[0] <= moved.slack + other[2].slack for other in found if other[2] is not moved):
        return ""
    return gettext("%(name)s changed the most between %(then)s and %(now)s: %(change)s.") % {
        "then": formats.span(then.day, then.span),
        "now": formats.span(now.day, now.span),
        "name": series.name(formats.language()),
        "change": formats.change(moved),
    }


def of_view(
    trend: Trend, drawn: Sequence[Drawn], view: View, base: date | None, moments: Sequence[Moment]
) -> str:
    """Say what this view says beyond the counts."""
    if view == View.SHARE:
        return share(trend, moments)
    ends = [
        (values[-1], points[-1], one.series)
        for one in drawn
        if (values := [value for value in one.values if value is not None])
        and (
            points := [
                point for point, value in zip(one.series.points, one.values, strict=True) if value is not None
            ]
        )
    ]
    if view == View.GAP:
        return nearest(ends, trend)
    if view not in (View.PERCENT, View.INDEX) or not ends or base is None:
        return ""
    value, point, series = max(ends, key=lambda one: one[0])
    said = {
        "base": base_name(trend, base),
        "name": series.name(formats.language()),
        "value": measure(view).shown(value, "="),
        "when": formats.span(point.day, point.span),
    }
    if view == View.INDEX:
        return gettext("With %(base)s as 100, %(name)s stands highest: %(value)s (%(when)s).") % said
    return gettext("Highest percentage change since %(base)s: %(name)s, %(value)s (%(when)s).") % said


def nearest(ends: Sequence[tuple[float, Point, Series]], trend: Trend) -> str:
    """Say who is nearest to the reference, and on which side."""
    reference = next((series for series in trend.series if series.is_reference), None)
    others = [(value, point, series) for value, point, series in ends if not series.is_reference]
    if reference is None or not others:
        return gettext("There is no reference with a count to compare with.")
    value, point, series = min(others, key=lambda one: abs(one[0]))
    mine = next((one for one in reversed(reference.points) if one.followers is not None), point)
    if abs(value) < precision.tolerance(
        point.step, mine.step, exact=point.precision == mine.precision == "exact"
    ):
        return gettext("Nearest to %(reference)s: %(name)s, level within rounding (%(when)s).") % {
            "reference": reference.name(formats.language()),
            "name": series.name(formats.language()),
            "when": formats.span(point.day, point.span),
        }
    return gettext("Closest to %(reference)s: %(name)s, %(gap)s (%(when)s).") % {
        "reference": reference.name(formats.language()),
        "name": series.name(formats.language()),
        "gap": formats.signed(value),
        "when": formats.span(point.day, point.span),
    }


def share(trend: Trend, moments: Sequence[Moment]) -> str:
    """Say whose share of the sum is the largest, now and when the chart begins."""
    if not moments:
        return ""
    last = moments[-1]
    # Who was the only one counted had all of the sum, which says nothing.
    first = next((one for one in moments if sum(percent is not None for percent in one.percents) > 1), last)
    known = [(percent, place) for place, percent in enumerate(last.percents) if percent is not None]
    if not known:
        return ""
    percent, place = max(known)
    said = {
        "name": trend.series[place].name(formats.language()),
        "share": formats.percent(percent),
        "total": formats.number(last.total),
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
    ) % {**said, "before": formats.percent(before)}
