"""Celery tasks of signing in."""

from celery import shared_task

from apps.users import outbox


@shared_task(acks_late=False, ignore_result=True, time_limit=170, soft_time_limit=160)
def send_mails() -> None:
    """Send the mails that wait."""
    outbox.send_due()
