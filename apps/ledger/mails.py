"""The newest number by mail, to who asked for it and has confirmed.

Nothing is kept of an address before it is confirmed: the link that was mailed to it carries it. Mails go by the outbox.
"""

from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from apps.common import rates
from apps.ledger.models import MailReader, Seal

SALT: Final = "kzmedia.ledger.mail"
CONFIRM, STOP = "confirm", "stop"
CONFIRM_SECONDS: Final = 7 * 86_400
BY_NETWORK: Final = "5/hour;20/day"  # mails that one network may have sent
TO_ADDRESS: Final = "2/day"  # mails that ask one address to confirm


class EnoughMails(Exception):
    """This network, or this address, has had enough of these mails for now."""


def ask(email: str, language: str, network: str) -> None:
    """Mail a link by which the address is confirmed. Raises EnoughMails. Whether it is known already nobody is told."""
    address = sha256(email.lower().encode()).hexdigest()
    if rates.seconds_to_wait(BY_NETWORK, "ledger-mail", network) or rates.seconds_to_wait(
        TO_ADDRESS, "ledger-mail-to", address
    ):
        raise EnoughMails
    with override(language):
        body = gettext(
            "Somebody, probably you, wants the number of KZMedia's ledger of the past sent to this address every night. If that was you, open this page "
            "and confirm it:\n\n%(link)s\n\nIf not, do nothing: nothing more will come, and the address is not kept."
        )
        _send(
            email,
            gettext("Confirm: the ledger's number by mail"),
            body % {"link": link(CONFIRM, email, language)},
        )


def link(do: str, email: str, language: str) -> str:
    token = signing.dumps({"do": do, "email": email, "language": language}, salt=SALT)
    return settings.SITE_URL + reverse("embeds:ledger_mail_link", args=[token])


def read(token: str) -> dict[str, Any]:
    """Return what a link is for. Raises signing.BadSignature, of one that confirms after a week too; one that stops never ends."""
    found: dict[str, Any] = signing.loads(token, salt=SALT)
    if found["do"] == CONFIRM:
        signing.loads(token, salt=SALT, max_age=CONFIRM_SECONDS)
    return found


def confirm(email: str, language: str) -> None:
    newest = Seal.objects.order_by("-number").values_list("number", flat=True).first() or 0
    given = {"language": language, "confirmed_at": timezone.now(), "told": newest}
    MailReader.objects.get_or_create(email=email.lower(), defaults=given)


def stop(email: str) -> None:
    MailReader.objects.filter(email=email.lower()).delete()


def tell() -> int:
    """Put the newest number into the outbox for everybody who has not had it; return for how many."""
    newest = Seal.objects.order_by("-number").first()
    if newest is None:
        return 0
    told = 0
    for reader in MailReader.objects.filter(told__lt=newest.number):
        with transaction.atomic():
            # Of two that do this at once, one.
            if MailReader.objects.filter(pk=reader.pk, told__lt=newest.number).update(told=newest.number):
                _tell(reader, newest)
                told += 1
    return told


def _tell(reader: MailReader, seal: Seal) -> None:
    with override(reader.language):
        body = gettext(
            "KZMedia's ledger of the past, number %(number)s.\n\n%(header)s\nsignature %(signature)s\n\nKeep this mail: with it you can tell years later whether anything that was "
            "recorded before this day was changed. How: %(page)s\n\nNo more of these mails: %(stop)s"
        ) % {
            "number": seal.label,
            "header": seal.header,
            "signature": seal.signature,
            "page": f"{settings.SITE_URL}/{reader.language}/data/ledger/",
            "stop": link(STOP, reader.email, reader.language),
        }
        _send(
            reader.email,
            gettext("Ledger %(number)s") % {"number": seal.label},
            body,
            stops=link(STOP, reader.email, reader.language),
        )


def _send(email: str, subject: str, body: str, stops: str = "") -> None:
    headers = {"Auto-Submitted": "auto-generated"}
    if stops:  # RFC 8058: one click in the reader of mail, without a page between
        headers |= {"List-Unsubscribe": f"<{stops}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    headers["List-Id"] = f"<ledger.{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"
    EmailMessage(subject, body, to=[email], headers=headers).send()
