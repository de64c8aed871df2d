"""The reference dataset as files: what each row says by itself. No database.

What the files hold and how they are written: docs/reference-data.md. Rows against each other: checking.py.
Loading: services.py.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from apps.collectors.platforms import PLATFORMS
from apps.collectors.types import Target
from apps.common.tables import BadTable, Problem, Row, decimals_of, read
from apps.context.dataset import DIRECTORY, FILES, Dataset, Fact, members_of
from apps.context.models import Claim, Event, Indicator, IndicatorValue
from apps.context.reference_registry import (
    check_address,
    read_impostor,
    read_name,
    read_proposal,
    read_succession,
)
from apps.context.reference_rows import read_count
from apps.registry.models import Account, Actor, ActorKind, Group, Source
from apps.snapshots.models import Bound, Snapshot, Span

__all__ = ["DIRECTORY", "FILES", "Dataset", "Fact", "parse", "reread"]


def parse(directory: Path) -> Dataset:
    """Read the files that are there; mistakes inside a row go to `problems`. Raises BadTable when none is there."""
    dataset = Dataset()
    if not any((directory / name).is_file() for name in FILES):
        sentence = _("None of the dataset's files is here: %(files)s.") % {"files": ", ".join(FILES)}
        raise BadTable([Problem(str(directory), 1, "row", sentence)])
    dataset.unread = sorted(path.name for path in directory.glob("*.csv") if path.name not in FILES)
    rows = {name: _rows(directory / name, dataset) for name in FILES}
    dataset.sources = [_source(row) for row in rows["sources.csv"]]
    dataset.actors = [_actor(row) for row in rows["actors.csv"]]
    dataset.accounts = [_account(row) for row in rows["accounts.csv"]]
    dataset.snapshots = [_snapshot(row) for row in rows["snapshots.csv"]]
    dataset.indicators = _indicators(rows["indicators.csv"])
    dataset.values = [_value(row) for row in rows["indicators.csv"]]
    dataset.events = [_event(row) for row in rows["events.csv"]]
    dataset.groups = [_group(row) for row in rows["groups.csv"]]
    dataset.claims = [_claim(row) for row in rows["claims.csv"]]
    dataset.names = [read_name(row) for row in rows["names.csv"]]
    dataset.successions = [read_succession(row) for row in rows["successions.csv"]]
    dataset.proposals = [read_proposal(row) for row in rows["proposals.csv"]]
    dataset.impostors = [read_impostor(row) for row in rows["impostors.csv"]]
    return dataset


# Rows


def _rows(path: Path, dataset: Dataset) -> list[Row]:
    if not path.is_file():
        return []
    before = len(dataset.problems)
    rows = read(path, *FILES[path.name], dataset.problems)
    if len(dataset.problems) > before:
        dataset.spoilt.add(path.name)
    return rows


def _source(row: Row) -> Fact[Source]:
    made = Source(
        key=row.text("key", required=True),
        kind=row.one_of("kind", Source.Kind.values),
        title=row.text("title", required=True),
        authors=row.text("authors"),
        year=row.whole("year"),
        container=row.text("container"),
        doi=row.text("doi"),
        url=row.text("url"),
        licence=row.text("licence"),
    )
    row.check(made, "key", "title", "authors", "year", "container", "doi", "url", "licence")
    return Fact(row, made)


def _actor(row: Row) -> Fact[Actor]:
    made = Actor(
        slug=row.text("key", required=True),
        kind=row.one_of("kind", ActorKind.values),
        name_en=row.text("name_en", required=True),
        name_ru=row.text("name_ru", required=True),
        name_kk=row.text("name_kk", required=True),
        note=row.text("note"),
        website=row.text("website"),
    )
    for name in ("began", "ended"):
        if dated := row.when(name):
            setattr(made, name, dated[0])
            setattr(made, f"{name}_span", dated[1])
    if made.began and made.ended and made.ended < made.began:
        row.wrong("ended", _("This is before the start."))
    row.check(made, "name_en", "name_ru", "name_kk", "website", slug="key")
    keys = {"source": row.text("source", required=True), "succeeds": row.text("succeeds")}
    return Fact(row, made, keys)


def _account(row: Row) -> Fact[Account]:
    platform = row.one_of("platform", PLATFORMS)
    made = Account(
        platform=platform,
        handle=row.text("handle"),
        platform_id=row.text("platform_id"),
        note=row.text("note"),
    )
    row.check(made, "handle", "platform_id")
    check_address(row, Target(platform, made.handle, made.platform_id))
    return Fact(
        row, made, {"source": row.text("source", required=True), "actor": row.text("actor", required=True)}
    )


def _snapshot(row: Row) -> Fact[Snapshot]:
    keys = {
        "source": row.text("source", required=True),
        "actor": row.text("actor", required=True),
        "platform": row.one_of("platform", PLATFORMS),
        "handle": row.text("handle"),
    }
    made = read_count(row)
    if made.followers is not None and made.bound != Bound.EXACTLY and not made.note:
        wording = _("Write the source's own wording here: “more than 40,000”, “about 64 thousand”.")
        row.wrong("note", wording)
    return Fact(row, made, keys)


def _indicators(rows: Iterable[Row]) -> list[Fact[Indicator]]:
    """Return one indicator a key; rows that describe it otherwise than its first row are noted as errors."""
    described = ("label_en", "label_ru", "label_kk", "unit")
    first: dict[str, Fact[Indicator]] = {}
    for row in rows:
        key = row.text("key", required=True)
        if key not in first:
            made = Indicator(
                key=key,
                label_en=row.text("label_en", required=True),
                label_ru=row.text("label_ru"),
                label_kk=row.text("label_kk"),
                unit=row.text("unit", required=True),
            )
            row.check(made, "key", *described)
            first[key] = Fact(row, made)
        for column in described:
            if row.text(column) != getattr(first[key].made, column):
                other = {"place": first[key].row.place}
                row.wrong(column, _("This indicator is described otherwise in %(place)s.") % other)
    return list(first.values())


def _value(row: Row) -> Fact[IndicatorValue]:
    dated = row.when("observed", required=True)
    made = IndicatorValue(
        geo=row.text("geo", required=True),
        platform=row.one_of("platform", PLATFORMS, required=False),
        segment=row.text("segment"),
        bound=row.one_of("bound", Bound.values, required=False) or Bound.EXACTLY,
        value=row.number("value", required=True) or Decimal(0),
        locator=row.text("locator"),
        note=row.text("note"),
    )
    if dated:
        made.day, made.span = dated[0], Span(dated[1])
    made.decimals = decimals_of(made.value)
    row.check(made, "geo", "segment", "value", "locator")
    return Fact(row, made, {"source": row.text("source", required=True), "indicator": row.text("key")})


def _event(row: Row) -> Fact[Event]:
    starts, ends = row.when("starts", required=True), row.when("ends")
    made = Event(
        kind=row.one_of("kind", Event.Category.values, required=False) or Event.Category.COUNTRY,
        key=row.text("key", required=True),
        title_en=row.text("title_en", required=True),
        title_ru=row.text("title_ru", required=True),
        title_kk=row.text("title_kk", required=True),
        locator=row.text("locator"),
    )
    if starts:
        made.starts, made.starts_span = starts[0], Span(starts[1])
    if ends:
        made.ends, made.ends_span = ends[0], Span(ends[1])
    if starts and ends and ends[0] < starts[0]:
        row.wrong("ends", _("This is before the start."))
    row.check(made, "key", "title_en", "title_ru", "title_kk", "locator")
    return Fact(row, made, {"source": row.text("source", required=True)})


def _group(row: Row) -> Fact[Group]:
    made = Group(
        slug=row.text("key", required=True),
        title_en=row.text("title_en", required=True),
        title_ru=row.text("title_ru", required=True),
        title_kk=row.text("title_kk", required=True),
        platform=row.one_of("platform", PLATFORMS, required=False),
        locator=row.text("locator"),
    )
    row.check(made, "title_en", "title_ru", "title_kk", "locator", slug="key")
    keys = {
        "source": row.text("source", required=True),
        "reference": row.text("reference"),
        "members": row.text("members", required=True),
    }
    members = members_of(keys)
    if len(set(members)) < len(members):
        row.wrong("members", _("An actor is named twice."))
    if keys["reference"] and keys["reference"] not in members:
        row.wrong("reference", _("The reference actor is not among the members."))
    return Fact(row, made, keys)


def _claim(row: Row) -> Fact[Claim]:
    dated = row.when("observed")
    relation = row.one_of("relation", Claim.Relation.values)
    times = row.number("times", required=relation == Claim.Relation.TIMES)
    if relation and relation != Claim.Relation.TIMES and times is not None:
        row.wrong("times", _("Only a row whose relation is “times” has a number."))
    made = Claim(
        platform=row.one_of("platform", PLATFORMS),
        relation=relation,
        times=times,
        locator=row.text("locator"),
        note=row.text("note"),
    )
    if dated:
        made.day, made.span = dated[0], Span(dated[1])
    row.check(made, "times", "locator")
    keys = {column: row.text(column, required=True) for column in ("source", "actor", "comparator")}
    if keys["actor"] == keys["comparator"]:
        row.wrong("comparator", _("An actor is not compared with itself."))
    return Fact(row, made, keys)


def reread(kind: str, cells: dict[str, str]) -> Any:
    """Read what an older release said of a row; returns the object as it was described then, not saved."""
    row = Row("", 0, cells, [])
    reader = _READERS[kind]
    return reader(row).made


_READERS: Final[dict[str, Callable[[Row], Fact[Any]]]] = {
    "source": _source,
    "actor": _actor,
    "account": _account,
    "snapshot": _snapshot,
    "indicator": lambda row: _indicators([row])[0],
    "indicatorvalue": _value,
    "event": _event,
    "group": _group,
    "claim": _claim,
    "alias": read_name,
    "succession": read_succession,
    "impostor": read_impostor,
    "proposal": read_proposal,
}
