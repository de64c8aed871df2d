"""Secrets stay out of what is written down: logs, errors, reports."""

import logging
import re
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Final

BLANK: Final = "[secret]"
SHORTEST: Final = 6  # signs; a shorter secret would blank out half of every line
# Whoever knows such an address may do something: what follows is as good as a password, also where it is quoted.
CAPABILITIES: Final = re.compile(
    r"((?:/|%2F)(?:invitation|unsubscribe|confirm|corrections(?:/|%2F)asked|ledger(?:/|%2F)mail|password(?:/|%2F)reset(?:/|%2F)key|confirm-email)(?:/|%2F))"
    r"(?:[^/%\s?&#\"'<>]|%(?!2F)[0-9A-F]{2})+",
    re.IGNORECASE,
)


class Blank(logging.Filter):
    """Blanks known secrets and addresses that are as good in a record: its message, its arguments, its exception's words."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        # The longest first: one may be a part of another.
        self.secrets = sorted({one for one in secrets if len(one) >= SHORTEST}, key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        told = self.clean(message)
        if told != message:
            record.msg, record.args = told, ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(_known(record.exc_info))
        if record.exc_text:
            cleaned = self.clean(record.exc_text)
            if cleaned != record.exc_text:
                record.exc_text, record.exc_info = cleaned, None
        return True

    def clean(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, BLANK)
        return CAPABILITIES.sub(rf"\1{BLANK}", text)

    def deeply(self, value: Any) -> Any:
        """Return the same in all texts of nested dicts and lists, as an error report is made of."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, Mapping):
            return {key: self.deeply(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.deeply(one) for one in value]
        return value


def _known(
    found: Any,
) -> tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]:
    return found if isinstance(found, tuple) else (None, None, None)
