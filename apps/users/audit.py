"""The record of who changed what, and when: kept by triggers of the database, whatever way a change comes in.

The rows are written by PostgreSQL (migration 0008_changes); here stands who is at work. What collecting writes day by day
(counts, titles, attempts) leaves no row: the tables' triggers name the columns that do not count.

Who acts is told inside each transaction that writes (SET LOCAL), never to the session: a pooler that hands a session from
transaction to transaction (PgBouncer) would credit the next one's changes to this person.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse
from psycopg.pq import TransactionStatus

from apps.users.models import User

READS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# What changes no row of an audited table; all else may, a function that is selected too where it stands in a transaction.
READING: Final = re.compile(r"\s*(?:/\*.*?\*/\s*)*(?:SELECT|SHOW|EXPLAIN|SET|RESET|FETCH|CLOSE|SAVEPOINT|RELEASE|ROLLBACK)\b", re.I | re.S)  # fmt: skip

_acting: ContextVar[str] = ContextVar("acting", default="")
_is_telling: ContextVar[bool] = ContextVar("is_telling", default=False)


@contextmanager
def acting(user: User | None) -> Iterator[None]:
    """Make what is written meanwhile the person's doing; nobody's where there is none."""
    if user is None:
        yield
        return
    is_first = not _acting.get()
    token = _acting.set(str(user.pk))
    try:
        _tell_a_transaction_that_has_begun()
        if is_first:
            with connection.execute_wrapper(_tell_before):
                yield
        else:
            yield
    finally:
        _acting.reset(token)
        _tell_a_transaction_that_has_begun()


class AuditMiddleware:
    """Middleware: whoever is signed in and sends something is at work."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user: User | AnonymousUser | None = None if request.method in READS else request.user
        with acting(user if isinstance(user, User) else None):
            return self.get_response(request)


def _tell_before(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Execute a statement in a transaction that knows who acts: the first of one begins it so, a write alone gets one."""
    if _is_telling.get() or context["connection"].alias != DEFAULT_DB_ALIAS:
        return execute(sql, params, many, context)
    if not connection.in_atomic_block and connection.get_autocommit():
        if READING.match(_text(sql)):
            return execute(sql, params, many, context)
        with transaction.atomic():
            _tell()
            return execute(sql, params, many, context)
    if _status() == TransactionStatus.IDLE:
        _tell()
    return execute(sql, params, many, context)


def _tell_a_transaction_that_has_begun() -> None:
    """Tell the transaction that one begins or ends to act in the middle of; one that has failed forgets by itself."""
    if _status() == TransactionStatus.INTRANS:
        try:
            _tell()
        except DatabaseError:
            connection.close()  # nobody else gets a connection that still names this person


def _tell() -> None:
    """Tell the transaction who acts, until its end."""
    token = _is_telling.set(True)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('kzmedia.by', %s, true)", [_acting.get()])
    finally:
        _is_telling.reset(token)


def _status() -> TransactionStatus:
    own = connection.connection
    return (
        TransactionStatus.UNKNOWN
        if own is None or own.closed
        else TransactionStatus(own.info.transaction_status)
    )


def _text(sql: Any) -> str:
    return sql if isinstance(sql, str) else str(sql.as_string(connection.connection))
