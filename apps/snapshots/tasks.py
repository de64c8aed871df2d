"""Daily tasks: obey the platforms' terms, forget who asked for a correction."""

import logging

from celery import shared_task

from apps.snapshots import correction_requests, latest, terms

logger = logging.getLogger(__name__)


@shared_task(acks_late=False, ignore_result=True)
def obey_terms() -> None:
    """Remove what a platform's terms do not let us keep, once a day."""
    for removal in terms.expire():
        logger.warning("%s: the terms ended the storing of %s counts", removal.platform, removal.snapshots)


@shared_task(acks_late=False, ignore_result=True)
def forget_askers() -> None:
    """Forget who asked for a correction, ASKER_DAYS after the answer."""
    correction_requests.forget()


@shared_task(acks_late=False, ignore_result=True)
def check_latest() -> None:
    """Compare what is kept of each account's newest snapshot with the snapshots, once a night."""
    different = latest.check()
    if different:
        logger.error(
            "what is kept as the latest of accounts differs from their snapshots and is not read any more: %s in all, %s;"
            " manage.py rebuild_latest makes it anew",
            len(different),
            ", ".join(map(str, different[:20])),
        )
