"""Over a real gunicorn with threads and a real socket: what becomes of an export that is left, cut or long."""

import http.client
import socket
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from apps.exports import copying
from tests.builders import make_account, make_actor, make_snapshots
from tests.exports.reading import table
from tests.web import serving

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]  # clients hang up, or take nothing

DAYS = 1000
STALL = 6  # seconds
# Connections inside a transaction, other than the test's own.
EXPORTS = """SELECT pid FROM pg_stat_activity WHERE datname = current_database()
    AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"""


@pytest.fixture(scope="module")
def server(django_db_setup, tmp_path_factory):
    with serving(tmp_path_factory.mktemp("var"), EXPORT_STALL_SECONDS=str(STALL)) as server:
        server.get("/export/snapshots.csv")
        yield server


@pytest.fixture(autouse=True)
def _no_query_outlives_its_test(transactional_db):
    """An export that a failing test leaves running would keep the tables locked for ever."""
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid) FROM ({EXPORTS}) open")  # noqa: S608 our own words
        cursor.execute(
            "TRUNCATE tracking_snapshot CASCADE"
        )  # nor its rows, dead ones, in the next test's way


@pytest.fixture
def hundred_thousand_rows():
    write_rows(100)


def write_rows(accounts: int) -> None:
    """Write `accounts` accounts of an actor each, DAYS snapshots apiece, 135 bytes a row in the file."""
    for number in range(accounts):
        make_account(f"actor-{number:04}")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO tracking_source (key, kind, title, authors, container, doi, url, licence)"
                       " VALUES ('synthetic', 'synthetic', '', '', '', '', '', '') RETURNING id")  # fmt: skip
        cursor.execute(
            """INSERT INTO tracking_snapshot (account_id, day, span, state, followers, bound, precision,
                observed_at, locator, note, recorded_at, source_id)
            SELECT account.id, date '2020-01-01' + day, 3, 'counted', 1000 + day, '=', 'exact',
                timestamptz '2020-01-01 12:00Z' + day * interval '1 day', '', '', now(), %s
            FROM tracking_account account CROSS JOIN generate_series(0, %s) day""",
            [cursor.fetchone()[0], DAYS - 1],
        )


def copies_running() -> list[int]:
    """Count server processes that are in the middle of an export, asked for by their query's first words."""
    with connection.cursor() as cursor:
        cursor.execute(f"{EXPORTS} AND state = 'active' AND query LIKE 'COPY (SELECT %'")
        return [pid for (pid,) in cursor.fetchall()]


def exports_open() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(EXPORTS)
        return [pid for (pid,) in cursor.fetchall()]


def wait_until(fact, seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if fact():
            return True
        time.sleep(0.05)
    return fact()


def test_a_whole_file_arrives_and_its_connection_is_given_back(server):
    make_snapshots(make_account(make_actor("a", name_en="Ә")), {"2017": 1, "2022": 2})
    response, content = server.get("/export/snapshots.csv?platform=facebook")
    assert response.status == 200
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert response.headers["X-Row-Count"] == "2"
    assert [row["actor_name"] for row in table(content)] == ["Ә", "Ә"]
    assert wait_until(lambda: not exports_open())


def test_gzip_gives_the_same_bytes(server, hundred_thousand_rows):
    plain, content = server.get("/export/snapshots.csv")
    packed, gzipped = server.get("/export/snapshots.csv", **{"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert zlib.decompress(gzipped, wbits=31) == content
    assert len(gzipped) * 5 < len(content)
    assert content.count(b"\n") == 100 * DAYS + 1


def test_a_head_request_has_no_body_and_runs_no_copy(server):
    make_snapshots(make_account("a"), {"2017": 1, "2022": 2})
    response, content = server.get("/export/snapshots.csv", method="HEAD")
    assert (response.status, content, response.headers["X-Row-Count"]) == (200, b"", "2")
    assert "Content-Length" not in response.headers
    assert wait_until(lambda: not exports_open())


def test_a_hang_up_ends_the_query(server, hundred_thousand_rows):
    client = server.open("/export/snapshots.csv")
    assert client.recv(15) == b"HTTP/1.1 200 OK"
    assert len(copies_running()) == 1
    client.close()
    assert wait_until(lambda: not copies_running())
    assert wait_until(lambda: not exports_open())


def test_a_client_that_takes_nothing_is_let_go(server, hundred_thousand_rows):
    client = server.open("/export/snapshots.csv")
    assert client.recv(15) == b"HTTP/1.1 200 OK"
    assert len(copies_running()) == 1
    assert wait_until(lambda: not exports_open(), STALL + 60)
    client.close()


def test_a_query_that_breaks_midway_is_no_whole_answer(server, hundred_thousand_rows):
    client = server.open("/export/snapshots.csv")
    response = http.client.HTTPResponse(client)
    response.begin()
    assert response.status == 200
    assert response.read(7) == b"day,spa"
    (pid,) = copies_running()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    with pytest.raises(http.client.IncompleteRead):
        response.read()
    client.close()
    response, _content = server.get("/export/snapshots.csv?to=2019")
    assert response.status == 200


def test_no_kind_of_file_is_whole_when_its_query_breaks(server, hundred_thousand_rows):
    for ending in ("json", "xlsx", "zip"):
        client = server.open(f"/export/snapshots.{ending}")
        response = http.client.HTTPResponse(client)
        response.begin()
        assert response.status == 200, ending
        assert response.read(1) in (b"{", b"P"), ending
        with connection.cursor() as cursor:
            for pid in exports_open():
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        with pytest.raises(http.client.IncompleteRead):
            response.read()
        client.close()


def test_an_error_before_the_first_row_is_an_error(server):
    make_snapshots(make_account("a"), {"2017": 1})
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tracking_source RENAME COLUMN key TO other")
        try:
            response, content = server.get("/export/snapshots.csv")
        finally:
            cursor.execute("ALTER TABLE tracking_source RENAME COLUMN other TO key")
    assert response.status == 500
    assert b"day,span" not in content
    assert wait_until(lambda: not exports_open())


def test_a_crowd_leaves_connections_to_others(server):
    write_rows(30)
    clients = [server.open("/export/snapshots.csv") for _client in range(30)]
    assert wait_until(lambda: len(exports_open()) >= copying.MOST_OPEN)
    time.sleep(1)  # the others have come too
    assert len(exports_open()) == copying.MOST_OPEN
    assert server.get("/api/v1/actors/?limit=1")[0].status == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        assert cursor.fetchone()[0] <= copying.MOST_OPEN + 4  # a page's, an idle one, the test's own
    with ThreadPoolExecutor(len(clients)) as pool:
        lengths = set(pool.map(whole, clients))
    assert len(lengths) == 1
    assert lengths.pop() > 30 * DAYS * 100
    assert wait_until(lambda: not exports_open())


def whole(client):
    """Return how long the file is that a client gets; what is cut raises."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    with client:
        response = http.client.HTTPResponse(client)
        response.begin()
        assert response.status == 200
        return len(response.read())


def test_a_worker_shares_what_is_loaded_and_keeps_little_for_itself(django_db_setup, tmp_path):
    """A worker of its own: what one has sent to a crowd before is no matter of loading."""
    with serving(tmp_path, DEBUG="1") as fresh:
        assert fresh.get("/en/method/")[0].status == 200
        assert fresh.own_memory() < 50_000  # 31 MB; 74 MB where each worker loads the addresses for itself


def test_memory_stays_flat_and_the_first_row_comes_at_once(server):
    write_rows(200)
    server.get("/export/snapshots.csv?actor=actor-0001")
    before = server.peak_memory()
    began = time.monotonic()
    client = server.open("/export/snapshots.csv")
    first = b""
    while b"2020-01-01,day" not in first:
        first += client.recv(4096)
    waited = time.monotonic() - began
    client.close()
    began = time.monotonic()
    response, content = server.get("/export/snapshots.csv")
    whole = time.monotonic() - began
    assert response.status == 200
    assert content.count(b"\n") == 200 * DAYS + 1
    assert len(content) > 25_000_000
    assert server.peak_memory() - before < 16_000
    assert waited < whole / 3  # a sort of everything would come before the first row
