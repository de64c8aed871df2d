"""A platform that says with a good answer that nothing is left: the answer is recorded, and everyone waits."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.tracking import budget, collecting, services
from apps.tracking.models import Collection, PlatformState, Snapshot
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
    first, second = [collecting.collect(*pair) for pair in collecting.dispatch(["bluesky"])]
    assert (first.outcomes, second.outcomes) == ({"counted": 25}, {})
    assert first.stopped == "rate: nothing is left of the window"
    assert PlatformState.objects.get().paused_until == reset
    assert Snapshot.objects.count() == 25
    assert world.requests["bluesky"] == 1
    # What was not asked for is due at once, when the pause ends.
    assert Collection.objects.filter(due_at__lte=timezone.now(), lease=None).count() == 5
