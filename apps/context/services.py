"""Loading the reference dataset: what is not there yet is added, what an editor has changed is left as it stands."""

import hashlib
from collections import defaultdict
from pathlib import Path

from django.db import connection, transaction

from apps.collecting.services import ensure_collection
from apps.common.version import VERSION
from apps.context.checking import Known, check, facts_with_references
from apps.context.count_loading import load_counts
from apps.context.dataset import DIRECTORY, Dataset, Fact, members_of
from apps.context.models import Claim, Event, Indicator, IndicatorValue, LoadedRow
from apps.context.reference import parse
from apps.context.registry_loading import (
    Keys,
    load_accounts,
    load_actors,
    load_impostors,
    load_names,
    load_proposals,
    load_successions,
)
from apps.context.row_merging import KeyColumn, Loaded, Merge, pass_over, settle
from apps.registry.models import Account, Actor, Group, OldSlug, Proposal, Source
from apps.registry.services import close_ended

WHOLE = "files"  # the kind of a LoadedRow that stands for all files of a directory
ONE_AT_A_TIME = 0x4B5A4D31  # a number of our own: two loads at once would both find nothing there


def load_reference(directory: Path = DIRECTORY) -> Loaded:
    """Load the files of a directory in one transaction; loading them again changes nothing.

    A row that nobody has changed since it was loaded follows the files; what an editor has changed stays, and the result
    says which fields differ. Raises BadTable with every mistake of every file, and then nothing is written.
    """
    loaded = Loaded()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        dataset = parse(directory)
        check(dataset, load_known(dataset))
        loaded.unread = dataset.unread
        sources = _load_sources(dataset, loaded)
        actors = load_actors(dataset, loaded, sources)
        load_names(dataset, loaded, sources, actors)
        load_successions(dataset, loaded, sources, actors)
        accounts = load_accounts(dataset, loaded, sources, actors)
        load_counts(dataset, loaded, sources, accounts)
        _load_indicators(dataset, loaded, sources)
        _load_events(dataset, loaded, sources)
        _load_groups(dataset, loaded, sources, actors)
        _load_claims(dataset, loaded, sources, actors)
        load_impostors(dataset, loaded, sources, actors)
        load_proposals(dataset, loaded, sources, actors)
        close_ended()
        loaded.waiting = Proposal.objects.waiting().count()
        ensure_collection(accounts.values())
        LoadedRow.objects.bulk_create(
            [LoadedRow(kind=WHOLE, key=_digest(directory), object_id=0)], ignore_conflicts=True
        )
    return loaded


def is_loaded(directory: Path = DIRECTORY) -> bool:
    """Tell whether just these files have been loaded here by just this code: doing it again would change nothing."""
    return LoadedRow.objects.filter(kind=WHOLE, key=_digest(directory)).exists()


def _digest(directory: Path) -> str:
    """Return the SHA-256 of the files and of the code that reads them."""
    seen = hashlib.sha256(VERSION.encode())
    for file in [*sorted(directory.glob("*.csv")), *sorted(Path(__file__).parent.glob("*.py"))]:
        content = file.read_bytes()
        seen.update(f"{file.name} {len(content)}\n".encode() + content)
    return seen.hexdigest()


def load_known(dataset: Dataset) -> Known:
    """Return what the database holds of the sources, actors and accounts that the files name."""
    names = {name for fact in facts_with_references(dataset) for name in fact.keys.values()}
    names |= {name for fact in dataset.groups for name in members_of(fact.keys)}
    slugs = dict(OldSlug.objects.filter(slug__in=names).values_list("slug", "actor__slug"))
    slugs |= {slug: slug for slug in Actor.objects.filter(slug__in=names).values_list("slug", flat=True)}
    accounts: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    for account in Account.objects.filter(actor__slug__in=slugs.values()).select_related("actor"):
        accounts[account.actor.slug, account.platform].append((account.handle, account.pk))
    sources = set(Source.objects.filter(key__in=names).values_list("key", flat=True))
    return Known(sources=sources, actors=slugs, accounts=accounts)


# Kind by kind


def _load_sources(dataset: Dataset, loaded: Loaded) -> Keys:
    """Return the primary key of every source."""
    standing = Source.objects.in_bulk([fact.made.key for fact in dataset.sources], field_name="key")
    fields = ("kind", "title", "authors", "year", "container", "doi", "url", "licence")
    settled = settle(loaded, dataset.sources, lambda fact: standing.get(fact.made.key), fields)
    keys = dict(Source.objects.values_list("key", "pk"))
    return keys | {fact.made.key: source.pk for fact, source in settled.items()}


def _load_indicators(dataset: Dataset, loaded: Loaded, sources: Keys) -> None:
    keys = [fact.made.key for fact in dataset.indicators]
    standing = Indicator.objects.in_bulk(keys, field_name="key")
    fields = ("label_en", "label_ru", "label_kk", "unit")
    settled = settle(loaded, dataset.indicators, lambda fact: standing.get(fact.made.key), fields)
    indicators = {fact.made.key: indicator.pk for fact, indicator in settled.items()}
    wanted = []
    for fact in dataset.values:
        if fact.keys["indicator"] not in indicators:  # it has been deleted
            pass_over(loaded, fact)
            continue
        fact.made.source_id = sources[fact.keys["source"]]
        fact.made.indicator_id = indicators[fact.keys["indicator"]]
        wanted.append(fact)
    values = IndicatorValue.objects.filter(indicator__in=indicators.values())
    known = {_value_key(value): value for value in values}
    settle(
        loaded,
        wanted,
        lambda fact: known.get(_value_key(fact.made)),
        ("geo", "platform", "segment", "day", "span", "bound", "value", "decimals", "locator", "note"),
        {"indicator_id": KeyColumn("key", indicators), "source_id": KeyColumn("source", sources)},
    )


def _value_key(value: IndicatorValue) -> tuple[object, ...]:
    place = (value.geo, value.platform, value.segment)
    return (value.indicator_id, *place, value.day, value.span, value.source_id)


def _load_events(dataset: Dataset, loaded: Loaded, sources: Keys) -> None:
    standing = Event.objects.in_bulk([fact.made.key for fact in dataset.events], field_name="key")
    for fact in dataset.events:
        fact.made.source_id = sources[fact.keys["source"]]
    dates = ("starts", "starts_span", "ends", "ends_span")
    fields = (*dates, "kind", "title_en", "title_ru", "title_kk", "locator")
    relations = {"source_id": KeyColumn("source", sources)}
    settle(loaded, dataset.events, lambda fact: standing.get(fact.made.key), fields, relations)


def _load_groups(dataset: Dataset, loaded: Loaded, sources: Keys, actors: Keys) -> None:
    standing = Group.objects.in_bulk([fact.made.slug for fact in dataset.groups], field_name="slug")
    for fact in dataset.groups:
        fact.made.source_id = sources[fact.keys["source"]]
        fact.made.reference_id = actors[fact.keys["reference"]] if fact.keys["reference"] else None
    fields = ("title_en", "title_ru", "title_kk", "platform", "locator")
    relations = {"reference_id": KeyColumn("reference", actors), "source_id": KeyColumn("source", sources)}
    members = {fact: {actors[key] for key in members_of(fact.keys)} for fact in dataset.groups}

    def compare_members(
        existing: Group, fact: Fact[Group], cells: dict[str, str] | None, merge: Merge
    ) -> None:
        stand = set(existing.members.values_list("pk", flat=True))
        if stand == members[fact]:
            return
        was = {actors.get(key) for key in members_of(cells)} if cells else None
        if was == stand:
            existing.members.set(members[fact])
        else:
            merge.kept.append("members")

    settled = settle(
        loaded, dataset.groups, lambda fact: standing.get(fact.made.slug), fields, relations, compare_members
    )
    for fact, group in settled.items():
        if group is fact.made:
            group.members.set(members[fact])


def _load_claims(dataset: Dataset, loaded: Loaded, sources: Keys, actors: Keys) -> None:
    for fact in dataset.claims:
        fact.made.source_id = sources[fact.keys["source"]]
        fact.made.actor_id = actors[fact.keys["actor"]]
        fact.made.comparator_id = actors[fact.keys["comparator"]]
    named = [fact.made.actor_id for fact in dataset.claims]
    standing = {_claim_key(claim): claim for claim in Claim.objects.filter(actor__in=named)}
    fields = ("platform", "relation", "times", "day", "span", "locator", "note")
    settle(loaded, dataset.claims, lambda fact: standing.get(_claim_key(fact.made)), fields)


def _claim_key(claim: Claim) -> tuple[object, ...]:
    return (claim.actor_id, claim.comparator_id, claim.platform, claim.relation, claim.source_id)
