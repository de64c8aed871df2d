"""What the other benchmarks measure with. Imported after Django is set up."""

from datetime import date

from django.db import connection

from apps.registry.models import Account
from apps.snapshots.models import Snapshot


def last_day() -> date | None:
    """Return the newest synthetic day, and print how the snapshots lie; None, and the reason is printed, where nothing was
    made."""
    rows = Snapshot.objects.filter(source__key="synthetic")
    found = rows.order_by("-day").values_list("day", flat=True).first()
    if found is None:
        print(  # noqa: T201
            "Nothing synthetic to measure with: manage.py synthesise --accounts 4000 --days 3650"
        )
        return None
    print(f"{layout()} up to {found}; warm, the first turn left out", flush=True)  # noqa: T201
    return found


def layout() -> str:
    """Say how many accounts' snapshots there are and in which order they lie, as the database's statistics have it."""
    accounts = Account.objects.filter(source__key="synthetic").count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = 'tracking_snapshot'::regclass")
        rows = cursor.fetchone()[0]
        cursor.execute(
            "SELECT attname, abs(correlation) FROM pg_stats"
            " WHERE tablename = 'tracking_snapshot' AND attname IN ('day', 'account_id')"
        )
        order = dict(cursor.fetchall())
    is_by_day = (order.get("day") or 0) >= (order.get("account_id") or 0)
    lies = "day by day" if is_by_day else "account by account, which flatters"
    return f"{accounts:,} accounts, about {rows:,} snapshots, laid {lies}"
