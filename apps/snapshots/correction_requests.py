"""Requests for corrections: asked by anybody, answered by an editor; and what actors say of their own numbers."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from apps.registry.models import Actor, Membership
from apps.snapshots.models import Correction, CorrectionRequest, Reply, Snapshot
from apps.snapshots.recording import day_of, value_as_json
from apps.users.models import User

SATURDAY = 5  # weekdays from here on are no working days


class TooMany(Exception):
    """This network has asked as often as it may for now."""


class Answered(ValueError):
    """Somebody else has answered it."""


class WrongAnswer(ValueError):
    """A request is called corrected without a correction of the same actor, or closed without a word."""


def ask(
    actor: Actor | None,
    said: Mapping[str, str],
    *,
    snapshot: Snapshot | None = None,
    network: str = "",
    language: str = "en",
    by: User | None = None,
    now: datetime | None = None,
) -> CorrectionRequest:
    """Keep a request. said: wrong, right, evidence, email; network: the client's /24 or /56.

    Without an actor it suggests an account: `wrong` is whose, `evidence` its address.

    Raises TooMany where the network has asked ASKS_AN_HOUR or ASKS_A_DAY times. It is counted in the database, in turn,
    so that neither a silent Redis nor many requests at once let more through.
    """
    at = now or timezone.now()
    counted = salted_hmac("kzmedia.asking", network, algorithm="sha256").hexdigest() if network else ""
    with transaction.atomic():
        if counted:
            _take_turns(counted)
            asked = CorrectionRequest.objects.filter(network=counted)
            for most, within in (
                (settings.ASKS_AN_HOUR, timedelta(hours=1)),
                (settings.ASKS_A_DAY, timedelta(days=1)),
            ):
                if asked.filter(asked_at__gt=at - within).count() >= most:
                    raise TooMany
        return CorrectionRequest.objects.create(
            actor=actor,
            snapshot=snapshot,
            about=_about(snapshot) if snapshot else {},
            wrong=said["wrong"].strip(),
            right=said.get("right", "").strip(),
            evidence=said.get("evidence", ""),
            email=said.get("email", ""),
            network=counted,
            language=language,
            by=by,
            asked_at=at,
            due_on=working_days_after(day_of(at), settings.ANSWER_DAYS),
        )


def answer(
    request: CorrectionRequest,
    outcome: CorrectionRequest.Outcome,
    words: str,
    *,
    by: User,
    correction: Correction | None = None,
) -> None:
    """Close a request, once. Raises Answered, or WrongAnswer."""
    corrected = outcome == CorrectionRequest.Outcome.CORRECTED
    if not words.strip() and outcome != CorrectionRequest.Outcome.SPAM:
        raise WrongAnswer("words")
    if correction is not None and (not corrected or correction.snapshot.account.actor_id != request.actor_id):
        raise WrongAnswer("correction")
    changed = CorrectionRequest.objects.filter(pk=request.pk, outcome="").update(
        outcome=outcome,
        answer=words.strip(),
        correction=correction,
        answered_by=by,
        answered_at=timezone.now(),
    )
    if not changed:
        raise Answered
    request.refresh_from_db()


def tell(request: CorrectionRequest) -> bool:
    """Send the answer to the requester, in the language of the request. Raises OSError where the mail server refuses.

    Returns whether it was sent: not without an address or a mail server, and nobody is told of nonsense.
    """
    if not request.email or not settings.EMAIL_URL or request.outcome in ("", CorrectionRequest.Outcome.SPAM):
        return False
    with translation.override(request.language):
        facts = {
            "request": request,
            "name": request.actor.name(request.language) if request.actor else request.wrong,
            "address": settings.SITE_URL + reverse("dashboard:asked", args=[request.key]),
        }
        text = render_to_string("snapshots/mail/answered.txt", facts)
        subject = (
            _("KZMedia: your suggestion is answered")
            if request.is_suggestion
            else _("KZMedia: your request for a correction is answered")
        )
        send_mail(subject, text, None, [request.email])
    return True


def forget() -> int:
    """Delete e-mail addresses and networks of requests that were answered ASKER_DAYS ago; how many."""
    oldest = timezone.now() - timedelta(days=settings.ASKER_DAYS)
    known = CorrectionRequest.objects.exclude(email="", network="")
    return known.filter(answered_at__lt=oldest).update(email="", network="")


def working_days_after(day: date, count: int) -> date:
    """Return the day so many Mondays to Fridays after this one; holidays are not known."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return day


def reply(actor: Actor, texts: Mapping[str, str], *, day: date, by: User) -> Reply:
    """Return what the actor says, in any of kk, ru, en. Raises PermissionDenied for who neither edits nor works for
    it."""
    if not may_speak_for(by, actor):
        raise PermissionDenied
    written = {f"text_{code}": texts.get(code, "").strip() for code in ("kk", "ru", "en")}
    if not any(written.values()):
        raise ValueError("an empty reply")
    return Reply.objects.create(actor=actor, day=day, by=by, at=timezone.now(), **written)


def may_speak_for(user: User, actor: Actor) -> bool:
    """Tell whether the user is an editor, or a press officer of this very body."""
    if not user.is_active:
        return False
    is_press_officer = Membership.objects.filter(user=user, actor=actor).exists()
    return is_press_officer or user.has_perm("snapshots.add_reply")


def _take_turns(name: str) -> None:
    """Lock the name until the transaction ends: nobody else counts this network meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _about(snapshot: Snapshot) -> dict[str, object]:
    account = snapshot.account
    return {
        **value_as_json(snapshot),
        "platform": account.platform,
        "handle": account.handle,
        "observed": snapshot.observed,
    }
