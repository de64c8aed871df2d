"""The outbox: messages are claimed one by one, sent outside any transaction, and their end is written right after.

PostgreSQL is the truth. A claim is a lease: a worker that dies leaves its message to the next one, which cannot know
whether it was sent, sends it under the same id, and says so where a receiver cannot tell by the id.
"""

import logging
import random
import time
import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apps.alerts import channels, last_told, messages
from apps.alerts.digests import Draw
from apps.alerts.models import Delivery, Destination, LastTold
from apps.figures import short_names

logger = logging.getLogger(__name__)

Status = Delivery.Status
LEASE = timedelta(seconds=180)  # longer than any of the channels may take
MOST_TRIES = 10  # some eight hours
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)


@short_names.in_use()
def send_due(seconds: float = 45, draw: Draw | None = None) -> int:
    """Send what is due, one after the other, for so long; how many were taken up.

    draw: makes the picture of a digest; without it digests have none.
    """
    ends_at = time.monotonic() + seconds
    taken = 0
    while time.monotonic() < ends_at:
        delivery = claim(timezone.now())
        if delivery is None:
            break
        taken += 1
        send(delivery, draw)
    return taken


@transaction.atomic
def claim(now: datetime) -> Delivery | None:
    """Lease one due message that nobody else has; None where there is none."""
    due = Delivery.objects.filter(state__in=[Status.WAITING, Status.SENDING], due_at__lte=now)
    found = due.select_for_update(skip_locked=True).order_by("due_at", "pk").first()
    if found is None:
        return None
    found.is_repeat = found.is_repeat or found.state == Status.SENDING  # its sender did not live to say
    found.state, found.run, found.due_at = Status.SENDING, uuid.uuid4(), now + LEASE
    found.tries += 1
    found.save(update_fields=["state", "run", "due_at", "tries", "is_repeat"])
    return Delivery.objects.with_all().get(pk=found.pk)


def send(delivery: Delivery, draw: Draw | None = None) -> None:
    """Send a claimed message and write how that ended."""
    if not messages.is_wanted(delivery):
        settle(delivery, Status.DROPPED)
        last_told.take_back(delivery)
        return
    if messages.is_over(delivery):
        settle(delivery, Status.DROPPED)
        return
    try:
        channels.send(delivery, messages.compose(delivery, draw))
    except channels.DeliveryRefused as error:
        settle(delivery, Status.DEAD, str(error))
    except channels.Later as error:
        later(delivery, error)
    else:
        settle(delivery, Status.SENT)


def settle(delivery: Delivery, state: Status, error: str = "") -> None:
    now = timezone.now()
    sent_at = now if state == Status.SENT else None
    mine = Delivery.objects.filter(pk=delivery.pk, run=delivery.run, state=Status.SENDING)
    if not mine.update(state=state, run=None, sent_at=sent_at, last_error=error[:200]):
        logger.warning("message %s took longer than its lease; another worker has it", delivery.uid)
        return
    if state == Status.DEAD:
        logger.warning("message %s is given up: %s", delivery.uid, error)
    if state == Status.SENT:
        revive(delivery)
    if state == Status.SENT and messages.asks_to_confirm(delivery) and delivery.destination.way == "webhook":
        # A receiver that took the question is there, and wants them: there is nobody who could press a button.
        Destination.objects.filter(pk=delivery.destination_id, confirmed_at=None).update(confirmed_at=now)


def revive(delivery: Delivery) -> None:
    """Try once more what was given up at a destination that takes messages again, where it is the last word.

    Else its reader would keep for true what has long changed.
    """
    dead = Delivery.objects.filter(
        destination=delivery.destination_id,
        state=Status.DEAD,
        pk__in=LastTold.objects.filter(destination=delivery.destination_id).values("delivery"),
    )
    dead.update(state=Status.WAITING, tries=0, due_at=timezone.now())


def later(delivery: Delivery, error: "channels.Later") -> None:
    """Try again after a while that doubles; after MOST_TRIES give up."""
    if delivery.tries >= MOST_TRIES:
        settle(delivery, Status.DEAD, str(error))
        return
    Delivery.objects.filter(pk=delivery.pk, run=delivery.run, state=Status.SENDING).update(
        state=Status.WAITING,
        run=None,
        due_at=timezone.now() + max(wait(delivery.tries), error.after),
        last_error=str(error)[:200],
    )


def wait(tries: int) -> timedelta:
    doubled: timedelta = min(FIRST_WAIT * 2.0 ** (tries - 1), LONGEST_WAIT)
    return doubled * random.uniform(0.8, 1.2)  # noqa: S311 (jitter, no secret)
