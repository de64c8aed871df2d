"""The broker gone for an hour, and a clock that jumps: real workers and a real beat under a clock of the test's own.

libfaketime gives them that clock (Debian's package faketime); PostgreSQL, the broker and this test keep the real one. An
hour of it passes in seconds.
"""

import time
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from apps.collecting.models import Attempt, Collection, PlatformState
from apps.snapshots.models import Snapshot
from tests.collecting.test_faults import accounts, asked, broker, env, worker
from tests.platforms import bluesky
from tests.runtime.processes import running, wait_for

__all__ = ["accounts", "broker", "env"]
FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed (Debian: faketime)"),
]


@pytest.fixture
def clock(env, tmp_path):
    """Called with "+26h x10": a day and two hours ahead, ten times as fast. For what is started with `clock.env`."""
    file = tmp_path / "clock"

    def set_to(offset):
        file.write_text(f"{offset}\n")

    set_to.env = env | {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_CACHE_DURATION": "1",
    }
    set_to("+0 x1")
    return set_to


def beat(env, tmp_path):
    """It looks at its clock every second, as that may jump."""
    words = ("-m", "celery", "-A", "kzmedia", "beat", "--max-interval", "1", "-s", str(tmp_path / "beat"))
    return running(*words, env=env)


def all_read(accounts, times):
    """Tell whether nobody holds anything, and so many times all were read."""
    return lambda: (
        Attempt.objects.count() >= times * len(accounts)
        and not Collection.objects.exclude(lease=None).exists()
    )


def all_due():
    """Make all due, for whichever clock: a month ago."""
    Collection.objects.update(due_at=timezone.now() - timedelta(days=30))


def assert_each_once(accounts, times):
    """Check that every account was read so many times, all of it recorded, on no day twice."""
    assert Attempt.objects.count() == times * len(accounts)
    for number, account in enumerate(accounts):
        counts = list(Snapshot.objects.filter(account=account).values_list("followers", flat=True))
        assert set(counts) == {100 + number}
    days = Snapshot.objects.values("account", "day", "span")
    assert days.distinct().count() == days.count()


def test_the_broker_is_gone_for_an_hour(env, clock, accounts, world, broker, tmp_path):
    """An hour of beat's clock, and of the leases that were out."""
    clock("+0 x240")
    with worker(env) as at_work, beat(clock.env, tmp_path) as giving:
        world.latency = 4
        wait_for(lambda: asked(world), 120, "the first request")
        broker.kill()
        world.latency = 0
        time.sleep(15)
        out = Collection.objects.exclude(lease=None)
        out.update(leased_until=timezone.now() - timedelta(minutes=55))
        broker.start()
        wait_for(all_read(accounts, 1), 120, "all accounts")
        assert at_work.poll() is None
        assert giving.poll() is None
        time.sleep(2)
    assert_each_once(accounts, 1)
    assert asked(world) == 3
    assert broker.waiting() == 0


def test_the_clock_jumps(clock, accounts, world, broker, tmp_path):
    """Back by three hours, on by three days, and right again. Beat goes through the jumps; a worker takes no harm from them
    but that libfaketime moves its timers too, so each stretch has a worker of its own."""
    for number, account in enumerate(accounts):  # found again by the ids that the first reading teaches
        world.set("bluesky", account.handle, 100 + number, id=bluesky.did(account.handle))
    clock("+0 x10")
    with beat(clock.env, tmp_path) as giving:
        wait_for(lambda: broker.client.llen("celery"), 120, "what beat gives every minute")
        clock("-3h x10")
        broker.client.flushdb()
        all_due()
        with worker(clock.env):
            wait_for(all_read(accounts, 1), 120, "all accounts, after the clock was set back")
        assert_each_once(accounts, 1)
        clock("+75h x10")
        with worker(clock.env):
            wait_for(all_read(accounts, 2), 120, "all accounts, three days on")
        assert_each_once(accounts, 2)
        # What a clock that was a year ahead has left behind.
        year = timezone.now() + timedelta(days=365)
        left = Collection.objects.filter(account__in=accounts[:2])
        left.update(due_at=year, lease=uuid.uuid4(), leased_until=year)
        PlatformState.objects.update(day=year.date(), requests_spent=50)
        clock("+0 x10")
        with worker(clock.env):
            wait_for(lambda: not left.exclude(lease=None).exists(), 120, "what was left behind")
        assert giving.poll() is None
    assert Attempt.objects.count() == 2 * len(accounts) + 2
    state = PlatformState.objects.get(platform="bluesky")
    assert state.requests_spent > 50
    assert state.day < year.date()
    assert Snapshot.objects.latest("day").day > timezone.localdate() + timedelta(days=1)
