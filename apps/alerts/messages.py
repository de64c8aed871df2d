"""The text of a delivery in its destination's language: as a mail, as plain text, as JSON."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext, override

from apps.alerts import digests, last_told, tokens, words
from apps.alerts.models import Delivery, Occurrence, OccurrenceKind
from apps.snapshots.models import Doubt


@dataclass(frozen=True)
class Message:
    subject: str
    text: str
    html: str
    payload: dict[str, Any] = field(default_factory=dict)
    unsubscribe: str = ""  # the whole address; "" where there is nothing to be unsubscribed from
    picture: bytes | None = None  # PNG
    picture_id: str = ""
    repeat_note: str = ""


def asks_to_confirm(delivery: Delivery) -> bool:
    return delivery.occurrence_id is None and delivery.digest_id is None and not delivery.is_sample


def is_over(delivery: Delivery) -> bool:
    """Say whether there is nothing left to tell: a newer state is on its way, or an editor has decided the count."""
    one = delivery.occurrence
    if one is not None and one.kind == OccurrenceKind.HELD:
        return Doubt.objects.filter(pk=one.key.partition(":")[2]).exclude(decision="").exists()
    if (
        one is not None and one.is_correction
    ):  # of a message that has not gone out there is nothing to take back
        last = last_told.last_delivery(delivery)
        if last is None or last.occurrence is None or last.occurrence.state == one.state:
            return True
    return last_told.is_superseded(delivery)


def is_wanted(delivery: Delivery) -> bool:
    """Say whether its reader still wants it: much may have changed in quiet hours, or while a receiver was down."""
    destination = delivery.destination
    if destination.removed_at or (destination.user and not destination.user.is_active):
        return False
    if asks_to_confirm(delivery):
        return destination.confirmed_at is None
    if delivery.is_sample:
        return True
    if delivery.digest:
        return not delivery.digest.paused and not delivery.digest.actor.hidden
    if delivery.rule and (delivery.rule.paused or delivery.rule.removed_at):
        return False
    one = delivery.occurrence
    return one is not None and not any(actor.hidden for actor in (one.actor, one.other) if actor)


def compose(delivery: Delivery, draw: digests.Draw | None = None) -> Message:
    with override(delivery.destination.language):
        if delivery.digest:
            return of_digest(delivery, draw)
        if delivery.occurrence:
            return of_occurrence(delivery, delivery.occurrence)
        if delivery.is_sample:
            return of_sample(delivery)
        return of_question(delivery)


def of_occurrence(delivery: Delivery, one: Occurrence) -> Message:
    sentence, address = words.sentence(one), words.address(one)
    meanwhile = words.meanwhile(one, *last_told.since_sent(delivery))
    context = {
        "sentence": sentence,
        "meanwhile": meanwhile,
        "kind": words.kind(one),
        "address": address,
        "unsubscribe": page(tokens.of_rule(delivery)) if delivery.rule else "",
        "settings": settings.SITE_URL + reverse("alerts:list"),
        "language": delivery.destination.language,
    }
    return Message(
        subject=subject(sentence),
        text=render_to_string("alerts/mail/alert.txt", context).strip(),
        html=render_to_string("alerts/mail/alert.html", context),
        payload={
            "id": str(delivery.uid),
            "type": "occurrence",
            "occurrence": {**payload(one, sentence, address), "meanwhile": meanwhile},
        },
        unsubscribe=context["unsubscribe"],
        repeat_note=repeat_note(),
    )


def of_sample(delivery: Delivery) -> Message:
    """Return a message that shows what alerts look like here: the newest that anyone may read, else words alone."""
    one = Occurrence.objects.public().told().first()
    context = {
        "sentence": words.sentence(one) if one else "",
        "settings": settings.SITE_URL + reverse("alerts:list"),
        "language": delivery.destination.language,
    }
    return Message(
        subject=subject(gettext("Sample message of KZMedia")),
        text=render_to_string("alerts/mail/sample.txt", context).strip(),
        html=render_to_string("alerts/mail/sample.html", context),
        payload={"id": str(delivery.uid), "type": "sample"},
        repeat_note=repeat_note(),
    )


def payload(one: Occurrence, sentence: str, address: str) -> dict[str, Any]:
    """Return an occurrence for programs: what it is, and the facts that its sentence is made of."""
    return {
        "id": words.uid(one).urn,
        "kind": one.kind,
        "actor": one.actor.slug if one.actor else None,
        "passed": one.other.slug if one.other else None,
        "account": words.account_name(one.account) if one.account else None,
        "platform": one.platform or None,
        "day": one.day.isoformat(),
        "since": one.since.isoformat() if one.since else None,
        "facts": one.facts,
        "over": one.is_over,
        "found_at": one.found_at.isoformat(),
        "sentence": sentence,
        "url": address,
    }


def of_digest(delivery: Delivery, draw: digests.Draw | None) -> Message:
    if delivery.digest is None or delivery.until is None:
        raise ValueError("a digest and its last day")
    made = digests.content(delivery.digest, delivery.until, draw)
    unsubscribe = page(tokens.of_digest(delivery.digest))
    picture_id = f"chart-{delivery.uid}" if made.picture else ""
    context = {
        "digest": made,
        "picture_id": picture_id,
        "address": settings.SITE_URL + reverse("dashboard:actor", args=[delivery.digest.actor.slug]),
        "unsubscribe": unsubscribe,
        "settings": settings.SITE_URL + reverse("alerts:list"),
        "language": delivery.destination.language,
    }
    return Message(
        subject=subject(made.title),
        text=render_to_string("alerts/mail/digest.txt", context).strip(),
        html=render_to_string("alerts/mail/digest.html", context),
        payload={"id": str(delivery.uid), "type": "digest", "actor": delivery.digest.actor.slug},
        unsubscribe=unsubscribe,
        picture=made.picture,
        picture_id=picture_id,
        repeat_note=repeat_note(),
    )


def of_question(delivery: Delivery) -> Message:
    """Return the message that asks whether the address is theirs."""
    address = page(tokens.of_destination(delivery.destination), "confirm")
    context = {"address": address, "site": settings.SITE_URL, "language": delivery.destination.language}
    return Message(
        subject=subject(gettext("Confirm that KZMedia may send messages to this address")),
        text=render_to_string("alerts/mail/confirm.txt", context).strip(),
        html=render_to_string("alerts/mail/confirm.html", context),
        payload={"id": str(delivery.uid), "type": "confirm", "url": address},
        repeat_note=repeat_note(),
    )


def page(token: str, name: str = "unsubscribe") -> str:
    site: str = settings.SITE_URL
    return site + reverse(name, args=[token])


def subject(text: str) -> str:
    """Put the text on one line, cut to the length that mail readers show."""
    line = " ".join(text.split())
    return line if len(line) <= 150 else line[:149] + "…"


def repeat_note() -> str:
    return gettext("This may be a repeat: the first attempt was cut off before it was confirmed.")
