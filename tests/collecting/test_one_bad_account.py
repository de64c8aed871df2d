"""Real workers and a real broker over local platforms: one bad account costs nobody else, a platform that is down rests.

What is due is published every few seconds, as beat does every minute.
"""

import time
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.collecting import tasks
from apps.collecting.models import Attempt, Collection, PlatformState, ServerState
from apps.collectors import registry
from apps.registry.models import Account
from apps.snapshots.models import Snapshot
from benchmarks.collecting import environment
from kzmedia.celery import app
from tests.builders import make_actor
from tests.collecting.evening import name_of
from tests.collecting.test_culprits import FAILURES, REASONS
from tests.collecting.test_faults import broker, worker
from tests.runtime.processes import clean_env, wait_for
from tests.servers import database_url

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

__all__ = ["broker"]  # the fixture

PLATFORMS = sorted(registry.COLLECTORS)
GOOD = 50
MINUTES_3 = 180


@pytest.fixture
def env(broker, server, tmp_path):
    from django.db import connection

    addresses = {name: server.at(name) for name in (*PLATFORMS, "telegram-api")}
    server.world.invents = True
    return clean_env(
        **environment(addresses)
        | {
            "DJANGO_SETTINGS_MODULE": "kzmedia.settings",
            "DATABASE_URL": database_url(connection.settings_dict["NAME"]),
            "REDIS_URL": broker.url,
            "VAR_DIR": str(tmp_path / "var"),
            "WORKER_CONCURRENCY": "4",
        }
    )


def make_accounts(platforms, count):
    actor = make_actor("fleet")
    accounts = Account.objects.bulk_create(
        Account(actor=actor, platform=platform, **name_of(platform, number)[0])
        for platform in platforms
        for number in range(count)
    )
    Collection.objects.bulk_create(Collection(account=account, due_at=timezone.now()) for account in accounts)


def start_anew():
    """Make everything due as on the first day, in the order in which it was made."""
    Snapshot.objects.all().delete()
    Attempt.objects.all().delete()
    PlatformState.objects.all().delete()
    ServerState.objects.all().delete()
    now = timezone.now()
    Collection.objects.update(
        due_at=now, lease=None, leased_until=None, run=None, last_success_at=None, last_attempt_at=None,
        error_code="", error_detail="", errors=0, not_found_days=0, not_found_on=None,
    )  # fmt: skip


def beat(broker):
    with app.connection_for_write(broker.url) as channel:
        tasks.dispatch_due.apply_async(connection=channel)


def wait_while_beating(broker, condition, seconds, what):
    last = 0.0

    def met():
        nonlocal last
        if time.monotonic() > last + 3:
            last = time.monotonic()
            beat(broker)
        return condition()

    wait_for(met, seconds, what)


def unread(bad):
    """Return accounts that are not read yet, those apart that cannot be."""
    waiting = Collection.objects.filter(last_success_at=None).select_related("account")
    return [one.account for one in waiting if word_of(one.account) not in bad[one.account.platform]]


def word_of(account):
    return (account.platform_id or account.handle).lstrip("-").partition("@")[0]


def spoil(world, platform, numbers, failure):
    words = {name_of(platform, number)[1] for number in numbers}
    for word in words:
        world.spoil(platform, word, failure)
    return words


def assert_nobody_is_paused():
    paused = PlatformState.objects.filter(paused_until__gt=timezone.now())
    assert not [(state.platform, state.pause_code, state.pause_detail) for state in paused]
    assert not ServerState.objects.exists()


def test_bad_accounts_stand_first_on_every_platform_with_every_failure(env, world, broker):
    """Two bad ones, of two sorts, before fifty good ones; four rounds bring every sort to every platform."""
    make_accounts(PLATFORMS, 2 + GOOD)
    with worker(env):
        for shift in range(4):
            expected = {}
            for place, platform in enumerate(PLATFORMS):
                world.recover(platform)
                for number in range(2):
                    failure = FAILURES[(place + shift + 4 * number) % len(FAILURES)]
                    (word,) = spoil(world, platform, [number], failure)
                    expected[platform, word] = failure
            bad = {platform: {word for at, word in expected if at == platform} for platform in PLATFORMS}
            start_anew()
            wait_while_beating(broker, lambda bad=bad: not unread(bad), MINUTES_3, "all good ones to be read")
            wait_while_beating(
                broker,
                lambda: Collection.objects.exclude(error_code="").count() == 2 * len(PLATFORMS),
                60,
                "the bad ones to be named",
            )
            assert_nobody_is_paused()
            for one in Collection.objects.exclude(error_code="").select_related("account"):
                failure = expected[one.account.platform, word_of(one.account)]
                assert one.error_code in REASONS[failure], (one.account.platform, failure, one.error_detail)
            assert Snapshot.objects.filter(state="counted").count() == GOOD * len(PLATFORMS)


def test_ten_bad_ones_among_two_hundred_and_another_one_every_time(env, world, broker):
    platforms = ["facebook", "telegram", "x", "youtube"]
    make_accounts(platforms, 200)
    with worker(env):
        bad = {platform: spoil(world, platform, range(0, 200, 20), "500") for platform in platforms}
        start_anew()
        wait_while_beating(broker, lambda: not unread(bad), MINUTES_3, "190 of 200 to be read")
        assert_nobody_is_paused()
        for number in range(3):
            for platform in platforms:
                world.recover(platform)
            bad = {platform: spoil(world, platform, [number], "500") for platform in platforms}
            start_anew()
            wait_while_beating(broker, lambda bad=bad: not unread(bad), MINUTES_3, "199 of 200 to be read")
            assert_nobody_is_paused()


def test_platforms_that_are_down_rest_are_said_to_and_recover_within_one_back_off(env, world, broker):
    make_accounts(PLATFORMS, 1 + GOOD)
    for platform in PLATFORMS:
        world.fail(platform, "500", always=True)
    start_anew()
    with worker(env):
        began = time.monotonic()
        # Facebook may have said it of each of a batch; Mastodon's servers rest one by one.
        wait_while_beating(
            broker,
            lambda: (
                PlatformState.objects.filter(paused_until__gt=timezone.now()).count()
                + ServerState.objects.count()
                == len(PLATFORMS)
            ),
            60,
            "all to be paused",
        )
        while time.monotonic() < began + 45:
            beat(broker)
            time.sleep(3)
        asked = Counter(world.requests)
        # Two processes may have begun with a platform at once; from then on nobody asks.
        assert max(asked.values()) <= 4 * 3, asked
        assert not Collection.objects.filter(errors__gt=0).exists()
        paused = PlatformState.objects.filter(paused_until__gt=timezone.now())
        assert set(paused.values_list("pause_code", flat=True)) == {"server_error"}
        longest = max(
            [
                *paused.values_list("paused_until", flat=True),
                *ServerState.objects.values_list("paused_until", flat=True),
            ]
        )
        for platform in PLATFORMS:
            world.recover(platform)
        patience = (longest - timezone.now()) / timedelta(seconds=1) + 60
        wait_while_beating(
            broker,
            lambda: not Collection.objects.filter(last_success_at=None).exists(),
            patience,
            "all to be read after one back-off",
        )
        assert_nobody_is_paused()
