"""A period day by day through the detectors, and what the oracle says of the whole of it."""

import random
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from unittest.mock import patch

from apps.alerts import detection, detectors
from apps.alerts.models import Occurrence
from apps.alerts.scan_window import Look
from apps.registry.models import Account
from apps.snapshots.recording import ALMATY
from apps.standings.types import Scope
from tests.builders import make_account, make_actor, make_snapshots
from tests.standings import oracle

DETECTOR = next(one for one in detection.DETECTORS if one.name == "days")


def passed(look: Look) -> list[Occurrence]:
    """Overtakes and milestones alone: unusual days read a year of counts at every look, ten years of that take long."""
    found = []
    for platform, first in look.platforms.items():
        scope = Scope(platform=platform)
        found += detectors.find_overtakes(look, scope, first)
        found += detectors.find_milestones(look, scope, first)
    return found


PASSED = detection.Detector("days", passed)


def make_world(accounts: int, days: int, first: date, seed: int = 7) -> None:
    """Accounts that walk at random beside each other, with missing days, on two platforms; YouTube's are rounded."""
    luck = random.Random(seed)  # noqa: S311 no secret
    for number in range(accounts):
        actor = make_actor(f"walker-{number}")
        for platform in ("telegram", "youtube"):
            account = make_account(actor, platform)
            count, values = luck.randrange(800, 1300), {}
            for age in range(days):
                count = max(1, count + luck.randrange(-30, 36))
                if luck.random() > 0.05:
                    values[str(first + timedelta(days=age))] = (
                        rounded(count) if platform == "youtube" else count
                    )
            make_snapshots(account, values, precision="3sf" if platform == "youtube" else "exact")


def rounded(count: int) -> int:
    unit = 10 ** max(len(str(count)) - 3, 0)
    return count // unit * unit


def replay(first: date, last: date, detector: detection.Detector = DETECTOR) -> list[Occurrence]:
    """Look a few minutes after every midnight from the day after `first`, as beat would have."""
    detection.run_detector(detector, just_after(first))
    found = []
    for age in range((last - first).days + 1):
        found += detection.run_detector(detector, just_after(first + timedelta(days=age + 1)))
    return found


def just_after(day: date) -> datetime:
    """Five minutes past midnight of the day in Almaty."""
    return datetime(day.year, day.month, day.day, 0, 5, tzinfo=ALMATY)


def world_of(platform: str, last: date) -> tuple[oracle.World, dict[str, oracle.Acc]]:
    """Return what is in the database, as the oracle takes it."""
    actors, accounts = [], {}
    for account in Account.objects.filter(platform=platform).select_related("actor"):
        snaps = [
            oracle.Snap(day, "day", state, followers, bound, precision, "", "")
            for day, state, followers, bound, precision in account.snapshots.filter(
                span=3, day__lte=last
            ).values_list("day", "state", "followers", "bound", "precision")
        ]
        accounts[account.actor.slug] = oracle.Acc(platform, snaps, account.pk)
        actors.append(oracle.Act(account.actor.slug, "state_body", False, [accounts[account.actor.slug]]))
    return oracle.World(actors), accounts


@contextmanager
def quick_oracle() -> Iterator[None]:
    """Provide the oracle's as-of by halving, for days alone: looking through ten years for every pair and day takes
    hours."""
    days: dict[int, list[date]] = {}
    kept = []

    def as_of(account: oracle.Acc, day: date, fresh: bool) -> oracle.Snap | None:
        if id(account) not in days:
            days[id(account)] = [snap.day for snap in account.snaps]
            kept.append(account)
            assert days[id(account)] == sorted(set(days[id(account)]))
        place = bisect_right(days[id(account)], day)
        newest = account.snaps[place - 1] if place else None
        return None if newest is None or (fresh and (day - newest.end).days > 30) else newest

    with patch.object(oracle, "as_of", as_of):
        yield


def foretold(last: date) -> tuple[list[tuple], list[tuple]]:
    """Return the oracle's overtakes and milestones over all platforms, in order of the day they show."""
    overtakes, milestones = [], []
    for platform in sorted(set(Account.objects.values_list("platform", flat=True))):
        world, accounts = world_of(platform, last)
        overtakes += [
            (by, platform, *one[:3]) for one in oracle.overtakes(world, platform) for by in one[3:4]
        ]
        milestones += [
            (on, platform, slug, number, after)
            for slug, account in accounts.items()
            for number, after, _by, on in oracle.milestones(account)
        ]
    return sorted(overtakes), sorted(milestones)


def told(found: list[Occurrence]) -> tuple[list[tuple], list[tuple]]:
    """Return what the detectors found, in the oracle's words and in the order it was found."""
    overtakes = [
        (one.day, one.platform, one.actor.slug, one.other.slug, one.since)
        for one in found
        if one.kind == "overtake"
    ]
    milestones = [
        (one.day, one.platform, one.actor.slug, one.facts["number"], one.since)
        for one in found
        if one.kind == "milestone"
    ]
    return overtakes, milestones
