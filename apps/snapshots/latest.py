"""The latest snapshot of each account: made anew, and checked against the snapshots.

Triggers keep it (migration 0007). A trigger locks the rows of all accounts that a statement touched, in order, and only
then reads their snapshots: of two that write the same account the second sees what the first has written.
"""

from collections.abc import Iterable, Iterator

from django.db import connection, transaction

from apps.registry.models import Account
from apps.snapshots.models import LatestDifference

AT_ONCE = 1000  # accounts whose rows are locked together: collecting waits for no more
COLUMNS = "account_id, id, day, span, state, followers, bound, precision, note, source_id"

DIFFERENT = f"""
SELECT DISTINCT account_id FROM (
    SELECT {COLUMNS} FROM snapshots_latest
    EXCEPT
    SELECT one.* FROM snapshots_latest l CROSS JOIN LATERAL (
        SELECT {COLUMNS} FROM tracking_snapshot s WHERE s.account_id = l.account_id
        ORDER BY s.day DESC, s.span DESC LIMIT 1
    ) one
) different ORDER BY account_id
"""  # noqa: S608 our words


def lock(accounts: Iterable[int]) -> None:
    """Lock what is kept of the accounts, in order. A transaction that writes their snapshots in several statements does
    so before the first, lest two such transactions wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM snapshots_latest WHERE account_id = ANY(%s) ORDER BY account_id FOR NO KEY UPDATE",
            [sorted(accounts)],
        )


def fill() -> Iterator[int]:
    """Read the latest of every account again, some at a time, each time in a transaction of its own.

    Yields how many accounts were done. May be broken off and begun again.
    """
    last = 0
    while True:
        accounts = list(
            Account.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
        )
        if not accounts:
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT snapshots_keep_latest(%s::bigint[])", [accounts])
        last = accounts[-1]
        yield len(accounts)


def rebuild() -> int:
    """Read the latest of every account again and trust it again; how many accounts.

    The differences that were there before are forgotten only when all is done: until then nothing reads the latest.
    """
    known = list(LatestDifference.objects.values_list("pk", flat=True))
    done = sum(fill())
    if known:
        LatestDifference.objects.filter(pk__in=known).delete()
    return done


def check() -> list[int]:
    """Return the accounts whose latest differs from their snapshots, and note them: from then on nothing reads it.

    One statement, so that all is seen as of one moment.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(DIFFERENT)
        different = [account for (account,) in cursor.fetchall()]
        if different:
            LatestDifference.objects.bulk_create(
                [LatestDifference(account_id=account) for account in different], ignore_conflicts=True
            )
    return different
