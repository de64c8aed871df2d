"""A minute in which everything breaks at random, then calm: no snapshot is lost, doubled or wrong.

Workers are killed, the broker is restarted and flushed, the database is killed and stopped, messages come twice, leases
run out under those who hold them, and the platforms fail. The servers are this test's own. CHAOS_SEED repeats a run as
far as the machine lets it.
"""

import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import psutil
import psycopg
import pytest
import redis
from kombu.exceptions import OperationalError

from apps.collecting import tasks
from apps.snapshots.recording import day_of
from kzmedia.celery import app
from kzmedia.processes import embedded, servers
from kzmedia.processes.children import spawn
from tests.platforms import bluesky, vk, x
from tests.platforms.world import invented
from tests.runtime.processes import BASE_DIR, clean_env, processes_of, wait_for

pytestmark = pytest.mark.faults

SECONDS = float(os.environ.get("CHAOS_SECONDS", "60"))
ACCOUNTS = {"bluesky": 300, "x": 300, "vk": 300, "telegram": 120}
FEWEST = {"bluesky": 12, "x": 3, "vk": 1, "telegram": 120}  # requests that reading all of them takes
PLATFORM_FAULTS = ("500", "503", "429", "html", "truncated", "hang_up", "empty", "not_utf8", "nan", "deep")
UNUSED = "postgres://nobody@127.0.0.1:9/nothing"

MAKE_ACCOUNTS = """
import django; django.setup()
from django.core.management import call_command
from apps.collecting import services
from apps.registry.models import Account, Actor
from tests.collecting.test_chaos import ACCOUNTS, name_of
call_command("migrate", verbosity=0)
actor = Actor.objects.create(slug="chaos", kind="media")
services.ensure_collection(Account.objects.bulk_create(
    Account(actor=actor, platform=platform, **name_of(platform, number))
    for platform, count in ACCOUNTS.items() for number in range(count)
))
"""


def name_of(platform, number):
    """Handle or id of an account that the local platform invents."""
    return {
        "bluesky": {"platform_id": bluesky.did(f"a{number}")},
        "x": {"platform_id": str(10**9 + number)},
        "vk": {"platform_id": f"-{1000 + number}"},
        "telegram": {"handle": f"channel{number}"},
    }[platform]


class Installation:
    """PostgreSQL, Valkey and two workers that may die at any moment, over the local platforms."""

    def __init__(self, var, server):
        self.var, self.server = var, server
        self.env = clean_env(
            VAR_DIR=str(var),
            DJANGO_SETTINGS_MODULE="kzmedia.settings",
            WORKER_CONCURRENCY="2",
            COLLECT_WINDOWS="0",
            LOG_LEVEL="WARNING",
            BLUESKY_API_URL=server.at("bluesky"),
            X_API_URL=server.at("x"),
            X_BEARER_TOKEN=x.TOKEN,
            X_TERMS="standard",
            X_DAILY_USD="100000",
            VK_API_URL=server.at("vk"),
            VK_TOKEN=vk.TOKEN,
            TELEGRAM_URL=server.at("telegram"),
        )
        self.postgres = self.valkey = None
        self.workers = [None, None]

    def start(self):
        self.var.mkdir()
        servers.prepare(self.var)
        self.start_database()
        self.start_broker()
        done = self._spawn("setup.log", [sys.executable, "-c", MAKE_ACCOUNTS]).wait(120)
        assert done == 0, (self.var / "setup.log").read_text()
        self.keep_workers()

    def stop(self):
        for process in (*self.workers, self.valkey, self.postgres):
            if process:
                process.kill()
                process.wait(30)
        for orphan in processes_of(self.var):  # children of workers that were killed
            with suppress(psutil.NoSuchProcess):
                orphan.kill()
        servers.before_postgres(self.var)  # waits for its processes
        for place in (embedded.server_dir(self.var), embedded.run_dir(self.var)):
            shutil.rmtree(place, ignore_errors=True)

    def start_database(self):
        servers.before_postgres(self.var)
        self.postgres = self._spawn("postgres.log", servers.postgres_command(self.var), is_server=True)
        servers.wait_for_postgres(self.var, lambda: self.postgres.poll() is None, time.sleep)

    def start_broker(self):
        self.valkey = self._spawn("valkey.log", servers.valkey_command(self.var), is_server=True)
        servers.wait_for_valkey(self.var, lambda: self.valkey.poll() is None, time.sleep)

    def keep_workers(self):
        """Start whoever is dead again, as the supervisor does."""
        words = [
            "-m",
            "celery",
            "-A",
            "kzmedia",
            "worker",
            "--pool",
            "prefork",
            "--without-gossip",
            "--without-mingle",
        ]
        for number, worker in enumerate(self.workers):
            if worker is None or worker.poll() is not None:
                name = f"worker{number}"
                self.workers[number] = self._spawn(f"{name}.log", [sys.executable, *words, "-n", name])

    def _spawn(self, log, words, is_server=False):
        if not is_server:
            return spawn(words, log=self.var / log, env=self.env, cwd=BASE_DIR)
        return spawn(
            words,
            log=self.var / log,
            env=servers.server_env(self.var),
            cwd=servers.valkey_dir(self.var),
            user=embedded.server_user(self.var),
        )

    def sql(self, statement, *values):
        host = str(embedded.run_dir(self.var))
        with psycopg.connect(host=host, dbname="kzmedia", user="kzmedia", autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def publish(self, *messages):
        """Publish beat's message, or the batches given as (platform, lease); a broker that is away takes none."""
        patience = {"socket_timeout": 2, "socket_connect_timeout": 2, "max_retries": 0}
        address = embedded.celery_url(embedded.redis_url(self.var))
        try:
            with app.connection_for_write(address, transport_options=patience) as channel:
                if not messages:
                    tasks.dispatch_due.apply_async(connection=channel, retry=False)
                for platform, lease in messages:
                    tasks.collect_batch.apply_async(
                        (platform, str(lease)),
                        queue=tasks.QUEUE.format(platform=platform),
                        connection=channel,
                        retry=False,
                    )
        except OperationalError:
            pass  # what is due waits for the next message

    def leases(self):
        return self.sql(
            "SELECT DISTINCT a.platform, c.lease FROM tracking_collection c JOIN tracking_account a"
            " ON a.id = c.account_id WHERE c.lease IS NOT NULL"
        )

    def expire_leases(self, seconds):
        """Let the leases that were written at least so long ago run out now, and not after minutes."""
        self.turn(
            "leased_until = now()",
            "leased_until < now() + %s - %s",
            tasks.leasing.LEASE,
            tasks.leasing.timedelta(seconds=seconds),
        )

    def ask_again(self):
        """Make due now what a run gave back for later, as the last of the faults met it."""
        self.turn("due_at = now()", "last_success_at IS NULL AND due_at > now()")

    def turn(self, change, which, *values):
        """Change what is due when; what a worker is writing at this moment is left for the next time."""
        self.sql(
            f"UPDATE tracking_collection SET {change} WHERE id IN (SELECT id FROM tracking_collection"  # noqa: S608
            f" WHERE {which} FOR UPDATE SKIP LOCKED)",
            *values,
        )

    def lift_pauses(self):
        self.sql("UPDATE tracking_platformstate SET paused_until = NULL, failures = 0")

    # What breaks

    def kill_a_worker(self, chance):
        worker = chance.choice(self.workers)
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)

    def kill_a_workers_child(self, chance):
        children = psutil.Process(chance.choice(self.workers).pid).children()
        if children:
            chance.choice(children).kill()

    def restart_the_broker(self, chance):
        self.valkey.send_signal(chance.choice([signal.SIGKILL, signal.SIGTERM]))
        self.valkey.wait(10)
        time.sleep(chance.uniform(0, 1))
        self.start_broker()  # it comes back empty

    def flush_the_broker(self, chance):
        with redis.Redis.from_url(embedded.redis_url(self.var)) as client:
            client.flushall()

    def restart_the_database(self, chance):
        self.postgres.send_signal(chance.choice([signal.SIGKILL, signal.SIGINT, signal.SIGQUIT]))
        self.postgres.wait(30)
        time.sleep(chance.uniform(0, 1))
        self.start_database()

    def fail_a_platform(self, chance):
        faults = [chance.choice(PLATFORM_FAULTS) for _ in range(chance.randint(1, 3))]
        self.control(do="fail", platform=chance.choice(list(ACCOUNTS)), faults=faults)

    def deliver_twice(self, chance):
        self.publish(*self.leases())

    def let_leases_run_out(self, chance):
        self.expire_leases(0)

    def control(self, **command):
        return httpx.post(f"{self.server.url}/control", json=command, timeout=10).json()


FAULTS = (
    [Installation.fail_a_platform, Installation.deliver_twice] * 4
    + [Installation.kill_a_worker, Installation.kill_a_workers_child, Installation.let_leases_run_out] * 2
    + [Installation.restart_the_broker, Installation.flush_the_broker, Installation.restart_the_database]
)


@pytest.fixture
def installation(tmp_path, server):
    made = Installation(tmp_path / "var", server)
    made.control(do="tune", latency=0.3, invents=True)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def test_after_a_minute_of_faults_nothing_is_lost_doubled_or_wrong(installation, world, capsys):
    seed = int(os.environ.get("CHAOS_SEED", random.randrange(10**6)))  # noqa: S311 (no secret)
    with capsys.disabled():
        print(f"\nCHAOS_SEED={seed}", flush=True)  # noqa: T201
    done = rage(installation, random.Random(seed))  # noqa: S311 (no secret)
    early = installation.sql("SELECT count(*) FROM tracking_snapshot")[0][0]
    calm(installation)
    assert_each_has_one_right_snapshot(installation)
    assert attempts(installation) == {1}
    assert_all_spending_is_accounted_for(installation, world)
    with capsys.disabled():
        told = ", ".join(f"{name} {count}" for name, count in sorted(done.items()))
        print(f"{told}; {early} of {sum(ACCOUNTS.values())} read meanwhile", flush=True)  # noqa: T201
    assert early > 0
    # And once more without faults, but with every message twice: nobody is asked twice.
    wait_for(lambda: nobody_asks(world), 120, "runs that lost their leases to end")
    before = Counter(world.requests)
    installation.sql("UPDATE tracking_collection SET due_at = now()")
    calm(installation, twice=True)
    assert world.requests - before == FEWEST
    assert attempts(installation) == {2}
    assert_each_has_one_right_snapshot(installation)


def nobody_asks(world):
    seen = Counter(world.requests)
    time.sleep(3)
    return world.requests == seen


def rage(installation, chance):
    """Make the accounts due one after the other while faults come at random; returns how many of each."""
    installation.sql(
        "UPDATE tracking_collection SET due_at = now() + random() * %s * interval '1 second'", SECONDS
    )
    ends_at, done = time.monotonic() + SECONDS, Counter()
    wait_for(
        lambda: installation.publish() or installation.sql("SELECT 1 FROM tracking_attempt LIMIT 1"),
        120,
        "a worker",
    )
    while time.monotonic() < ends_at:
        installation.keep_workers()
        installation.lift_pauses()
        installation.expire_leases(10)
        installation.publish()
        time.sleep(chance.uniform(0.2, 1.0))
        fault = chance.choice(FAULTS)
        done[fault.__name__] += 1
        fault(installation, chance)
    return done


def calm(installation, twice=False):
    """Let everything work again, until all accounts that are due were read."""
    installation.keep_workers()
    installation.lift_pauses()
    for platform in ACCOUNTS:
        installation.control(do="recover", platform=platform)
    installation.control(do="tune", latency=0.05)
    installation.expire_leases(0)

    def all_read():
        installation.publish()
        if twice:
            installation.publish(*installation.leases())
        return not installation.sql(
            "SELECT 1 FROM tracking_collection WHERE due_at <= now() OR last_success_at IS NULL LIMIT 1"
        )

    def settled():
        installation.lift_pauses()
        if not twice:
            installation.expire_leases(15)
            installation.ask_again()
        return all_read()

    wait_for(settled, 120, "all accounts to be read")


def assert_each_has_one_right_snapshot(installation):
    rows = installation.sql(
        "SELECT a.platform, coalesce(nullif(a.platform_id, ''), a.handle), s.day, s.state, s.followers"
        " FROM tracking_account a LEFT JOIN tracking_snapshot s ON s.account_id = a.id"
    )
    today = day_of(datetime.now(UTC))
    expected = []
    for platform, count in ACCOUNTS.items():
        for number in range(count):
            (name,) = name_of(platform, number).values()
            expected.append((platform, name, today, "counted", invented(name)))
    assert sorted(rows) == sorted(expected)
    # What is derived is that of the record, whoever was killed at which step.
    kept = "SELECT account_id, id, day, state, followers FROM"
    assert sorted(installation.sql(f"{kept} snapshots_latest")) == sorted(
        installation.sql(f"{kept} tracking_snapshot")
    )
    assert installation.leases() == []


def attempts(installation):
    """Return how many good readings an account has, over all accounts."""
    counts = installation.sql(
        "SELECT count(*) FROM tracking_attempt WHERE outcome = 'counted' GROUP BY account_id"
    )
    return {count for (count,) in counts}


def assert_all_spending_is_accounted_for(installation, world):
    spent = {
        platform: (requests, money)
        for platform, requests, money in installation.sql(
            "SELECT platform, requests_spent, money_spent FROM tracking_platformstate"
        )
    }
    for platform in ACCOUNTS:
        assert spent[platform][0] >= world.requests[platform] > 0
    assert (
        spent["x"][1] >= Decimal("0.01") * ACCOUNTS["x"]
    )  # each is billed once a day, however often it is read


def test_postgresql_is_killed_while_a_batch_is_recorded(installation):
    """The lease is taken up within its time, and every account has one snapshot."""
    installation.control(do="tune", latency=0.0, invents=True)
    host = str(embedded.run_dir(installation.var))
    blocker = psycopg.connect(host=host, dbname="kzmedia", user="kzmedia")
    # Whoever records waits for this row, in the middle of the transaction.
    blocker.execute("SELECT 1 FROM tracking_account WHERE platform = 'x' LIMIT 1 FOR UPDATE")
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1"
    wait_for(lambda: installation.publish() or installation.sql(waiting), 120, "a batch to be recorded")
    installation.postgres.send_signal(signal.SIGKILL)
    installation.postgres.wait(30)
    blocker.close()
    installation.start_database()
    longest = installation.sql(
        "SELECT max(leased_until) - now(), max(due_at) - now() FROM tracking_collection WHERE last_success_at IS NULL"
    )[0]
    assert longest[0] is None or longest[0] <= tasks.leasing.LEASE
    assert longest[1] <= tasks.leasing.OUR_REST
    calm(installation)
    assert_each_has_one_right_snapshot(installation)
    assert attempts(installation) == {1}
