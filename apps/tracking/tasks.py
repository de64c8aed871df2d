"""What Celery runs. Ids in, one service call; the lease redelivers, not the broker."""

import logging
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from apps.tracking import asking, audit, collecting, importing, services, terms
from apps.tracking.models import ImportBatch
from apps.users.models import User

logger = logging.getLogger(__name__)

QUEUE = "collect.{platform}"
PATIENCE = 3  # seconds that an editor waits for a broker that hangs
PATIENT = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "max_retries": 0}


@shared_task(acks_late=False, ignore_result=True)
def dispatch_due() -> None:
    """Write leases on what is due and publish them. Beat calls this every minute; twice at once does no harm."""
    _publish(collecting.dispatch())


def _publish(leases: Iterable[tuple[str, UUID]]) -> None:
    for platform, lease in leases:
        collect_batch.apply_async(
            (platform, str(lease)),
            queue=QUEUE.format(platform=platform),
            expires=collecting.LEASE.total_seconds(),
        )


@shared_task(acks_late=False, ignore_result=True)
def collect_batch(platform: str, lease: str) -> None:
    """Read the accounts under this lease; one that is claimed already is left alone. What is due follows at once."""
    summary = collecting.collect(platform, UUID(lease))
    if summary.outcomes or summary.stopped:
        counts = ", ".join(f"{kind} {count}" for kind, count in sorted(summary.outcomes.items()))
        logger.info("%s: %s", platform, "; ".join(part for part in (counts, summary.stopped) if part))
    if summary.outcomes and not summary.stopped:
        _publish(collecting.top_up(platform))


@shared_task(acks_late=False, ignore_result=True)
def obey_terms() -> None:
    """Remove what a platform's terms do not let us keep, once a day."""
    for removal in terms.expire():
        logger.warning("%s: the terms ended the storing of %s counts", removal.platform, removal.snapshots)


@shared_task(acks_late=False, ignore_result=True)
def prune_log() -> None:
    """Attempts and runs are kept for ATTEMPT_DAYS; they hold no counts."""
    services.prune_log()
    importing.prune()


@shared_task(acks_late=False, ignore_result=True)
def forget_askers() -> None:
    """Whoever asked for a correction is forgotten ASKER_DAYS after the answer."""
    asking.forget()


@shared_task(acks_late=False, ignore_result=True, time_limit=3600, soft_time_limit=3500)
def work_on_import(
    batch: str, work: str, *, encoding: str = "", reason: str = "", by: int | None = None
) -> None:
    """Look an imported file through, write it or undo it; what cannot be done any more is left alone."""
    found = ImportBatch.objects.filter(pk=batch).first()
    if found is None:
        return
    try:
        do_import(found, work, encoding=encoding, reason=reason, by=by)
    except importing.Refused as refused:
        logger.info("import %s: %s", batch, refused)


def do_import(
    batch: ImportBatch, work: str, *, encoding: str = "", reason: str = "", by: int | None = None
) -> None:
    """Do it here and now. Raises importing.Refused."""
    user = User.objects.filter(pk=by).first() if by else None
    with audit.acting(user):
        if work == "check":
            importing.check(batch, encoding=encoding)
        elif work == "write":
            importing.write(batch, reason=reason, by=user)
        elif user is not None:
            importing.undo(batch, by=user)


def begin_import(batch: ImportBatch, work: str, **how: Any) -> bool:
    """Have a worker do it; False where the broker does not answer."""
    try:
        with work_on_import.app.connection_for_write(transport_options=PATIENT) as connection:
            work_on_import.apply_async(
                (str(batch.pk), work), how, retry=False, expires=3600, connection=connection
            )  # type: ignore[call-arg]  # it goes through to send_task
    except OperationalError:
        logger.warning("the broker does not answer; the import waits")
        return False
    return True


def wake() -> None:
    """Have what is due read now, once the present transaction has committed; beat does it within a minute anyway."""
    transaction.on_commit(_wake)


def _wake() -> None:
    """On a connection of its own: a worker may wait for the broker for ever, an editor may not."""
    try:
        with dispatch_due.app.connection_for_write(transport_options=PATIENT) as connection:
            dispatch_due.apply_async(retry=False, expires=50, connection=connection)  # type: ignore[call-arg]  # it goes through to send_task
    except OperationalError:
        logger.warning("the broker does not answer; what is due waits for the next minute")
