"""Secrets from files: NAME_FILE=/run/secrets/name stands for NAME, as containers hand them over."""

import os
from collections.abc import MutableMapping
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

SECRETS = (
    "AWS_SECRET_ACCESS_KEY",
    "DATABASE_URL",
    "EMAIL_URL",
    "FACEBOOK_TOKEN",
    "HEARTBEAT_URL",
    "INSTAGRAM_TOKEN",
    "METRICS_TOKEN",
    "OK_ACCESS_TOKEN",
    "OK_APPLICATION_KEY",
    "OK_SECRET_KEY",
    "REDIS_URL",
    "SECRET_KEY",
    "SENTRY_DSN",
    "TELEGRAM_ALERT_TOKEN",
    "TELEGRAM_BOT_TOKEN",
    "THREADS_TOKEN",
    "VK_TOKEN",
    "X_BEARER_TOKEN",
    "YOUTUBE_API_KEY",
)


def read(environ: MutableMapping[str, str] = os.environ) -> None:
    """Fill NAME from the file that NAME_FILE names, its last line break left out.

    Raises ImproperlyConfigured where the file cannot be read, or both are set and it is unclear which one holds.
    """
    for name in SECRETS:
        path = environ.get(f"{name}_FILE", "")
        if not path:
            continue
        if environ.get(name):
            raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: keep one.")
        try:
            environ[name] = Path(path).read_text().rstrip("\r\n")
        except (OSError, UnicodeError) as error:
            raise ImproperlyConfigured(
                f"{name}_FILE names {path}, which cannot be read: {type(error).__name__}."
            ) from None
        del environ[f"{name}_FILE"]  # the processes started from here are handed the secret itself


def secret_values(environ: MutableMapping[str, str] = os.environ) -> list[str]:
    """Return the values that must not be written down; of an address with a password in it the password."""
    found = []
    for name in SECRETS:
        value = environ.get(name, "")
        if not value:
            continue
        password = urlsplit(value).password if "://" in value else None
        if name.endswith("_URL") and name != "HEARTBEAT_URL":
            found += [password] if password else []
        else:
            found.append(value)
    return found
