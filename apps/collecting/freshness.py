"""Time of the last recording."""

from datetime import datetime

from apps.common import reading


def newest_record() -> datetime | None:
    """Return when an account was last read, or a snapshot last added; None where nothing is recorded. One statement."""
    with reading.cursor() as cursor:
        cursor.execute(
            """SELECT greatest(
                (SELECT recorded_at FROM tracking_snapshot ORDER BY id DESC LIMIT 1),
                (SELECT max(last_success_at) FROM tracking_collection))"""
        )
        found: datetime | None = cursor.fetchone()[0]
    return found
