"""Making an edition of a chart: the same chart in three languages, of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import override

from apps.dashboard import charts
from apps.dashboard.embedding import LANGUAGES
from apps.dashboard.proving import proofs_of
from apps.exports import editions
from apps.exports.models import Edition
from apps.users.models import User

A_DAY: Final = 50  # by one person; none can be removed
READERS_A_DAY: Final = 100  # by all who have not signed in together
READER = "*"  # stands for them as the maker; no user has this name


class Enough(Exception):
    """This person has made A_DAY editions within a day, or readers together READERS_A_DAY."""


def may_freeze(user: Any) -> bool:
    """Tell whether the user may freeze a chart by a button, A_DAY times: editors, and those who work for a body."""
    return isinstance(user, User) and user.is_active and (user.is_staff or user.memberships.exists())


def freeze(path: str, query: str, made_by: str = "") -> Edition:
    """Return the edition of the chart at this address as it is now. Raises NoChart and Enough.

    What a platform's terms do not let us give out, or keep for ever, is not in it.
    """
    since = timezone.now() - timedelta(days=1)
    most = READERS_A_DAY if made_by == READER else A_DAY
    if made_by and Edition.objects.filter(made_by=made_by, made_at__gt=since).count() >= most:
        raise Enough(made_by)
    content: dict[str, Any] = {}
    titles, rows = {}, None
    address = charts.Address(path, query)
    with one_moment():
        for language in LANGUAGES:
            with override(language):
                asked = charts.find_chart(path, charts.same_query(query))
                made = asked.make(True)
                content[language] = made.chart.dump()
                titles[language] = made.chart.title
                address = asked.address
                if language == "en":
                    rows = made.rows()
        content["proofs"] = proofs_of(rows or [])
        frozen = editions.Frozen(address.path, address.query, titles, rows or [], content)
        return editions.freeze(frozen, made_by)


@contextmanager
def one_moment() -> Iterator[None]:
    """Make all reads inside see the same state of the data."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
