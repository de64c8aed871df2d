"""Servers and guards for all tests.

Without DATABASE_URL / REDIS_URL one embedded PostgreSQL and one Valkey serve the whole run; their data lies in
var/test, never in the installation's own var. They die with pytest, however it ends.
"""

import fcntl
import ipaddress
import socket
import time
from typing import TextIO
from uuid import uuid4

import hypothesis
import pytest
import redis
from django.conf import settings
from django.db import connection, connections
from django.test import Client, TransactionTestCase
from django.utils import translation

from apps.common import rates
from apps.common.breaker import redis_breaker, replica_breaker
from apps.figures import pictures
from apps.standings import league, scopes
from apps.users import second_factor
from kzmedia import vendor
from kzmedia.processes import gc_tuning
from tests import servers
from tests.runtime.processes import clean_env

# How long an example takes tells how busy the machine is, not whether the rule holds.
hypothesis.settings.register_profile(
    "busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("busy")

_lock: TextIO | None = None


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers in the controller; xdist's workers find them at the same sockets."""
    if hasattr(config, "workerinput") or config.option.collectonly or config.option.help:
        return
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns when it is missing
    vendor.provide(settings.VAR_DIR)
    if not servers.needed():
        return
    global _lock
    _lock = (settings.VAR_DIR / "lock").open("w")
    try:
        fcntl.flock(_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise pytest.UsageError(
            "Another test run uses var/test. Wait for it, or give this one DATABASE_URL and REDIS_URL."
        ) from None
    servers.start(settings.VAR_DIR)
    if getattr(config.option, "numprocesses", None):
        servers.make_template()


def pytest_collection_finish() -> None:
    gc_tuning.keep_loaded()


def pytest_unconfigure(config: pytest.Config) -> None:
    servers.stop()
    if _lock is not None:
        _lock.close()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, request):
    """Copy the tables from a database that was migrated once for all processes, where there are several."""
    if hasattr(request.config, "workerinput") and (template := servers.wait_for_template()):
        settings.DATABASES["default"]["TEST"] |= {"TEMPLATE": template, "MIGRATE": False}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """End what a thread of a live server still holds when the database is dropped."""
    yield
    connection.close()  # a test may have ended it from the server's side
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


@pytest.fixture(autouse=True, scope="session")
def _quick_emptying():
    """After a test with transactions of its own every table is emptied but the names of models and of rights:
    they are the same for all tests, and making them anew took longer than all the rest."""
    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", _empty_tables)
    yield
    patch.undo()


def _empty_tables(case):
    for name in case._databases_names(include_mirrors=False):
        servers.empty(connections[name])


@pytest.fixture(autouse=True, scope="session")
def _few_accounts():
    """Tests have few accounts: the database's statistics are not asked, lest one statement more be made by whom
    it falls to."""
    patch = pytest.MonkeyPatch()
    for module in (league, scopes):
        patch.setattr(module, "count_accounts", lambda: 0)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def _no_outside_network():
    """Let a test that reaches for the network fail at once and say for what."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, _only_local(getattr(socket.socket, name)))
    patch.setattr(socket, "getaddrinfo", _only_local_names(socket.getaddrinfo))
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _second_factors(monkeypatch):
    """`client.force_login` stands for the whole of signing in, an editor's second factor included.

    What a password alone opens is tested where one signs in by the pages (tests/users).
    """
    force_login = Client.force_login

    def with_second_factor(client, user, backend=None):
        force_login(client, user, backend)
        if second_factor.is_needed(user):
            session = client.session
            session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
            session["account_authentication_methods_user"] = str(user.pk)
            session.save()

    monkeypatch.setattr(Client, "force_login", with_second_factor)


@pytest.fixture(autouse=True)
def _own_counts(monkeypatch):
    """Give each test its own counts in Redis (requests of a network, pictures handed over): none meets another's."""
    own = uuid4().hex
    ask = rates.seconds_to_wait
    monkeypatch.setattr(rates, "seconds_to_wait", lambda rate, *who: ask(rate, own, *who))
    monkeypatch.setattr(pictures, "PREFIX", f"test-{own}")


@pytest.fixture(autouse=True)
def _nothing_rests():
    """Ask again in the next test what was silent in one."""
    redis_breaker.reset()
    replica_breaker.reset()


@pytest.fixture(autouse=True)
def _own_language():
    """Begin each test with the site's own language, as a request leaves its own with the thread."""
    translation.deactivate()


@pytest.fixture
def process_env(transactional_db, tmp_path) -> dict[str, str]:
    """Return the environment in which a process that a test starts (tests/runtime/processes.py) uses the test's
    database, this run's broker and a VAR_DIR of its own. The test's queues are empty at the start."""
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.flushdb()
    return clean_env(
        DATABASE_URL=servers.database_url(connection.settings_dict["NAME"]),
        REDIS_URL=settings.REDIS_URL,
        VAR_DIR=str(tmp_path),
    )


def _only_local(connect):
    def guarded(self, address):
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_local(address[0]):
            raise OutsideNetwork(f"A test reached for {address}.")
        return connect(self, address)

    return guarded


def _only_local_names(getaddrinfo):
    def guarded(host, *args, **kwargs):
        if host and not _is_local(host):
            raise OutsideNetwork(f"A test looked up {host}.")
        return getaddrinfo(host, *args, **kwargs)

    return guarded


def _is_local(host) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {"localhost", socket.gethostname()}:
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


class OutsideNetwork(BaseException):
    """No Exception: code under test must not mistake it for a platform's failure."""
