"""Replication lag of a standby, seen from outside: no clock of either, and no right to look into them, is needed.

The primary's position is noted every few seconds; a standby that has not got to a position is behind since that was noted. A
standby that stands still is seen as surely as a slow one.
"""

import math
import time
from collections import deque
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from django.db import DEFAULT_DB_ALIAS, Error, connections

LOOK_EVERY: Final = 5.0  # seconds
LOOKS: Final = 10
PAUSE: Final = 0.05  # seconds between them
MOST: Final = 2000  # positions that are remembered: some hours


@dataclass
class Lag:
    """The lag of one standby, as one process sees it."""

    seconds: float = 0.0
    _looked_at: float | None = None
    _positions: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=MOST))
    _lock: Lock = field(default_factory=Lock)
    _had_all: float = -math.inf  # when the standby had taken in all that was written

    def look(self, alias: str) -> float:
        """Return by how many seconds the standby is behind at the most, looked at every few seconds. Raises Error of it.

        Infinity where it is none any more: one that was promoted has a history of its own from then on.
        Where the primary does not answer nothing is known, and what was known last stands.
        """
        now = time.monotonic()
        with self._lock:
            if self._looked_at is not None and now - self._looked_at < LOOK_EVERY:
                return self.seconds
            self._looked_at = now
        position = position_of_primary()
        if position is None:
            return self.seconds
        with self._lock:
            self._positions.append((now, position))
        if not is_standby(alias):
            self._positions.clear()
            self.seconds = math.inf
            return self.seconds
        replayed, quiet = read_replay(alias)
        for _ in range(
            LOOKS
        ):  # after a quiet time the first change is on its way: it comes at once, or something is wrong
            if len(self._positions) != 1 or replayed is None or replayed >= position:
                break
            time.sleep(PAUSE)
            replayed, quiet = read_replay(alias)
        with self._lock:
            self.seconds = self._behind(now, replayed, quiet)
        return self.seconds

    def _behind(self, now: float, replayed: int | None, quiet: float | None) -> float:
        if replayed is None:  # the primary itself: there is nothing to measure by
            return 0.0
        while self._positions and self._positions[0][1] <= replayed:
            self._positions.popleft()
        if not self._positions:
            self._had_all = now
            return 0.0
        if len(self._positions) > 1:
            return now - self._positions[0][0]
        # Of what came before the only position nothing is known but this: since when the standby lacks something at the most, and how
        # old the newest of its rows is, which says much of a busy primary and nothing of a quiet one.
        return min(quiet or 0.0, now - self._had_all)


def is_standby(alias: str) -> bool:
    """Tell whether it follows another server, or is the primary itself, which is never behind. Raises Error."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery(), pg_postmaster_start_time()")
        follows, started = cursor.fetchone()
    if follows:
        return True
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_postmaster_start_time()")
        return bool(cursor.fetchone()[0] == started)


def position_of_primary() -> int | None:
    """Return how many bytes the primary has written; None where it does not answer."""
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")
            return int(cursor.fetchone()[0])
    except Error:
        return None


def read_replay(alias: str) -> tuple[int | None, float | None]:
    """Return how many bytes the standby has taken in, and the seconds since its newest commit. Raises Error."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint END,"
            " extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8"
        )
        replayed, quiet = cursor.fetchone()
        return replayed, quiet
