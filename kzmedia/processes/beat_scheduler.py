"""The schedule of beat, which a clock that is set back does not stop."""

from datetime import timedelta
from typing import Any

from celery.beat import PersistentScheduler

AHEAD = timedelta(minutes=1)


class Scheduler(PersistentScheduler):
    """Celery's own, kept in a file. It counts from the time at which something was last given: where the clock was ahead
    then, and was set right, it would give nothing until that time comes."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        for entry in self.schedule.values():
            now = entry.default_now()
            if entry.last_run_at and entry.last_run_at > now + AHEAD:
                entry.last_run_at = now
                self._heap = None  # made anew from what is true now
        found: float = super().tick(*args, **kwargs)
        return found
