"""Merge a loaded row with the stored one, whatever its kind: added, left alone, changed, or kept as an editor has it.

Three sides are held against each other, field by field: what the file says now, what it said when it was last loaded,
and what stands. A field that nobody has touched since takes what the file says; one that somebody changed stays, and
is told.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from apps.context.dataset import FILES, Fact
from apps.context.models import Claim, Event, Indicator, IndicatorValue, LoadedRow
from apps.context.reference import reread
from apps.registry.models import Alias, Group, Impostor, Succession

M = TypeVar("M", bound=Model)
MAY_BE_DELETED = (  # actors are hidden, accounts closed instead
    *(Indicator, IndicatorValue, Event, Group, Claim),
    *(Alias, Succession, Impostor),
)


@dataclass
class Tally:
    """How many rows were new, the same as what stands, differed from it (what stands was kept), or changed it."""

    new: int = 0
    same: int = 0
    kept: int = 0
    changed: int = 0


@dataclass
class Loaded:
    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))  # "Actors" -> Tally
    kept: list[str] = field(default_factory=list)  # a sentence for each row that differs from what stands
    changed: list[str] = field(default_factory=list)  # a sentence for each row that the files changed
    conflicts: list[str] = field(default_factory=list)  # a sentence for each two sources that disagree
    unread: list[str] = field(default_factory=list)  # CSV files that are not part of a dataset
    without_address: int = 0  # accounts of the files that nobody can find yet
    waiting: int = 0  # proposed addresses that wait for an editor

    def tally(self, fact: Fact[Any]) -> Tally:
        return self.tallies[str(capfirst(fact.made._meta.verbose_name_plural))]


@dataclass(frozen=True)
class KeyColumn:
    """A field that holds another row's primary key: the column that names it, and keys to primary keys."""

    column: str
    keys: Mapping[str, int]


@dataclass(frozen=True)
class Before:
    """A row as it was loaded before: what it became (None where that was deleted), and what the file said then."""

    row: Any
    cells: dict[str, str] | None


@dataclass
class Merge:
    """What became of one row: the fields that took the file's words, and those that kept theirs."""

    taken: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def settle(
    loaded: Loaded,
    facts: Sequence[Fact[M]],
    find: Callable[[Fact[M]], M | None],
    fields: Sequence[str],
    relations: Mapping[str, KeyColumn] | None = None,
    also: Callable[[M, Fact[M], dict[str, str] | None, Merge], None] = lambda *_: None,
    change: Callable[[M, list[str]], None] | None = None,
) -> dict[Fact[M], M]:
    """Insert what does not stand yet, and change what nobody else has. Returns the row that now stands for each fact.

    `fields` and `relations`, and what `also` looks at besides, are compared. `change` saves the changed fields.
    """
    before = find_before(facts)
    settled: dict[Fact[M], M] = {}
    for fact in facts:
        earlier = before.get(fact)
        existing: M | None = (earlier.row if earlier else None) or find(fact)
        if existing is not None:
            cells = earlier.cells if earlier else None
            merge = compare(existing, fact, cells, fields, relations or {})
            also(existing, fact, cells, merge)
            _take(existing, fact, merge, change or _save)
            report(loaded, fact, merge)
        elif earlier is not None and isinstance(fact.made, MAY_BE_DELETED):
            pass_over(loaded, fact)
            continue
        else:
            loaded.tally(fact).new += 1
        settled[fact] = existing or fact.made
    new = [row for fact, row in settled.items() if row is fact.made]
    if new:
        type(new[0])._default_manager.bulk_create(new)
    remember(
        {
            fact: row
            for fact, row in settled.items()
            if fact not in before or before[fact].row != row or before[fact].cells != fact.row.cells
        }
    )
    return settled


def merge_fields(
    loaded: Loaded, existing: M, fact: Fact[M], cells: dict[str, str], fields: Sequence[str]
) -> None:
    """Let these fields of a row that stands follow the file where nobody has changed them, and say so."""
    merge = compare(existing, fact, cells, fields, {})
    _take(existing, fact, merge, _save)
    report(loaded, fact, merge)


def find_before(facts: Sequence[Fact[M]]) -> dict[Fact[M], Before]:
    """Find what the facts that were loaded before became."""
    if not facts:
        return {}
    rows = LoadedRow.objects.filter(kind=facts[0].kind, key__in=[fact.key for fact in facts])
    by_key = {row.key: row for row in rows}
    standing = type(facts[0].made)._default_manager.in_bulk([row.object_id for row in by_key.values()])
    return {
        fact: Before(standing.get(by_key[fact.key].object_id), by_key[fact.key].cells)
        for fact in facts
        if fact.key in by_key
    }


def remember(settled: Mapping[Fact[M], M]) -> None:
    """Note which row each line became, and what the line said."""
    LoadedRow.objects.bulk_create(
        [
            LoadedRow(kind=fact.kind, key=fact.key, object_id=row.pk, cells=fact.row.cells)
            for fact, row in settled.items()
        ],
        update_conflicts=True,
        unique_fields=["kind", "key"],
        update_fields=["object_id", "cells"],
    )


def compare(
    existing: M,
    fact: Fact[M],
    cells: dict[str, str] | None,
    fields: Iterable[str],
    relations: Mapping[str, KeyColumn],
) -> Merge:
    """Hold the three sides of a row against each other. A column that the file does not have says nothing."""
    optional = FILES[fact.row.file].optional
    base = reread(fact.kind, cells) if cells is not None else None
    merge = Merge()
    for name in fields:
        if name in optional and not fact.row.has(name):
            continue
        theirs, ours = getattr(fact.made, name), getattr(existing, name)
        if theirs != ours:
            is_untouched = base is not None and getattr(base, name) == ours
            (merge.taken if is_untouched else merge.kept).append(name)
    for name, relation in relations.items():
        theirs, ours = getattr(fact.made, name), getattr(existing, name)
        if theirs != ours:
            was = relation.keys.get(cells.get(relation.column, "")) if cells is not None else None
            is_untouched = cells is not None and was == ours
            (merge.taken if is_untouched else merge.kept).append(name)
    return merge


def _take(existing: M, fact: Fact[M], merge: Merge, change: Callable[[M, list[str]], None]) -> None:
    """Write the fields that the file has changed; where a rule of the database forbids it, all is kept."""
    if not merge.taken:
        return
    was = {name: getattr(existing, name) for name in merge.taken}
    for name in merge.taken:
        setattr(existing, name, getattr(fact.made, name))
    try:
        with transaction.atomic():
            change(existing, merge.taken)
    except IntegrityError:
        for name, value in was.items():
            setattr(existing, name, value)
        merge.kept, merge.taken = [*merge.kept, *merge.taken], []


def _save(existing: Model, fields: list[str]) -> None:
    existing.save(update_fields=[name.removesuffix("_id") for name in fields])


def report(loaded: Loaded, fact: Fact[Any], merge: Merge) -> None:
    """Count what became of a row; say which fields were kept or changed."""
    tally = loaded.tally(fact)
    if merge.kept:
        tally.kept += 1
        sentence = _("%(place)s: kept as it stands here, which differs from the file in: %(fields)s.")
        loaded.kept.append(sentence % {"place": fact.row.place, "fields": list_fields(merge.kept)})
    if merge.taken:
        tally.changed += 1
        sentence = _("%(place)s: changed as the file now says it: %(fields)s.")
        loaded.changed.append(sentence % {"place": fact.row.place, "fields": list_fields(merge.taken)})
    tally.same += not (merge.kept or merge.taken)


def list_fields(names: Iterable[str]) -> str:
    return ", ".join(name.removesuffix("_id") if name != "platform_id" else name for name in names)


def pass_over(loaded: Loaded, fact: Fact[Any]) -> None:
    """Leave out what was deleted here after it was loaded."""
    loaded.tally(fact).kept += 1
    loaded.kept.append(_("%(place)s: deleted here, and not added again.") % {"place": fact.row.place})
