"""Speaking to the mail server: the one place that does. Whoever wants a mail sent puts it into an outbox."""

import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection


class Refused(Exception):
    """The mail will never be taken. The text holds no address."""


class Later(Exception):
    """Not now."""


def send(message: EmailMessage) -> None:
    """Hand a mail to the mail server of EMAIL_URL. Raises Refused or Later."""
    if not settings.EMAIL_URL:
        raise Later("not_configured: EMAIL_URL is empty")
    message.connection = connection()
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise (Refused if all(code >= 500 for code in codes) else Later)(f"refused: {codes}") from None
    except smtplib.SMTPResponseException as error:
        raise (Refused if error.smtp_code >= 500 else Later)(f"smtp: {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise Later(f"connection: {type(error).__name__}") from None


def connection() -> Any:
    """Return Django's connection to the mail server itself, past the outbox that EMAIL_BACKEND names."""
    return get_connection(settings.MAIL_BACKEND)
