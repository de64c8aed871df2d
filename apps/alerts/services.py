"""Every write that a user asks for: destinations, rules, digests."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.alerts import last_told
from apps.alerts.models import Delivery, Destination, Digest, Rule
from apps.users.models import User


@transaction.atomic
def add_destination(user: User, way: str, address: str, language: str) -> Destination:
    """Return the user's destination of this address, a new one if needed; ask for confirmation unless it was given."""
    destination, _ = Destination.objects.get_or_create(
        user=user, way=way, address=address, removed_at=None, defaults={"language": language}
    )
    if destination.confirmed_at is None:
        ask(destination)
    return destination


def ask(destination: Destination) -> None:
    """Put the question into the outbox, unless one waits there already."""
    now = timezone.now()
    waiting = destination.deliveries.filter(occurrence=None, digest=None, is_sample=False)
    if not waiting.filter(state__in=[Delivery.Status.WAITING, Delivery.Status.SENDING]).exists():
        Delivery.objects.create(destination=destination, due_at=now, made_at=now)


def send_sample(destination: Destination) -> None:
    """Put a sample message into the outbox, unless one waits there already."""
    now = timezone.now()
    waiting = destination.deliveries.filter(is_sample=True)
    if not waiting.filter(state__in=[Delivery.Status.WAITING, Delivery.Status.SENDING]).exists():
        Delivery.objects.create(destination=destination, is_sample=True, due_at=now, made_at=now)


def confirm(pk: int, address: str) -> Destination | None:
    """Return the destination, if it is still there and still has this address."""
    destination = Destination.objects.filter(pk=pk, address=address, removed_at=None).first()
    if destination and destination.confirmed_at is None:
        Destination.objects.filter(pk=pk, confirmed_at=None).update(confirmed_at=timezone.now())
    return destination


def remove(thing: Destination | Rule, removed_at: datetime | None) -> None:
    """Take it away, or (None) bring it back."""
    type(thing).objects.filter(pk=thing.pk).update(removed_at=removed_at)


def pause(thing: Rule | Digest, paused: bool) -> None:
    type(thing).objects.filter(pk=thing.pk).update(paused=paused)


def unsubscribe(what: dict[str, int]) -> None:
    """End this digest, or this rule's messages to this destination; pause a rule that has no destination left."""
    if "digest" in what:
        Digest.objects.filter(pk=what["digest"]).update(paused=True)
        return
    rule = Rule.objects.filter(pk=what.get("rule", 0)).first()
    if rule is None:
        return
    rule.destinations.remove(what["destination"])
    waiting = rule.deliveries.filter(destination=what["destination"], state=Delivery.Status.WAITING)
    for delivery in waiting.select_related("occurrence").order_by("-pk"):
        last_told.take_back(delivery)
    waiting.update(state=Delivery.Status.DROPPED)
    if not rule.destinations.exists():
        pause(rule, True)


def again(delivery: Delivery) -> bool:
    """Try a message once more that was given up; False where it was not."""
    given_up = Delivery.objects.filter(pk=delivery.pk, state=Delivery.Status.DEAD)
    return bool(given_up.update(state=Delivery.Status.WAITING, tries=0, due_at=timezone.now(), last_error=""))
