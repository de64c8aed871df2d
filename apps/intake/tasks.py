"""Work on imported files, and look at bodies' own sites, in a worker."""

import logging
from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.collecting.tasks import PATIENT
from apps.collectors import wikidata
from apps.collectors.patience import Patient
from apps.intake import imports, site_addresses
from apps.intake.answers import Answers
from apps.intake.models import ImportBatch
from apps.registry.models import Actor
from apps.users import audit
from apps.users.models import User

logger = logging.getLogger(__name__)


@shared_task(acks_late=False, ignore_result=True)
def prune_imports() -> None:
    """Forget the files and rows of imports that were never written, once a day."""
    imports.prune()


@shared_task(acks_late=False, ignore_result=True, time_limit=3600, soft_time_limit=3500)
def work_on_import(
    batch: str,
    work: str,
    *,
    encoding: str = "",
    answers: dict[str, Any] | None = None,
    reason: str = "",
    by: int | None = None,
) -> None:
    """Look an imported file through, write it or undo it; what cannot be done any more is left alone."""
    found = ImportBatch.objects.filter(pk=batch).first()
    if found is None:
        return
    try:
        do_import(found, work, encoding=encoding, answers=answers, reason=reason, by=by)
    except imports.ImportRefused as refused:
        logger.info("import %s: %s", batch, refused)


def do_import(
    batch: ImportBatch,
    work: str,
    *,
    encoding: str = "",
    answers: dict[str, Any] | None = None,
    reason: str = "",
    by: int | None = None,
) -> None:
    """Do it here and now. Raises imports.ImportRefused."""
    user = User.objects.filter(pk=by).first() if by else None
    with audit.acting(user):
        if work == "check":
            imports.check(
                batch, encoding=encoding, answers=None if answers is None else Answers.from_json(answers)
            )
        elif work == "write":
            imports.write(batch, reason=reason, by=user)
        elif user is not None:
            imports.undo(batch, by=user)


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


@shared_task(acks_late=False, ignore_result=True, time_limit=150, soft_time_limit=140)
def look_at_site(actor: int) -> None:
    """Look for a body's addresses on its own site; one that is gone meanwhile is left alone."""
    found = Actor.objects.filter(pk=actor).first()
    if found is not None:
        with Patient(settings.WIKIDATA_URL, settings.CONTACT, pause=wikidata.PAUSE) as wiki:
            site_addresses.find_addresses(found, wiki=wiki)


@shared_task(acks_late=False, ignore_result=True)
def look_at_due_sites() -> None:
    """Have the sites looked at again that were looked at a year ago, a few a day."""
    for actor in site_addresses.find_due(timezone.localdate())[: site_addresses.AT_A_TIME]:
        look_at_site.delay(actor.pk)


def begin_looking(actor: Actor) -> bool:
    """Have a worker look at a body's site; False where the broker does not answer."""
    try:
        with look_at_site.app.connection_for_write(transport_options=PATIENT) as connection:
            look_at_site.apply_async((actor.pk,), retry=False, expires=3600, connection=connection)  # type: ignore[call-arg]  # it goes through to send_task
    except OperationalError:
        logger.warning("the broker does not answer; the site is not looked at")
        return False
    return True
