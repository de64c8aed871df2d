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
            "REQUEST_SECONDS": "1",
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


def assert_bad_ones_are_named(expected):
    """Check that each of the bad ones, (platform, word) -> failure, has its own reason."""
    named = Collection.objects.exclude(error_code="").select_related("account")
    for one in named:
        failure = expected[one.account.platform, word_of(one.account)]
        assert one.error_code in REASONS[failure], (one.account.platform, failure, one.error_detail)
    assert named.count() == len(expected)


@pytest.mark.parametrize(("bad", "all_of_them"), [(2, 52), (10, 200)])
def test_bad_accounts_stand_first_on_every_platform_with_every_failure(env, world, broker, bad, all_of_them):
    """Before fifty good ones stand two bad ones of two sorts, in four rounds each sort; then ten of all sorts among 200."""
    make_accounts(PLATFORMS, all_of_them)
    rounds = range(4) if bad == 2 else range(1)
    step, apart = (4, 1) if bad == 2 else (1, all_of_them // bad)
    with worker(env):
        for shift in rounds:
            expected = {}
            for place, platform in enumerate(PLATFORMS):
                world.recover(platform)
                for number in range(bad):
                    failure = FAILURES[(place + shift + step * number) % len(FAILURES)]
                    (word,) = spoil(world, platform, [number * apart], failure)
                    expected[platform, word] = failure
            words = {platform: {word for at, word in expected if at == platform} for platform in PLATFORMS}
            start_anew()
            wait_while_beating(
                broker, lambda words=words: not unread(words), MINUTES_3, "all good ones to be read"
            )
            wait_while_beating(
                broker,
                lambda expected=expected: Collection.objects.exclude(error_code="").count() == len(expected),
                60,
                "the bad ones to be named",
            )
            assert_nobody_is_paused()
            assert_bad_ones_are_named(expected)
            good = len(PLATFORMS) * (all_of_them - bad)
            assert Snapshot.objects.filter(state="counted").count() == good


def test_the_failing_account_changes_while_everybody_is_read(env, world, broker):
    """Another one fails from beat to beat, with another failure; each is read once it does not fail any more."""
    make_accounts(PLATFORMS, 60)
    start_anew()
    with worker(env):
        for number in range(6):
            for place, platform in enumerate(PLATFORMS):
                world.recover(platform)
                spoil(world, platform, [10 * number], FAILURES[(place + number) % len(FAILURES)])
            beat(broker)
            time.sleep(3)
            # A minute has passed: who failed is asked again, and so is everybody else.
            Collection.objects.filter(lease=None).update(due_at=timezone.now())
        for platform in PLATFORMS:
            world.recover(platform)
        Collection.objects.filter(lease=None).update(due_at=timezone.now())
        wait_while_beating(
            broker,
            lambda: not Collection.objects.filter(last_success_at=None).exists(),
            MINUTES_3,
            "all to be read",
        )
        assert_nobody_is_paused()
    assert Snapshot.objects.filter(state="counted").count() == 60 * len(PLATFORMS)


def end_of_pauses():
    """Let the pauses that stand end now, as if their minute had passed; returns how many."""
    now = timezone.now()
    resting = ServerState.objects.filter(paused_until__gt=now)
    Collection.objects.filter(lease=None, due_at__gt=now, account__platform="mastodon").update(due_at=now)
    return PlatformState.objects.paused().update(paused_until=now) + resting.update(paused_until=now)


def wait_for_pauses(broker):
    def all_are_paused():
        servers = ServerState.objects.filter(paused_until__gt=timezone.now())
        is_over = not Collection.objects.exclude(lease=None).exists()
        return is_over and PlatformState.objects.paused().count() + servers.count() == len(PLATFORMS)

    wait_while_beating(broker, all_are_paused, 60, "all to be paused")


def test_platforms_that_are_down_rest_are_said_to_and_recover_within_one_back_off(env, world, broker):
    """Pauses are ended by hand: the tests do not wait for the minutes that they last."""
    make_accounts(PLATFORMS, 1 + GOOD)
    for platform in PLATFORMS:
        world.fail(platform, "500", always=True)
    start_anew()
    with worker(env):
        wait_for_pauses(broker)
        for _ in range(3):
            beat(broker)
            time.sleep(1)
        assert Counter(world.requests) == dict.fromkeys(PLATFORMS, 2)  # in the first minute
        assert not Collection.objects.filter(errors__gt=0).exists()
        states = [*PlatformState.objects.paused(), *ServerState.objects.all()]
        assert {state.pause_code for state in states} == {"server_error"}
        for state in states:
            assert timedelta(seconds=40) < state.paused_until - timezone.now() < timedelta(seconds=73)
        assert end_of_pauses() == len(PLATFORMS)
        wait_for_pauses(broker)
        assert Counter(world.requests) == dict.fromkeys(PLATFORMS, 3)  # one when the pause has ended
        for platform in PLATFORMS:
            world.recover(platform)
        assert end_of_pauses() == len(PLATFORMS)
        wait_while_beating(
            broker,
            lambda: not Collection.objects.filter(last_success_at=None).exists(),
            60,
            "all to be read after one back-off",
        )
        assert_nobody_is_paused()
