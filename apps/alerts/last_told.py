"""Keeps, for each destination and subject, the state that its reader was last told.

Silence after a message may delay what comes next; it never swallows it. When the silence is over and the present
state is not the one that was told, the present state goes out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from apps.alerts.models import STATES, Delivery, LastTold, Occurrence


@dataclass(frozen=True)
class Told:
    """A state and the day that silence is counted from."""

    state: str
    day: date


def by_subject(destination_id: int, subjects: Iterable[str]) -> dict[str, Told]:
    """Return what the destination was last told of each of the subjects."""
    rows = LastTold.objects.filter(destination=destination_id, subject__in=set(subjects))
    return {
        row.subject: Told(row.occurrence.state, row.day)
        for row in rows.select_related("delivery__occurrence")
    }


def behind() -> list[tuple[LastTold, list[Occurrence]]]:
    """Return the rows after whose message something newer happened to the subject, each with that, newest first."""
    newer = Occurrence.objects.filter(
        Q(day__gt=OuterRef("delivery__occurrence__day"))
        | Q(day=OuterRef("delivery__occurrence__day"), pk__gt=OuterRef("delivery__occurrence_id")),
        subject=OuterRef("subject"),
    )
    rows = LastTold.objects.filter(Exists(newer), destination__removed_at=None).select_related(
        "delivery__occurrence", "destination__user"
    )
    of_subject = latest(
        {row.subject for row in rows}, min((row.occurrence.day for row in rows), default=date.max)
    )
    return [
        (row, [one for one in of_subject[row.subject] if place(one) > place(row.occurrence)]) for row in rows
    ]


def place(one: Occurrence) -> tuple[date, int]:
    """Return the key that orders the occurrences of a subject in time."""
    return one.day, one.pk


def latest(subjects: set[str], since: date) -> dict[str, list[Occurrence]]:
    """Return what happened to each subject from a day on, newest first."""
    occurrences: dict[str, list[Occurrence]] = {subject: [] for subject in subjects}
    since_then = Occurrence.objects.filter(subject__in=subjects, day__gte=since).order_by("-day", "-pk")
    for one in since_then.select_related("actor", "other"):
        occurrences[one.subject].append(one)
    return occurrences


def keep(deliveries: Sequence[Delivery], day: date | None = None) -> None:
    """Note what the stored deliveries tell. day: the day of telling, where it may be later than what is told."""
    stored = Delivery.objects.filter(
        destination__in={one.destination_id for one in deliveries},
        occurrence__in={one.occurrence_id for one in deliveries},
    )
    keys = {
        (destination, occurrence): pk
        for destination, occurrence, pk in stored.values_list("destination", "occurrence", "pk")
    }
    newest: dict[tuple[int, str], LastTold] = {}
    for delivery in deliveries:
        occurrence = delivery.occurrence
        if occurrence is None:
            continue
        newest[delivery.destination_id, occurrence.subject] = LastTold(
            destination_id=delivery.destination_id,
            subject=occurrence.subject,
            delivery_id=keys[delivery.destination_id, occurrence.pk],
            day=max(occurrence.day, day or occurrence.day),
        )
    LastTold.objects.bulk_create(
        newest.values(),
        update_conflicts=True,
        unique_fields=["destination", "subject"],
        update_fields=["delivery", "day"],
    )


def take_back(delivery: Delivery) -> None:
    """Go back to the message before a delivery that did not go out."""
    row = LastTold.objects.filter(delivery=delivery.pk).first()
    if row is None:
        return
    before = last_delivery(delivery)
    if before is None or before.occurrence is None:
        row.delete()
        return
    row.delivery, row.day = before, before.occurrence.day
    row.save(update_fields=["delivery", "day"])


def last_delivery(delivery: Delivery) -> Delivery | None:
    """Return the last other message about the subject that the destination has taken."""
    if delivery.occurrence is None:
        return None
    others = Delivery.objects.filter(
        destination=delivery.destination_id,
        occurrence__subject=delivery.occurrence.subject,
        state=Delivery.Status.SENT,
    ).exclude(pk=delivery.pk)
    return others.select_related("occurrence").order_by("-sent_at", "-pk").first()


def since_sent(delivery: Delivery) -> tuple[list[Occurrence], Occurrence | None]:
    """Return what happened to the subject after the last message, up to this one, and what that message told."""
    last = last_delivery(delivery)
    before = last.occurrence if last else None
    occurrence = delivery.occurrence
    if before is None or occurrence is None:
        return [], None
    of_subject = Occurrence.objects.filter(subject=occurrence.subject)
    after = of_subject.filter(Q(day__gt=before.day) | Q(day=before.day, pk__gt=before.pk))
    until = after.filter(Q(day__lt=occurrence.day) | Q(day=occurrence.day, pk__lte=occurrence.pk))
    return list(until.order_by("day", "pk")), before


def is_superseded(delivery: Delivery) -> bool:
    """Say whether a newer state of the same subject is on its way to the destination, or has arrived."""
    occurrence = delivery.occurrence
    if occurrence is None or occurrence.kind not in STATES:
        return False
    newer = Q(occurrence__day__gt=occurrence.day) | Q(
        occurrence__day=occurrence.day, occurrence__gt=occurrence.pk
    )
    alive = [Delivery.Status.WAITING, Delivery.Status.SENDING, Delivery.Status.SENT]
    others = Delivery.objects.filter(newer, destination=delivery.destination_id, state__in=alive)
    return others.filter(occurrence__subject=occurrence.subject).exists()
