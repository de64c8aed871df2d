"""Real workers, a real broker and real kills: afterwards every due account has one snapshot for the day.

Where a lease has to run out, its end is moved into the past: the tests do not wait five minutes for it.
"""

import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.collecting import leasing, services, tasks
from apps.collecting.models import Attempt, Collection, PlatformState
from apps.snapshots.models import Snapshot
from kzmedia.celery import app
from kzmedia.processes import servers
from tests.builders import make_account
from tests.runtime.processes import clean_env, end, running, spawn, wait_for
from tests.servers import database_url

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

BATCH = 25


class Broker:
    """A Valkey of this test's own, on one loopback port through all its lives."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis.from_url(self.url)
        self.process = None

    def start(self):
        program = servers.valkey_command(settings.VAR_DIR)[0]
        words = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen([program, *words], stdout=subprocess.DEVNULL)  # noqa: S603 (our own)
        wait_for(self._answers, 120, "the broker")

    def _answers(self):
        try:
            return self.client.ping()
        except redis.ConnectionError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def waiting(self):
        return self.client.llen("collect.bluesky")


@pytest.fixture
def broker(tmp_path):
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.kill()
    broker.client.close()


@pytest.fixture
def env(broker, server, tmp_path):
    return clean_env(
        DJANGO_SETTINGS_MODULE="kzmedia.settings",
        DATABASE_URL=database_url(connection.settings_dict["NAME"]),
        REDIS_URL=broker.url,
        BLUESKY_API_URL=server.at("bluesky"),
        VAR_DIR=str(tmp_path / "var"),
        LOG_LEVEL="INFO",
    )


@pytest.fixture
def accounts(world):
    """Provide sixty accounts that are due: three requests."""
    made = []
    for number in range(60):
        handle = f"a{number}.bsky.social"
        world.set("bluesky", handle, 100 + number)
        made.append(make_account(platform="bluesky", handle=handle))
    services.ensure_collection(made)
    return made


@contextmanager
def worker(env, *options):
    words = (
        "-m",
        "celery",
        "-A",
        "kzmedia",
        "worker",
        "--pool",
        "prefork",
        "--without-gossip",
        "--without-mingle",
    )
    process = spawn(*words, *options, env=env)
    try:
        yield process
    finally:
        print(end(process))  # noqa: T201 (pytest shows it where a test fails)


def publish(broker, leases):
    """Do what dispatch_due does after its transaction, through this test's broker."""
    with app.connection_for_write(broker.url) as channel:
        for platform, lease in leases:
            tasks.collect_batch.apply_async(
                (platform, str(lease)), queue=tasks.QUEUE.format(platform=platform), connection=channel
            )


def dispatch(broker):
    publish(broker, leasing.dispatch(["bluesky"]))


def expire_leases():
    Collection.objects.exclude(lease=None).update(leased_until=timezone.now() - timedelta(seconds=1))


def all_read():
    return not Collection.objects.filter(last_success_at=None).exists()


def assert_read_once(accounts):
    """Check that every account has one snapshot with the number that the platform gave, and no lease is left."""
    found = dict(Snapshot.objects.values_list("account_id", "followers"))
    assert found == {account.pk: 100 + number for number, account in enumerate(accounts)}
    assert Snapshot.objects.count() == len(accounts)
    assert not Collection.objects.exclude(lease=None).exists()


def asked(world):
    return world.requests["bluesky"]


def test_the_worker_is_killed_in_the_middle_of_a_batch(env, accounts, world, broker):
    world.latency = 3
    with worker(env) as first:
        dispatch(broker)
        wait_for(lambda: asked(world), 120, "the first request")
        first.send_signal(signal.SIGKILL)
        first.wait()
    world.latency = 0
    assert not all_read()
    with worker(env):
        expire_leases()
        dispatch(broker)
        wait_for(all_read, 120, "all accounts")
    assert_read_once(accounts)


def test_the_broker_is_killed_under_the_worker(env, accounts, world, broker):
    world.latency = 2
    with worker(env) as process:
        dispatch(broker)
        wait_for(lambda: asked(world), 120, "the first request")
        broker.kill()
        time.sleep(1)
        broker.start()  # it comes back empty
        world.latency = 0
        wait_for(lambda: Snapshot.objects.count() >= BATCH, 120, "the batch that was being read")
        wait_for(lambda: broker.client.client_list(), 120, "the worker")
        expire_leases()
        dispatch(broker)
        wait_for(all_read, 120, "all accounts")
        assert process.poll() is None
    assert_read_once(accounts)


def test_the_broker_is_away_when_waiting_messages_are_begun(env, accounts, world, broker):
    """All that the worker may take is taken, and between two beats of its heart it asks the broker for nothing: it must
    not be deaf afterwards."""
    world.latency = 4
    with worker(env, "--without-heartbeat"):
        for account in accounts[:4]:
            publish(broker, leasing.dispatch(["bluesky"], account.pk))
        wait_for(lambda: asked(world) == 2 and not broker.waiting(), 120, "two to be read and two to wait")
        broker.kill()
        time.sleep(world.latency + 2)  # until two are read and those that waited are begun
        broker.start()
        world.latency = 0
        expire_leases()
        dispatch(broker)
        wait_for(all_read, 60, "all accounts")
    assert_read_once(accounts)


def test_redis_is_flushed(env, accounts, world, broker):
    dispatch(broker)
    assert broker.waiting() == 1
    broker.client.flushall()
    with worker(env):
        dispatch(broker)
        time.sleep(2)
        assert asked(world) == 0  # the leases stand: nobody reads twice
        expire_leases()
        dispatch(broker)
        wait_for(all_read, 120, "all accounts")
    assert_read_once(accounts)
    assert asked(world) == 3


def test_a_task_is_delivered_twice_also_while_the_first_still_runs(env, accounts, world, broker):
    world.latency = 2
    leases = leasing.dispatch(["bluesky"])
    with worker(env):
        publish(broker, leases * 2)
        wait_for(lambda: asked(world), 120, "the first request")
        publish(broker, leases)
        wait_for(all_read, 120, "all accounts")
        publish(broker, leases)
        time.sleep(3)
    assert_read_once(accounts)
    assert asked(world) == 3
    assert Attempt.objects.count() == len(accounts)


def test_a_lease_expires_during_a_slow_fetch(env, accounts, world, broker):
    world.latency = 6
    with worker(env), worker(env):
        dispatch(broker)
        wait_for(lambda: asked(world), 120, "a slow request")
        expire_leases()
        dispatch(broker)
        wait_for(all_read, 120, "all accounts")
        time.sleep(7)  # until the last slow run has come back
    assert asked(world) > 3  # what was being read when its lease ran out was read again
    assert_read_once(accounts)
    assert Attempt.objects.count() == len(accounts)  # the slow run's answers were dropped


def test_two_beats(env, accounts, world, tmp_path):
    beats = [
        (
            "-m",
            "celery",
            "-A",
            "kzmedia",
            "beat",
            "--loglevel",
            "WARNING",
            "-s",
            str(tmp_path / f"beat{number}"),
        )
        for number in range(2)
    ]
    with worker(env), running(*beats[0], env=env), running(*beats[1], env=env):
        wait_for(all_read, 120, "all accounts")
        time.sleep(2)
    assert_read_once(accounts)
    assert asked(world) == 3


def test_a_platform_that_fails_under_load_is_left_alone_and_then_read(env, accounts, world, broker):
    world.fail("bluesky", "429", always=True)
    with worker(env):
        dispatch(broker)
        wait_for(
            lambda: PlatformState.objects.filter(paused_until__gt=timezone.now()).exists(), 120, "the pause"
        )
        time.sleep(2)
        before = asked(world)
        dispatch(broker)
        time.sleep(2)
        assert asked(world) == before
        assert not Snapshot.objects.exists()
        world.recover("bluesky")
        PlatformState.objects.update(paused_until=None)
        wait_for(
            lambda: not Collection.objects.exclude(lease=None).exists(), 120, "the leases to be given back"
        )
        dispatch(broker)
        wait_for(all_read, 120, "all accounts")
    assert_read_once(accounts)
