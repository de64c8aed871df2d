"""A whole evening with the clock sped up: everybody is read once, in as few requests as the platforms allow."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from apps.collecting import adapters, leasing, services
from apps.collecting.models import Attempt, Collection, PlatformState
from apps.collecting.schedule import next_due, slot
from apps.common import http
from apps.registry.models import Account
from apps.snapshots.models import Snapshot
from apps.snapshots.recording import ALMATY
from tests.builders import make_actor
from tests.collecting.test_culprits import local, name_of

pytestmark = pytest.mark.django_db

__all__ = ["local"]  # the fixture, for every test here

# A mixed fleet: a thousand accounts, most of them where a request takes many.
FLEET = {
    "youtube": 170,
    "x": 150,
    "vk": 120,
    "ok": 110,
    "bluesky": 90,
    "mastodon": 80,
    "facebook": 120,
    "instagram": 60,
    "telegram": 60,
    "threads": 40,
}
SERVERS = ("one.example", "two.example", "three.example")
AFTERNOON = datetime(2026, 11, 20, 17, 30, tzinfo=ALMATY)
MIDNIGHT = datetime(2026, 11, 21, 0, 0, tzinfo=ALMATY)


class Clock:
    def __init__(self, monkeypatch, at):
        self.at = at
        clock = self

        class Instant(datetime):
            @classmethod
            def now(cls, tz=None):
                return clock.at.astimezone(tz or UTC)

        monkeypatch.setattr(timezone, "now", lambda: clock.at.astimezone(UTC))
        monkeypatch.setattr(http, "datetime", Instant)

    def run(self, until, platforms=None, step=timedelta(minutes=2)):
        """Beat once a step, with workers that are done before the next."""
        while self.at < until:
            leases = leasing.dispatch(platforms)
            while leases:
                platform, lease = leases.pop(0)
                leasing.collect(platform, lease)
                leases += leasing.top_up(platform)
            self.at += step


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch, AFTERNOON)


def make_fleet(counts):
    actor = make_actor("fleet")
    accounts = []
    for platform, count in counts.items():
        for number in range(count):
            names, _ = name_of(platform, number)
            if platform == "mastodon":
                names = {"platform_id": f"{700_000 + number}@{SERVERS[number % 3]}"}
            accounts.append(Account(actor=actor, platform=platform, **names))
    accounts = Account.objects.bulk_create(accounts)
    services.ensure_collection(accounts)
    for collection in Collection.objects.all():
        collection.due_at = slot(collection.account_id, AFTERNOON)
        collection.save(update_fields=["due_at"])
    return accounts


def fewest(accounts):
    """The requests without which it cannot be done, by platform."""
    lanes = Counter()
    for account in accounts:
        target = leasing.Target(account.platform, account.handle, account.platform_id)
        lanes[account.platform, adapters.make(account.platform).lane(target)] += 1
    needed = Counter()
    for (platform, lane), count in lanes.items():
        needed[platform] += -(-count // lane.most)
    return needed


def test_a_thousand_accounts_in_one_evening(world, clock):
    accounts = make_fleet(FLEET)
    clock.run(MIDNIGHT)
    assert Snapshot.objects.filter(state="counted").count() == len(accounts) == 1000  # none missed
    assert Attempt.objects.count() == 1000  # none read twice
    needed = fewest(accounts)
    assert sum(world.requests.values()) <= 1.1 * sum(needed.values())
    assert {platform: world.requests[platform] for platform in needed} == dict(needed)
    # Spread over the evening, and due again the next one.
    hours = Counter(attempt.at.astimezone(ALMATY).hour for attempt in Attempt.objects.all())
    assert min(hours[hour] for hour in range(18, 23)) > 50
    assert not Collection.objects.filter(due_at__lt=clock.at + timedelta(hours=17)).exists()
    assert PlatformState.objects.get(platform="x").money_spent * 100 == FLEET["x"]


def test_bad_accounts_cost_few_requests_more_and_nobody_their_evening(world, clock):
    accounts = make_fleet({"x": 100, "youtube": 100})
    for platform in ("x", "youtube"):
        world.spoil(platform, name_of(platform, 7)[1], "500")
    clock.run(MIDNIGHT, ["x", "youtube"])
    assert Snapshot.objects.count() == 198
    bad = {
        account.pk
        for account in accounts
        if account.platform_id in (name_of("x", 7)[1], name_of("youtube", 7)[1])
    }
    assert set(Collection.objects.exclude(error_code="").values_list("account_id", flat=True)) == bad
    assert Attempt.objects.filter(outcome="counted").count() == 198
    assert not PlatformState.objects.filter(paused_until__gt=timezone.now()).exists()


def test_hourly_accounts_share_their_requests(world, clock):
    make_fleet({"x": 40})
    Account.objects.update(hourly=True)
    for number, collection in enumerate(Collection.objects.order_by("pk")):
        collection.due_at = AFTERNOON + timedelta(seconds=15 * number)
        collection.save(update_fields=["due_at"])
    clock.run(AFTERNOON + timedelta(hours=5), ["x"])
    assert world.requests["x"] <= 6


def test_next_evening_follows_a_reading_that_came_early():
    early = datetime(2026, 11, 20, 18, 0, tzinfo=ALMATY)
    for key in range(1, 200):
        assert next_due(key, early).astimezone(ALMATY).date() == datetime(2026, 11, 21, tzinfo=ALMATY).date()
