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
        left: list[tuple[int, float, RateLimitItem]] = []  # requests, seconds
        for rate in (rates_of_kind := _rates(kind)):
            is_let_in, remaining, seconds = _hit(rate, kind, who)
            left.append((remaining if is_let_in else 0, max(seconds, 1), rate))
            if not is_let_in:
                break
        remaining, seconds, rate = min(left, key=lambda one: (one[0], -one[1]))
        view.rate_headers = {  # type: ignore[attr-defined]  # the view says them
            "RateLimit-Limit": str(rate.amount),
            "RateLimit-Remaining": str(remaining),
            "RateLimit-Reset": str(math.ceil(seconds)),
            "RateLimit-Policy": ", ".join(f"{one.amount};w={one.get_expiry()}" for one in rates_of_kind),
        }
        self._wait = max(seconds, 1)
        return is_let_in

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


def _hit(rate: RateLimitItem, *who: str) -> tuple[bool, int, float]:
    """Count one request: whether it is let in, how many more are, and the seconds until the window is over."""
    if not redis_breaker.is_open:
        try:
            return _hit_of(_limiter(), rate, *who)
        except StorageError:
            redis_breaker.trip()
    return _hit_of(_own(), rate, *who)


def _hit_of(limiter: RateLimiter, rate: RateLimitItem, *who: str) -> tuple[bool, int, float]:
    is_let_in = limiter.hit(rate, *who)
    stats = limiter.get_window_stats(rate, *who)
    return is_let_in, stats.remaining, stats.reset_time - time.time()


@cache
def _limiter() -> RateLimiter:
    return SlidingWindowCounterRateLimiter(rates.storage("kzmedia-api"))


@cache
def _own() -> RateLimiter:
    return SlidingWindowCounterRateLimiter(MemoryStorage())
