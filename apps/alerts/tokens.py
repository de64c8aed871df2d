"""Signed words in links of messages: who holds one may unsubscribe from it, or confirm an address, without signing in."""

from typing import Any

from django.core import signing

from apps.alerts.models import Delivery, Destination, Digest

UNSUBSCRIBE = "alerts.unsubscribe"
CONFIRM = "alerts.confirm"
CONFIRM_SECONDS = 7 * 86_400


def of_rule(delivery: Delivery) -> str:
    return signing.dumps({"rule": delivery.rule_id, "destination": delivery.destination_id}, salt=UNSUBSCRIBE)


def of_digest(digest: Digest) -> str:
    return signing.dumps({"digest": digest.pk}, salt=UNSUBSCRIBE)


def of_destination(destination: Destination) -> str:
    return signing.dumps({"destination": destination.pk, "address": destination.address}, salt=CONFIRM)


def read_unsubscription(token: str) -> dict[str, Any]:
    """Return what is to be unsubscribed from. Raises signing.BadSignature. Such a link never expires, as the law on
    mailings demands."""
    found: dict[str, Any] = signing.loads(token, salt=UNSUBSCRIBE)
    return found


def read_confirmation(token: str) -> dict[str, Any]:
    """Return which destination is confirmed. Raises signing.BadSignature, also after a week."""
    found: dict[str, Any] = signing.loads(token, salt=CONFIRM, max_age=CONFIRM_SECONDS)
    return found
