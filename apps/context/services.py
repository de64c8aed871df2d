"""Loading the reference dataset: what is not there yet is added, what stands is left as it stands."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Model
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from apps.collecting.services import ensure_collection
from apps.common.version import VERSION
from apps.context.checking import Known, check, related
from apps.context.matching import match_accounts
from apps.context.models import Claim, Event, Indicator, IndicatorValue, LoadedRow
from apps.context.reference import DIRECTORY, FILES, Dataset, Fact, members_of, parse
from apps.context.reference_rows import reading_of
from apps.registry.models import Account, Actor, Group, OldSlug, Source
from apps.snapshots import recording
from apps.snapshots.models import Bound, Snapshot, State
from apps.snapshots.recording import Recorded, Verdict

M = TypeVar("M", bound=Model)
Keys = Mapping[str, int]  # the key of a source or an actor -> its primary key
MAY_BE_DELETED = (
    Indicator,
    IndicatorValue,
    Event,
    Group,
    Claim,
)  # actors are hidden, accounts closed instead
WHOLE = "files"  # the kind of a LoadedRow that stands for all files of a directory
ONE_AT_A_TIME = 0x4B5A4D31  # a number of our own: two loads at once would both find nothing there


@dataclass
class Tally:
    """How many rows were new, the same as what stands, or differed from it (what stands was kept)."""

    new: int = 0
    same: int = 0
    kept: int = 0


@dataclass
class Loaded:
    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))  # "Actors" -> Tally
    kept: list[str] = field(default_factory=list)  # a sentence for each row that differs from what stands
    conflicts: list[str] = field(default_factory=list)  # a sentence for each two sources that disagree
    unread: list[str] = field(default_factory=list)  # CSV files that are not part of a dataset
    without_address: int = 0  # accounts of the files that nobody can find yet


def load_reference(directory: Path = DIRECTORY) -> Loaded:
    """Load the files of a directory in one transaction; loading them again changes nothing.

    Rows whose key stands already are never overwritten, since an editor may have changed them: the result says
    which differ. Raises BadTable with every mistake of every file, and then nothing is written.
    """
    loaded = Loaded()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        dataset = parse(directory)
        check(dataset, known_of(dataset))
        loaded.unread = dataset.unread
        sources = _load_sources(dataset, loaded)
        actors = _load_actors(dataset, loaded, sources)
        accounts = _load_accounts(dataset, loaded, sources, actors)
        _load_snapshots(dataset, loaded, sources, accounts)
        _load_indicators(dataset, loaded, sources)
        _load_events(dataset, loaded, sources)
        _load_groups(dataset, loaded, sources, actors)
        _load_claims(dataset, loaded, sources, actors)
        ensure_collection(accounts.values())
        LoadedRow.objects.bulk_create(
            [LoadedRow(kind=WHOLE, key=_digest(directory), object_id=0)], ignore_conflicts=True
        )
    return loaded


def is_loaded(directory: Path = DIRECTORY) -> bool:
    """Whether just these files have been loaded here by just this code: doing it again would change nothing."""
    return LoadedRow.objects.filter(kind=WHOLE, key=_digest(directory)).exists()


def _digest(directory: Path) -> str:
    """Of the files and of the code that reads them."""
    seen = hashlib.sha256(VERSION.encode())
    for file in [*sorted(directory.glob("*.csv")), *sorted(Path(__file__).parent.glob("*.py"))]:
        content = file.read_bytes()
        seen.update(f"{file.name} {len(content)}\n".encode() + content)
    return seen.hexdigest()


def known_of(dataset: Dataset) -> Known:
    """What the database holds of the sources, actors and accounts that the files name."""
    names = {name for fact in related(dataset) for name in fact.keys.values()}
    names |= {name for fact in dataset.groups for name in members_of(fact.keys)}
    slugs = dict(OldSlug.objects.filter(slug__in=names).values_list("slug", "actor__slug"))
    slugs |= {slug: slug for slug in Actor.objects.filter(slug__in=names).values_list("slug", flat=True)}
    accounts: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    for account in Account.objects.filter(actor__slug__in=slugs.values()).select_related("actor"):
        accounts[account.actor.slug, account.platform].append((account.handle, account.pk))
    sources = set(Source.objects.filter(key__in=names).values_list("key", flat=True))
    return Known(sources=sources, actors=slugs, accounts=accounts)


# What every kind of row goes through


def _settle(
    loaded: Loaded,
    facts: Sequence[Fact[M]],
    find: Callable[[Fact[M]], M | None],
    fields: Sequence[str],
    also: Callable[[M, Fact[M]], list[str]] = lambda existing, fact: [],
) -> dict[Fact[M], M]:
    """Insert what does not stand yet. The row that now stands for each fact, but for those deleted here.

    `fields`, and what `also` names besides, are compared with what stands.
    """
    before = _became(facts)
    settled: dict[Fact[M], M] = {}
    for fact in facts:
        existing = before.get(fact) or find(fact)
        if existing is not None:
            _compare(loaded, fact, _differing(existing, fact, fields) + also(existing, fact))
        elif fact in before and isinstance(fact.made, MAY_BE_DELETED):
            _pass_over(loaded, fact)
            continue
        else:
            _tally(loaded, fact).new += 1
        settled[fact] = existing or fact.made
    new = [made for fact, made in settled.items() if made is fact.made]
    if new:
        type(new[0])._default_manager.bulk_create(new)
    _remember({fact: stands for fact, stands in settled.items() if before.get(fact) != stands})
    return settled


def _became(facts: Sequence[Fact[M]]) -> dict[Fact[M], M | None]:
    """What the facts that were loaded before became; None where that has been deleted."""
    if not facts:
        return {}
    rows = LoadedRow.objects.filter(kind=facts[0].kind, key__in=[fact.key for fact in facts])
    ids = dict(rows.values_list("key", "object_id"))
    standing = type(facts[0].made)._default_manager.in_bulk(ids.values())
    return {fact: standing.get(ids[fact.key]) for fact in facts if fact.key in ids}


def _remember(settled: Mapping[Fact[M], M]) -> None:
    LoadedRow.objects.bulk_create(
        [LoadedRow(kind=fact.kind, key=fact.key, object_id=stands.pk) for fact, stands in settled.items()],
        update_conflicts=True,
        unique_fields=["kind", "key"],
        update_fields=["object_id"],
    )


def _pass_over(loaded: Loaded, fact: Fact[Any]) -> None:
    _tally(loaded, fact).kept += 1
    loaded.kept.append(_("%(place)s: deleted here, and not added again.") % {"place": fact.row.place})


def _differing(existing: M, fact: Fact[M], fields: Sequence[str]) -> list[str]:
    """The fields in which the two differ; a column the file does not have says nothing."""
    said = [name for name in fields if name not in FILES[fact.row.file].optional or fact.row.has(name)]
    return [name for name in said if getattr(existing, name) != getattr(fact.made, name)]


def _compare(loaded: Loaded, fact: Fact[Any], differing: Sequence[str]) -> None:
    if not differing:
        _tally(loaded, fact).same += 1
        return
    _tally(loaded, fact).kept += 1
    names = ", ".join(name.removesuffix("_id") for name in differing)
    sentence = _("%(place)s: kept as it stands here, which differs from the file in: %(fields)s.")
    loaded.kept.append(sentence % {"place": fact.row.place, "fields": names})


def _tally(loaded: Loaded, fact: Fact[Any]) -> Tally:
    return loaded.tallies[str(capfirst(fact.made._meta.verbose_name_plural))]


# Kind by kind


def _load_sources(dataset: Dataset, loaded: Loaded) -> Keys:
    """The primary key of every source."""
    standing = Source.objects.in_bulk([fact.made.key for fact in dataset.sources], field_name="key")
    fields = ("kind", "title", "authors", "year", "container", "doi", "url", "licence")
    settled = _settle(loaded, dataset.sources, lambda fact: standing.get(fact.made.key), fields)
    keys = dict(Source.objects.values_list("key", "pk"))
    return keys | {fact.made.key: source.pk for fact, source in settled.items()}


def _load_actors(dataset: Dataset, loaded: Loaded, sources: Keys) -> Keys:
    """The primary key of every actor, by its slug and by the slugs it had before."""
    slugs = [fact.made.slug for fact in dataset.actors]
    renamed = OldSlug.objects.filter(slug__in=slugs).select_related("actor")
    standing = {old.slug: old.actor for old in renamed} | Actor.objects.in_bulk(slugs, field_name="slug")
    for fact in dataset.actors:
        fact.made.source_id = sources[fact.keys["source"]]
    fields = ("kind", "name_en", "name_ru", "name_kk", "note", "source_id")
    settled = _settle(loaded, dataset.actors, lambda fact: standing.get(fact.made.slug), fields)
    keys = dict(OldSlug.objects.values_list("slug", "actor")) | dict(Actor.objects.values_list("slug", "pk"))
    keys |= {fact.row.text("key"): actor.pk for fact, actor in settled.items()}
    # Who succeeds whom can be written only now that all are there.
    new = [fact for fact, actor in settled.items() if actor is fact.made and fact.keys["succeeds"]]
    for fact in new:
        fact.made.succeeds_id = keys[fact.keys["succeeds"]]
    Actor.objects.bulk_update([fact.made for fact in new], ["succeeds"])
    return keys


def _load_accounts(
    dataset: Dataset, loaded: Loaded, sources: Keys, actors: Keys
) -> dict[Fact[Account], Account]:
    for fact in dataset.accounts:
        fact.made.source_id = sources[fact.keys["source"]]
        fact.made.actor_id = actors[fact.keys["actor"]]
    before = {fact: account for fact, account in _became(dataset.accounts).items() if account}
    matched = match_accounts(dataset.accounts, before)
    fields = ("actor_id", "handle", "source_id", "note")
    settled = _settle(loaded, dataset.accounts, matched.get, fields)
    loaded.without_address = sum(not account.has_address for account in settled.values())
    return settled


def _load_snapshots(
    dataset: Dataset, loaded: Loaded, sources: Keys, accounts: Mapping[Fact[Account], Account]
) -> None:
    readings = []
    for fact in dataset.snapshots:
        meant = dataset.account_of[fact.row]
        account_id = accounts[meant].pk if isinstance(meant, Fact) else meant
        readings.append(reading_of(fact.made, account_id, sources[fact.keys["source"]]))
    key_of = {pk: key for key, pk in sources.items()}
    first: dict[recording.Key, Fact[Snapshot]] = {}
    for fact, answer in zip(dataset.snapshots, recording.publish(readings), strict=True):
        _weigh(loaded, fact, answer, first.setdefault(answer.reading.key, fact), key_of)


def _weigh(
    loaded: Loaded, fact: Fact[Snapshot], answer: Recorded, first: Fact[Snapshot], key_of: Mapping[int, str]
) -> None:
    """Count what became of a row. Of two sources that disagree, both are said, and which of them is kept."""
    tally = _tally(loaded, fact)
    if answer.verdict in (Verdict.NEW, Verdict.SAME) or answer.existing is None:
        tally.new += answer.verdict == Verdict.NEW
        tally.same += answer.verdict == Verdict.SAME
        return
    tally.kept += 1
    said = {"place": fact.row.place, "value": _value(fact.made), "source": fact.keys["source"]}
    standing = _value(answer.existing)
    if answer.existing.edited_by_id:
        sentence = _(
            "%(place)s: kept as an editor set it: %(standing)s. The file says %(value)s (%(source)s)."
        )
        loaded.kept.append(sentence % {**said, "standing": standing})
    elif first is not fact and _value(first.made) == standing:
        sentence = _(
            "%(place)s says %(value)s (%(source)s), %(first)s says %(standing)s (%(other)s) "
            "of the same account and date: the first one, %(first)s, is kept."
        )
        other = {"first": first.row.place, "standing": standing, "other": first.keys["source"]}
        loaded.conflicts.append(sentence % {**said, **other})
    else:
        sentence = _(
            "%(place)s says %(value)s (%(source)s), what is recorded says %(standing)s (%(other)s) "
            "of the same account and date: what is recorded is kept."
        )
        other = {"standing": standing, "other": key_of[answer.existing.source_id]}
        loaded.conflicts.append(sentence % {**said, **other})


def _value(snapshot: Snapshot) -> str:
    """A count or a state as a sentence quotes it: 39,000, > 40,000, Page does not exist."""
    if snapshot.followers is None:
        return str(State(snapshot.state).label)
    number = number_format(snapshot.followers, force_grouping=True)
    return number if snapshot.bound == Bound.EXACTLY else f"{snapshot.bound} {number}"


def _load_indicators(dataset: Dataset, loaded: Loaded, sources: Keys) -> None:
    keys = [fact.made.key for fact in dataset.indicators]
    standing = Indicator.objects.in_bulk(keys, field_name="key")
    fields = ("label_en", "label_ru", "label_kk", "unit")
    settled = _settle(loaded, dataset.indicators, lambda fact: standing.get(fact.made.key), fields)
    indicators = {fact.made.key: indicator.pk for fact, indicator in settled.items()}
    wanted = []
    for fact in dataset.values:
        if fact.keys["indicator"] not in indicators:  # it has been deleted
            _pass_over(loaded, fact)
            continue
        fact.made.source_id = sources[fact.keys["source"]]
        fact.made.indicator_id = indicators[fact.keys["indicator"]]
        wanted.append(fact)
    values = IndicatorValue.objects.filter(indicator__in=indicators.values())
    known = {_value_key(value): value for value in values}
    _settle(loaded, wanted, lambda fact: known.get(_value_key(fact.made)), ("value", "locator", "note"))


def _value_key(value: IndicatorValue) -> tuple[object, ...]:
    place = (value.geo, value.platform, value.segment)
    return (value.indicator_id, *place, value.day, value.span, value.source_id)


def _load_events(dataset: Dataset, loaded: Loaded, sources: Keys) -> None:
    standing = Event.objects.in_bulk([fact.made.key for fact in dataset.events], field_name="key")
    for fact in dataset.events:
        fact.made.source_id = sources[fact.keys["source"]]
    dates = ("starts", "starts_span", "ends", "ends_span")
    fields = (*dates, "title_en", "title_ru", "title_kk", "source_id", "locator")
    _settle(loaded, dataset.events, lambda fact: standing.get(fact.made.key), fields)


def _load_groups(dataset: Dataset, loaded: Loaded, sources: Keys, actors: Keys) -> None:
    standing = Group.objects.in_bulk([fact.made.slug for fact in dataset.groups], field_name="slug")
    for fact in dataset.groups:
        fact.made.source_id = sources[fact.keys["source"]]
        fact.made.reference_id = actors[fact.keys["reference"]] if fact.keys["reference"] else None
    fields = ("title_en", "title_ru", "title_kk", "platform", "reference_id", "source_id", "locator")
    members = {fact: {actors[key] for key in members_of(fact.keys)} for fact in dataset.groups}

    def others(existing: Group, fact: Fact[Group]) -> list[str]:
        stand = set(existing.members.values_list("pk", flat=True))
        return [] if stand == members[fact] else ["members"]

    settled = _settle(loaded, dataset.groups, lambda fact: standing.get(fact.made.slug), fields, others)
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
    fields = ("times", "day", "span", "locator", "note")
    _settle(loaded, dataset.claims, lambda fact: standing.get(_claim_key(fact.made)), fields)


def _claim_key(claim: Claim) -> tuple[object, ...]:
    return (claim.actor_id, claim.comparator_id, claim.platform, claim.relation, claim.source_id)
