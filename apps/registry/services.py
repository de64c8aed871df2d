"""Look up tracked accounts; publish drafts; note the visits of members."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from apps.collectors.types import Target
from apps.registry.addressed import find_rows
from apps.registry.models import Account, AccountState, Actor, Group, Impostor, Membership


class AlreadyTracked(ValueError):
    """The account is tracked already; `account` says whose it is."""

    def __init__(self, account: Account) -> None:
        super().__init__(str(account))
        self.account = account


def find_account(target: Target) -> Account | None:
    """Return the account that an address names, if it is tracked."""
    return find_accounts([target]).get(target)


def find_accounts(targets: Iterable[Target]) -> dict[Target, Account]:
    """Return the tracked accounts among those that the addresses name. One statement, however many."""
    return find_rows(Account.objects.select_related("actor"), targets)


def find_impostor(target: Target) -> Impostor | None:
    """Return the account on the list of false ones that an address names."""
    return find_impostors([target]).get(target)


def find_impostors(targets: Iterable[Target]) -> dict[Target, Impostor]:
    """Return those of the addresses that somebody has called false. One statement, however many."""
    return find_rows(Impostor.objects.select_related("actor", "source"), targets)


def lock_accounts(keys: Iterable[int] | QuerySet[Any], *, for_removal: bool = False) -> None:
    """Wait, within a transaction and before anything of the accounts is written, for whoever writes it just now.

    Everybody who records, decides, changes, merges or removes takes these locks first, in this order. A row that
    refers to an account is not waited for, unless the account is to be removed.
    """
    rows = Account.objects.select_for_update(no_key=not for_removal).filter(pk__in=keys).order_by("pk")
    list(rows.values_list("pk"))


def publish(actors: Collection[int] = (), groups: Collection[int] = ()) -> int:
    """Show the drafts among these actors and groups to everybody. Returns how many were drafts."""
    shown = Actor.objects.filter(pk__in=actors, is_draft=True).update(is_draft=False, hidden=False)
    return shown + Group.objects.filter(pk__in=groups, is_draft=True).update(is_draft=False)


def close_ended() -> int:
    """Close the accounts of bodies that have ended by today in Almaty; returns how many. Their history stays."""
    gone = Actor.objects.gone_by(timezone.localdate()).values("pk")
    return (
        Account.objects.filter(actor__in=gone)
        .exclude(state=AccountState.CLOSED)
        .update(state=AccountState.CLOSED)
    )


VISIT = timedelta(hours=8)  # looking again within a working day is the same visit


def note_visit(membership: Membership, now: datetime) -> datetime | None:
    """Note that the member looks at the body's page; returns when the visit before this one ended, if there was one.

    Of two looks at once either may be noted; both are told the same.
    """
    last = membership.last_seen_at
    before = last if last and now - last > VISIT else membership.seen_before_at
    Membership.objects.filter(pk=membership.pk).update(last_seen_at=now, seen_before_at=before)
    return before
