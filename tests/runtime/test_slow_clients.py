"""One network that sends slowly, or takes nothing, is in nobody's way: against the web server as it is configured, one process.

Networks are told apart by the loopback's own: 127.0.9.0/24 attacks, 127.0.8.0/24 reads. Nothing here is this machine's
own question, as all of it says that it was forwarded.
"""

import dataclasses
import http.client
import shutil
import socket
import statistics
import subprocess
import threading
import time
from contextlib import ExitStack, contextmanager

import pytest
from django.conf import settings as real_settings
from waitress.adjustments import Adjustments

from kzmedia.processes import web_worker
from tests.exports.test_streaming import write_rows
from tests.runtime.processes import BASE_DIR, clean_env, wait_for
from tests.runtime.test_up import free_port
from tests.web import serving

FORWARDED = "X-Forwarded-For: 192.0.2.1\r\n"  # believed by nobody: PROXIES is 0
ATTACKER, READER = "127.0.9.1", "127.0.8.1"


@pytest.fixture(scope="module")
def server(django_db_setup, tmp_path_factory):
    with serving(tmp_path_factory.mktemp("var"), EXPORT_STALL_SECONDS="60", DEBUG="1") as server:
        server.get("/en/method/")
        yield server


@contextmanager
def connected(server, source=ATTACKER, receive=4096):
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        client.bind((source, 0))
        client.settimeout(30)
        client.connect(("127.0.0.1", server.port))
        yield client


def seconds_of(server, address):
    """Return how long a reader of another network waits for the whole answer, which is 200."""
    began = time.monotonic()
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30, source_address=(READER, 0))
    client.request("GET", address, headers={"X-Forwarded-For": "192.0.2.1"})
    answer = client.getresponse()
    answer.read()
    client.close()
    assert answer.status == 200
    return time.monotonic() - began


def p95_of(server, address, times=60):
    return statistics.quantiles([seconds_of(server, address) for _ in range(times)], n=20)[-1]


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_two_hundred_half_sent_headers(server):
    with ExitStack() as held:
        clients = [held.enter_context(connected(server)) for _ in range(200)]
        for client in clients:
            client.sendall(f"GET /en/ HTTP/1.1\r\nHost: localhost\r\n{FORWARDED}".encode())
        assert p95_of(server, "/en/method/") < 1
        client = clients[0]
        assert client.recv(100) == b""  # closed, though it went on sending
        assert p95_of(server, "/en/method/", 20) < 1


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_a_hundred_slow_posts(server):
    over = threading.Event()
    with ExitStack() as held:
        clients = [held.enter_context(connected(server)) for _ in range(100)]
        head = f"POST /en/accounts/login/ HTTP/1.1\r\nHost: localhost\r\n{FORWARDED}Content-Length: 100000\r\n\r\n"

        def trickle():
            while not over.wait(1):
                for client in clients:
                    try:
                        client.send(b"a")
                    except OSError:
                        continue

        for client in clients:
            client.sendall(head.encode())
        trickling = threading.Thread(target=trickle)
        trickling.start()
        try:
            assert p95_of(server, "/en/method/") < 1
            time.sleep(web_worker.HEADER_SECONDS + 100_000 / web_worker.BODY_BYTES_A_SECOND)
            assert all(is_closed(client) for client in clients)
        finally:
            over.set()
            trickling.join()


def is_closed(client):
    client.settimeout(5)
    try:
        return client.recv(1000) == b""
    except ConnectionError:
        return True


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_twenty_readers_that_stop_reading(server):
    write_rows(30)
    with ExitStack() as held:
        for number in range(20):
            client = held.enter_context(connected(server))
            asked = f"GET /export/snapshots.csv?x={number} HTTP/1.1\r\nHost: localhost\r\n{FORWARDED}\r\n"
            client.sendall(asked.encode())
        time.sleep(1)
        assert p95_of(server, "/en/method/") < 1
        assert p95_of(server, "/export/standings.csv", 10) < 5


@contextmanager
def proxy(web, folder):
    """Provide the shipped Caddyfile before a web server at that port; gives the port of the proxy."""
    port = free_port()
    caddyfile = folder / "Caddyfile"
    caddyfile.write_text((BASE_DIR / "Caddyfile").read_text().replace("{\n", "{\n\tadmin off\n", 1))
    env = clean_env(SITE=f"http://localhost:{port}", WEB=f"127.0.0.1:{web}", HOME=str(folder))
    command = [shutil.which("caddy"), "run", "--config", caddyfile, "--adapter", "caddyfile"]
    with (folder / "caddy.log").open("wb") as log:
        caddy = subprocess.Popen(command, env=env, stdout=log, stderr=log)  # noqa: S603 our own words
    try:
        wait_for(lambda: answers(port), 30, "Caddy")
        yield port
    finally:
        caddy.terminate()
        caddy.wait(10)


@pytest.fixture
def proxied(django_db_setup, tmp_path, transactional_db):
    """Provide a web server that knows of one proxy; asked at the proxy's port."""
    with serving(tmp_path, PROXIES="1", DEBUG="1") as server, proxy(server.port, tmp_path) as port:
        yield dataclasses.replace(server, port=port)


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@pytest.mark.faults
@pytest.mark.skipif(not shutil.which("caddy"), reason="Caddy is not installed")
def test_behind_the_shipped_proxy(proxied):
    """Half-sent headers stay with the proxy, slow bodies with the web server's loop, and readers are told apart."""
    write_rows(30)
    with ExitStack() as held:
        for number in range(320):
            client = held.enter_context(connected(proxied))
            if number < 200:
                client.sendall(b"GET /en/ HTTP/1.1\r\nHost: localhost\r\n")
            elif number < 300:
                client.sendall(
                    b"POST /en/accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\na"
                )
            else:
                client.sendall(
                    f"GET /export/snapshots.csv?x={number} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
                )
        time.sleep(1)
        assert p95_of(proxied, "/en/method/") < 1


@pytest.mark.faults
@pytest.mark.skipif(not shutil.which("caddy"), reason="Caddy is not installed")
def test_while_the_site_starts_anew_there_is_a_page(tmp_path):
    with proxy(free_port(), tmp_path) as port:
        client = http.client.HTTPConnection("localhost", port, timeout=10)
        client.request("GET", "/en/")
        answer = client.getresponse()
        page = answer.read().decode()
        client.close()
    assert (answer.status, answer.headers["Retry-After"], answer.headers["Cache-Control"]) == (
        503,
        "15",
        "no-store",
    )
    assert all(words in page for words in ("Сайт қазір", "Сайт сейчас", "The site does not answer"))


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_what_the_server_writes_is_for_its_owner_and_group(server):
    """Uploads by Django's own setting, all else by the umask of the process that takes them."""
    assert "Umask:\t0027" in server._told("status")
    assert (real_settings.FILE_UPLOAD_PERMISSIONS, real_settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS) == (
        0o640,
        0o770,  # the worker, another user of the group, removes them
    )


def test_one_network_does_not_hold_all_connections(settings, monkeypatch):
    """Nor do proxies of our own count as a network: they come with everybody."""
    held = web_worker.Server.__new__(web_worker.Server)
    held.connections_of, held.most_of_one = web_worker.Counter({"203.0.113.0/24": 2, "10.0.0.0/24": 2}), 2

    def accepted(peer):
        ours, theirs = socket.socketpair()
        monkeypatch.setattr(web_worker.TcpWSGIServer, "accept", lambda self: (ours, (peer, 1)))
        with theirs:
            taken = held.accept()
            ours.close()
            return taken is not None

    settings.PROXIES = 0
    assert [accepted(peer) for peer in ("203.0.113.9", "198.51.100.1", "10.0.0.1")] == [False, True, False]
    settings.PROXIES = 1
    assert [accepted(peer) for peer in ("203.0.113.9", "10.0.0.1")] == [False, True]


def test_bodies_of_one_network_are_counted_by_what_the_proxy_says(settings):
    settings.PROXIES = 1

    class Listening:
        active_channels, bodies_of, connections_of = {}, web_worker.Counter(), web_worker.Counter()

        def add_task(self, channel):
            channel.requests.clear()

    server, channels = Listening(), []

    def begin(network):
        ours, theirs = socket.socketpair()
        channel = web_worker.Channel(server, ours, ("10.0.0.1", 1), Adjustments(), map={})
        channel.received(
            f"POST / HTTP/1.1\r\nX-Forwarded-For: {network}\r\nContent-Length: 3\r\n\r\na".encode()
        )
        channels.append((channel, theirs))
        return not channel.will_close

    assert all(begin("203.0.113.1") for _ in range(web_worker.BODIES))
    assert (begin("203.0.113.2"), begin("198.51.100.1")) == (False, True)
    channels[0][0].received(b"bc")  # whole
    channels[1][0].handle_close()
    assert [begin("203.0.113.3") for _ in range(3)] == [True, True, False]
    for channel, theirs in channels:
        channel.handle_close()
        theirs.close()
    assert not +server.bodies_of
