"""Choose a run's accounts, and the names under which each was known when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from apps.collectors.types import Target
from apps.registry.models import Account, AccountQuerySet
from apps.snapshots.recording import day_of


class NobodyChosen(ValueError):
    """What was named is not there: `what` is the option's name, `missing` the first one that is unknown."""

    def __init__(self, what: str, missing: str) -> None:
        super().__init__(f"{what}: {missing}")
        self.what = what
        self.missing = missing


@dataclass(frozen=True)
class Name:
    """What an account was called, and the days on which it was (Almaty): `since` and `until` are within."""

    target: Target
    since: date | None = None
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)


def accounts(
    ids: Collection[int] = (),
    actors: Collection[str] = (),
    groups: Collection[str] = (),
    platforms: Collection[str] = (),
) -> AccountQuerySet:
    """Return the accounts with an address that are named in any of the first three (all, where none is), on the
    platforms.

    Raises NobodyChosen for an id or slug that nothing has.
    """
    found = Account.objects.addressed().exclude(source__kind="synthetic")
    _check("account", ids, "pk")
    _check("actor", actors, "actor__slug")
    _check("group", groups, "actor__groups__slug")
    if ids or actors or groups:
        named = Q(pk__in=ids) | Q(actor__slug__in=actors) | Q(actor__groups__slug__in=groups)
        found = found.filter(pk__in=Account.objects.filter(named).values("pk"))
    if platforms:
        found = found.filter(platform__in=platforms)
    return (
        found.select_related("actor")
        .prefetch_related("handle_changes")
        .order_by("actor__slug", "platform", "pk")
    )


def _check(what: str, named: Collection[int] | Collection[str], column: str) -> None:
    if not named:
        return
    there = set(Account.objects.filter(**{f"{column}__in": named}).values_list(column, flat=True))
    for one in named:
        if one not in there:
            raise NobodyChosen(what, str(one))


def names_of(account: Account) -> list[Name]:
    """Return the account's names, the present one first, each for the days on which it was this account's as far as is
    known.

    A handle that came by a change is the account's from then on only: before, it may have been somebody else's.
    """
    changes = sorted(account.handle_changes.all(), key=lambda change: change.noticed_at)
    since = next(
        (
            day_of(change.noticed_at)
            for change in reversed(changes)
            if change.new.lower() == account.handle.lower()
        ),
        None,
    )
    names = [Name(Target(account.platform, account.handle, account.platform_id), since)]
    for change in reversed(changes):
        came = [one for one in changes if one.noticed_at < change.noticed_at and one.new == change.old]
        if change.old:
            names.append(
                Name(
                    Target(account.platform, change.old),
                    day_of(came[-1].noticed_at) if came else None,
                    day_of(change.noticed_at),
                )
            )
    return names
