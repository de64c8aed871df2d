"""Celery tasks of the exports."""

import logging

from celery import shared_task

from apps.exports import editions, package

logger = logging.getLogger(__name__)

HOUR = 3600  # seconds; millions of rows are packed in minutes


@shared_task(acks_late=False, ignore_result=True, time_limit=HOUR, soft_time_limit=HOUR - 60)
def freeze_dataset() -> None:
    """Freeze the edition of the month; beat asks on the first of each."""
    edition = editions.freeze_dataset()
    logger.info("edition %s: %s rows, SHA-256 %s", edition.key, edition.row_count, edition.checksum)


@shared_task(acks_late=False, ignore_result=True, time_limit=HOUR, soft_time_limit=HOUR - 60)
def make_package() -> None:
    """Make the data package of the day."""
    logger.info("data package: %s", package.make())
