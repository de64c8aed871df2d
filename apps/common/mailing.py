"""Speaking to the mail server: the one place that does. Whoever wants a mail sent puts it into an outbox."""

import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection


class MailRefused(Exception):
    """The mail will never be taken. The text holds no address."""


class MailDelayed(Exception):
    """Not now."""


def send(message: EmailMessage) -> None:
    """Hand a mail to the mail server of EMAIL_URL. Raises MailRefused or MailDelayed."""
    if not settings.EMAIL_URL:
        raise MailDelayed("not_configured: EMAIL_URL is empty")
    message.connection = connection()
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise (MailRefused if all(code >= 500 for code in codes) else MailDelayed)(
            f"refused: {codes}"
        ) from None
    except smtplib.SMTPResponseException as error:
        raise (MailRefused if error.smtp_code >= 500 else MailDelayed)(f"smtp: {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise MailDelayed(f"connection: {type(error).__name__}") from None


def connection() -> Any:
    """Return Django's connection to the mail server itself, past the outbox that EMAIL_BACKEND names."""
    return get_connection(settings.MAIL_BACKEND)
