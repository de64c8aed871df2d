"""Routing of reads: the primary, or a replica of it where READ_REPLICA_URL names one.

A replica answers what depends on nothing but the address and the data, and only to whoever shows no session and no
token: people who change something see their own change at once. All that is written, and all other reading, goes to
the primary. The generation under which a page is kept is read from the database that its rows are read from, so rows
of a replica that lags behind are kept under the generation that they are of.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.utils import CursorWrapper
from django.http import HttpRequest, HttpResponseBase

from apps.common.breaker import replica_breaker
from apps.common.lag import Lag

View = Callable[..., HttpResponseBase]

REPLICA: Final = "replica"

logger = logging.getLogger(__name__)
replica_lag: Final = Lag()
_database: ContextVar[str] = ContextVar("database", default=DEFAULT_DB_ALIAS)


class Router:
    """Reads go where database() says. Nothing is written, or migrated, anywhere but in the primary."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return database()

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True  # the same rows

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS


def database() -> str:
    """Return the alias of the database that is read from now."""
    return _database.get()


def cursor() -> CursorWrapper:
    """Open a cursor for a statement of one's own that only reads."""
    return connections[database()].cursor()


def for_readers(view: View) -> View:
    """Mark a public view that depends on nothing but its address and the data."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if may_lag(request) and replica_answers():
            with read_from(REPLICA):
                return view(request, *args, **kwargs)
        return view(request, *args, **kwargs)

    return wrapper


def may_lag(request: HttpRequest) -> bool:
    """Tell whether the reader could not have changed anything a moment ago."""
    return is_anybodys(request) and "Authorization" not in request.headers


def is_anybodys(request: HttpRequest) -> bool:
    """Tell whether the question shows no session, nor words for whoever had one."""
    return (
        request.method in ("GET", "HEAD")
        and not {settings.SESSION_COOKIE_NAME, "messages"} & request.COOKIES.keys()
    )


@contextmanager
def read_from(alias: str) -> Iterator[None]:
    token = _database.set(alias)
    try:
        yield
    finally:
        _database.reset(token)


def replica_answers() -> bool:
    """Tell whether there is one; a connection to it is open then."""
    if REPLICA not in connections.settings or replica_breaker.is_open:
        return False
    try:
        connections[REPLICA].close_if_health_check_failed()
        connections[REPLICA].ensure_connection()
        seconds = replica_lag.look(REPLICA)
    except Error:
        logger.warning(
            "the replica does not answer; the primary is read from for %s s", replica_breaker.seconds
        )
        replica_breaker.trip()
        return False
    if seconds > settings.REPLICA_LAG_SECONDS:
        logger.warning(
            "the replica is %.0f s behind (inf: no standby any more); the primary is read from for %s s",
            seconds,
            replica_breaker.seconds,
        )
        replica_breaker.trip()
        return False
    return True
