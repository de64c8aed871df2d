"""Match occurrences with rules and queue their messages, written in the transaction that stores it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from apps.alerts import last_told
from apps.alerts.last_told import Told
from apps.alerts.models import (
    OPERATION,
    STATES,
    Delivery,
    Destination,
    Direction,
    Occurrence,
    OccurrenceKind,
    Rule,
)
from apps.registry.models import Group
from apps.snapshots.recording import ALMATY, day_of

PAGE = frozenset({OccurrenceKind.GONE, OccurrenceKind.BACK})


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
        """Tell whether the rule is about this, its cooldown aside."""
        return (
            one.kind in self.kinds
            and not one.is_over  # of no interest to who has not heard of its beginning
            and not one.is_correction
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
        """Tell whether it passes both floors: percent alone is noise on small numbers."""
        if one.kind != OccurrenceKind.UNUSUAL:
            return True
        change, percent = abs(int(one.facts["change"])), abs(float(one.facts["percent"]))
        return change >= self.floor_absolute and percent >= self.floor_percent

    def is_its_way(self, one: Occurrence) -> bool:
        """Tell whether it goes the rule's way: a fall for the actor that was passed; rules that match both or neither
        actor ignore direction."""
        if self.direction == Direction.BOTH:
            return True
        rises = self.direction == Direction.UP
        match one.kind:
            case OccurrenceKind.OVERTAKE:
                mine = self.actors & {one.actor_id, one.other_id}
                return len(mine) != 1 or (one.actor_id in mine) == rises
            case OccurrenceKind.UNUSUAL:
                return bool((one.facts["change"] > 0) == rises)
            case OccurrenceKind.WIDE:
                return bool(one.facts["falls"] != rises)
            case OccurrenceKind.GONE:
                return not rises
            case OccurrenceKind.BACK | OccurrenceKind.MILESTONE:
                return rises
            case OccurrenceKind.VERIFIED:
                return bool(one.facts["verified"] == rises)
        return True

    def keeps_true(self, one: Occurrence) -> bool:
        """Say whether the rule goes on telling of this subject once it has told a state of it.

        Direction and the very kind play no part: who was told that a page is gone is told that it is back.
        """
        return (
            bool(self.kinds & (PAGE if one.kind in PAGE else {one.kind}))
            and (not self.platforms or not one.platform or one.platform in self.platforms)
            and self.is_about(one)
        )

    def is_news(self, one: Occurrence, told: Told | None) -> bool:
        """Say whether this is to be told after what was told of its subject, silence aside."""
        if told and told.state == one.state:
            return False
        return self.keeps_true(one) if told and one.kind in STATES else self.takes(one)

    def latest_news(self, newer: Sequence[Occurrence], told: Told) -> Occurrence | None:
        """Return what is to be told of a subject, from all that came after what was told, newest first.

        Of a state that is the newest or nothing; of events the newest that the rule takes.
        """
        considered = newer[:1] if newer and newer[0].kind in STATES else newer
        return next((one for one in considered if self.is_news(one, told)), None)

    def is_silent(self, told: Told | None, day: date) -> bool:
        """Say whether the day lies in the silence after what was told."""
        return bool(told and self.cooldown_days and (day - told.day).days <= self.cooldown_days)

    def fires(
        self, occurrences: Iterable[Occurrence], before: dict[str, Told] | None = None
    ) -> list[Occurrence]:
        """Return those, of some oldest first, that are told at once: not in the silence about their subject.

        before: subject -> what was last told of it.
        """
        last = dict(before or {})
        fired = []
        for one in occurrences:
            told = last.get(one.subject)
            if not self.is_news(one, told) or self.is_silent(told, one.day):
                continue
            last[one.subject] = Told(one.state, one.day)
            fired.append(one)
        return fired

    def tells(self, occurrences: Iterable[Occurrence], until: date) -> list[tuple[Occurrence, date]]:
        """Return what would have been told by the end of a day, oldest first, each with the day of telling.

        occurrences: oldest first. What falls into a silence is told when it is over, as `catch_up` does.
        """
        told: dict[str, Told] = {}
        late: dict[str, Occurrence] = {}
        fired: list[tuple[Occurrence, date]] = []

        def tell_late(before: date) -> None:
            for subject, one in list(late.items()):
                day = told[subject].day + timedelta(days=self.cooldown_days + 1)
                if day >= before:
                    continue
                del late[subject]
                if self.is_news(one, told[subject]):
                    told[subject] = Told(one.state, day)
                    fired.append((one, day))

        for one in occurrences:
            tell_late(one.day)
            before = told.get(one.subject)
            if before and self.is_silent(before, one.day):
                late[one.subject] = one
            elif self.is_news(one, before):
                late.pop(one.subject, None)
                told[one.subject] = Told(one.state, one.day)
                fired.append((one, one.day))
            else:
                late.pop(one.subject, None)
        tell_late(until + timedelta(days=1))
        return sorted(fired, key=lambda pair: pair[1])


def members(groups: Iterable[Group]) -> tuple[tuple[frozenset[int], str], ...]:
    return tuple((frozenset(actor.pk for actor in group.members.all()), group.platform) for group in groups)


def write(found: Sequence[Occurrence], now: datetime) -> list[Delivery]:
    """Put the messages that follow from new occurrences into the outbox; return them.

    There is one for an occurrence and a destination, by law.
    """
    if not found:
        return []
    made: list[Delivery] = []
    told: dict[int, dict[str, Told]] = {}  # by destination: two rules of one user share what it was told
    for rule in rules(now):
        seen = [one for one in found if may_see(rule, one)]
        wanted = Wanted.of(rule)
        for destination in open_destinations(rule):
            if destination.pk not in told:
                told[destination.pk] = last_told.by_subject(destination.pk, (one.subject for one in found))
            fired = wanted.fires(seen, told[destination.pk])
            told[destination.pk] |= {one.subject: Told(one.state, one.day) for one in fired}
            made += [message(rule, destination, one, now) for one in fired]
    of_operators = for_operators(found, now)
    Delivery.objects.bulk_create([*made, *of_operators], ignore_conflicts=True)
    last_told.keep(made)
    return [*made, *of_operators]


@transaction.atomic
def catch_up(now: datetime) -> list[Delivery]:
    """Tell the present state of what happened in a silence that is over, where it is not the one that was told.

    The rows are read before the rules: who pauses or changes a rule meanwhile is heard at the next look.
    """
    late = last_told.behind()
    if not late:
        return []
    yesterday = day_of(now) - timedelta(days=1)  # a day is judged when it is over
    by_destination: dict[int, list[tuple[Rule, Wanted]]] = {}
    for rule in rules(now):
        for destination in open_destinations(rule):
            by_destination.setdefault(destination.pk, []).append((rule, Wanted.of(rule)))
    made: list[Delivery] = []
    for row, newer in late:
        told = Told(row.occurrence.state, row.day)
        for rule, wanted in by_destination.get(row.destination_id, ()):
            one = wanted.latest_news([one for one in newer if may_see(rule, one) and is_shown(one)], told)
            if one and not wanted.is_silent(told, max(one.day, yesterday)):
                made.append(message(rule, row.destination, one, now))
                break
    Delivery.objects.bulk_create(made, ignore_conflicts=True)
    last_told.keep(made, yesterday)
    for delivery in made:  # one that was dropped while its rule was paused goes out after all
        Delivery.objects.filter(
            destination=delivery.destination_id,
            occurrence=delivery.occurrence_id,
            state=Delivery.Status.DROPPED,
        ).update(state=Delivery.Status.WAITING, rule=delivery.rule, due_at=delivery.due_at, tries=0)
    return made


def rules(now: datetime) -> QuerySet[Rule]:
    """Return the rules that are at work, with all that judging needs."""
    active = Rule.objects.filter(paused=False, removed_at=None, user__is_active=True, made_at__lte=now)
    return active.select_related("user").prefetch_related("actors", "groups__members", "destinations")


def open_destinations(rule: Rule) -> list[Destination]:
    return [one for one in rule.destinations.all() if one.confirmed_at and not one.removed_at]


def message(rule: Rule, destination: Destination, one: Occurrence, now: datetime) -> Delivery:
    due_at = after_quiet(now, rule.quiet_from, rule.quiet_to)
    return Delivery(destination=destination, occurrence=one, rule=rule, due_at=due_at, made_at=now)


def may_see(rule: Rule, one: Occurrence) -> bool:
    return rule.user.is_staff or one.kind not in OPERATION


def is_shown(one: Occurrence) -> bool:
    """Say whether nobody in it is hidden from the public."""
    return not any(actor.hidden for actor in (one.actor, one.other) if actor)


def for_operators(found: Iterable[Occurrence], now: datetime) -> list[Delivery]:
    """Return deliveries to ALERT_EMAILS of all that concerns the running of the site, without rules and at any hour."""
    told = [one for one in found if one.kind in OPERATION]
    if not told:
        return []
    return [
        Delivery(destination=destination, occurrence=one, due_at=now, made_at=now)
        for destination in operators(now)
        for one in told
    ]


def operators(now: datetime) -> list[Destination]:
    """Return the destinations of ALERT_EMAILS; one that was taken out of the setting is removed."""
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
    """Return the instant, or the end of the quiet hours (Almaty time) that it falls into."""
    if begins is None or ends is None or begins == ends:
        return now
    local = now.astimezone(ALMATY)
    wall = local.time()
    is_quiet = begins <= wall < ends if begins < ends else wall >= begins or wall < ends
    if not is_quiet:
        return now
    day = local.date() + timedelta(days=wall >= ends)
    return datetime.combine(day, ends, ALMATY)
