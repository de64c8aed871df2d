"""The accounts that were not collected of late: which, since when, why, and what comes next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.collecting import adapters
from apps.collecting.models import Collection, PlatformState
from apps.collecting.reasons import Trouble
from apps.collecting.words import next_step, why_not_collected
from apps.registry.models import Account, AccountState

OVERDUE = timedelta(hours=36)  # a daily reading, and half a day more


@dataclass(frozen=True)
class Unread:
    """An account that was not collected."""

    account: Account
    since: datetime | None  # UTC: when it was last collected; None for never
    why: str
    next: str


def match_failing() -> Q:
    """Match collections of accounts that cannot be read; a held count was read."""
    return ~Q(error_code="") & ~Q(error_code=Trouble.HELD)


def unread(name: str = "") -> QuerySet[Collection]:
    """Return the collections of accounts that were not collected, the longest unread first; by a part of a name.

    Accounts that somebody paused are left out, those that wait for an editor's decision are not.
    """
    overdue = Q(last_success_at=None) | Q(last_success_at__lt=timezone.now() - OVERDUE)
    active = Q(account__state=AccountState.ACTIVE, account__platform__in=adapters.ready())
    found = Collection.objects.filter((active & (overdue | match_failing())) | ~Q(account__stopped_code=""))
    found = found.exclude(account__handle="", account__platform_id="")
    for word in name.split():
        found = found.filter(
            Q(account__handle__icontains=word)
            | Q(account__platform_id__icontains=word)
            | Q(account__title__icontains=word)
            | Q(account__actor__name_en__icontains=word)
            | Q(account__actor__name_ru__icontains=word)
            | Q(account__actor__name_kk__icontains=word)
            | Q(account__platform=word.lower())
        )
    return found.select_related("account__actor").order_by("last_success_at", "pk")


def describe(collections: Iterable[Collection]) -> list[Unread]:
    """Return the collections with their sentences, in the order given."""
    states = PlatformState.objects.in_bulk()
    return [
        Unread(
            one.account,
            one.last_success_at,
            why_not_collected(one, states.get(one.account.platform)),
            next_step(one, states.get(one.account.platform)),
        )
        for one in collections
    ]
