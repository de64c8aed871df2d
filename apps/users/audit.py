"""Who changed what, when: kept by triggers of the database, whatever way a change comes in.

The rows are written by PostgreSQL (migration 0008_changes); here stands who is at work. What collecting writes day by day
(counts, titles, attempts) leaves no row: the tables' triggers name the columns that do not count.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

from apps.users.models import User

READS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


@contextmanager
def acting(user: User | None) -> Iterator[None]:
    """Make what is written on this connection meanwhile the person's doing; nobody's where there is none."""
    if user is None:
        yield
        return
    before = _name(str(user.pk))
    try:
        yield
    finally:
        try:
            _name(before)
        except DatabaseError:
            connection.close()  # nobody else gets a connection that still names this person


class Named:
    """Middleware: whoever is signed in and sends something is at work."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user: User | AnonymousUser | None = None if request.method in READS else request.user
        with acting(user if isinstance(user, User) else None):
            return self.get_response(request)


def _name(key: str) -> str:
    """Tell the database who it is; gives who it was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('kzmedia.by', true), '')")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('kzmedia.by', %s, false)", [key])
    return str(before)
