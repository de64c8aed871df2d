"""Reads the pages need beside standings: groups and their dates, where numbers come from, an actor's records."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet

from apps.common import reading
from apps.context.models import Claim, Event
from apps.registry.models import Account, Actor, Group, Source
from apps.registry.names import ALPHABET, fold
from apps.snapshots.models import Snapshot, Span
from apps.snapshots.rules import SPANS, last_day
from apps.standings.types import League, Value


class Behind(NamedTuple):
    """A snapshot that a value is made of, as a table of sources shows it."""

    day: date
    span: int
    followers: int | None
    state: str
    bound: str
    note: str
    locator: str
    title: str  # of its source, as the address
    url: str


Sources = dict[tuple[int, date, str], list[Behind]]


def main_groups() -> QuerySet[Group]:
    """Return the groups that have a platform and a reference actor, the oldest first."""
    return Group.objects.public().exclude(platform="").filter(reference__hidden=False).order_by("pk")


def main_group() -> Group | None:
    """Return the group the overview opens with: the oldest that has a platform and a reference actor."""
    return main_groups().select_related("reference", "source").first()


def opening_slug() -> str:
    """Return the slug of the group above, else of the first one; "" where there is none."""
    found = (
        groups.values_list("slug", flat=True).first()
        for groups in (main_groups(), Group.objects.public().order_by("pk"))
    )
    return next(filter(None, found), "")


def public_groups() -> QuerySet[Group]:
    """Return every group with how many public members it has."""
    return (
        Group.objects.public()
        .select_related("reference", "source")
        .annotate(size=Count("members", filter=Q(members__hidden=False), distinct=True))
        .order_by("pk")
    )


def span_end(day: date, span: int) -> date:
    """Return the last day of the stored span that begins on `day`."""
    return last_day(day, SPANS[span - 1])


def held_dates(group: Group) -> list[tuple[date, int]]:
    """Return the dates on which at least half of the group's recorded members hold a snapshot; all where none does.

    A group that a publication made is shown on the dates of that publication: what was read since is not its table.
    """
    found = (
        Snapshot.objects.public()
        .filter(account__actor__groups=group)
        .filter(Q(account__platform=group.platform) if group.platform else Q())
    )
    published = found.filter(source=group.source_id) if group.source_id else found.none()
    held = list(
        (published if published.exists() else found)
        .order_by("day", "span")
        .values_list("day", "span")
        .annotate(actors=Count("account__actor", distinct=True))
    )
    most = max((actors for _, _, actors in held), default=0)
    kept = [(day, span) for day, span, actors in held if actors * 2 >= most]
    return kept if len(kept) > 1 else [(day, span) for day, span, _ in held]


def two_dates(group: Group) -> tuple[date, date] | None:
    """Return the first and the last date of the group as days to ask standings for; None where it holds nothing."""
    held = held_dates(group)
    if not held:
        return None
    first, last = span_end(*held[0]), span_end(*held[-1])
    return (first, last) if first < last else (first - timedelta(days=365), first)


def snapshots_behind(league: League, platform: str) -> Sources:
    """Return the snapshots that the league's values are made of, by actor, day and span."""
    values = [(row.actor_id, value) for row in league.rows for value in (row.then, row.now) if value]
    behind: Sources = {}
    with reading.cursor() as cursor:
        cursor.execute(
            """SELECT a.actor_id, s.day, s.span, s.followers, s.state, s.bound, s.note, s.locator, source.title, source.url
            FROM tracking_snapshot s JOIN tracking_account a ON a.id = s.account_id
            JOIN tracking_source source ON source.id = s.source_id
            WHERE a.actor_id = ANY(%s) AND s.day = ANY(%s) AND %s IN ('', a.platform) ORDER BY s.account_id, s.day, s.span""",
            [list({actor for actor, _ in values}), list({value.day for _, value in values}), platform],
        )
        for actor, *columns in cursor.fetchall():
            one = Behind._make(columns)
            behind.setdefault((actor, one.day, Span(one.span).word), []).append(one)
    return behind


def behind(sources: Sources, actor: int, value: Value | None) -> list[Behind]:
    return sources.get((actor, value.day, value.span), []) if value else []


def claims_among(actors: Iterable[int], platform: str) -> list[Claim]:
    """Return the published comparisons between two of these actors."""
    ids = set(actors)
    found = Claim.objects.filter(actor_id__in=ids, comparator_id__in=ids)
    if platform:
        found = found.filter(platform=platform)
    return list(found.select_related("source"))


def events_between(first: date, last: date, kind: str = "") -> Sequence[Event]:
    """Return the events that begin within the days, oldest first; of one kind where it is given."""
    events = Event.objects.filter(starts__range=(first, last)).order_by("starts", "key")
    return list(events.filter(kind=kind) if kind else events)


def sources_of(league: League) -> list[Source]:
    """Return the sources of the league's values, each once, by title."""
    return list(Source.objects.filter(key__in=league.sources).order_by("title"))


def find_actors(q: str, kind: str, language: str) -> QuerySet[Actor]:
    """Return the public actors whose name holds the text, by name in the language."""
    found = Actor.objects.public().annotate(
        account_count=Count("accounts", distinct=True),
    )
    for word in fold(q).split():
        found = found.filter(fold__contains=word)
    if kind:
        found = found.filter(kind=kind)
    return found.order_by(f"sort_{language}", "pk")


class History:
    """All snapshots of an actor, newest first, for a Paginator.

    What a page shows is among so many of each account, which lie in order; all of them together would be sorted.
    """

    def __init__(self, actor: Actor, platform: str) -> None:
        accounts = Account.objects.filter(actor=actor, **({"platform": platform} if platform else {}))
        self.accounts = list(accounts.values_list("pk", flat=True))

    def count(self) -> int:
        return Snapshot.objects.filter(account__in=self.accounts).count()

    def __getitem__(self, part: slice) -> list[Snapshot]:
        with reading.cursor() as cursor:
            cursor.execute(
                """SELECT one.id FROM tracking_account a CROSS JOIN LATERAL (
                    SELECT id, day, span FROM tracking_snapshot WHERE account_id = a.id
                    ORDER BY day DESC, span DESC LIMIT %s
                ) one WHERE a.id = ANY(%s)
                ORDER BY one.day DESC, one.span DESC, a.platform, one.id LIMIT %s OFFSET %s""",
                [part.stop, self.accounts, part.stop - part.start, part.start],
            )
            places = {pk: place for place, (pk,) in enumerate(cursor.fetchall())}
        found = Snapshot.objects.filter(pk__in=places).select_related("account", "source")
        return sorted(found.prefetch_related("corrections"), key=lambda one: places[one.pk])


def alphabet_key(name: str) -> tuple[int, ...]:
    """Sorts names as the Kazakh alphabet does, of which the Russian one is a part; Latin before Cyrillic."""
    return tuple(
        0x400 + ALPHABET.index(letter) if letter in ALPHABET else ord(letter) for letter in name.lower()
    )


def first_counted(account: Account) -> date | None:
    """Return the first day that the account has a number of."""
    counted = Snapshot.objects.filter(account=account, followers__isnull=False, span=Span.DAY)
    return counted.order_by("day").values_list("day", flat=True).first()
