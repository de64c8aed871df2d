"""The outbox of all mails about signing in: pages put them here, `send_due` hands them to the mail server.

No page speaks to the mail server, so none fails, waits or tells by its time because of it. A request for a new password is
put here whoever it names; whether somebody has that address is looked up when it is sent. What a mail says is sealed
with SECRET_KEY while it waits, as its links open accounts, and forgotten once it is sent.
"""

import base64
import json
import logging
import time
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from allauth.account.forms import default_token_generator
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.utils import user_pk_to_url_str
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from apps.common import mailing
from apps.users.models import Mail, User

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=3)  # longer than a mail server may take
WAITS = (1, 2, 5, 15, 60, 180, 360, 720)  # minutes until each further try; then it is given up
KEPT = timedelta(days=7)  # how long it stands in the log to whom something was sent


class Backend(BaseEmailBackend):
    """EMAIL_BACKEND: whatever Django or allauth sends goes into the outbox, in the transaction of what it tells of."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Return how many were taken: all, or none where the site sends no mail."""
        if not settings.EMAIL_URL:
            return 0
        for message in email_messages:
            put(message)
        return len(email_messages)


def put(message: EmailMessage) -> None:
    """Keep a mail until it is sent. Raises ValueError for one with attachments, which none of these has."""
    if message.attachments:
        raise ValueError("Mails with attachments do not go by this outbox.")
    content = {
        "subject": message.subject,
        "body": message.body,
        "from": message.from_email,
        "headers": message.extra_headers,
        "html": [str(part.content) for part in getattr(message, "alternatives", [])],
    }
    for recipient in message.recipients():
        Mail.objects.create(recipient=recipient, sealed=seal(json.dumps(content)), due_at=timezone.now())


def ask_for_reset(email: str) -> None:
    """Keep a wish for a new password: the same for an address that nobody has."""
    Mail.objects.create(
        kind=Mail.Purpose.RESET,
        recipient=email[:254],
        sealed=seal(json.dumps({"language": translation.get_language() or settings.LANGUAGE_CODE})),
        due_at=timezone.now(),
    )


def send_due(seconds: float = 45) -> int:
    """Send what is due, one after the other, for so long, and forget what is old; return how many were taken up."""
    ends_at, taken = time.monotonic() + seconds, 0
    while time.monotonic() < ends_at and (mail := claim(timezone.now())):
        taken += 1
        send(mail)
    Mail.objects.filter(made_at__lt=timezone.now() - KEPT).exclude(state=Mail.Status.WAITING).delete()
    return taken


@transaction.atomic
def claim(now: datetime) -> Mail | None:
    """Return a mail that is due and that nobody else has, now under a lease of ours."""
    open_mails = Mail.objects.filter(state__in=[Mail.Status.WAITING, Mail.Status.SENDING], due_at__lte=now)
    mail = open_mails.select_for_update(skip_locked=True).order_by("due_at", "pk").first()
    if mail is None:
        return None
    mail.state, mail.run, mail.due_at, mail.tries = (
        Mail.Status.SENDING,
        uuid.uuid4(),
        now + LEASE,
        mail.tries + 1,
    )
    mail.save(update_fields=["state", "run", "due_at", "tries"])
    return mail


def send(mail: Mail) -> None:
    """Send a claimed mail and write how that ended."""
    try:
        for message in messages_of(mail):
            mailing.send(message)
    except InvalidToken:
        settle(mail, Mail.Status.DEAD, "sealed: SECRET_KEY has changed since")
    except mailing.MailRefused as error:
        settle(mail, Mail.Status.DEAD, str(error))
    except mailing.MailDelayed as error:
        if mail.tries > len(WAITS):
            settle(mail, Mail.Status.DEAD, str(error))
            return
        due_at = timezone.now() + timedelta(minutes=WAITS[mail.tries - 1])
        of_ours(mail).update(state=Mail.Status.WAITING, run=None, due_at=due_at, last_error=str(error)[:200])
    else:
        settle(mail, Mail.Status.SENT)


def settle(mail: Mail, state: str, error: str = "") -> None:
    """Note how it ended; what the mail said is forgotten."""
    of_ours(mail).update(state=state, run=None, ended_at=timezone.now(), last_error=error[:200], sealed="")
    if state == Mail.Status.DEAD:
        logger.warning("mail %s is given up: %s", mail.uid, error)


def of_ours(mail: Mail) -> QuerySet[Mail]:
    return Mail.objects.filter(pk=mail.pk, run=mail.run, state=Mail.Status.SENDING)


def messages_of(mail: Mail) -> list[EmailMultiAlternatives]:
    """Return what is to be sent; nothing for the wish of an address that nobody has. Raises InvalidToken."""
    content = json.loads(unseal(mail.sealed))
    headers = {"Message-ID": f"<{mail.uid}@{urlsplit(settings.SITE_URL).hostname}>"}  # the same at every try
    if mail.kind == Mail.Purpose.RESET:
        with translation.override(content["language"]):
            users = filter_users_by_email(
                mail.recipient, is_active=True, prefer_verified=True, for_login=True
            )
            return [reset_message(user, mail.recipient, headers) for user in users]
    message = EmailMultiAlternatives(
        content["subject"],
        content["body"],
        content["from"],
        [mail.recipient],
        headers=content["headers"] | headers,
    )
    for html in content["html"]:
        message.attach_alternative(html, "text/html")
    return [message]


def reset_message(user: User, email: str, headers: dict[str, str]) -> EmailMultiAlternatives:
    """Return the mail with the link that sets a new password, in the active language."""
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"}).replace(
        "UID-KEY", key
    )
    context = {"user": user, "password_reset_url": settings.SITE_URL + path, "site": settings.SITE_URL}
    subject = render_to_string("account/email/password_reset_key_subject.txt", context).strip()
    text = render_to_string("account/email/password_reset_key_message.txt", context).strip()
    return EmailMultiAlternatives(f"KZMedia: {subject}", text, None, [email], headers=headers)


def seal(text: str) -> str:
    return locks().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises InvalidToken."""
    return locks().decrypt(sealed.encode()).decode()


def locks() -> MultiFernet:
    """Return the locks of SECRET_KEY, which seals, and of those before it."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(sha256(f"outbox {key}".encode()).digest())) for key in keys]
    )
