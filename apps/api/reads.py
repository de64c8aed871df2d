"""The queries behind the lists; what is derived comes from apps/standings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.expressions import RawSQL

from apps.api.paging import Position
from apps.common import reading
from apps.context.models import Claim, Event, IndicatorValue
from apps.exports.statements import accounts as accounts_of
from apps.registry.models import Account, Actor, Group
from apps.snapshots import terms
from apps.snapshots.models import Correction
from apps.standings import scopes
from apps.standings.types import Row, Scope

MANY: Final = 10_000  # accounts, from which on they are not sorted for a page
UNKNOWN: Final = "unknown"  # the state of a row of which nothing is recorded


def actors(scope: Scope) -> QuerySet[Actor]:
    """Return the scope's actors; where a platform is asked for, those with an account on it."""
    wanted, parameters = scopes.filters(scope)
    found = Actor.objects.filter(
        pk__in=RawSQL(f"SELECT ac.id FROM tracking_actor ac WHERE {wanted}", parameters)  # noqa: S608, S611 our words
    )
    if scope.platform:
        found = found.filter(accounts__platform=scope.platform).distinct()
    return with_relations(found)


def with_relations(found: QuerySet[Actor]) -> QuerySet[Actor]:
    public = Actor.objects.public().only("pk", "slug")
    return found.select_related("succeeds", "source").prefetch_related(
        Prefetch("peers", public.order_by("slug")),
        Prefetch("groups", Group.objects.public().only("pk", "slug").order_by("slug")),
        Prefetch("accounts", Account.objects.only("pk", "actor_id").order_by("pk")),
    )


def accounts(scope: Scope, states: Sequence[str] = ()) -> QuerySet[Account]:
    chosen, parameters = accounts_of(scope)
    found = Account.objects.filter(pk__in=RawSQL(f"SELECT a.id {chosen}", parameters))  # noqa: S611 our words
    return with_actor(found.filter(state__in=states) if states else found)


def of_states(rows: Sequence[Row], states: Sequence[str]) -> Sequence[Row]:
    """Return the rows whose value is of such a state; all where none is named."""
    if not states:
        return rows
    return [row for row in rows if (row.now.state if row.now else UNKNOWN) in states]


def with_actor(found: QuerySet[Account]) -> QuerySet[Account]:
    return found.select_related("actor", "source").prefetch_related("handle_changes")


def groups() -> QuerySet[Group]:
    members = Actor.objects.public().only("pk", "slug").order_by("slug")
    return (
        Group.objects.public()
        .select_related("reference", "source")
        .prefetch_related(Prefetch("members", members))
    )


class SnapshotRow(NamedTuple):
    id: int
    account: int
    actor: str
    platform: str
    handle: str
    day: date
    span: int
    state: str
    followers: int | None
    bound: str
    precision: str
    observed_at: Any
    source: str
    locator: str
    note: str
    recorded_at: Any
    edited: bool


@dataclass(frozen=True)
class Chosen:
    """Which snapshots a list is of."""

    scope: Scope
    first: date | None = None
    last: date | None = None
    account: int | None = None
    states: tuple[str, ...] = ()

    def accounts(self) -> tuple[str, list[Any]]:
        """Return a FROM of the accounts `a` and their actors `ac`, with its parameters."""
        sql, parameters = accounts_of(self.scope)
        return (
            (sql, parameters)
            if self.account is None
            else (sql + " AND a.id = %s", [*parameters, self.account])
        )

    def conditions(self) -> tuple[str, list[Any]]:
        """Return the condition on snapshots `s`, with its AND and its parameters."""
        sql, parameters = scopes.publishable(), list[Any]()
        for condition, value in (
            ("s.day >= %s", self.first),
            ("s.day <= %s", self.last),
            ("s.state = ANY(%s)", list(self.states)),
        ):
            if value:
                sql += f" AND {condition}"
                parameters.append(value)
        return sql, parameters

    @property
    def is_of_few(self) -> bool:
        """Tell whether it may be of a few accounts among all."""
        scope = self.scope
        return bool(self.account or scope.actors or scope.group or scope.q or scope.region)


def snapshots(chosen: Chosen, sort: str, position: Position | None, count: int) -> list[SnapshotRow]:
    """Return the next snapshots from behind the position: by account, day and span, or by day, account and span."""
    if sort:
        return _rows(*_by_day(chosen, sort, position), count)
    if chosen.is_of_few or scopes.count_accounts() < MANY:
        return _rows(*_by_account(chosen, position, count), count)
    return _walk(chosen, position, count)


def _walk(chosen: Chosen, position: Position | None, count: int) -> list[SnapshotRow]:
    """Read stretches of accounts along their key until there are enough rows: to sort all accounts took longer than the
    page. Most pages are of one stretch."""
    rows: list[SnapshotRow] = []
    stretch = count
    while True:
        rows += _rows(*_by_account(chosen, position, count, stretch), count - len(rows))
        if len(rows) == count:
            return rows
        last = _end(chosen, position, stretch)
        if last is None:
            return rows
        position = (last, date.max, 3)
        stretch *= 4


def _end(chosen: Chosen, position: Position | None, stretch: int) -> int | None:
    """Return the last account of a stretch; None where the accounts end in it."""
    accounts, parameters = _from(chosen, position)
    with reading.cursor() as cursor:
        cursor.execute(
            f"SELECT a.id {accounts} ORDER BY a.id OFFSET %s LIMIT 1",
            [*parameters, stretch - 1],
        )
        found = cursor.fetchone()
    return found[0] if found else None


def _rows(sql: str, parameters: list[Any], count: int) -> list[SnapshotRow]:
    columns = """s.id, a.id, a.slug, a.platform, a.handle, s.day, s.span, s.state, s.followers, s.bound, s.precision,
        s.observed_at, source.key, s.locator, s.note, s.recorded_at, s.edited_by_id IS NOT NULL"""
    with reading.cursor() as cursor:
        cursor.execute(f"SELECT {columns} {sql} LIMIT %s", [*parameters, count])
        return [SnapshotRow._make(row) for row in cursor.fetchall()]


def _from(chosen: Chosen, position: Position | None) -> tuple[str, list[Any]]:
    """Return the FROM of the accounts from that of the position on."""
    accounts, parameters = chosen.accounts()
    return (accounts + " AND a.id >= %s", [*parameters, position[0]]) if position else (accounts, parameters)


def _by_account(
    chosen: Chosen, position: Position | None, count: int, stretch: int = 0
) -> tuple[str, list[Any]]:
    """Write the part from FROM on, account by account through the unique index, so that a page costs the same at the
    beginning, in the middle and at the end of some ten millions of rows; OFFSET 0 keeps the planner from joining first
    and sorting everything. stretch: so many accounts alone."""
    accounts, parameters = _from(chosen, position)
    conditions, inside = chosen.conditions()
    if position:
        # The rest of the account in which the page before ended; of the later ones everything.
        conditions += """ AND s.day >= CASE WHEN a.id = %s THEN %s::date ELSE '-infinity' END
            AND (a.id <> %s OR (s.day, s.span) > (%s::date, %s))"""
        inside += [position[0], position[1], position[0], position[1], position[2]]
    sql = f"""
        FROM (SELECT a.id, ac.slug, a.platform, a.handle {accounts} ORDER BY a.id {f"LIMIT {stretch:d}" if stretch else "OFFSET 0"}) a
        CROSS JOIN LATERAL (
            SELECT s.* FROM tracking_snapshot s
            WHERE s.account_id = a.id{conditions}
            ORDER BY s.account_id, s.day, s.span LIMIT %s
        ) s
        JOIN tracking_source source ON source.id = s.source_id
        ORDER BY a.id, s.day, s.span"""  # noqa: S608 our own words; values are parameters
    return sql, [*parameters, *inside, count]


def _by_day(chosen: Chosen, sort: str, position: Position | None) -> tuple[str, list[Any]]:
    """Write the part from FROM on in order of days: of all accounts through the days' index, a few are sorted whole."""
    accounts, parameters = chosen.accounts()
    conditions, inside = chosen.conditions()
    way, than = ("DESC", "<") if sort.startswith("-") else ("ASC", ">")
    if position:
        conditions += f" AND s.day {than}= %s AND (s.day, s.account_id, s.span) {than} (%s::date, %s, %s)"
        inside += [position[0], *position]
    # OFFSET 0: the rows of few accounts are read first, and not all days gone through for them.
    few = "ORDER BY s.account_id OFFSET 0" if chosen.is_of_few else ""
    sql = f"""
        FROM (
            SELECT s.* FROM tracking_snapshot s WHERE s.account_id IN (SELECT a.id {accounts}){conditions} {few}
        ) s
        JOIN (SELECT a.id, ac.slug, a.platform, a.handle FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id) a
            ON a.id = s.account_id
        JOIN tracking_source source ON source.id = s.source_id
        ORDER BY s.day {way}, s.account_id {way}, s.span {way}"""  # noqa: S608 our own words; values are parameters
    return sql, [*parameters, *inside]


def corrections(scope: Scope, first: Any, last: Any) -> QuerySet[Correction]:
    """Select those of public actors, without those that tell a value which may not be given out."""
    wanted, parameters = accounts_of(scope)
    found = Correction.objects.select_related("snapshot__account__actor", "snapshot__source").filter(
        snapshot__account__in=RawSQL(f"SELECT a.id {wanted}", parameters)  # noqa: S611 our words
    )
    found = found.exclude(snapshot__source__key__in=terms.unpublishable())
    if first:
        found = found.filter(at__gte=first)
    return found.filter(at__lte=last) if last else found


def indicator_values(key: str, chosen: Any) -> QuerySet[IndicatorValue]:
    found = IndicatorValue.objects.filter(indicator__key=key).select_related("source")
    for name in ("platform", "geo", "segment"):
        if chosen[name]:
            found = found.filter(**{name: chosen[name]})
    if chosen["from"]:
        found = found.filter(day__gte=chosen["from"])
    return found.filter(day__lte=chosen["to"]) if chosen["to"] else found


def events(first: date | None, last: date | None) -> QuerySet[Event]:
    """Select those that touch the days: begun by the last of them, and not over before the first."""
    found = Event.objects.select_related("source")
    if last:
        found = found.filter(starts__lte=last)
    if first:
        found = found.filter(Q(starts__gte=first) | Q(ends__gte=first))
    return found


def claims(actors: Sequence[str], platform: str) -> QuerySet[Claim]:
    found = Claim.objects.filter(actor__hidden=False, comparator__hidden=False)
    if actors:
        found = found.filter(Q(actor__slug__in=actors) | Q(comparator__slug__in=actors))
    if platform:
        found = found.filter(platform=platform)
    return found.select_related("actor", "comparator", "source")
