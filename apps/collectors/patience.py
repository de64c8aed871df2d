"""Asking an archive: slowly, one request after the other, waiting when it asks for it, and giving up in time."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from apps.collectors.http import Answer, Connection, printable
from apps.collectors.types import Limited, PlatformFailure, Unavailable
from apps.common import http

TRIES: Final = 4
BACK_OFF: Final = 5.0  # seconds after the first failure; then three times as many
LONGEST: Final = 300.0  # seconds that a run waits for an archive; what asks for more is for another day
SECONDS: Final = 60.0  # of one answer; archives fetch theirs from tape-like storage
MAX_BYTES: Final = 6_000_000  # pages of the last years have two or three million


class Patient(Connection):
    """One open connection to an archive. `pause` is the least time in seconds between two requests.

    `waits` is told of every wait that is longer than the pause: (seconds, why).
    """

    def __init__(
        self,
        base: str,
        contact: str,
        *,
        pause: float,
        sleep: Callable[[float], None] = time.sleep,
        waits: Callable[[float, str], None] = lambda _seconds, _why: None,
    ) -> None:
        self._base = base.rstrip("/")
        self._pause = pause
        self._sleep = sleep
        self._waits = waits
        self._next = 0.0  # on the monotonic clock
        self._client = http.Client(
            contact, phase_seconds=SECONDS / 2, total_seconds=SECONDS, max_bytes=MAX_BYTES
        )
        self.requests = 0

    def get(
        self,
        path: str,
        params: list[tuple[str, str]] | None = None,
        *,
        accept: str = "",
        follow: bool = False,
    ) -> Answer:
        """Return the answer, whatever it says of the thing asked for: a status below 500 that is not 429.

        Raises Limited where the archive asks for more patience than a run has, Unavailable after four tries.
        """
        failure: PlatformFailure = Unavailable("timeout")
        for tried in range(TRIES):
            if tried:
                self._rest(failure, BACK_OFF * 3 ** (tried - 1))
            try:
                return self._ask(path, params, accept, follow)
            except Unavailable as unavailable:
                if unavailable.code in ("too_large", "encoding", "redirect"):
                    raise  # the next answer would be the same
                failure = unavailable
            except Limited as limited:
                failure = limited
        raise failure

    def _ask(self, path: str, params: list[tuple[str, str]] | None, accept: str, follow: bool) -> Answer:
        left = self._next - time.monotonic()
        if left > 0:
            self._sleep(left)
        self._next = time.monotonic() + self._pause
        self.requests += 1
        headers = {"Accept": accept} if accept else None
        try:
            got = self._client.send("GET", self._base + path, params=params, headers=headers, follow=follow)
        except http.Failed as failed:
            failure = Unavailable(failed.code, printable(failed.detail, 100))
        else:
            answer = Answer(got.status, got.headers, got.body, got.at)
            if answer.status == 503 and answer.retry_at():
                raise Limited("rate", "HTTP 503", answer.retry_at())
            if answer.status == 429 or answer.status >= 500:
                answer.check()
            return answer
        raise failure

    def _rest(self, failure: PlatformFailure, seconds: float) -> None:
        """Wait as long as the archive asks for, else as long as the back-off says; raises where that is too long."""
        if isinstance(failure, Limited) and failure.retry_at:
            seconds = max((failure.retry_at - datetime.now(UTC)).total_seconds(), 0.0)
        if seconds > LONGEST:
            raise failure
        self._waits(seconds, str(failure))
        self._sleep(seconds)
