"""Look up tracked accounts; publish drafts; note the visits of members."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Lower

from apps.collectors.types import Target
from apps.registry.models import Account, AccountState, Actor, Group, Impostor, Membership


class AlreadyTracked(ValueError):
    """The account is tracked already; `account` says whose it is."""

    def __init__(self, account: Account) -> None:
        super().__init__(str(account))
        self.account = account


def find_account(target: Target) -> Account | None:
    """Return the account that an address names, if it is tracked."""
    same = Q()
    if target.handle:
        same |= Q(handle__iexact=target.handle)
    if target.platform_id:
        same |= Q(platform_id=target.platform_id)
    return Account.objects.select_related("actor").filter(same, platform=target.platform).first()


def find_impostor(target: Target) -> Impostor | None:
    """Find the account on the list of false ones that an address names."""
    return find_impostors([target]).get(target)


def find_impostors(targets: Iterable[Target]) -> dict[Target, Impostor]:
    """Find those of the addresses that somebody has called false. One statement, however many."""
    targets = list(targets)
    handles = {target.handle.lower() for target in targets} - {""}
    ids = {target.platform_id for target in targets} - {""}
    known = Impostor.objects.alias(small=Lower("handle")).filter(
        Q(small__in=handles) | Q(platform_id__in=ids)
    )
    by_name: dict[tuple[str, str], Impostor] = {}
    for impostor in known.select_related("actor", "source"):
        by_name |= {
            (impostor.platform, name): impostor
            for name in (impostor.handle.lower(), impostor.platform_id)
            if name
        }
    found: dict[Target, Impostor] = {}
    for target in targets:
        for name in (target.handle.lower(), target.platform_id):
            if name and (target.platform, name) in by_name:
                found[target] = by_name[target.platform, name]
    return found


def lock_account(account: Account) -> None:
    """Wait, within a transaction and before the account is written, for whoever records or changes it just now."""
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
