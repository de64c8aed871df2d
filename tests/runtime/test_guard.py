"""What stands before every page: headers, sizes, pace."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from apps.common import rates
from apps.common.breaker import redis_breaker

pytestmark = pytest.mark.django_db

STRANGER = {"REMOTE_ADDR": "203.0.113.7"}
NEIGHBOUR = {"REMOTE_ADDR": "203.0.113.200"}  # of the same /24
ELSEWHERE = {"REMOTE_ADDR": "198.51.100.7"}


@pytest.fixture
def counted(settings, monkeypatch):
    """Set small rates."""
    rates._counter.cache_clear()
    settings.PAGE_RATES = {
        "PAGES": "3/minute", "SEARCH": "2/minute", "FILES": "2/minute", "SIGN_IN": "2/minute"
    }  # fmt: skip
    yield settings
    rates._counter.cache_clear()


def statuses(client, address, times, **more):
    return [client.get(address, **more).status_code for _time in range(times)]


def test_a_network_is_asked_to_wait(client, counted):
    assert statuses(client, "/en/method/", 3, **STRANGER) == [200] * 3
    refused = client.get("/en/method/", **NEIGHBOUR)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "Too many requests" in refused.content.decode()
    assert client.get("/en/method/", **ELSEWHERE).status_code == 200


def test_of_ipv6_a_56_is_one_network(client, counted):
    for last in ("1", "2", "3"):
        client.get("/en/method/", REMOTE_ADDR=f"2001:db8:0:1{last}::1")
    assert client.get("/en/method/", REMOTE_ADDR="2001:db8:0:1f::1").status_code == 429
    assert client.get("/en/method/", REMOTE_ADDR="2001:db8:0:100::1").status_code == 200


@pytest.mark.parametrize(("address", "most"), [("/en/search/?q=a", 2), ("/oembed", 2), ("/en/standings/", 3)])
def test_each_kind_has_its_own_rate(client, counted, address, most):
    found = statuses(client, address, most + 1, **STRANGER)
    assert found.index(429) == most
    assert client.get("/en/method/", **STRANGER).status_code == (429 if most == 3 else 200)


def test_who_is_signed_in_is_not_counted_and_a_made_up_cookie_is(client, counted):
    client.force_login(get_user_model().objects.create_user("bob"))
    assert statuses(client, "/en/method/", 5, **STRANGER) == [200] * 5
    liar = Client()
    liar.cookies[counted.SESSION_COOKIE_NAME] = "made-up"
    assert statuses(liar, "/en/method/", 4, **STRANGER) == [200, 200, 200, 429]


def test_passwords_are_sent_at_a_rate_of_their_own(client, counted):
    sent = [client.post("/en/accounts/login/", {"login": "a", "password": "b"}, **STRANGER) for _ in range(3)]
    assert [one.status_code for one in sent] == [200, 200, 429]
    assert client.get("/en/accounts/login/", **STRANGER).status_code == 200


def test_without_redis_nobody_is_turned_away(client, counted):
    counted.REDIS_URL = "redis://127.0.0.1:1/0"
    assert statuses(client, "/en/method/", 5, **STRANGER) == [200] * 5
    assert redis_breaker.is_open


def test_the_machine_itself_is_not_counted(client, counted):
    assert statuses(client, "/en/method/", 5, REMOTE_ADDR="127.0.0.1") == [200] * 5


@pytest.mark.parametrize(("language", "words"), [("en", "Too many requests"), ("ru", "<h1>"), ("kk", "<h1>")])
def test_it_is_said_in_the_reader_s_language(client, counted, language, words):
    counted.PAGE_RATES = {**counted.PAGE_RATES, "PAGES": "1/minute"}
    statuses(client, f"/{language}/method/", 1, **STRANGER)
    page = client.get(f"/{language}/method/", **STRANGER).content.decode()
    assert f'<html lang="{language}">' in page
    assert words in page


def test_too_long_an_address(client):
    answer = client.get("/en/standings/?q=" + "a" * 4000)
    assert answer.status_code == 414
    assert "too long" in answer.content.decode()


def test_too_large_a_request(client, settings):
    settings.LARGEST_REQUEST = 1000
    answer = client.post("/en/accounts/login/", {"login": "a" * 2000, "password": "b"})
    assert answer.status_code == 413
    assert "too large" in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/admin/registry/actor/?kind=%00",
        "/admin/registry/actor/?q=%00",
        "/admin/snapshots/snapshot/?day__gte=%00",
    ],
)
def test_a_nul_is_no_word(client, address):
    client.force_login(get_user_model().objects.create_superuser("editor"))
    answer = client.get(address)
    assert answer.status_code == 400
    assert "cannot be read" in answer.content.decode()


def test_headers_of_a_page(client):
    headers = client.get("/en/").headers
    assert "unsafe" not in headers["Content-Security-Policy"]
    policy = dict(part.split(maxsplit=1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


def test_what_other_sites_show_may_be_read_by_them(client):
    for address in ("/oembed", "/embed/nowhere", "/api/v1/"):
        assert client.get(address).headers["Cross-Origin-Resource-Policy"] == "cross-origin"
