"""Rate limits of the API, counted in Redis for all processes together.

Without Redis each process counts in its own memory: the site is not left unguarded, and nobody is turned away because a
part of it rests. The true limit is then the rate times the number of processes.
"""

import math
import time
from functools import cache

from django.conf import settings
from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import RateLimiter, SlidingWindowCounterRateLimiter
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from apps.api.models import ApiToken
from apps.common import clients, rates
from apps.common.breaker import redis_breaker


class Throttle(BaseThrottle):
    """One count for each token, for each person signed in and for each network (/24, /56); writes are counted apart."""

    _wait = 1.0

    def allow_request(self, request: Request, view: APIView) -> bool:
        kind, who = self._asker(request)
        for rate in _rates(kind):
            limiter = _limiter_hit(rate, kind, who)
            if limiter is not None:
                self._wait = max(limiter.get_window_stats(rate, kind, who).reset_time - time.time(), 1)
                return False
        return True

    def wait(self) -> float:
        return math.ceil(self._wait)

    def _asker(self, request: Request) -> tuple[str, str]:
        kind = "WRITES" if request.method == "POST" else "SIGNED_IN"
        if isinstance(request.auth, ApiToken):
            return kind, f"token {request.auth.pk}"
        if request.user.is_authenticated:
            return kind, f"user {request.user.pk}"
        return "ANONYMOUS", clients.network_of(request)


def _rates(kind: str) -> list[RateLimitItem]:
    return rates.parse(settings.API_RATES[kind])


def _limiter_hit(rate: RateLimitItem, *who: str) -> RateLimiter | None:
    """Count one request; the limiter that refuses it, or None."""
    if not redis_breaker.is_open:
        try:
            return None if _limiter().hit(rate, *who) else _limiter()
        except StorageError:
            redis_breaker.trip()
    return None if _own().hit(rate, *who) else _own()


@cache
def _limiter() -> RateLimiter:
    return SlidingWindowCounterRateLimiter(rates.storage("kzmedia-api"))


@cache
def _own() -> RateLimiter:
    return SlidingWindowCounterRateLimiter(MemoryStorage())
