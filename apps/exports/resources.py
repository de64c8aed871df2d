"""What the data package holds: a table each, with its key, what its columns refer to, and the words they may hold."""

# ruff: noqa: S608  our own words alone, nothing of a reader's

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from apps.exports.columns import SNAPSHOTS, Column, columns_of
from apps.exports.statements import Period, Statement, snapshots
from apps.registry.models import AccountState, ActorKind, Succession
from apps.snapshots.models import Bound, Precision, State
from apps.standings import scopes
from apps.standings.types import Scope

SPANS = ("day", "month", "year")
PUBLIC_ACCOUNT = "tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id AND NOT ac.hidden"
SPAN_WORD = "CASE {0} WHEN 1 THEN 'year' WHEN 2 THEN 'month' WHEN 3 THEN 'day' END"


@dataclass(frozen=True)
class Resource:
    """A table of the package. `refers`: by column, whose key it holds."""

    name: str
    title: str
    columns: Sequence[Column]
    sql: Callable[[], str]
    key: Sequence[str]
    refers: dict[str, tuple[str, str]] = field(default_factory=dict)
    words: dict[str, Sequence[str]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)

    def statement(self) -> Statement:
        sql = self.sql()
        return Statement(self.columns, sql, (), f"FROM ({sql}) line", f"FROM ({sql}) line", ())  # type: ignore[arg-type]


def _text(sql: str) -> Callable[[], str]:
    return lambda: sql


def _corrections() -> str:
    public = scopes.freezable("s")
    values = ", ".join(
        f"c.{side} ->> '{name}' AS {side}_{name}" if name != "followers" else f"(c.{side} ->> 'followers')::bigint AS {side}_followers"
        for side in ("old", "new") for name in ("state", "bound", "followers", "precision")
    )  # fmt: skip
    return f"""SELECT c.id, s.account_id, s.day, {SPAN_WORD.format("s.span")} AS span, c.at, c.reason, {values}
        FROM tracking_correction c JOIN tracking_snapshot s ON s.id = c.snapshot_id
        JOIN {PUBLIC_ACCOUNT} ON a.id = s.account_id WHERE true{public} ORDER BY c.id"""


SOURCE = {"source": ("sources", "key")}
ACCOUNT = {"account_id": ("accounts", "account_id")}
RESOURCES = (
    Resource(
        "sources", "Where every number comes from",
        columns_of("key kind title authors year:integer container doi url licence"),
        _text('SELECT key COLLATE "C" AS key, kind, title, authors, year, container, doi, url, licence FROM tracking_source ORDER BY 1'),
        ["key"],
    ),
    Resource(
        "actors", "Persons and organisations that are tracked",
        columns_of("slug kind name_en name_ru name_kk region wikidata_id website began:day ended:day succeeds source"),
        _text("""SELECT ac.slug COLLATE "C" AS slug, ac.kind, ac.name_en, ac.name_ru, ac.name_kk, ac.region, ac.wikidata_id,
            ac.website, ac.began, ac.ended, b.slug AS succeeds, o.key AS source FROM tracking_actor ac
            LEFT JOIN tracking_actor b ON b.id = ac.succeeds_id AND NOT b.hidden
            LEFT JOIN tracking_source o ON o.id = ac.source_id WHERE NOT ac.hidden ORDER BY 1"""),
        ["slug"], {"succeeds": ("actors", "slug"), **SOURCE}, {"kind": ActorKind.values},
    ),
    Resource(
        "accounts", "Their accounts on platforms",
        columns_of("account_id:integer actor_slug platform handle platform_id title state verified:boolean"),
        _text(f"""SELECT a.id AS account_id, ac.slug AS actor_slug, a.platform, a.handle, a.platform_id, a.title, a.state,
            a.verified FROM {PUBLIC_ACCOUNT} ORDER BY a.id"""),
        ["account_id"], {"actor_slug": ("actors", "slug")}, {"state": AccountState.values},
    ),
    Resource(
        "handle_changes", "Accounts that were renamed on their platform",
        columns_of("account_id:integer old new noticed_at:instant"),
        _text(f"""SELECT h.account_id, h.old, h.new, h.noticed_at FROM tracking_handlechange h
            JOIN {PUBLIC_ACCOUNT} ON a.id = h.account_id ORDER BY h.account_id, h.noticed_at, h.id"""),
        [], ACCOUNT,
    ),
    Resource(
        "groups", "Named sets of actors that are compared",
        columns_of("slug title_en title_ru title_kk platform reference source"),
        _text("""SELECT g.slug COLLATE "C" AS slug, g.title_en, g.title_ru, g.title_kk, g.platform, ac.slug AS reference, o.key AS source
            FROM tracking_group g LEFT JOIN tracking_actor ac ON ac.id = g.reference_id AND NOT ac.hidden
            LEFT JOIN tracking_source o ON o.id = g.source_id WHERE NOT g.is_draft ORDER BY 1"""),
        ["slug"], {"reference": ("actors", "slug"), **SOURCE},
    ),
    Resource(
        "group_members", "Who is in which group",
        columns_of("group_slug actor_slug"),
        _text("""SELECT g.slug COLLATE "C" AS group_slug, ac.slug COLLATE "C" AS actor_slug FROM tracking_group_members m
            JOIN tracking_group g ON g.id = m.group_id AND NOT g.is_draft
            JOIN tracking_actor ac ON ac.id = m.actor_id AND NOT ac.hidden ORDER BY 1, 2"""),
        ["group_slug", "actor_slug"], {"group_slug": ("groups", "slug"), "actor_slug": ("actors", "slug")},
    ),
    Resource(
        "successions", "Bodies that came out of others",
        columns_of("before before_name after after_name relation day:day span source locator"),
        _text(f"""SELECT b.slug AS before, s.before_name, n.slug AS after, s.after_name, s.relation, s.day,
            {SPAN_WORD.format("s.span")} AS span, o.key AS source, s.locator FROM {Succession._meta.db_table} s
            LEFT JOIN tracking_actor b ON b.id = s.before_id LEFT JOIN tracking_actor n ON n.id = s.after_id
            LEFT JOIN tracking_source o ON o.id = s.source_id
            WHERE b.hidden IS NOT TRUE AND n.hidden IS NOT TRUE ORDER BY s.day, s.id"""),
        [], {"before": ("actors", "slug"), "after": ("actors", "slug"), **SOURCE}, {"span": SPANS},
    ),
    Resource(
        "snapshots", "Everything recorded: one row for each account and day, month or year",
        SNAPSHOTS,
        lambda: snapshots(Scope(publish=True, freeze=True), Period(), (), "en").sql,
        ["account_id", "day", "span"], {**ACCOUNT, "actor_slug": ("actors", "slug"), **SOURCE},
        {"span": SPANS, "state": State.values, "bound": Bound.values, "precision": Precision.values, "kind": ActorKind.values},
        {"followers": "followers, subscribers or members"},
    ),
    Resource(
        "corrections", "Recorded values that an editor changed, and why",
        columns_of("""id:integer account_id:integer day:day span at:instant reason old_state old_bound old_followers:integer
            old_precision new_state new_bound new_followers:integer new_precision"""),
        _corrections, ["id"], ACCOUNT, {"span": SPANS},
    ),
    Resource(
        "events", "Dated events that charts are annotated with",
        columns_of("key kind starts:day starts_span ends:day ends_span title_en title_ru title_kk source locator"),
        _text(f"""SELECT e.key COLLATE "C" AS key, e.kind, e.starts, {SPAN_WORD.format("e.starts_span")} AS starts_span, e.ends,
            {SPAN_WORD.format("e.ends_span")} AS ends_span, e.title_en, e.title_ru, e.title_kk, o.key AS source, e.locator
            FROM context_event e LEFT JOIN tracking_source o ON o.id = e.source_id ORDER BY 1"""),
        ["key"], SOURCE, {"starts_span": SPANS, "ends_span": SPANS},
    ),
    Resource(
        "indicators", "What figures about the country there are",
        columns_of("key label_en label_ru label_kk unit"),
        _text('SELECT key COLLATE "C" AS key, label_en, label_ru, label_kk, unit FROM context_indicator ORDER BY 1'),
        ["key"],
    ),
    Resource(
        "indicator_values", "Figures about the country",
        columns_of("indicator geo platform segment day:day span bound value:decimal source locator note"),
        _text(f"""SELECT i.key COLLATE "C" AS indicator, v.geo, v.platform, v.segment, v.day, {SPAN_WORD.format("v.span")} AS span,
            v.bound, v.value, o.key AS source, v.locator, v.note FROM context_indicatorvalue v
            JOIN context_indicator i ON i.id = v.indicator_id JOIN tracking_source o ON o.id = v.source_id
            ORDER BY 1, 2, 3, 4, 5, v.span, 9"""),
        [], {"indicator": ("indicators", "key"), **SOURCE}, {"span": SPANS, "bound": Bound.values},
    ),
    Resource(
        "claims", "Published comparisons",
        columns_of("id:integer actor comparator platform relation times:decimal day:day span source locator note"),
        _text(f"""SELECT c.id, ac.slug AS actor, b.slug AS comparator, c.platform, c.relation, c.times, c.day,
            {SPAN_WORD.format("c.span")} AS span, o.key AS source, c.locator, c.note FROM context_claim c
            JOIN tracking_actor ac ON ac.id = c.actor_id AND NOT ac.hidden
            JOIN tracking_actor b ON b.id = c.comparator_id AND NOT b.hidden
            JOIN tracking_source o ON o.id = c.source_id ORDER BY c.id"""),
        ["id"], {"actor": ("actors", "slug"), "comparator": ("actors", "slug"), **SOURCE}, {"span": SPANS},
    ),
)  # fmt: skip
