"""The queries behind the lists; what is derived comes from apps/standings."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

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
from apps.standings.types import Scope


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


def accounts(scope: Scope) -> QuerySet[Account]:
    chosen, parameters = accounts_of(scope)
    return with_actor(
        Account.objects.filter(pk__in=RawSQL(f"SELECT a.id {chosen}", parameters))  # noqa: S611 our words
    )


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


def snapshots(
    scope: Scope,
    first: date | None,
    last: date | None,
    account: int | None,
    position: Position | None,
    count: int,
) -> list[SnapshotRow]:
    """Return the next snapshots of the scope's accounts by account, day and span, from behind the position.

    Account by account through the unique index, so that a page costs the same at the beginning, in the middle and at
    the end of some ten millions of rows; OFFSET 0 keeps the planner from joining first and sorting everything.
    """
    chosen, parameters = accounts_of(scope)
    inside: list[Any] = []
    conditions = ""
    if account:
        chosen += " AND a.id = %s"
        parameters = [*parameters, account]
    if position:
        chosen += " AND a.id >= %s"
        parameters = [*parameters, position[0]]
        # The rest of the account in which the page before ended; of the later ones everything.
        conditions += """ AND s.day >= CASE WHEN a.id = %s THEN %s::date ELSE '-infinity' END
            AND (a.id <> %s OR (s.day, s.span) > (%s::date, %s))"""
        inside += [position[0], position[1], position[0], position[1], position[2]]
    if first:
        conditions += " AND s.day >= %s"
        inside.append(first)
    if last:
        conditions += " AND s.day <= %s"
        inside.append(last)
    sql = f"""
        SELECT s.id, a.id, a.slug, a.platform, a.handle, s.day, s.span, s.state, s.followers, s.bound, s.precision,
            s.observed_at, source.key, s.locator, s.note, s.recorded_at, s.edited_by_id IS NOT NULL
        FROM (SELECT a.id, ac.slug, a.platform, a.handle {chosen} ORDER BY a.id OFFSET 0) a
        CROSS JOIN LATERAL (
            SELECT s.* FROM tracking_snapshot s
            WHERE s.account_id = a.id{conditions}{scopes.publishable()}
            ORDER BY s.account_id, s.day, s.span LIMIT %s
        ) s
        JOIN tracking_source source ON source.id = s.source_id
        ORDER BY a.id, s.day, s.span LIMIT %s"""  # noqa: S608 our own words; values are parameters
    with reading.cursor() as cursor:
        cursor.execute(sql, [*parameters, *inside, count, count])
        return [SnapshotRow._make(row) for row in cursor.fetchall()]


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
