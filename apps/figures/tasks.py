"""The task of the worker of pictures; its queue is its own, so that drawing holds up no collecting."""

from celery import shared_task

from apps.figures import pictures


@shared_task(acks_late=False, ignore_result=True)
def draw_picture(key: str) -> None:
    """Draw what was asked for under the key; asked twice it is drawn once."""
    pictures.answer(key)
