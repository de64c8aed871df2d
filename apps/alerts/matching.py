"""Which rules an occurrence fires, and the messages that follow: written in the transaction that stores it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

from django.conf import settings
from django.db.models import Max

from apps.alerts.models import OPERATION, Delivery, Destination, Direction, Kind, Occurrence, Rule
from apps.tracking.models import Group
from apps.tracking.recording import ALMATY


@dataclass(frozen=True)
class Wanted:
    """A rule as plain values: the same judgement for what happens and for a preview of what has happened."""

    kinds: frozenset[str]
    actors: frozenset[int] = frozenset()  # with both empty: everybody
    groups: tuple[tuple[frozenset[int], str], ...] = ()  # members, and the group's platform or ""
    platforms: frozenset[str] = frozenset()
    floor_percent: float = 0
    floor_absolute: int = 0
    direction: str = Direction.BOTH
    cooldown_days: int = 0

    @classmethod
    def of(cls, rule: Rule) -> Self:
        return cls(
            kinds=frozenset(rule.kinds),
            actors=frozenset(actor.pk for actor in rule.actors.all()),
            groups=members(rule.groups.all()),
            platforms=frozenset(rule.platforms),
            floor_percent=rule.floor_percent,
            floor_absolute=rule.floor_absolute,
            direction=rule.direction,
            cooldown_days=rule.cooldown_days,
        )

    def takes(self, one: Occurrence) -> bool:
        """Whether the rule is about this, its cooldown aside."""
        return (
            one.kind in self.kinds
            and (not self.platforms or not one.platform or one.platform in self.platforms)
            and self.is_about(one)
            and self.is_large_enough(one)
            and self.is_its_way(one)
        )

    def is_about(self, one: Occurrence) -> bool:
        if one.kind in OPERATION or one.actor_id is None or not (self.actors or self.groups):
            return True  # a platform's day is everybody's
        who = {one.actor_id, one.other_id} - {None}
        return bool(self.actors & who) or any(
            who <= group and platform in ("", one.platform) for group, platform in self.groups
        )

    def is_large_enough(self, one: Occurrence) -> bool:
        """Both floors: percent alone is noise on small numbers."""
        if one.kind != Kind.UNUSUAL:
            return True
        change, percent = abs(int(one.facts["change"])), abs(float(one.facts["percent"]))
        return change >= self.floor_absolute and percent >= self.floor_percent

    def is_its_way(self, one: Occurrence) -> bool:
        """For the one who was passed it was a fall; who watches neither or both sees both ways."""
        if self.direction == Direction.BOTH:
            return True
        rises = self.direction == Direction.UP
        match one.kind:
            case Kind.OVERTAKE:
                mine = self.actors & {one.actor_id, one.other_id}
                return len(mine) != 1 or (one.actor_id in mine) == rises
            case Kind.UNUSUAL:
                return bool((one.facts["change"] > 0) == rises)
            case Kind.WIDE:
                return bool(one.facts["falls"] != rises)
            case Kind.GONE:
                return not rises
            case Kind.BACK | Kind.MILESTONE:
                return rises
            case Kind.VERIFIED:
                return bool(one.facts["verified"] == rises)
        return True

    def fires(self, found: Iterable[Occurrence], before: dict[str, date] | None = None) -> list[Occurrence]:
        """Of some occurrences, oldest first, those that are told: silence follows each about the same subject.

        before: subject -> the day of the last one that was told.
        """
        last = dict(before or {})
        told = []
        for one in found:
            if not self.takes(one):
                continue
            since = last.get(one.subject)
            if since is not None and self.cooldown_days and (one.day - since).days <= self.cooldown_days:
                continue
            last[one.subject] = one.day
            told.append(one)
        return told


def members(groups: Iterable[Group]) -> tuple[tuple[frozenset[int], str], ...]:
    return tuple((frozenset(actor.pk for actor in group.members.all()), group.platform) for group in groups)


def write(found: Sequence[Occurrence], now: datetime) -> list[Delivery]:
    """The messages that follow from new occurrences, into the outbox. One for an occurrence and destination, by law."""
    if not found:
        return []
    rules = Rule.objects.filter(paused=False, removed_at=None, user__is_active=True, made_at__lte=now)
    made: list[Delivery] = []
    for rule in rules.select_related("user").prefetch_related("actors", "groups__members", "destinations"):
        seen = [one for one in found if may_see(rule, one)]
        told = Wanted.of(rule).fires(seen, last_told(rule, seen))
        made += [
            Delivery(
                destination=destination,
                occurrence=one,
                rule=rule,
                due_at=after_quiet(now, rule.quiet_from, rule.quiet_to),
                made_at=now,
            )
            for one in told
            for destination in rule.destinations.all()
            if destination.confirmed_at and not destination.removed_at
        ]
    made += for_operators(found, now)
    Delivery.objects.bulk_create(made, ignore_conflicts=True)  # two rules of one user: one message
    return made


def may_see(rule: Rule, one: Occurrence) -> bool:
    return rule.user.is_staff or one.kind not in OPERATION


def last_told(rule: Rule, found: Iterable[Occurrence]) -> dict[str, date]:
    subjects = {one.subject for one in found}
    told = rule.deliveries.filter(occurrence__subject__in=subjects).values_list("occurrence__subject")
    return dict(told.annotate(last=Max("occurrence__day")).values_list("occurrence__subject", "last"))


def for_operators(found: Iterable[Occurrence], now: datetime) -> list[Delivery]:
    """ALERT_EMAILS are told all that concerns the running of the site, by no rule and at any hour."""
    told = [one for one in found if one.kind in OPERATION]
    if not told:
        return []
    return [
        Delivery(destination=destination, occurrence=one, due_at=now, made_at=now)
        for destination in operators(now)
        for one in told
    ]


def operators(now: datetime) -> list[Destination]:
    """The destinations of ALERT_EMAILS; one that was taken out of the setting is removed."""
    own = Destination.objects.filter(user=None, removed_at=None)
    own.exclude(address__in=settings.ALERT_EMAILS).update(removed_at=now)
    known = {one.address for one in own}
    Destination.objects.bulk_create(
        Destination(way=Destination.Way.EMAIL, address=address, language="en", confirmed_at=now)
        for address in settings.ALERT_EMAILS
        if address not in known
    )
    return list(own.all())


def after_quiet(now: datetime, begins: time | None, ends: time | None) -> datetime:
    """The instant itself, or the end of the quiet hours (Almaty time) that it falls into."""
    if begins is None or ends is None or begins == ends:
        return now
    local = now.astimezone(ALMATY)
    wall = local.time()
    is_quiet = begins <= wall < ends if begins < ends else wall >= begins or wall < ends
    if not is_quiet:
        return now
    day = local.date() + timedelta(days=wall >= ends)
    return datetime.combine(day, ends, ALMATY)
