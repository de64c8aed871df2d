"""Finds what happened since it last looked, and stores it once.

Started by beat; nothing below calls it. Each detector has its own watermark, looks at what was recorded after it, and
takes its numbers from standings. A detector runs in one transaction with the messages that follow from what it found,
its watermark locked: two beats, or a worker that dies, neither double nor lose anything.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import DatabaseError, transaction
from django.utils import timezone

from apps.alerts import account_detectors, detectors, matching, operation
from apps.alerts.models import Occurrence, Watermark
from apps.alerts.scan_window import Look

logger = logging.getLogger(__name__)

# A writer's clock reads before its transaction is seen: nothing takes longer to commit than a task may live.
OVERLAP = timedelta(minutes=15)


@dataclass(frozen=True)
class Detector:
    name: str
    look: Callable[[Look], list[Occurrence]]


DETECTORS = (
    Detector("days", detectors.days),
    Detector("renamed", account_detectors.renames),
    Detector("verified", account_detectors.badge_changes),
    Detector("held", account_detectors.held_counts),
    Detector("operation", operation.lasting),
)


def look(now: datetime | None = None) -> list[Occurrence]:
    """Let every detector look up to the instant; what is new, in the order it happened.

    A detector that fails looks again next time, and keeps no other from looking.
    """
    now = now or timezone.now()
    found: list[Occurrence] = []
    for detector in DETECTORS:
        try:
            found += run_detector(detector, now)
        except (DatabaseError, ArithmeticError, LookupError, TypeError, ValueError):
            logger.exception("the detector of %s failed; it looks again next time", detector.name)
    try:
        matching.catch_up(now)
    except DatabaseError:
        logger.exception("what fell into a silence is told at the next look")
    return found


@transaction.atomic
def run_detector(detector: Detector, now: datetime) -> list[Occurrence]:
    """Run one detector and return its new occurrences, stored with their messages; [] where another process runs it."""
    mark, is_new = Watermark.objects.get_or_create(detector=detector.name, defaults={"seen_to": now})
    if is_new:
        return []  # the past is no news
    locked = Watermark.objects.select_for_update(skip_locked=True).filter(pk=mark.pk).first()
    if locked is None or locked.seen_to > now:
        return []
    found = store(detector.look(Look(since=locked.seen_to - OVERLAP, now=now)))
    matching.write(found, now)
    Watermark.objects.filter(pk=locked.pk).update(seen_to=now)
    return found


def store(found: Sequence[Occurrence]) -> list[Occurrence]:
    """Store the occurrences that are not stored yet and return them, in order of day."""
    once = {one.key: one for one in found}
    known = set(Occurrence.objects.filter(key__in=once).values_list("key", flat=True))
    fresh = without_repeats([one for key, one in once.items() if key not in known])
    fresh.sort(key=lambda one: (one.day, one.key))
    return Occurrence.objects.bulk_create(fresh)


def without_repeats(found: list[Occurrence]) -> list[Occurrence]:
    """Leave out occurrences that repeat an earlier one: a late reading only dates it more exactly.

    Two of one kind whose times overlap are one; between two that do not, the opposite must have happened.
    """
    dated = [one for one in found if one.since]
    if not dated:
        return found
    told = Occurrence.objects.filter(
        subject__in={one.subject for one in dated},
        day__gte=min(one.since for one in dated if one.since),
        since__isnull=False,
    )
    stretches = {(one.kind, one.actor_id, one.account_id, one.since, one.day) for one in told}
    return [one for one in found if not one.since or not overlaps(one, stretches)]


Stretch = tuple[str, int | None, int | None, date | None, date]


def overlaps(one: Occurrence, stretches: Iterable[Stretch]) -> bool:
    return any(
        (kind, actor, account) == (one.kind, one.actor_id, one.account_id)
        and since is not None
        and one.since is not None
        and since < one.day
        and one.since < day
        for kind, actor, account, since, day in stretches
    )
