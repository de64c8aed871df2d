"""Celery tasks of alerts, started by beat; nothing else calls it but a user who waits for a confirmation."""

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from apps.alerts import charts, detection, digests, operation, outbox, telegram_bot
from apps.collecting import freshness
from apps.common import http

logger = logging.getLogger(__name__)


@shared_task(acks_late=False, ignore_result=True)
def look() -> None:
    """Find what happened, and send what follows from it."""
    found = detection.look()
    if found:
        logger.info("found: %s", ", ".join(one.key for one in found))
        deliver.apply_async(expires=50)


@shared_task(acks_late=False, ignore_result=True)
def deliver() -> None:
    """Send what is due; what is left over waits for the next minute. Several at once do no harm."""
    outbox.send_due(draw=charts.trend_picture)
    telegram_bot.learn_name()


@shared_task(acks_late=False, ignore_result=True)
def write_digests() -> None:
    """Put the digests of the week or month that has ended into the outbox, once."""
    digests.write(timezone.now())


@shared_task(acks_late=False, ignore_result=True)
def heartbeat() -> None:
    """Tell HEARTBEAT_URL that counts are being recorded: whoever hears nothing for long knows that they are not.

    It is silent too when nothing was recorded for SILENT_HOURS, not only when workers or beat are down.
    """
    newest = freshness.newest_record()
    if not settings.HEARTBEAT_URL or newest is None or operation.is_silent(newest, timezone.now()):
        return
    with http.Client(settings.CONTACT, total_seconds=20) as client:
        try:
            answer = client.send("GET", settings.HEARTBEAT_URL)
        except http.Failed as error:
            logger.warning("the heartbeat was not heard: %s", error)
            return
    if answer.status >= 400:
        logger.warning("the heartbeat was not heard: %s", answer.status)
