"""A whole evening with the clock sped up: everybody is read once, in as few requests as the platforms allow."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from apps.collecting.models import Attempt, Collection, PlatformState
from apps.collecting.schedule import next_due
from apps.registry.models import Account
from apps.snapshots.models import Snapshot
from apps.snapshots.recording import ALMATY
from tests.collecting.evening import AFTERNOON, FLEET, MIDNIGHT, Clock, fewest, make_fleet, name_of
from tests.collecting.test_culprits import local

pytestmark = pytest.mark.django_db

__all__ = ["local"]  # the fixture, for every test here


@pytest.fixture
def clock():
    clock = Clock()
    with clock.shown():
        yield clock


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
