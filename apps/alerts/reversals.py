"""Detector of states that were told and do not hold any more though nothing happened since: the record was corrected.

An overtake or a page that went is read off two counts. When one of them is corrected, set aside or turns out to be old,
there is no opposite event to tell, and the reader would keep for true what the record no longer says.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from apps.alerts.models import LastTold, Occurrence, OccurrenceKind
from apps.alerts.scan_window import Look
from apps.snapshots.models import Correction, Snapshot, Span
from apps.standings import overtakes, states, trends
from apps.standings.types import FRESH_DAYS, Point, Resolution, Scope


def reversals(look: Look) -> list[Occurrence]:
    """Return the present state of each page and each two actors whose newest message the record contradicts."""
    if not look.new_days and not Correction.objects.filter(at__gt=look.since).exists():
        return []
    newest = newest_states(look)
    pages = [one for one in newest if one.kind != OccurrenceKind.OVERTAKE]
    passes = [one for one in newest if one.kind == OccurrenceKind.OVERTAKE]
    return [*page_reversals(look, pages), *order_reversals(look, passes)]


def newest_states(look: Look) -> list[Occurrence]:
    """Return the newest occurrence of each page and each two actors that somebody was told of, or that the feeds hold
    from the last days."""
    kinds = (OccurrenceKind.OVERTAKE, OccurrenceKind.GONE, OccurrenceKind.BACK)
    subjects = set(
        LastTold.objects.filter(delivery__occurrence__kind__in=kinds).values_list("subject", flat=True)
    )
    lately = Occurrence.objects.filter(kind__in=kinds, day__gte=look.last - timedelta(days=FRESH_DAYS))
    subjects |= set(lately.values_list("subject", flat=True))
    newest = Occurrence.objects.filter(subject__in=subjects, day__lte=look.last)
    return list(
        newest.order_by("subject", "-day", "-pk")
        .distinct("subject")
        .public()
        .select_related("actor", "other")
    )


def page_reversals(look: Look, told: Iterable[Occurrence]) -> list[Occurrence]:
    """Return the pages that are there though the newest message says that they went, and the other way round."""
    by_account = {one.account_id: one for one in told}
    readings = Snapshot.objects.filter(
        account__in=by_account,
        span=Span.DAY,
        day__range=(look.last - timedelta(days=FRESH_DAYS), look.last),
    )
    newest = readings.order_by("account_id", "-day").distinct("account_id")
    made = []
    for account, day, state in newest.values_list("account_id", "day", "state"):
        before = by_account[account]
        kind = OccurrenceKind.GONE if state in states.GONE else OccurrenceKind.BACK
        if kind != before.kind and day >= before.day:
            made.append(reversal(look, before, kind, facts={"state": state}))
    return made


def order_reversals(look: Look, told: Iterable[Occurrence]) -> list[Occurrence]:
    """Return the twos whose counts say that another one is ahead than the newest message does, or that leave it open."""
    by_platform: dict[str, list[Occurrence]] = defaultdict(list)
    for one in told:
        by_platform[one.platform].append(one)
    made = []
    first = look.last - timedelta(days=FRESH_DAYS)
    for platform, pairs in sorted(by_platform.items()):
        slugs = {actor.slug for one in pairs for actor in (one.actor, one.other) if actor}
        scope = Scope(platform=platform, actors=tuple(sorted(slugs)))
        points = {
            line.actor_slug: line.points
            for line in trends.lines(scope, first, look.last, Resolution.DAY, lead=True)
        }
        made += [
            again
            for one in pairs
            if one.actor
            and one.other
            and (again := order_reversal(look, one, points.get(one.actor.slug), points.get(one.other.slug)))
        ]
    return made


def order_reversal(
    look: Look, told: Occurrence, winner: tuple[Point, ...] | None, loser: tuple[Point, ...] | None
) -> Occurrence | None:
    """Return what the counts of the two say now, where it contradicts the message; None where it does not, or where
    one of them has no count of the last days."""
    if (
        not winner
        or not loser
        or not (is_counted(winner[-1], look.last) and is_counted(loser[-1], look.last))
    ):
        return None
    sign = overtakes.strict_sign(winner[-1], loser[-1])
    was_open = bool(told.facts.get("open"))
    if sign > 0 and not was_open:
        return None
    if sign == 0:
        orders = list(overtakes.orders(winner, loser))
        if was_open or not orders or orders[-1].sign > 0:
            return None  # level days between the two break no overtake
        return reversal(look, told, OccurrenceKind.OVERTAKE, facts={"open": True})
    return reversal(look, told, OccurrenceKind.OVERTAKE, is_other_way=sign < 0)


def is_counted(point: Point, last: date) -> bool:
    """Say whether the point is a count of a day in the FRESH_DAYS before."""
    return point.followers is not None and point.span == "day" and (last - point.day).days <= FRESH_DAYS


def reversal(
    look: Look,
    told: Occurrence,
    kind: OccurrenceKind,
    *,
    is_other_way: bool = False,
    facts: dict[str, object] | None = None,
) -> Occurrence:
    """Return an occurrence that takes the told one back. is_other_way: whoever was passed is ahead."""
    ahead, behind = (told.other_id, told.actor_id) if is_other_way else (told.actor_id, told.other_id)
    return Occurrence(
        kind=kind,
        key=f"corrected:{told.pk}:{look.now:%Y%m%d%H%M%S}",
        subject=told.subject,
        actor_id=ahead,
        other_id=behind,
        account_id=told.account_id,
        platform=told.platform,
        day=look.last,
        facts={"corrected": True, **(facts or {})},
        found_at=look.now,
    )
