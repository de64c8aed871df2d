"""Making the actors and accounts that a person called new while a table of counts was looked at."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from apps.collecting.services import ensure_collection
from apps.intake.additions import taken_slugs, unused_slug
from apps.intake.models import Addition
from apps.intake.names import name_key
from apps.intake.plans import PlannedAccount
from apps.registry.models import Account, Actor, ActorKind
from apps.users.models import User


def make(
    planned: Iterable[Mapping[str, Any]], *, source: int | None, by: User | None
) -> tuple[dict[int, int], Addition]:
    """Make the actors, as drafts, and their accounts; return number -> account, and what takes them back.

    Needs a transaction. Raises IntegrityError where somebody else has added one of the accounts meanwhile.
    """
    accounts = [PlannedAccount(**one) for one in planned]
    taken = taken_slugs()
    actors: dict[str, Actor] = {}
    for one in accounts:
        key = name_key(one.name)
        if key not in actors:
            actors[key] = Actor(
                slug=unused_slug(one.name, taken), kind=ActorKind.STATE_BODY, name_kk=one.name, name_ru=one.name,
                name_en=one.name, source_id=source, hidden=True, is_draft=True,
            )  # fmt: skip
    Actor.objects.bulk_create(actors.values())
    rows = {
        one.number: Account(
            actor=actors[name_key(one.name)], platform=one.platform, handle=one.handle,
            platform_id=one.platform_id, source_id=source,
        )
        for one in accounts
    }  # fmt: skip
    Account.objects.bulk_create(rows.values())
    ensure_collection(rows.values())
    addition = Addition.objects.create(
        by=by,
        at=timezone.now(),
        actors=[actor.pk for actor in actors.values()],
        accounts=[account.pk for account in rows.values()],
    )
    return {number: account.pk for number, account in rows.items()}, addition
