"""Day by day the detectors find exactly the overtakes and milestones that the oracle finds in the whole, none twice.

REPLAY_YEARS=10 replays ten years of `manage.py synthesise` (long; REPLAY_ACCOUNTS, 40, says how many).
"""

import os
from datetime import date, timedelta

import pytest

from apps.alerts.models import Occurrence
from apps.intake.management.commands.synthesise import synthesise
from apps.registry.models import Account
from apps.snapshots.models import Snapshot
from tests.alerts import replaying

pytestmark = pytest.mark.django_db

DAYS, ACTORS = 45, 4
LAST = date(2026, 11, 20)
FIRST = LAST - timedelta(days=DAYS - 1)


def test_the_detectors_find_what_the_oracle_finds():
    replaying.make_world(ACTORS, DAYS, FIRST)
    replaying.replay(FIRST, LAST)
    expected = replaying.foretold(LAST)
    with replaying.quick_oracle():
        assert replaying.foretold(LAST) == expected
    compare(expected)
    assert len(expected[0]) > 5
    assert len(expected[1]) > 1
    again = replaying.detection.run_detector(
        replaying.DETECTOR, replaying.just_after(LAST + timedelta(days=1))
    )
    assert again == []


@pytest.mark.skipif("REPLAY_YEARS" not in os.environ, reason="takes long; REPLAY_YEARS=10 does it")
def test_ten_years():
    first = LAST - timedelta(days=365 * int(os.environ["REPLAY_YEARS"]) - 1)
    synthesise(int(os.environ.get("REPLAY_ACCOUNTS", "40")), first, LAST)
    replaying.replay(first, LAST, replaying.PASSED)
    with replaying.quick_oracle():
        overtakes, milestones = compare(replaying.foretold(LAST))
    print(  # noqa: T201 what it came to
        f"{(LAST - first).days + 1} days, {Account.objects.count()} accounts, {Snapshot.objects.count():,} snapshots:"
        f" {overtakes} overtakes, {milestones} milestones, as the oracle has them, none twice, in order"
    )


def compare(expected: tuple[list[tuple], list[tuple]]) -> tuple[int, int]:
    """Return what is stored is what was foretold, in order of the days; how many overtakes and milestones."""
    stored = list(Occurrence.objects.select_related("actor", "other").order_by("pk"))
    overtakes, milestones = replaying.told(stored)
    assert sorted(overtakes) == expected[0]
    assert sorted(milestones) == expected[1]
    for found in (overtakes, milestones):
        assert [one[0] for one in found] == sorted(one[0] for one in found)
    assert len({one.key for one in stored}) == len(stored)
    return len(overtakes), len(milestones)
