"""Look up tracked accounts; publish drafts; note the visits of members."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q

from apps.collectors.types import Target
from apps.registry.models import Account, AccountState, Actor, Group, Membership


class AlreadyTracked(ValueError):
    """The account is tracked already; `account` says whose it is."""

    def __init__(self, account: Account) -> None:
        super().__init__(str(account))
        self.account = account


def find_account(target: Target) -> Account | None:
    """The account that an address names, if it is tracked."""
    same = Q()
    if target.handle:
        same |= Q(handle__iexact=target.handle)
    if target.platform_id:
        same |= Q(platform_id=target.platform_id)
    return Account.objects.select_related("actor").filter(same, platform=target.platform).first()


def lock_account(account: Account) -> None:
    """Within a transaction, before the account is written: wait for whoever records or changes it just now."""
    Account.objects.select_for_update().filter(pk=account.pk).first()


def publish(actors: Collection[int] = (), groups: Collection[int] = ()) -> int:
    """Show the drafts among these actors and groups to everybody. Returns how many were drafts."""
    shown = Actor.objects.filter(pk__in=actors, is_draft=True).update(is_draft=False, hidden=False)
    return shown + Group.objects.filter(pk__in=groups, is_draft=True).update(is_draft=False)


def close_accounts(actor: Actor) -> int:
    """Close the accounts of a body that has ended; returns how many. Their history stays."""
    return (
        Account.objects.filter(actor=actor)
        .exclude(state=AccountState.CLOSED)
        .update(state=AccountState.CLOSED)
    )


VISIT = timedelta(hours=8)  # looking again within a working day is the same visit


def visited(membership: Membership, now: datetime) -> datetime | None:
    """Note that the member looks at the body's page; returns when the visit before this one ended, if there was one.

    Of two looks at once either may be noted; both are told the same.
    """
    last = membership.last_seen_at
    before = last if last and now - last > VISIT else membership.seen_before_at
    Membership.objects.filter(pk=membership.pk).update(last_seen_at=now, seen_before_at=before)
    return before
