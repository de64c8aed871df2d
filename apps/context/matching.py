"""Match a row of accounts.csv with an account of the database, also after a rename or a handle filled in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db.models.functions import Lower

from apps.context.checking import small
from apps.context.dataset import Fact
from apps.registry.models import Account, HandleChange

Named = Mapping[tuple[str, str], Sequence[Account]]  # (platform, handle in small letters) -> accounts


def match_accounts(
    facts: Sequence[Fact[Account]], loaded: Mapping[Fact[Account], Account]
) -> dict[Fact[Account], Account]:
    """Return the account each row means, for the rows that mean one that stands. Rows carry their actor's id.

    `loaded` has those that were loaded before. The others go by their handle, then by a handle the account had
    before, those of the row's own actor first. A row without a handle means the actor's oldest account on the
    platform that no other row claims.
    """
    handles = {small(fact.made.handle) for fact in facts if fact.made.handle}
    now, before = _by_present_name(handles), _by_earlier_name(handles)
    matched = dict(loaded)
    for named, same_actor in ((now, True), (before, True), (now, False), (before, False)):
        for fact in facts:
            if fact.made.handle and fact not in matched:
                account = _find(fact, named, same_actor)
                # The database knows a handle once: whoever has it is meant, even if another row claims it too.
                if account and (named is now or account not in matched.values()):
                    matched[fact] = account
    return matched | _match_unnamed(facts, matched)


def _find(fact: Fact[Account], named: Named, same_actor: bool) -> Account | None:
    for account in named.get((fact.made.platform, small(fact.made.handle)), ()):
        if not same_actor or account.actor_id == fact.made.actor_id:
            return account
    return None


def _by_present_name(handles: Iterable[str]) -> Named:
    found = defaultdict(list)
    for account in Account.objects.alias(small=Lower("handle")).filter(small__in=handles):
        found[account.platform, small(account.handle)].append(account)
    return found


def _by_earlier_name(handles: Iterable[str]) -> Named:
    found = defaultdict(list)
    changes = HandleChange.objects.alias(small=Lower("old")).filter(small__in=handles)
    for change in changes.select_related("account").order_by("-noticed_at", "-pk"):
        found[change.account.platform, small(change.old)].append(change.account)
    return found


def _match_unnamed(
    facts: Sequence[Fact[Account]], matched: Mapping[Fact[Account], Account]
) -> dict[Fact[Account], Account]:
    unnamed = [fact for fact in facts if not fact.made.handle and fact not in matched]
    claimed = {account.pk for account in matched.values()}
    free = defaultdict(list)
    actors = {fact.made.actor_id for fact in unnamed}
    for account in Account.objects.filter(actor__in=actors).exclude(pk__in=claimed).order_by("-pk"):
        free[account.actor_id, account.platform].append(account)
    found = {}
    for fact in unnamed:
        accounts = free[fact.made.actor_id, fact.made.platform]
        if accounts:
            found[fact] = accounts.pop()
    return found
