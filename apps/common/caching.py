"""A cache that all processes share, and that goes on in each process's memory while Redis rests."""

import json
from collections.abc import Callable
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from apps.common.breaker import redis_breaker


class JsonSerializer:
    """What comes out of Redis is never run."""

    def dumps(self, value: object) -> bytes:
        return json.dumps(value).encode()

    def loads(self, value: bytes) -> object:
        return json.loads(value)


class SharedCache(RedisCache):
    """Counts of failed sign-ins and codes that were used: guessing is held up in either case.

    A process that has lost Redis counts for itself, so the true limit is then the limit times the processes.
    """

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("add", super().add, *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get", super().get, *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("set", super().set, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("delete", super().delete, *args, **kwargs)

    def _ask(self, name: str, ask: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if not redis_breaker.is_open:
            try:
                return ask(*args, **kwargs)
            except RedisError:
                redis_breaker.trip()
        return getattr(caches["memory"], name)(*args, **kwargs)
