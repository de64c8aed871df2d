"""Reading from a replica: a second database, which holds what the first one held a while ago."""

import re
import time
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from apps.common import reading
from apps.registry.models import Actor
from apps.snapshots.models import Snapshot
from apps.standings import cache_version
from kzmedia.backups import drill
from tests import servers
from tests.runtime.processes import spawn

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", reading.REPLICA])

GROUP = "/en/groups/abenov-vs-agencies/"
FORMER, NEWER = "64,000", "65,432"
# Where an anonymous reader sees a count, and how it is written there.
PLACES = {
    GROUP: "{:,}",
    "/en/standings/?platform=facebook": "{:,}",
    "/en/actors/abenov/": "{:,}",
    "/embed/groups/abenov-vs-agencies": "{:,}",
    "/export/snapshots.csv": "{}",
    "/export/standings.csv": "{}",
    "/export/trend.csv?group=abenov-vs-agencies": "{}",
    "/api/v1/snapshots/?actor=abenov": "{}",
    "/api/v1/standings/?platform=facebook": "{}",
    "/api/v1/trends/?group=abenov-vs-agencies&platform=facebook": "{}",
}


@pytest.fixture(autouse=True, scope="module")
def _second_database():
    """Before any test begins: each is held to the databases that it names."""
    connections.settings[reading.REPLICA] = {**connection.settings_dict, "TEST": {"MIRROR": "default"}}
    yield
    del connections.settings[reading.REPLICA]


@pytest.fixture
def replica(table2, settings, monkeypatch):
    """Provide a copy of the database as it is now, after which the first one goes on. Called, it catches up."""
    settings.PAGE_CACHE_SECONDS = 60
    pages = settings.CACHES["pages"]
    apart = {"LOCATION": re.sub(r"\d+$", "15", pages["LOCATION"]), "KEY_PREFIX": f"test-{uuid4()}"}
    settings.CACHES = {**settings.CACHES, "pages": {**pages, **apart}}
    caches["memory"].clear()
    own = connection.settings_dict["NAME"]
    name = f"{own}_replica"
    copy(own, name)
    connections.settings[reading.REPLICA] |= {
        "NAME": name,
        "HOST": connection.settings_dict["HOST"],
        "PORT": connection.settings_dict["PORT"],
        "OPTIONS": {
            **connection.settings_dict["OPTIONS"],
            "options": "-c default_transaction_read_only=on",
        },
    }
    # A copy is no standby, whose lag is measured on the primary every few seconds: tests/runtime/test_lag.py tries that.
    monkeypatch.setattr(reading.replica_lag, "look", lambda alias: 0.0)
    Snapshot.objects.filter(followers=64000).update(followers=65432)
    yield lambda: copy(own, name)
    connections[reading.REPLICA].close()
    del connections[reading.REPLICA]
    drop(name)


def copy(own, name):
    for alias in connections:
        connections[alias].close()
    drop(name)
    with servers.connect(servers.database_url("postgres"), autocommit=True) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND backend_type = 'client backend'",
            [own],
        )
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{own}"')


def drop(name):
    with servers.connect(servers.database_url("postgres"), autocommit=True) as server:
        drill.drop(server, name)


def text(response):
    return whole(response).decode()


def whole(response):
    assert response.status_code == 200
    return b"".join(response) if response.streaming else response.content


def test_a_reader_is_answered_from_the_replica_everywhere(client, replica):
    for address, form in PLACES.items():
        shown = text(client.get(address))
        assert form.format(64000) in shown, address
        assert form.format(65432) not in shown, address


def test_whoever_can_change_something_is_answered_from_the_primary(client, admin_client, replica, admin_user):
    for address, form in PLACES.items():
        assert form.format(65432) in text(admin_client.get(address)), address
    Snapshot.objects.filter(followers=65432).update(followers=65433)
    assert "65,433" in text(admin_client.get(GROUP))
    assert FORMER in text(client.get(GROUP))


def test_rows_of_a_replica_that_lags_are_not_kept_as_newer_ones(client, replica):
    """Kept under the generation of their own database: once that has caught up, nobody is shown them again."""
    was = client.get(GROUP)
    assert FORMER in text(was)
    ahead = cache_version.of_pages()
    with reading.read_from(reading.REPLICA):
        assert cache_version.of_pages() < ahead
    again = client.get(GROUP, headers={"If-None-Match": was["ETag"]})
    assert again.status_code == 304
    replica()
    with reading.read_from(reading.REPLICA):
        assert cache_version.of_pages() == ahead
    now = client.get(GROUP, headers={"If-None-Match": was["ETag"]})
    assert NEWER in text(now)
    assert now["ETag"] != was["ETag"]


def test_a_page_of_the_primary_is_kept_apart_from_one_of_the_replica(client, replica):
    """While the replica is gone the primary's newer page is kept; the replica's readers go on with theirs."""
    assert FORMER in text(client.get(GROUP))
    place = connections.settings.pop(reading.REPLICA)
    assert NEWER in text(client.get(GROUP))
    connections.settings[reading.REPLICA] = place
    assert FORMER in text(client.get(GROUP))


def test_a_replica_that_does_not_answer_is_gone_round(client, replica, monkeypatch, caplog):
    connections[reading.REPLICA].close()
    del connections[reading.REPLICA]
    connections.settings[reading.REPLICA] |= {"HOST": "127.0.0.1", "PORT": "1"}
    assert NEWER in text(client.get(GROUP))
    assert "the replica does not answer" in caplog.text
    begun = time.monotonic()
    assert not reading.replica_answers()
    assert time.monotonic() - begun < 0.05, "it was asked again at once"


def test_a_replica_that_does_not_answer_is_left_alone_for_ten_seconds(replica, monkeypatch, caplog):
    clock, real = SimpleNamespace(ahead=0), time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + clock.ahead)
    connections[reading.REPLICA].close()
    place = dict(connections.settings[reading.REPLICA])
    connections.settings[reading.REPLICA] |= {"HOST": "127.0.0.1", "PORT": "1"}
    del connections[reading.REPLICA]
    assert not reading.replica_answers()
    connections.settings[reading.REPLICA] |= place  # it is there again, but nobody has looked
    connections[reading.REPLICA].close()
    del connections[reading.REPLICA]
    for seconds, answers in [(0, False), (9, False), (10, True)]:
        clock.ahead = seconds
        assert reading.replica_answers() is answers, seconds
    assert caplog.text.count("the replica does not answer") == 1


def test_what_was_read_from_the_replica_is_saved_in_the_primary(replica):
    with reading.read_from(reading.REPLICA):
        actor = Actor.objects.get(slug="abenov")
        assert actor._state.db == reading.REPLICA
        actor.name_en = "Somebody"
        actor.save(update_fields=["name_en"])
    assert Actor.objects.get(slug="abenov").name_en == "Somebody"


def test_every_statement_of_a_readers_page_goes_to_the_replica(client, replica):
    """What went to the primary by mistake would not show where both hold the same. What took long is kept, in the primary
    alone: the replica cannot be written to."""
    addresses = [
        *PLACES, "/en/", "/en/actors/", "/en/compare/", "/en/data/", "/en/search/?q=abenov", "/en/method/",
        "/en/corrections/", "/en/editions/", "/api/v1/actors/", "/api/v1/overtakes/?group=abenov-vs-agencies",
        "/api/v1/milestones/?group=abenov-vs-agencies", "/export/snapshots.zip", "/export/standings.xlsx",
    ]  # fmt: skip
    for address in addresses:
        with CaptureQueriesContext(connection) as captured:
            whole(client.get(address))
        keeping = re.compile(r"standings_summary|^(BEGIN|COMMIT|SAVEPOINT|RELEASE)")
        assert [one["sql"] for one in captured if not keeping.search(one["sql"])] == [], address


def test_the_setting_names_a_second_database_that_takes_no_writes(process_env):
    process_env["READ_REPLICA_URL"] = process_env["DATABASE_URL"]
    ask = """from django.db import connections
with connections["replica"].cursor() as cursor: cursor.execute("SHOW transaction_read_only"); print(*cursor.fetchone())"""
    process = spawn("manage.py", "shell", "-v0", "-c", ask, env=process_env)
    said, _ = process.communicate(timeout=60)
    assert said.strip().endswith("on"), said
