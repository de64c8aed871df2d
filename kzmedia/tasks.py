"""Celery tasks of the installation as a whole."""

import logging

from celery import shared_task

from kzmedia.backups import drill, making
from kzmedia.monitoring import readiness

logger = logging.getLogger(__name__)

LONGEST = 4 * 3600  # seconds


@shared_task(acks_late=False, ignore_result=True)
def beat_heart() -> None:
    """Note that beat, broker and worker do their work together (/readyz looks at it)."""
    readiness.heart_beats()


@shared_task(acks_late=False, ignore_result=True, time_limit=LONGEST, soft_time_limit=LONGEST - 60)
def make_backup() -> None:
    """Make the backup of the day; a second call on the same day makes none."""
    made = making.nightly()
    if made:
        logger.info("backup %s: %s rows, %s files, %s bytes", made.place, made.rows, made.files, made.size)


@shared_task(acks_late=False, ignore_result=True, time_limit=LONGEST, soft_time_limit=LONGEST - 60)
def try_backup() -> None:
    """Restore the newest backup into an empty database, once a week: what was never restored is a hope."""
    note = drill.practise()
    if note and note.why:
        logger.error("backup %s could not be restored: %s", note.name, note.why)
    elif note:
        logger.info("backup %s was restored into an empty database: %s counts", note.name, note.rows)
