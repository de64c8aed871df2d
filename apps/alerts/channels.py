"""The three ways a message goes out. Each returns when the receiver has taken it, and raises DeliveryRefused or Later else."""

import hashlib
import hmac
import json
import time
from datetime import timedelta
from email.mime.image import MIMEImage
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from apps.alerts.messages import Message
from apps.alerts.models import Delivery, Destination
from apps.common import http, mailing

TELEGRAM_SECONDS = 30.0
WEBHOOK_SECONDS = 20.0
ANSWER_BYTES = 65_536
GONE = 410


class DeliveryRefused(Exception):
    """It will never be taken: the message is dead. The text holds no key and no address."""


class Later(Exception):
    """Not now; `after` says how long the receiver asks us to wait at least."""

    def __init__(self, why: str, after: timedelta = timedelta(0)) -> None:
        super().__init__(why)
        self.after = after


def send(delivery: Delivery, message: Message) -> None:
    match delivery.destination.way:
        case Destination.Way.EMAIL:
            email(delivery, message)
        case Destination.Way.TELEGRAM:
            telegram(delivery, message)
        case Destination.Way.WEBHOOK:
            webhook(delivery, message)


def email(delivery: Delivery, message: Message) -> None:
    """Send by SMTP. The Message-ID is the same at every try, so that mail servers and readers drop repeats."""
    try:
        mailing.send(mail(delivery, message))
    except mailing.MailRefused as error:
        raise DeliveryRefused(str(error)) from None
    except mailing.MailDelayed as error:
        raise Later(str(error)) from None


def mail(delivery: Delivery, message: Message) -> EmailMultiAlternatives:
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    headers = {"Message-ID": f"<{delivery.uid}@{host}>", "Auto-Submitted": "auto-generated"}
    if message.unsubscribe:
        # RFC 8058: one click in the reader of mail, without a page between.
        headers["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made = EmailMultiAlternatives(
        message.subject, message.text, to=[delivery.destination.address], headers=headers
    )
    made.attach_alternative(message.html, "text/html")
    if message.picture:
        image = MIMEImage(message.picture, "png")
        image.add_header("Content-ID", f"<{message.picture_id}>")
        image.add_header("Content-Disposition", "inline", filename="chart.png")
        made.attach(image)
    return made


def telegram(delivery: Delivery, message: Message) -> None:
    """Send by the Bot API, which knows no id to drop a repeat by: a message that may be a repeat says so."""
    if not settings.TELEGRAM_ALERT_TOKEN:
        raise Later("not_configured: TELEGRAM_ALERT_TOKEN is empty")
    text = message.text if not delivery.is_repeat else f"{message.text}\n\n{message.repeat_note}"
    url = f"{settings.TELEGRAM_ALERT_URL}/bot{settings.TELEGRAM_ALERT_TOKEN}/sendMessage"
    form = {
        "chat_id": delivery.destination.address,
        "text": text[:4000],
        "link_preview_options": json.dumps({"is_disabled": True}),
    }
    with http.Client(settings.CONTACT, total_seconds=TELEGRAM_SECONDS, max_bytes=ANSWER_BYTES) as client:
        try:
            answer = client.send("POST", url, form=form)
        except http.Failed as error:
            raise Later(str(error)) from None
    if answer.status == 200:
        return
    why, after = error_of(answer.body)
    if answer.status == 429:
        raise Later("rate", timedelta(seconds=after))
    if answer.status in (400, 403):  # no such chat, or the bot was thrown out of it
        raise DeliveryRefused(f"{answer.status}: {why}")
    raise Later(f"{answer.status}: {why}")


def error_of(body: bytes) -> tuple[str, int]:
    """Return Telegram's description of an error, and for how many seconds it asks to wait."""
    try:
        told = json.loads(body)
    except ValueError:
        return "", 0
    if not isinstance(told, dict):
        return "", 0
    parameters = told.get("parameters")
    after = parameters.get("retry_after") if isinstance(parameters, dict) else 0
    return str(told.get("description", ""))[:100], min(after, 86_400) if isinstance(after, int) else 0


def webhook(delivery: Delivery, message: Message) -> None:
    """Send a signed POST to a public https address; the connection goes to the very IP address that was checked."""
    url = delivery.destination.address
    if not settings.WEBHOOK_ALLOW_LOCAL and urlsplit(url).scheme != "https":
        raise DeliveryRefused("not https")
    body = json.dumps(message.payload, ensure_ascii=False, sort_keys=True).encode()
    at = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": str(delivery.uid),
        "X-KZMedia-Delivery": str(delivery.uid),
        "X-KZMedia-Timestamp": at,
        "X-KZMedia-Signature": f"v1={signature(delivery.destination.secret, at, body)}",
    }
    with http.Client(
        settings.CONTACT,
        total_seconds=WEBHOOK_SECONDS,
        max_bytes=ANSWER_BYTES,
        public_only=not settings.WEBHOOK_ALLOW_LOCAL,
    ) as client:
        try:
            answer = client.send("POST", url, content=body, headers=headers)
        except http.Failed as error:
            raise (DeliveryRefused if error.code in ("private_address", "address") else Later)(
                str(error)
            ) from None
    if answer.status == GONE:
        raise DeliveryRefused("410: the receiver wants no more")
    if not 200 <= answer.status < 300:
        raise Later(str(answer.status))


def signature(secret: str, at: str, body: bytes) -> str:
    """Return the HMAC-SHA256 of the timestamp, a full stop and the body, in hexadecimal."""
    return hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
