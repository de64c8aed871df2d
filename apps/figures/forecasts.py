"""Projections, milestones and unusual days in whole sentences; a projection always with its range and its caveat."""

from collections.abc import Sequence

from django.utils.translation import gettext, gettext_lazy

from apps.figures import formats
from apps.standings.milestones import Milestone
from apps.standings.projection import NEEDS_DAYS, NoProjectionReason, Projection
from apps.standings.unusual import UnusualDay

REASONS = {
    NoProjectionReason.TOO_FEW_DAYS: gettext_lazy(
        "there are counts for fewer than %(days)s days of the last year"
    ),
    NoProjectionReason.STALE: gettext_lazy("the newest count is more than 30 days old"),
    NoProjectionReason.THERE_ALREADY: gettext_lazy("it is there already"),
    NoProjectionReason.NOT_CLOSING: gettext_lazy("the gap has not been closing in the last year"),
    NoProjectionReason.WITHIN_ROUNDING: gettext_lazy("what changed in the last year may be rounding"),
    NoProjectionReason.TOO_FAR: gettext_lazy(
        "even at the fastest pace of the last year it is more than five years away"
    ),
}


def reason(why: NoProjectionReason) -> str:
    """Say why nothing is projected, as the end of a sentence."""
    return str(REASONS[why]) % {"days": formats.number(NEEDS_DAYS)}


def to_milestone(found: Projection, platform: str) -> str:
    """Say when the next round number may be reached; or why that is not said."""
    said = {"platform": formats.platform_name(platform)}
    if found.target is None:
        return gettext(
            "%(platform)s: there is no forecast for the next round number, because %(reason)s."
        ) % {
            **said,
            "reason": reason(found.why_not or NoProjectionReason.TOO_FEW_DAYS),
        }
    said["number"] = formats.number(found.target)
    if found.why_not:
        return gettext("%(platform)s: for %(number)s no date is projected, because %(reason)s.") % {
            **said,
            "reason": reason(found.why_not),
        }
    return gettext("%(platform)s: %(number)s may be reached %(range)s.") % {**said, "range": between(found)}


def to_line(found: Projection, ahead: str) -> str:
    """Say when the next above may be caught up with; or why that is not said."""
    if found.why_not:
        return gettext("Catching up with %(name)s: no forecast, because %(reason)s.") % {
            "name": ahead,
            "reason": reason(found.why_not),
        }
    return gettext("Could catch up with %(name)s %(range)s.") % {"name": ahead, "range": between(found)}


def between(found: Projection) -> str:
    """Return the range, from the fastest to the slowest pace of the year."""
    if found.earliest is None:
        return ""
    said = {"earliest": formats.day(found.earliest)}
    if found.latest is None:
        return gettext("no earlier than %(earliest)s; at the slowest pace, not within five years") % said
    if found.latest == found.earliest:
        return gettext("about %(earliest)s") % said
    return gettext("between %(earliest)s and %(latest)s") % {**said, "latest": formats.day(found.latest)}


def caveat() -> str:
    return gettext(
        "This only continues the pace of the last year. Campaigns and purges are not taken into account."
    )


def milestone(found: Milestone) -> str:
    """Return a round number that was passed, and when as far as the counts tell."""
    return gettext("%(platform)s: passed %(number)s between %(after)s and %(by)s.") % {
        "platform": formats.platform_name(found.platform),
        "number": formats.number(found.number),
        "after": str(found.after.year) if found.spans else formats.day(found.after),
        "by": str(found.by.year) if found.spans else formats.day(found.by),
    }


def unusual(days: Sequence[UnusualDay], most: int) -> list[str]:
    """Return the newest of the unusual days."""
    return [
        gettext("%(day)s, %(platform)s: %(change)s in one day.")
        % {
            "day": formats.day(one.day),
            "platform": formats.platform_name(one.platform),
            "change": formats.signed(one.change),
        }
        for one in days[:most]
    ]
