"""Day by day the detectors find exactly the overtakes and milestones that the oracle finds in the whole, none twice.

REPLAY_DAYS=3650 REPLAY_ACTORS=10 replays ten years of `manage.py synthesise` (some minutes).
"""

import os
from datetime import date, timedelta

import pytest

from apps.alerts.models import Occurrence
from apps.tracking.management.commands.synthesise import synthesise
from apps.tracking.models import Account, Snapshot
from tests.alerts import replaying

pytestmark = pytest.mark.django_db

DAYS = int(os.environ.get("REPLAY_DAYS", "45"))
ACTORS = int(os.environ.get("REPLAY_ACTORS", "4"))
LAST = date(2026, 11, 20)
FIRST = LAST - timedelta(days=DAYS - 1)


def test_the_detectors_find_what_the_oracle_finds():
    if "REPLAY_DAYS" in os.environ:
        synthesise(4 * ACTORS, FIRST, LAST)
    else:
        replaying.make_world(ACTORS, DAYS, FIRST)
    replaying.replay(FIRST, LAST)
    stored = list(Occurrence.objects.select_related("actor", "other").order_by("pk"))
    overtakes, milestones = replaying.told(stored)
    expected, passed = replaying.foretold(LAST)
    print(  # noqa: T201 what a replay of ten years came to
        f"{DAYS} days, {Account.objects.count()} accounts, {Snapshot.objects.count():,} snapshots: {len(overtakes)} overtakes, {len(milestones)} milestones"
    )
    assert len(expected) > 5
    assert len(passed) > 1
    assert sorted(overtakes) == expected
    assert sorted(milestones) == passed
    assert [one[0] for one in overtakes] == sorted(one[0] for one in overtakes)
    assert [one[0] for one in milestones] == sorted(one[0] for one in milestones)
    assert len({one.key for one in stored}) == len(stored)
    again = replaying.finding.looked(replaying.DETECTOR, replaying.just_after(LAST + timedelta(days=1)))
    assert again == []
