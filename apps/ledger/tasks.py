"""The nightly seal."""

import logging

from celery import shared_task

from apps.ledger import mails, sealing

logger = logging.getLogger(__name__)

HOUR = 3600  # seconds; a night takes one or two, the first of many millions of rows some minutes


@shared_task(acks_late=False, ignore_result=True, time_limit=HOUR, soft_time_limit=HOUR - 60)
def seal() -> None:
    """Seal the day that has ended, and those before it that were missed."""
    for one in sealing.seal():
        logger.info("ledger %s: %s lines", one.label, one.lines)
    mails.tell()


@shared_task(acks_late=False, ignore_result=True)
def tell() -> None:
    """Mail the newest number to who has not had it: also where it was sealed by hand."""
    if told := mails.tell():
        logger.info("the ledger's number is mailed to %s", told)
