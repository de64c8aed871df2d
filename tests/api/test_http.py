"""Errors of one shape, conditional answers, other sites' pages, tokens, throttles."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.api import throttling, tokens
from apps.api.models import ApiToken, Scope
from apps.common.breaker import redis_breaker
from apps.registry.models import Account, Actor, Source
from tests.api.conftest import V1
from tests.builders import make_account, make_actor, make_snapshot, make_snapshots

pytestmark = pytest.mark.django_db


def wrong(response):
    """Return the error of an answer, which has no other shape than this."""
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert list(body) == ["error"]
    assert set(body["error"]) in ({"code", "message"}, {"code", "message", "fields"})
    assert body["error"]["message"].endswith(".") or "“" in body["error"]["message"]
    return body["error"]


BAD = {
    "platform=myspace": "platform",
    "lang=": "lang",
    "q=%20": "q",
    "on=2022%0A": "on",
    "fresh=%201": "fresh",
    "kind=nobody": "kind", "actor=nobody": "actor", "group=none": "group",
    "region=none": "region", "on=yesterday": "on", "on=2022-02-30": "on", "on=0000": "on", "on=1899": "on",
    "on=9999-12-31": "on", "since=2100": "since", "rows=all": "rows", "fresh=maybe": "fresh", "limit=0": "limit",
    "limit=1001": "limit", "limit=1e3": "limit", "limit=" + "9" * 5000: "limit", "cursor=x": "cursor",
    "cursor=W1td": "cursor", "cursor=WzEsInhcdTAwMDAiXQ": "cursor", "q=%00": "q", "q=...": "q", "q=" + "a" * 101: "q",
    "x=1": "x", "%00=1": "\ufffd", "lang=de": "lang", "on=2022&on=2023": "on", "reference=nobody": "reference",
    "actor=%00": "actor", "platform=%FF": "platform",
}  # fmt: skip


@pytest.mark.parametrize("query", BAD)
def test_a_bad_value_is_a_sentence_that_names_its_parameter(client, query):
    error = wrong(client.get(f"{V1}standings/?{query}"))
    assert error["code"] == "bad_request"
    assert list(error["fields"]) == [BAD[query]]
    assert BAD[query] in error["message"]


@pytest.mark.parametrize("query", ["account=99999999999999999999", "from=2023&to=2022", "cursor=WzEsMiwzXQ"])
def test_bad_values_of_snapshots(client, query):
    assert client.get(f"{V1}snapshots/?{query}").status_code == 400


def test_sentences_in_the_language_asked_for(client):
    assert client.get(f"{V1}actors/?lang=ru&limit=0")["Content-Language"] == "ru"


@pytest.mark.parametrize(
    ("method", "address", "headers", "status", "code"),
    [
        ("get", "nothing/", {}, 404, "not_found"),
        ("get", "actors/nobody/", {}, 404, "not_found"),
        ("get", f"accounts/{'9' * 30}/", {}, 404, "not_found"),
        ("get", f"accounts/{'9' * 5000}/", {}, 404, "not_found"),
        ("post", "nothing", {}, 404, "not_found"),
        ("delete", "actors/", {}, 405, "method_not_allowed"),
        ("post", "actors/", {}, 405, "method_not_allowed"),
        ("get", "actors/", {"accept": "text/html"}, 406, "not_acceptable"),
        ("get", "actors/", {"authorization": "Bearer kzm_no"}, 401, "not_authenticated"),
        ("get", "actors/", {"authorization": "Bearer"}, 401, "not_authenticated"),
        ("get", "actors/", {"authorization": "Bearer қ"}, 401, "not_authenticated"),
        ("post", "snapshots/", {}, 401, "not_authenticated"),
    ],
)
def test_every_error_has_one_shape(client, method, address, headers, status, code):
    response = getattr(client, method)(V1 + address, headers=headers)
    assert response.status_code == status
    assert wrong(response)["code"] == code
    if status == 401:
        assert response["WWW-Authenticate"].startswith("Bearer")
    if status == 405:
        assert "GET" in response["Allow"]


@pytest.mark.parametrize(
    "path", ["", "actors/", "snapshots/", "actors/nobody/", "schema/", "sources/koshkenov2022/"]
)
def test_an_address_answers_without_its_last_slash_too(client, path):
    with_slash, without = client.get(V1 + path), client.get((V1 + path).rstrip("/"))
    assert without.status_code == with_slash.status_code
    assert without.content.replace(b"/?", b"?") == with_slash.content.replace(b"/?", b"?")
    assert client.get(f"{V1}nothing").status_code == 404


def test_without_the_database_it_says_when_to_ask_again(client, monkeypatch):
    def gone():
        raise OperationalError

    monkeypatch.setattr("apps.api.base.cache_version.of_pages", gone)
    response = client.get(f"{V1}actors/")
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert wrong(response)["code"] == "unavailable"


# Conditional answers, caches, other sites' pages


def test_nothing_new_is_told_by_one_statement(client):
    make_account("a")
    etag = client.get(f"{V1}actors/?limit=5")["ETag"]
    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"{V1}actors/?limit=5", headers={"if-none-match": etag})
    assert (response.status_code, response.content, len(queries)) == (304, b"", 1)
    assert response["ETag"] == etag
    assert response["Cache-Control"] == "public, no-cache"
    assert client.get(f"{V1}actors/?limit=6", headers={"if-none-match": etag}).status_code == 200


def test_a_star_does_not_stand_for_what_there_is_not(client):
    star = {"if-none-match": "*"}
    assert client.get(f"{V1}actors/nobody/", headers=star).status_code == 404
    assert client.get(f"{V1}actors/?limit=0", headers=star).status_code == 400
    assert client.get(f"{V1}actors/", headers=star).status_code == 304


@pytest.mark.parametrize(
    "write",
    [
        lambda: make_snapshot(Account.objects.get(), "2026-11-01", 7),
        lambda: Actor.objects.update(name_en="Other"),
        lambda: Source.objects.create(key="new", kind="press", title="T"),
    ],
)
def test_after_a_write_the_answer_is_another(client, write):
    make_account("a")
    etag = client.get(f"{V1}standings/")["ETag"]
    write()
    assert client.get(f"{V1}standings/", headers={"if-none-match": etag}).status_code == 200


def test_other_terms_are_another_answer(client, settings):
    settings.X_TERMS, settings.YOUTUBE_TERMS = "standard", "30d"
    etag = client.get(f"{V1}snapshots/")["ETag"]
    settings.YOUTUBE_TERMS = "approved"
    assert client.get(f"{V1}snapshots/")["ETag"] != etag


def test_head_is_the_answer_without_its_body(client):
    response = client.head(f"{V1}actors/")
    assert (response.status_code, response.content) == (200, b"")
    assert response["ETag"]


def test_packed_for_those_who_can_unpack(client):
    for number in range(9):
        make_actor(f"a{number}")
    response = client.get(f"{V1}actors/", headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response["Vary"]


def test_other_sites_pages_may_read(client):
    for address in ("actors/", "actors/nobody/", "actors/?x=1"):
        assert client.get(V1 + address)["Access-Control-Allow-Origin"] == "*"
    preflight = client.options(f"{V1}actors/", headers={"origin": "https://e.org"})
    assert preflight.status_code == 204
    assert preflight["Access-Control-Allow-Headers"] == "Authorization, If-None-Match"
    assert "POST" not in preflight["Access-Control-Allow-Methods"]


# Tokens


def ask(client, key, method="get", address="actors/", **more):
    return getattr(client, method)(V1 + address, headers={"authorization": f"Bearer {key}"}, **more)


def test_of_a_key_only_a_hash_is_kept(collector):
    token, key = tokens.make(collector, "n", [Scope.READ], None)
    assert key.startswith(token.prefix)
    assert len(key) > 43
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM api_apitoken t")
        kept = cursor.fetchone()[0]
    assert key not in kept
    assert key.rpartition("_")[2] not in kept


@pytest.mark.parametrize(
    "end",
    [
        lambda token: ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1)),
        lambda token: tokens.revoke([token]),
        lambda token: type(token.user).objects.update(is_active=False),
        lambda token: token.delete(),
    ],
)
def test_a_token_that_is_no_longer_in_force_opens_nothing(client, collector, end):
    token, key = tokens.make(collector, "n", [Scope.READ], timezone.now() + timedelta(days=1))
    assert ask(client, key).status_code == 200
    end(token)
    assert ask(client, key).status_code == 401


def test_last_use_is_noted_once_a_minute(client, collector):
    token, key = tokens.make(collector, "n", [Scope.READ], None)
    ask(client, key)
    token.refresh_from_db()
    first = token.last_used_at
    assert timezone.now() - first < timedelta(minutes=1)
    ask(client, key)
    token.refresh_from_db()
    assert token.last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=2))
    ask(client, key)
    token.refresh_from_db()
    assert token.last_used_at > first


def test_a_token_does_what_its_scopes_say(client, collector):
    reads = tokens.make(collector, "r", [Scope.READ], None)[1]
    writes = tokens.make(collector, "w", [Scope.WRITE_SNAPSHOTS], None)[1]
    assert ask(client, reads).status_code == 200
    assert ask(client, writes).status_code == 403
    body = {"data": "{}", "content_type": "application/json", "address": "snapshots/"}
    assert ask(client, reads, "post", **body).status_code == 403
    assert ask(client, writes, "post", **body).status_code == 400


def test_a_token_may_do_no_more_than_its_person(client, django_user_model):
    reader = django_user_model.objects.create_user("reader")
    key = tokens.make(reader, "w", [Scope.WRITE_SNAPSHOTS], None)[1]
    response = ask(client, key, "post", "snapshots/", data="{}", content_type="application/json")
    assert wrong(response)["code"] == "forbidden"


def test_csrf_guards_sessions_and_not_tokens(collector, key):
    client = Client(enforce_csrf_checks=True)
    client.force_login(collector)
    body = {"data": "{}", "content_type": "application/json"}
    response = client.post(f"{V1}snapshots/", **body)
    assert response.status_code == 403
    assert "CSRF" in wrong(response)["message"]
    assert ask(Client(enforce_csrf_checks=True), key, "post", "snapshots/", **body).status_code == 400


def test_the_desk_shows_a_key_once(admin_client, django_user_model):
    admin = django_user_model.objects.get(username="admin")
    form = {"user": admin.pk, "name": "Office", "scopes": ["read"], "expires_at_0": "2099-01-01", "expires_at_1": "00:00"}  # fmt: skip
    page = admin_client.post("/admin/api/apitoken/add/", form, follow=True).content.decode()
    token = ApiToken.objects.get()
    assert f"{token.prefix}_" in page
    assert (token.user, token.scopes, token.name) == (admin, ["read"], "Office")
    again = admin_client.get("/admin/api/apitoken/").content.decode()
    assert token.prefix in again
    assert f"{token.prefix}_" not in again
    admin_client.post("/admin/api/apitoken/", {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked_at


def test_the_desks_list_costs_the_same_for_many(admin_client, collector):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get("/admin/api/apitoken/").status_code == 200
        return len(queries)

    tokens.make(collector, "n", [Scope.READ], None)
    cost()
    few = cost()
    for _ in range(10):
        tokens.make(collector, "n", [Scope.READ], None)
    assert cost() == few


# Throttles


def statuses(ask, count):
    return [ask().status_code for _ in range(count)]


def test_each_asker_has_a_rate(client, settings, collector):
    settings.API_RATES = {"ANONYMOUS": "2/minute", "SIGNED_IN": "4/minute", "WRITES": "1/minute"}
    reader = tokens.make(collector, "r", [Scope.READ, Scope.WRITE_SNAPSHOTS], None)[1]
    other = tokens.make(collector, "o", [Scope.READ], None)[1]
    assert statuses(lambda: client.get(f"{V1}actors/"), 3) == [200, 200, 429]
    assert statuses(lambda: ask(client, reader), 5) == [200] * 4 + [429]
    assert ask(client, other).status_code == 200
    write = {"method": "post", "address": "snapshots/", "data": "{}", "content_type": "application/json"}
    assert statuses(lambda: ask(client, reader, **write), 2) == [400, 429]
    response = client.get(f"{V1}actors/")
    assert 1 <= int(response["Retry-After"]) <= 60
    assert wrong(response)["code"] == "throttled"


def test_guesses_of_keys_are_counted(client, settings):
    settings.API_RATES = {**settings.API_RATES, "ANONYMOUS": "2/minute"}
    assert statuses(lambda: ask(client, "kzm_guess"), 3) == [401, 401, 429]


def test_without_redis_each_process_counts_for_itself(client, settings, monkeypatch):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.API_RATES = {**settings.API_RATES, "ANONYMOUS": "2/day"}
    throttling._limiter.cache_clear()
    try:
        assert statuses(lambda: client.get(f"{V1}actors/"), 3) == [200, 200, 429]
        assert redis_breaker.is_open
    finally:
        throttling._limiter.cache_clear()


def test_neighbours_are_counted_as_one_here_too(client, settings):
    """By the same networks as pages: a /24, and a /56 of IPv6."""
    settings.API_RATES = {**settings.API_RATES, "ANONYMOUS": "2/minute"}

    def status(address):
        return client.get(f"{V1}actors/", REMOTE_ADDR=address).status_code

    assert [status(f"203.0.113.{last}") for last in (1, 2, 3)] == [200, 200, 429]
    assert status("198.51.100.1") == 200
    assert [status(f"2001:db8:0:{last}::1") for last in (1, 2, 3, 100)] == [200, 200, 429, 200]


def test_a_large_or_deep_or_broken_body_is_an_error(client, key):
    def sent(body, kind="application/json"):
        return ask(client, key, "post", "snapshots/", data=body, content_type=kind).status_code

    assert sent(b"[" * 100_000) == 400
    assert sent(b'{"rows": [' + b"9" * 5000 + b"]}") == 400
    assert sent(b'{"rows": "\xff"}') == 400
    assert sent(b'{"rows": NaN}') == 400
    assert sent(b"[]") == 400
    assert sent(b" " * (2 * 1024 * 1024 + 1)) == 413
    assert sent("rows=1", "application/x-www-form-urlencoded") == 415


def test_a_list_names_its_next_page_in_a_header(client):
    account = make_account()
    make_snapshots(account, {"2017": 1, "2018": 2})
    first = client.get("/api/v1/snapshots/?limit=1")
    assert first.headers["Link"].endswith(f'<{first.json()["next"]}>; rel="next"')
    assert 'rel="next"' not in client.get("/api/v1/snapshots/").headers["Link"]
