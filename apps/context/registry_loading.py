"""Loading who is tracked: actors, accounts, other names, successions, proposed addresses, false accounts."""

from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from apps.context.dataset import Dataset, Fact
from apps.context.matching import match_accounts
from apps.context.models import LoadedRow
from apps.context.row_merging import KeyColumn, Loaded, find_before, settle
from apps.registry.models import (
    Account,
    Actor,
    Alias,
    HandleChange,
    Impostor,
    OldSlug,
    Proposal,
)

Keys = Mapping[str, int]  # the key of a source or an actor -> its primary key
# Rows of the product's own files begin so: a later release that lacks one takes the proposal back while it waits.
OWN_PROPOSAL = "ref-"
NAMES = ("name_en", "name_ru", "name_kk")


def load_actors(dataset: Dataset, loaded: Loaded, sources: Keys) -> Keys:
    """Return the primary key of every actor, by its slug and by the slugs it had before."""
    slugs = [fact.made.slug for fact in dataset.actors]
    renamed = OldSlug.objects.filter(slug__in=slugs).select_related("actor")
    standing = {old.slug: old.actor for old in renamed} | Actor.objects.in_bulk(slugs, field_name="slug")
    for fact in dataset.actors:
        fact.made.source_id = sources[fact.keys["source"]]

    def change(actor: Actor, fields: list[str]) -> None:
        keep_names(actor, fields)
        actor.save(update_fields=[name.removesuffix("_id") for name in fields])

    before = find_before(dataset.actors)
    settled = settle(
        loaded,
        dataset.actors,
        lambda fact: standing.get(fact.made.slug),
        ("kind", *NAMES, "note", "website", "began", "began_span", "ended", "ended_span"),
        {"source_id": KeyColumn("source", sources)},
        change=change,
    )
    keys = dict(OldSlug.objects.values_list("slug", "actor")) | dict(Actor.objects.values_list("slug", "pk"))
    keys |= {fact.row.text("key"): actor.pk for fact, actor in settled.items()}
    # Who succeeds whom can be written only now that all are there.
    follow = []
    for fact, actor in settled.items():
        heir_of = keys[fact.keys["succeeds"]] if fact.keys["succeeds"] else None
        cells = before[fact].cells if fact in before else None
        was = keys.get(cells.get("succeeds", "")) if cells else None
        if heir_of != actor.succeeds_id and (actor is fact.made or (cells and was == actor.succeeds_id)):
            actor.succeeds_id = heir_of
            follow.append(actor)
    Actor.objects.bulk_update(follow, ["succeeds"])
    return keys


def keep_names(actor: Actor, fields: list[str]) -> None:
    """Keep a name that a release has changed, so that search still knows it."""
    old = Actor.objects.get(pk=actor.pk)
    for name in set(fields) & set(NAMES):
        Alias.objects.get_or_create(actor=actor, text=getattr(old, name), language=name[-2:])


def load_accounts(
    dataset: Dataset, loaded: Loaded, sources: Keys, actors: Keys
) -> dict[Fact[Account], Account]:
    """Return the account of each row. A handle that a release changes is a change of handle in the open."""
    for fact in dataset.accounts:
        fact.made.source_id = sources[fact.keys["source"]]
        fact.made.actor_id = actors[fact.keys["actor"]]
    before = {fact: earlier.row for fact, earlier in find_before(dataset.accounts).items() if earlier.row}
    matched = match_accounts(dataset.accounts, before)
    settled = settle(
        loaded,
        dataset.accounts,
        matched.get,
        ("handle", "platform_id", "note"),
        {"actor_id": KeyColumn("actor", actors), "source_id": KeyColumn("source", sources)},
        change=change_account,
    )
    loaded.without_address = sum(not account.has_address for account in settled.values())
    return settled


def change_account(account: Account, fields: list[str]) -> None:
    """Write an account's new cells; what it was called before stays known."""
    old = Account.objects.get(pk=account.pk)
    account.save(
        update_fields=[name.removesuffix("_id") if name != "platform_id" else name for name in fields]
    )
    if old.handle and old.handle != account.handle:
        HandleChange.objects.create(
            account=account, old=old.handle, new=account.handle, noticed_at=timezone.now()
        )


def load_names(dataset: Dataset, loaded: Loaded, sources: Keys, actors: Keys) -> None:
    for fact in dataset.names:
        fact.made.actor_id = actors[fact.keys["actor"]]
        fact.made.source_id = sources[fact.keys["source"]] if fact.keys["source"] else None
    named = Alias.objects.filter(actor__in=[fact.made.actor_id for fact in dataset.names])
    standing = {(alias.actor_id, alias.text.lower(), alias.language): alias for alias in named}
    short = {(alias.actor_id, alias.language): alias for alias in named if alias.kind == Alias.Form.SHORT}

    def find(fact: Fact[Alias]) -> Alias | None:
        made = fact.made
        same = standing.get((made.actor_id, made.text.lower(), made.language))
        return same or (short.get((made.actor_id, made.language)) if made.kind == Alias.Form.SHORT else None)

    settle(
        loaded, dataset.names, find, ("text", "language", "kind"), {"actor_id": KeyColumn("actor", actors)}
    )


def load_successions(dataset: Dataset, loaded: Loaded, sources: Keys, actors: Keys) -> None:
    """Load who came after whom. A side that is the key of no actor stays a name."""
    for fact in dataset.successions:
        made = fact.made
        made.source_id = sources[fact.keys["source"]]
        made.before_id, made.after_id = actors.get(fact.keys["before"]), actors.get(fact.keys["after"])
        made.before_name = "" if made.before_id else fact.keys["before"]
        made.after_name = "" if made.after_id else fact.keys["after"]
    settle(
        loaded,
        dataset.successions,
        lambda fact: None,
        ("relation", "day", "span", "locator", "note"),
        {
            "before_id": KeyColumn("before", actors),
            "after_id": KeyColumn("after", actors),
            "source_id": KeyColumn("source", sources),
        },
    )


def load_impostors(dataset: Dataset, loaded: Loaded, sources: Keys, actors: Keys) -> None:
    for fact in dataset.impostors:
        fact.made.source_id = sources[fact.keys["source"]]
        fact.made.actor_id = actors[fact.keys["actor"]] if fact.keys["actor"] else None
    standing = {(one.platform, one.handle.lower(), one.platform_id): one for one in Impostor.objects.all()}
    settle(
        loaded,
        dataset.impostors,
        lambda fact: standing.get((fact.made.platform, fact.made.handle.lower(), fact.made.platform_id)),
        ("said_by", "day", "span", "note"),
        {"source_id": KeyColumn("source", sources), "actor_id": KeyColumn("actor", actors)},
    )


def load_proposals(dataset: Dataset, loaded: Loaded, sources: Keys, actors: Keys) -> None:
    """Load addresses with their proof. What is tracked already is no proposal; what an editor decided stays decided."""
    take_back(dataset)
    standing = {
        (one.actor_id, one.platform, one.handle.lower(), one.platform_id): one
        for one in Proposal.objects.all()
    }
    before = find_before(dataset.proposals)
    tracked = find_tracked(fact.made for fact in dataset.proposals)
    wanted = []
    for fact in dataset.proposals:
        made = fact.made
        made.source_id = sources[fact.keys["source"]]
        made.actor_id = actors[fact.keys["actor"]]
        key = (made.actor_id, made.platform, made.handle.lower(), made.platform_id)
        existing = (before[fact].row if fact in before else None) or standing.get(key)
        names = {(made.platform, made.handle.lower()), (made.platform, made.platform_id)}
        if (existing and existing.state != Proposal.State.WAITING) or (names & tracked and not existing):
            loaded.tally(fact).same += 1
        else:
            wanted.append(fact)
    settle(
        loaded,
        wanted,
        lambda fact: standing.get(
            (fact.made.actor_id, fact.made.platform, fact.made.handle.lower(), fact.made.platform_id)
        ),
        ("platform", "handle", "platform_id", "grade", "proof", "proof_day", "proof_span", "locator"),
        {"source_id": KeyColumn("source", sources), "actor_id": KeyColumn("actor", actors)},
    )


def find_tracked(proposals: Iterable[Proposal]) -> set[tuple[str, str]]:
    """Return platform and name, a handle in small letters or an id, of those proposed addresses that are tracked."""
    proposals = list(proposals)
    handles = {one.handle.lower() for one in proposals} - {""}
    ids = {one.platform_id for one in proposals} - {""}
    accounts = Account.objects.alias(small=Lower("handle")).filter(
        Q(small__in=handles) | Q(platform_id__in=ids)
    )
    named = {(account.platform, account.handle.lower()) for account in accounts if account.handle}
    return named | {(account.platform, account.platform_id) for account in accounts if account.platform_id}


def take_back(dataset: Dataset) -> None:
    """Remove proposals of the product's own files that the files no longer have, if nobody has decided them."""
    keys = [fact.key for fact in dataset.proposals]
    if not any(key.startswith(OWN_PROPOSAL) for key in keys):
        return
    gone = LoadedRow.objects.filter(kind="proposal", key__startswith=OWN_PROPOSAL).exclude(key__in=keys)
    ids = list(gone.values_list("object_id", flat=True))
    Proposal.objects.waiting().filter(pk__in=ids).delete()
    gone.delete()
