"""More requests than a process can work on: those beyond are sent away at once, and nothing falls over."""

import http.client
import json
import threading
import time
from collections import Counter

import httpx
import pytest
from django.db import connection, transaction

from kzmedia import admission
from kzmedia.admission import Admission
from tests.runtime.processes import BASE_DIR, running, wait_for
from tests.runtime.test_up import free_port


class Site:
    """An application whose answers wait until `go` is set."""

    def __init__(self):
        self.go = threading.Event()
        self.inside = threading.Semaphore(0)

    def __call__(self, environ, start_response):
        self.inside.release()
        self.go.wait(10)
        if environ["PATH_INFO"] == "/broken":
            raise ValueError
        start_response("200 OK", [])
        return (part for part in (b"one", b"two"))


def ask(application, path="/en/", method="GET", peer="127.0.0.1", **more):
    told = {}
    answer = application(
        {"PATH_INFO": path, "REQUEST_METHOD": method, "REMOTE_ADDR": peer, **more},
        lambda status, headers: told.update(status=status[:3], **dict(headers)),
    )
    return told, answer


@pytest.fixture
def site():
    return Site()


def test_beyond_the_limit_they_are_told_to_come_again(site):
    application = Admission(site, at_once=2)
    taken = [threading.Thread(target=ask, args=(application,)) for _ in range(2)]
    for thread in taken:
        thread.start()
        site.inside.acquire(timeout=5)
    begun = time.monotonic()
    told, answer = ask(application)
    assert time.monotonic() - begun < 0.1
    assert (told["status"], told["Retry-After"], told["Cache-Control"]) == ("503", "5", "no-store")
    page = b"".join(answer).decode()
    assert len(page.encode()) == int(told["Content-Length"])
    assert all(word in page for word in ("Қазір сұраулар", "слишком много", "too many requests"))
    told, answer = ask(application, "/api/v1/actors/")
    assert told["Content-Type"] == "application/json"
    assert json.loads(b"".join(answer))["error"]["code"] == "busy"
    told, answer = ask(application, method="HEAD")
    assert (told["status"], b"".join(answer)) == ("503", b"")
    site.go.set()
    for path in admission.ALWAYS:
        assert ask(application, path)[0]["status"] == "200"
    for thread in taken:
        thread.join()


def test_an_answer_keeps_its_place_until_it_is_closed(site):
    site.go.set()
    application = Admission(site, at_once=1)
    told, answer = ask(application)
    assert ask(application)[0]["status"] == "503"
    assert b"".join(answer) == b"onetwo"
    assert ask(application)[0]["status"] == "503"
    answer.close()
    answer.close()  # a server may do it twice
    told, answer = ask(application)
    assert told["status"] == "200"
    answer.close()


def test_one_that_breaks_gives_its_place_back(site):
    site.go.set()
    application = Admission(site, at_once=1)
    for _ in range(3):
        with pytest.raises(ValueError):  # noqa: PT011 the site's own
            ask(application, "/broken")
    assert ask(application)[0]["status"] == "200"


OTHERS = {"peer": "203.0.113.7"}


def test_a_network_has_its_own_places_before_the_common_ones(site):
    """Until an answer is closed; its neighbours share them, others and the machine itself do not miss them."""
    site.go.set()
    application = Admission(site, at_once=10, of_one_network=2)
    inside = [ask(application, peer=f"203.0.113.{number}") for number in (1, 2, 3)]
    assert [told["status"] for told, _answer in inside] == ["200", "200", "503"]
    assert ask(application, peer="198.51.100.1")[0]["status"] == "200"
    assert ask(application, "/static/css/app.css", **OTHERS)[0]["status"] == "200"
    assert [ask(application)[0]["status"] for _ in range(3)] == ["200"] * 3
    behind = {"HTTP_X_FORWARDED_FOR": "192.0.2.1"}  # a proxy that PROXIES does not know of
    assert [ask(application, **behind)[0]["status"] for _ in range(3)] == ["200", "200", "503"]
    inside[0][1].close()
    assert ask(application, **OTHERS)[0]["status"] == "200"


def test_a_network_downloads_few_files_at_a_time(site):
    site.go.set()
    application = Admission(site)
    files = [ask(application, "/export/snapshots.csv", **OTHERS) for _ in range(4)]
    assert [told["status"] for told, _answer in files] == ["200", "200", "200", "503"]
    assert ask(application, **OTHERS)[0]["status"] == "200"
    assert ask(application, "/export/snapshots.csv", peer="198.51.100.1")[0]["status"] == "200"
    files[0][1].close()
    assert ask(application, "/export/snapshots.csv", **OTHERS)[0]["status"] == "200"


@pytest.mark.faults
def test_far_more_than_there_are_threads(process_env):
    """Against gunicorn as it is configured, one process: every request is answered, those beyond its places with 503."""
    env = process_env | {
        "PORT": str(free_port()),
        "WEB_WORKERS": "1",
        "DEBUG": "1",
        "PYTHONPATH": str(BASE_DIR),
    }
    base = f"http://127.0.0.1:{env['PORT']}"
    found = []

    def read():
        client = http.client.HTTPConnection("127.0.0.1", int(env["PORT"]), timeout=120)
        client.request("GET", "/en/status/")
        answer = client.getresponse()
        answer.read()
        client.close()
        found.append((answer.status, answer.headers.get("Retry-After")))

    with running("-m", "gunicorn", "-c", "kzmedia/processes/gunicorn.conf.py", env=env) as process:
        wait_for(lambda: answers(base), 120, "gunicorn")
        readers = [threading.Thread(target=read) for _ in range(150)]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "LOCK tracking_collection"
            )  # which the page reads: nobody is done before all have asked
            for reader in readers:
                reader.start()
            wait_for(lambda: len(found) == 150 - admission.AT_ONCE, 120, "those who are sent away")
        for reader in readers:
            reader.join()
        assert process.poll() is None
        assert httpx.get(f"{base}/en/method/").status_code == 200
    assert Counter(found) == {(200, None): admission.AT_ONCE, (503, "5"): 150 - admission.AT_ONCE}


def answers(base):
    try:
        return httpx.get(f"{base}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
