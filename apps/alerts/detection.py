"""Finds what happened since it last looked, and stores it once.

Started by beat; nothing below calls it. Each detector has its own watermark, looks at what was recorded after it, and
takes its numbers from standings. A detector runs in one transaction with the messages that follow from what it found,
its watermark locked: two beats, or a worker that dies, neither double nor lose anything.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.utils import timezone

from apps.alerts import account_detectors, detectors, matching, operation, reversals
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
    Detector("corrected", reversals.reversals),  # after what happened has been stored
    Detector("renamed", account_detectors.renames),
    Detector("verified", account_detectors.badge_changes),
    Detector("held", account_detectors.held_counts),
    Detector("operation", operation.detect_incidents),
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

    Two of one kind whose times overlap are one; so are two without the opposite between them.
    """
    dated = [one for one in found if one.since]
    if not dated:
        return found
    stored_before = list(
        Occurrence.objects.filter(
            subject__in={one.subject for one in dated},
            day__gte=min(one.since for one in dated if one.since),
            since__isnull=False,
        )
    )
    around = [*stored_before, *dated]
    return [
        one
        for one in found
        if not one.since or not any(is_repeat(one, other, around) for other in stored_before)
    ]


def is_repeat(one: Occurrence, before: Occurrence, around: Iterable[Occurrence]) -> bool:
    """Tell whether `one` is what `before` told already, seen from a reading that came late."""
    if direction(one) != direction(before) or not (one.since and before.since):
        return False
    if before.since < one.day and one.since < before.day:
        return True
    return one.day < before.day and not any(
        other.subject == one.subject
        and direction(other) != direction(one)
        and one.day < other.day <= before.day
        for other in around
    )


def direction(one: Occurrence) -> tuple[str, str, int | None, int | None]:
    """Return what tells an occurrence from its opposite of the same subject."""
    return (one.subject, one.kind, one.actor_id, one.account_id)
