"""Celery tasks of collecting. Ids in, one service call; the lease redelivers, not the broker."""

import logging
from collections.abc import Iterable
from uuid import UUID

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from apps.collecting import leasing, services
from apps.registry import services as registry

logger = logging.getLogger(__name__)
QUEUE = "collect.{platform}"
PATIENCE = 3  # seconds that an editor waits for a broker that hangs
PATIENT = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "max_retries": 0}


@shared_task(acks_late=False, ignore_result=True)
def dispatch_due() -> None:
    """Write leases on what is due and publish them. Beat calls this every minute; twice at once does no harm."""
    _publish(leasing.dispatch())


def _publish(leases: Iterable[tuple[str, UUID]]) -> None:
    for platform, lease in leases:
        collect_batch.apply_async(
            (platform, str(lease)),
            queue=QUEUE.format(platform=platform),
            expires=leasing.LEASE.total_seconds(),
        )


@shared_task(acks_late=False, ignore_result=True)
def collect_batch(platform: str, lease: str) -> None:
    """Read the accounts under this lease; one that is claimed already is left alone. What is due follows at once."""
    summary = leasing.collect(platform, UUID(lease))
    if summary.outcomes or summary.stopped:
        counts = ", ".join(f"{kind} {count}" for kind, count in sorted(summary.outcomes.items()))
        logger.info("%s: %s", platform, "; ".join(part for part in (counts, summary.stopped) if part))
    if summary.outcomes and not summary.stopped:
        _publish(leasing.top_up(platform))


@shared_task(acks_late=False, ignore_result=True)
def close_ended() -> None:
    """Close the accounts of bodies whose last day has passed."""
    registry.close_ended()


@shared_task(acks_late=False, ignore_result=True)
def prune_log() -> None:
    """Delete attempts and runs after ATTEMPT_DAYS; they hold no counts."""
    services.prune_log()


def wake() -> None:
    """Have what is due read now, once the present transaction has committed; beat does it within a minute anyway."""
    transaction.on_commit(_wake)


def _wake() -> None:
    """Send on a connection of its own: a worker may wait for the broker for ever, an editor may not."""
    try:
        with dispatch_due.app.connection_for_write(transport_options=PATIENT) as connection:
            dispatch_due.apply_async(retry=False, expires=50, connection=connection)  # type: ignore[call-arg]  # it goes through to send_task
    except OperationalError:
        logger.warning("the broker does not answer; what is due waits for the next minute")
