"""The generation of all that public pages show: a number that every write changes, for whoever keeps pages."""

from apps.common import reading
from apps.standings.models import Generation


def of_pages() -> int:
    """The sum of all generations, as this transaction sees them. One statement."""
    with reading.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(sum(value), 0)::bigint FROM {Generation._meta.db_table}")  # noqa: S608
        found: int = cursor.fetchone()[0]
    return found
