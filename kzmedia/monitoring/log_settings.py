"""LOGGING of the settings."""

from collections.abc import Sequence
from typing import Any


def logging_config(log_format: str, level: str, secrets: Sequence[str]) -> dict[str, Any]:
    """Return the configuration of logging: one handler for all, which knows what may not be written down."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
            "json": {"()": "kzmedia.monitoring.logs.JsonLineFormatter"},
        },
        "filters": {
            "ids": {"()": "kzmedia.monitoring.logs.Ids"},
            "one_line": {"()": "kzmedia.monitoring.one_line.OneLine"},
            "at_most": {"()": "kzmedia.monitoring.one_line.AtMost"},
            "secrets": {"()": "apps.common.secrecy.Blank", "secrets": secrets},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": log_format,
                "filters": ["ids", "one_line", "at_most", "secrets"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        # httpx writes whole addresses, and an address may hold a key.
        "loggers": {
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
            "waitress": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
            "boto3": {"level": "WARNING"},
            # Their own handlers know of no secrets: all goes by the one above.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        },
    }
