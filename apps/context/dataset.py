"""The files of the reference dataset: their columns, what tells a row from others, and the rows once read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Generic, NamedTuple, TypeVar

from django.db.models import Model

from apps.common.tables import Problem, Row
from apps.context.models import Claim, Event, Indicator, IndicatorValue
from apps.registry.models import (
    Account,
    Actor,
    Alias,
    Group,
    Impostor,
    Proposal,
    Source,
    Succession,
)
from apps.snapshots.models import Snapshot

DIRECTORY: Final = Path(__file__).parent / "data"
M = TypeVar("M", bound=Model)


class Columns(NamedTuple):
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


FILES: Final[dict[str, Columns]] = {
    "sources.csv": Columns(
        ("key", "kind", "title", "authors", "year", "container", "doi", "url"), ("licence",)
    ),
    "actors.csv": Columns(
        ("key", "kind", "name_en", "name_ru", "name_kk", "succeeds", "source", "note"),
        ("website", "began", "ended"),
    ),
    "accounts.csv": Columns(("actor", "platform", "handle", "url", "source", "note"), ("platform_id", "id")),
    "snapshots.csv": Columns(
        ("actor", "platform", "observed", "state", "bound", "followers", "source", "locator", "note"),
        ("handle", "id"),  # handle: for an actor that has several accounts on the platform
    ),
    "indicators.csv": Columns(
        (
            *("key", "label_en", "unit", "geo", "platform", "segment", "observed", "value"),
            *("source", "locator", "note"),
        ),
        ("label_ru", "label_kk", "bound", "id"),
    ),
    "events.csv": Columns(
        ("key", "starts", "ends", "title_en", "title_ru", "title_kk", "source", "locator"),
        ("kind",),
    ),
    "groups.csv": Columns(
        ("key", "title_en", "title_ru", "title_kk", "platform", "reference", "members", "source", "locator")
    ),
    "claims.csv": Columns(
        ("actor", "comparator", "platform", "relation", "times", "observed", "source", "locator", "note"),
        ("id",),
    ),
    "names.csv": Columns(("actor", "text", "language", "kind", "source"), ("id",)),
    "successions.csv": Columns(("before", "after", "relation", "date", "source", "locator", "note"), ("id",)),
    "proposals.csv": Columns(
        ("actor", "platform", "handle", "url", "grade", "proof_day", "source", "note"), ("id", "locator")
    ),
    "impostors.csv": Columns(("actor", "platform", "handle", "said_by", "date", "source"), ("id", "note")),
}


# What tells a row from the others of its kind
KEYS: Final[dict[str, tuple[str, ...]]] = {
    "source": ("key",),
    "actor": ("key",),
    "account": ("actor", "platform", "handle"),
    "snapshot": ("actor", "platform", "handle", "observed", "source"),
    "indicator": ("key",),
    "indicatorvalue": ("key", "geo", "platform", "segment", "observed", "source"),
    "event": ("key",),
    "group": ("key",),
    "claim": ("actor", "comparator", "platform", "relation", "source"),
    "alias": ("actor", "language", "text"),
    "succession": ("before", "after", "relation"),
    "proposal": ("actor", "platform", "handle"),
    "impostor": ("platform", "handle"),
}


@dataclass(frozen=True, eq=False)
class Fact(Generic[M]):
    """A row of a file: the object it describes, not yet saved, and the keys by which its relations go."""

    row: Row
    made: M
    keys: Mapping[str, str] = field(default_factory=dict)  # column -> key of a source, of an actor

    @property
    def kind(self) -> str:
        return self.made._meta.model_name or ""

    @property
    def key(self) -> str:
        """Return the row's key among those of its kind: its own id, whatever else a later release says of it."""
        own = self.row.text("id") if self.row.has("id") and self.kind != "indicator" else ""
        return own or "/".join(self.row.text(column) for column in KEYS[self.kind])


@dataclass
class Dataset:
    sources: list[Fact[Source]] = field(default_factory=list)
    actors: list[Fact[Actor]] = field(default_factory=list)
    accounts: list[Fact[Account]] = field(default_factory=list)
    snapshots: list[Fact[Snapshot]] = field(default_factory=list)
    indicators: list[Fact[Indicator]] = field(default_factory=list)  # the first row of each key
    values: list[Fact[IndicatorValue]] = field(default_factory=list)
    events: list[Fact[Event]] = field(default_factory=list)
    groups: list[Fact[Group]] = field(default_factory=list)
    claims: list[Fact[Claim]] = field(default_factory=list)
    names: list[Fact[Alias]] = field(default_factory=list)
    successions: list[Fact[Succession]] = field(default_factory=list)
    proposals: list[Fact[Proposal]] = field(default_factory=list)
    impostors: list[Fact[Impostor]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)  # CSV files beside ours that are not part of a dataset
    spoilt: set[str] = field(default_factory=set)  # files whose rows could not all be taken apart
    # The account each snapshot means: a row of accounts.csv, or the primary key of one in the database.
    account_of: dict[Row, Fact[Account] | int] = field(default_factory=dict)


def members_of(keys: Mapping[str, str]) -> list[str]:
    """Return the keys of a group's members."""
    return [key.strip() for key in keys["members"].split(";")]
