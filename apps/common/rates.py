"""Rate limits of pages by network, counted in Redis for all processes together; without Redis nobody is refused."""

import math
import time
from functools import cache

from django.conf import settings
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from apps.common.breaker import redis_breaker


def seconds_to_wait(rates: str, *who: str) -> int:
    """Count one request against each of the rates ("60/minute; 500/hour"): 0, or the seconds until it may come again."""
    if redis_breaker.is_open:
        return 0
    try:
        for rate in parse(rates):
            if not _counter().hit(rate, *who):
                return max(math.ceil(_counter().get_window_stats(rate, *who).reset_time - time.time()), 1)
    except StorageError:
        redis_breaker.trip()
    return 0


@cache
def parse(rates: str) -> list[RateLimitItem]:
    """Raises ValueError for what is no rate."""
    return parse_many(rates)


def storage(prefix: str) -> Storage:
    """Counts in Redis under a prefix; a Redis that does not answer soon is a StorageError."""
    found = storage_from_string(
        settings.REDIS_URL.replace("unix://", "redis+unix://"),
        wrap_exceptions=True,
        key_prefix=prefix,
        socket_connect_timeout=0.3,
        socket_timeout=0.5,
    )
    assert isinstance(found, Storage)  # noqa: S101 an asynchronous one has another scheme
    return found


@cache
def _counter() -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(storage("kzmedia-pages"))
