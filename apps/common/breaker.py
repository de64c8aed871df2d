"""A server that did not answer is left alone for a while, lest everybody wait for it."""

import time
from typing import Final

REST: Final = 10.0  # seconds


class Breaker:
    """Remembers, for one process, that a server was silent a moment ago."""

    def __init__(self, seconds: float = REST) -> None:
        self.seconds = seconds
        self._rests_until = 0.0

    @property
    def is_open(self) -> bool:
        """Tell whether the server is being left alone."""
        return time.monotonic() < self._rests_until

    def trip(self) -> None:
        """Leave the server alone from now on, for `seconds`."""
        self._rests_until = time.monotonic() + self.seconds

    def reset(self) -> None:
        """Ask the server again at once."""
        self._rests_until = 0.0


redis_breaker: Final = Breaker()
replica_breaker: Final = Breaker()
