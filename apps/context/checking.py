"""The reference dataset's rows held against each other and against what the database holds. No database here."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _

from apps.common.tables import BadTable, Row, shown
from apps.context.dataset import FILES, Dataset, Fact, members_of
from apps.context.models import Claim, Event, IndicatorValue
from apps.registry.models import Account, Actor, Alias, Group, Impostor, Proposal, Succession
from apps.snapshots.models import Snapshot

M = TypeVar("M", bound=Model)
Related = (
    Fact[Actor]
    | Fact[Account]
    | Fact[Snapshot]
    | Fact[IndicatorValue]
    | Fact[Event]
    | Fact[Group]
    | Fact[Claim]
    | Fact[Alias]
    | Fact[Succession]
    | Fact[Proposal]
    | Fact[Impostor]
)


@dataclass(frozen=True)
class Known:
    """What the database holds of what the files name."""

    sources: Collection[str] = ()
    actors: Mapping[str, str] = field(default_factory=dict)  # slug, old or new -> the slug of today
    # (slug of today, platform) -> the accounts there: (handle, primary key)
    accounts: Mapping[tuple[str, str], Sequence[tuple[str, int]]] = field(default_factory=dict)


def check(dataset: Dataset, known: Known) -> None:
    """Hold the rows against each other and against what the database holds.

    Raises BadTable with every mistake, those of `parse` among them.
    """
    _check_duplicates(dataset)
    _check_sources(dataset, known)
    _check_actors(dataset, known)
    _check_succession(dataset)
    _check_accounts(dataset, known)
    if dataset.problems:
        order = {name: place for place, name in enumerate(FILES)}
        raise BadTable(sorted(dataset.problems, key=lambda problem: (order[problem.file], problem.line)))


def _check_duplicates(dataset: Dataset) -> None:
    _once(dataset.sources, lambda fact: fact.made.key, "key")
    _once(dataset.actors, lambda fact: fact.made.slug, "key")
    _once(dataset.events, lambda fact: fact.made.key, "key")
    _once(dataset.groups, lambda fact: fact.made.slug, "key")
    _once(
        [fact for fact in dataset.accounts if fact.made.handle],
        lambda fact: (fact.made.platform, small(fact.made.handle)),
        "handle",
    )
    # Two rows without a handle could not be told apart.
    _once(
        [fact for fact in dataset.accounts if not fact.made.handle],
        lambda fact: (fact.keys["actor"], fact.made.platform),
        "platform",
    )
    for facts in (dataset.accounts, dataset.snapshots, dataset.values, dataset.claims, dataset.names,
                  dataset.successions, dataset.proposals, dataset.impostors):  # fmt: skip
        _once([fact for fact in facts if fact.row.text("id")], lambda fact: fact.row.text("id"), "id")  # type: ignore[misc]
    _once(
        dataset.proposals,
        lambda fact: (fact.keys["actor"], fact.made.platform, small(fact.made.handle), fact.made.platform_id),
        "handle",
    )
    _once(dataset.values, lambda fact: (*value_key(fact.made), *fact.keys.values()), "observed")
    _once(
        dataset.claims,
        lambda fact: (fact.made.platform, fact.made.relation, *fact.keys.values()),
        "relation",
    )


def _once(facts: Iterable[Fact[M]], key: Callable[[Fact[M]], Hashable], column: str) -> None:
    first: dict[Hashable, Row] = {}
    for fact in facts:
        earlier = first.setdefault(key(fact), fact.row)
        if earlier is not fact.row:
            fact.row.wrong(column, _("This stands already in %(place)s.") % {"place": earlier.place})


def value_key(value: IndicatorValue) -> tuple[object, ...]:
    """Return the key that makes a value of an indicator unique within a source."""
    return (value.geo, value.platform, value.segment, value.day, value.span)


def small(handle: str) -> str:
    """Return a handle as it is compared: letter by letter, as the database does it."""
    return "".join(sign.lower() for sign in handle)


def _check_sources(dataset: Dataset, known: Known) -> None:
    if "sources.csv" in dataset.spoilt:
        return  # every key would be called unknown
    sources = {fact.made.key for fact in dataset.sources} | set(known.sources)
    for fact in facts_with_references(dataset):
        key = fact.keys.get("source", "")
        if key and key not in sources:
            fact.row.wrong("source", _("There is no source with the key “%(key)s”.") % {"key": shown(key)})


def _check_actors(dataset: Dataset, known: Known) -> None:
    if "actors.csv" in dataset.spoilt:
        return
    actors = {fact.made.slug for fact in dataset.actors} | set(known.actors)
    for fact in facts_with_references(dataset):
        for column, key in _actors_named(fact.keys):
            if key not in actors:
                sentence = _("There is no actor with the key “%(key)s”.")
                fact.row.wrong(column, sentence % {"key": shown(key)})


def _actors_named(keys: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column in ("actor", "comparator", "succeeds", "reference"):
        if keys.get(column):
            yield column, keys[column]
    if keys.get("members"):
        for key in members_of(keys):
            yield "members", key


def _check_succession(dataset: Dataset) -> None:
    succeeds = {fact.made.slug: fact.keys["succeeds"] for fact in dataset.actors}
    for fact in dataset.actors:
        seen, actor = {fact.made.slug}, fact.keys["succeeds"]
        while actor and actor not in seen:
            seen.add(actor)
            actor = succeeds.get(actor, "")
        if actor == fact.made.slug:
            fact.row.wrong("succeeds", _("An actor cannot succeed itself, nor one of those that succeed it."))


def _check_accounts(dataset: Dataset, known: Known) -> None:
    """Find the account of each snapshot; a source that says two things of one day has no say."""
    in_file: dict[tuple[str, str], list[Fact[Account]]] = defaultdict(list)
    for account in dataset.accounts:
        in_file[account.keys["actor"], account.made.platform].append(account)
    said: dict[Hashable, Row] = {}
    for fact in dataset.snapshots:
        if not (fact.keys["actor"] and fact.keys["platform"]) or "accounts.csv" in dataset.spoilt:
            continue
        meant = _account_meant(fact, in_file, known)
        if meant is None:
            continue
        dataset.account_of[fact.row] = meant
        key = (meant, fact.made.day, fact.made.span, fact.keys["source"])
        earlier = said.setdefault(key, fact.row)
        if earlier is not fact.row:
            sentence = _("The same source speaks of this account and date already in %(place)s.")
            fact.row.wrong("observed", sentence % {"place": earlier.place})


def _account_meant(
    fact: Fact[Snapshot], in_file: Mapping[tuple[str, str], list[Fact[Account]]], known: Known
) -> Fact[Account] | int | None:
    """Return the actor's one account on the platform: in the files, else in the database."""
    actor, platform, handle = fact.keys["actor"], fact.keys["platform"], small(fact.keys["handle"])
    listed = [(account.made.handle, account) for account in in_file.get((actor, platform), ())]
    standing = known.accounts.get((known.actors.get(actor, actor), platform), ())
    for accounts in (listed, standing):
        found = [account for name, account in accounts if not handle or small(name) == handle]
        if len(found) == 1:
            return found[0]
        if found:
            fact.row.wrong(
                "platform", _("The actor has several accounts there; name one in the column handle.")
            )
            return None
    fact.row.wrong(
        "handle" if handle else "platform", _("The actor has no such account; add it to accounts.csv.")
    )
    return None


def facts_with_references(dataset: Dataset) -> Iterator[Related]:
    """Yield every row that names a source or an actor, in the order of the files."""
    for facts in (
        dataset.actors,
        dataset.accounts,
        dataset.snapshots,
        dataset.values,
        dataset.events,
        dataset.groups,
        dataset.claims,
        dataset.names,
        dataset.successions,
        dataset.proposals,
        dataset.impostors,
    ):
        yield from facts
