"""Detectors of overtakes, milestones, unusual days and vanished pages, for days that are over.

Every number is standings'. Rule 4: nothing older than 30 days has a part in it. Rule 9: what a platform's terms
forbid to derive from is not in the scopes.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from apps.alerts.models import Occurrence, OccurrenceKind
from apps.alerts.scan_window import Look
from apps.registry.models import Actor
from apps.snapshots.models import Snapshot, Span
from apps.standings import changes, milestones, overtakes, states, unusual
from apps.standings.types import Overtake, Scope

# Below both of these an unusual day is noise, whatever its score; rules of users can ask for more.
LEAST_PERCENT = 0.5
LEAST_ABSOLUTE = 50


def days(look: Look) -> list[Occurrence]:
    found: list[Occurrence] = []
    for stretch in look.stretches:
        platform = Scope(platform=stretch.platform)
        found += find_overtakes(look, platform, stretch.first, stretch.actors)
        found += find_milestones(look, stretch.scope, stretch.first)
        found += turns(look, stretch.scope, stretch.first)
    for platform_name, first in look.platforms.items():
        found += unusual_days(look, Scope(platform=platform_name), first)
    return found


def find_overtakes(look: Look, scope: Scope, first: date, of: Collection[str] = ()) -> list[Occurrence]:
    """Return the overtakes that involve a touched actor, both actors being counted in the 30 days before.

    of: slugs; then only those that one of these has a part in.
    """
    found = [
        one
        for one in overtakes.within(scope, first, look.last, of)
        if not one.spans
        and ((one.winner, one.platform) in look.actors or (one.loser, one.platform) in look.actors)
    ]
    ends = {(slug, one.platform, one.by) for one in found for slug in (one.winner, one.loser)}
    fresh = states.filter_counted(ends)
    keys = actor_keys({slug for one in found for slug in (one.winner, one.loser)})
    return [
        overtaken(one, keys, look.now)
        for one in found
        if {(one.winner, one.platform, one.by), (one.loser, one.platform, one.by)} <= fresh
    ]


def overtaken(one: Overtake, keys: dict[str, int], now: datetime) -> Occurrence:
    winner, loser = keys[one.winner], keys[one.loser]
    low, high = sorted((winner, loser))
    return Occurrence(
        kind=OccurrenceKind.OVERTAKE,
        key=f"overtake:{one.platform}:{winner}:{loser}:{one.by}",
        subject=f"overtake:{one.platform}:{low}:{high}",
        actor_id=winner,
        other_id=loser,
        platform=one.platform,
        day=one.by,
        since=one.after,
        found_at=now,
    )


def find_milestones(look: Look, scope: Scope, first: date) -> list[Occurrence]:
    """Return the milestones reached, each once for ever: falling back and rising again is no news."""
    found = [
        one
        for one in milestones.within(scope, first, look.last)
        if not one.spans and (one.actor_slug, one.platform) in look.actors
    ]
    fresh = states.filter_counted({(one.actor_slug, one.platform, one.on) for one in found})
    keys = actor_keys({one.actor_slug for one in found})
    return [
        Occurrence(
            kind=OccurrenceKind.MILESTONE,
            key=f"milestone:{one.platform}:{keys[one.actor_slug]}:{one.number}",
            subject=f"milestone:{one.platform}:{keys[one.actor_slug]}:{one.number}",
            actor_id=keys[one.actor_slug],
            platform=one.platform,
            day=one.on,
            since=one.after,
            facts={"number": one.number},
            found_at=look.now,
        )
        for one in found
        if (one.actor_slug, one.platform, one.on) in fresh
    ]


def unusual_days(look: Look, scope: Scope, first: date) -> list[Occurrence]:
    """Return the days of single accounts beyond both floors, and the days of the whole platform."""
    touched = {(one.account_id, one.day) for one in look.new_days}
    on = {day for _, day in touched}

    def is_loud(one: unusual.DayChange) -> bool:
        if abs(one.change) < LEAST_ABSOLUTE:
            return False
        percent = changes.percent(one.followers - one.change, one.followers)
        if percent is None or abs(percent) < LEAST_PERCENT:
            return False
        return not touched.isdisjoint(((one.account_id, one.day), (one.account_id, one.day - DAY)))

    found = unusual.among(scope, first, look.last, is_loud)
    wide = [platform_day(one, look.now) for one in found.platforms if {one.day, one.day - DAY} & on]
    return wide + account_days(found.single, look.now)


DAY = timedelta(days=1)


def platform_day(one: unusual.PlatformDay, now: datetime) -> Occurrence:
    way = "fall" if one.falls else "rise"
    return Occurrence(
        kind=OccurrenceKind.WIDE,
        key=f"wide:{one.platform}:{one.day}:{way}",
        subject=f"wide:{one.platform}:{way}",
        platform=one.platform,
        day=one.day,
        facts={"falls": one.falls, "accounts": len(one.days), "of": one.of},
        found_at=now,
    )


def account_days(days: Sequence[unusual.UnusualDay], now: datetime) -> list[Occurrence]:
    """Make them occurrences; the percentage is of the day before."""
    if not days:
        return []
    on = {(one.account_id, one.day) for one in days}
    read = Snapshot.objects.filter(
        account__in={account for account, _ in on}, day__in={day for _, day in on}, span=Span.DAY
    ).values_list("account_id", "day", "account__actor_id", "followers")
    counts = {(account, day): (actor, followers) for account, day, actor, followers in read}
    found = []
    for one in days:
        actor, followers = counts[one.account_id, one.day]
        percent = changes.percent((followers or 0) - one.change, followers or 0) or 0.0
        found.append(
            Occurrence(
                kind=OccurrenceKind.UNUSUAL,
                key=f"unusual:{one.account_id}:{one.day}",
                subject=f"unusual:{one.account_id}:{'fall' if one.change < 0 else 'rise'}",
                actor_id=actor,
                account_id=one.account_id,
                platform=one.platform,
                day=one.day,
                facts={"change": one.change, "percent": round(percent, 2), "score": round(one.score, 1)},
                found_at=now,
            )
        )
    return found


def turns(look: Look, scope: Scope, first: date) -> list[Occurrence]:
    """Return the pages that went or came back."""
    keys = {one.account_id: one.actor_id for one in look.new_days}
    return [
        Occurrence(
            kind=OccurrenceKind.GONE if one.is_gone else OccurrenceKind.BACK,
            key=f"{'gone' if one.is_gone else 'back'}:{one.account_id}:{one.day}",
            subject=f"page:{one.account_id}",
            actor_id=keys[one.account_id],
            account_id=one.account_id,
            platform=one.platform,
            day=one.day,
            since=one.after,
            facts={"state": one.state, "before": one.state_before},
            found_at=look.now,
        )
        for one in states.turns(scope, first, look.last)
        if one.account_id in keys
    ]


def actor_keys(slugs: set[str]) -> dict[str, int]:
    return dict(Actor.objects.filter(slug__in=slugs).values_list("slug", "pk"))
