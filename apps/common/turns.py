"""Turns at something that one at a time may do, taken by networks one after the other."""

from collections import OrderedDict, deque
from threading import Event, Lock


class FairTurns:
    """A lock whose waiters are let in by turns of who they belong to: a crowd of one waits for itself."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_taken = False
        self._waiting: OrderedDict[str, deque[Event]] = OrderedDict()

    def acquire(self, who: str, timeout: float) -> bool:
        """Take the turn, waiting for up to `timeout` seconds; False where it did not come."""
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return True
            if timeout <= 0:
                return False
            mine = Event()
            self._waiting.setdefault(who, deque()).append(mine)
        if mine.wait(timeout):
            return True
        with self._lock:
            if mine.is_set():  # handed over in the last moment
                return True
            self._waiting[who].remove(mine)
            if not self._waiting[who]:
                del self._waiting[who]
        return False

    def release(self) -> None:
        """Hand the turn to the next of another, or to nobody."""
        with self._lock:
            if not self._waiting:
                self._is_taken = False
                return
            who, events = self._waiting.popitem(last=False)
            events.popleft().set()
            if events:
                self._waiting[who] = events  # behind all others
