"""Limits of what strangers can have written into the log: one line for each error, and not more of them than a person could read."""

import logging
import time
import traceback
from collections import Counter
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Final

BASE_DIR: Final = Path(__file__).resolve().parent.parent.parent
FRAMES: Final = 6  # of our own code, the innermost first
LONGEST: Final = 200  # signs of an exception's words
LINES: Final = 100  # of one logger and level, within SECONDS, by one process
SECONDS: Final = 60.0
# Loggers whose records are made by requests, though they carry none.
OF_REQUESTS: Final = (
    "waitress",
    "kzmedia.monitoring.requests",
    "django.security",
    "django.request",
    "apps.common.guard",
)


class OneLine(logging.Filter):
    """Folds the traceback of a request by nobody in particular into its line.

    Who is signed in is known by name and gets the whole traceback; Sentry, where it is set up, gets it of everybody. What
    Django says of a failed page is said with it by kzmedia/monitoring/requests.py, which names the route and not the path.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if not is_of_request(record) or _is_known(request):
            return True
        text = " ".join(record.getMessage().split())
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            error, trace = record.exc_info[1:]
            cause = fold(error, trace)
            if record.name == "django.request" and request is not None:
                request.failure = cause
                return False
            text = f"{text}: {cause}"
        record.msg, record.args, record.exc_info, record.exc_text = text, (), None, None
        return True


class AtMost(logging.Filter):
    """Lets so many lines of requests pass in a minute; the next one says how many were left out."""

    def __init__(self, lines: int = LINES, seconds: float = SECONDS) -> None:
        super().__init__()
        self._lines, self._seconds = lines, seconds
        self._begun_at = time.monotonic()
        self._passed: Counter[tuple[str, int]] = Counter()
        self._lock = Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        if not is_of_request(record):
            return True
        kind = record.name, record.levelno
        with self._lock:
            left_out = 0
            if time.monotonic() - self._begun_at >= self._seconds:
                left_out = sum(max(count - self._lines, 0) for count in self._passed.values())
                self._begun_at = time.monotonic()
                self._passed.clear()
            self._passed[kind] += 1
            is_passed = self._passed[kind] <= self._lines
        if left_out:
            record.msg, record.args = f"{record.getMessage()} ({left_out} lines like this were left out)", ()
        return is_passed


def is_of_request(record: logging.LogRecord) -> bool:
    """Tell whether anybody on the network can have this written."""
    return hasattr(record, "request") or record.name.startswith(OF_REQUESTS)


def fold(error: BaseException, trace: TracebackType | None) -> str:
    """Return an exception and the way to it in one line: ValueError: words at apps/x.py:12 f < apps/y.py:40 g."""
    frames = [
        f"{Path(frame.filename).relative_to(BASE_DIR)}:{frame.lineno} {frame.name}"
        for frame in reversed(traceback.extract_tb(trace))
        if frame.filename.startswith((f"{BASE_DIR}/apps", f"{BASE_DIR}/kzmedia"))
    ]
    words = " ".join(str(error).split())[:LONGEST]
    place = f" at {' < '.join(frames[:FRAMES])}" if frames else ""
    return f"{type(error).__name__}: {words}{place}"


def _is_known(request: object) -> bool:
    """Tell whether somebody is signed in, as far as that is known already: the database may be what failed."""
    user = getattr(request, "_cached_user", None)
    return bool(user is not None and user.is_authenticated)
