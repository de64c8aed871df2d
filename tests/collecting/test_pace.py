"""How fast accounts are read: batches by the pace, the next at once, and a rest when the platform says so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.collecting import budget, leasing, services, tasks
from apps.collecting.models import Collection, PlatformState
from apps.snapshots.models import Snapshot
from tests.builders import make_account
from tests.platforms import bluesky
from tests.platforms.server import PLATFORMS
from tests.platforms.world import Reply

pytestmark = pytest.mark.django_db


def test_last_answer_of_a_window_is_recorded_and_the_platform_rests(server, world, settings, monkeypatch):
    settings.COLLECTORS = {"bluesky": {"api_url": server.at("bluesky")}}
    monkeypatch.setattr(budget, "wait_for_window", lambda *args, **kwargs: None)
    reset = (timezone.now() + timedelta(minutes=4)).replace(microsecond=0)

    def last(known, request):
        headers = {"RateLimit-Remaining": "0", "RateLimit-Reset": str(int(reset.timestamp()))}
        return Reply(bluesky.answer(known, request).body, 200, headers)

    monkeypatch.setitem(PLATFORMS, "bluesky", ("bluesky", last))
    world.invents = True
    services.ensure_collection(
        [make_account(platform="bluesky", handle=f"a{number}.bsky.social") for number in range(30)]
    )
    (summary,) = [leasing.collect(*pair) for pair in leasing.dispatch(["bluesky"])]
    assert summary.outcomes == {"counted": 25}
    assert summary.stopped == "window: nothing is left of it"
    assert PlatformState.objects.get().paused_until == reset
    assert Snapshot.objects.count() == 25
    assert world.requests["bluesky"] == 1
    # What was not asked for is due at once, when the pause ends.
    assert Collection.objects.filter(due_at__lte=timezone.now(), lease=None).count() == 5


@pytest.mark.parametrize(
    ("platform", "size"),
    [
        ("youtube", 200),  # four requests by id, two hundred by handle, ten a second
        ("bluesky", 175),
        ("x", 200),
        ("vk", 500),
        ("mastodon", 40),
        ("telegram", 20),  # forty requests, two a second
        ("facebook", 50),
    ],
)
def test_a_batch_is_as_large_as_its_pace_allows(platform, size):
    assert leasing.batch_size(platform) == size


def test_what_is_due_follows_without_waiting_for_the_minute(server, world, settings, monkeypatch):
    settings.COLLECTORS = {"bluesky": {"api_url": server.at("bluesky")}}
    settings.COLLECT_WINDOWS = False
    monkeypatch.setattr(leasing, "LARGEST_BATCH", 25)
    monkeypatch.setattr(leasing, "BATCHES_OUT", 4)
    published = []
    monkeypatch.setattr(tasks.collect_batch, "apply_async", lambda args, **options: published.append(args))
    world.invents = True
    services.ensure_collection(
        [make_account(platform="bluesky", handle=f"a{number}.bsky.social") for number in range(250)]
    )
    tasks.dispatch_due()
    assert len(published) == 1  # has it been asked of late? It may be down
    longest = 0
    while published:
        longest = max(longest, len(published))
        tasks.collect_batch(*published.pop(0))
    assert longest == 4
    assert Snapshot.objects.count() == 250
    assert world.requests["bluesky"] == 10


def test_a_platform_that_stopped_is_given_nothing_more(server, world, settings, monkeypatch):
    settings.COLLECTORS = {"bluesky": {"api_url": server.at("bluesky")}}
    monkeypatch.setattr(budget, "wait_for_window", lambda *args, **kwargs: None)
    published = []
    monkeypatch.setattr(tasks.collect_batch, "apply_async", lambda args, **options: published.append(args))
    world.fail("bluesky", "500", always=True)
    services.ensure_collection([make_account(platform="bluesky", handle="a.bsky.social")])
    tasks.dispatch_due()
    tasks.collect_batch(*published.pop())
    assert published == []
    assert Collection.objects.get().lease is None


def test_more_requests_than_were_set_aside_are_booked_before_they_are_made(settings):
    settings.COLLECT_WINDOWS = False
    share = budget.reserve("telegram", 1, lambda accounts: accounts)
    meter = budget.Meter("telegram", share, lambda seconds: None)
    spent = []
    for _ in range(3):
        meter.before_request()
        spent.append(PlatformState.objects.get().requests_spent)
    assert spent == [1, 2, 3]
