"""Pages that are kept: never stale, never anybody else's, and none the worse without Redis."""

import gzip
import re
import threading
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.cache import caches
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.collecting.models import Collection
from apps.common.breaker import redis_breaker
from apps.common.turns import FairTurns
from apps.context.models import Claim, Event, Indicator, IndicatorValue
from apps.dashboard import forms, page_cache
from apps.dashboard.compare_form import CompareForm
from apps.registry.models import Account, Actor, Group, Source
from apps.snapshots.models import Correction, Snapshot
from apps.standings import cache_version
from apps.users import audit
from tests import reference
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_source

pytestmark = pytest.mark.django_db

PAGES = ["", "standings/", "groups/", "groups/abenov-vs-agencies/", "actors/", "actors/abenov/", "data/", "search/?q=a", "corrections/", "method/"]  # fmt: skip


@pytest.fixture(autouse=True)
def keeping_on(settings, monkeypatch):
    """Keep pages in a database of Redis that no other test empties, under a prefix of this test's own."""
    settings.PAGE_CACHE_SECONDS = 60
    pages = settings.CACHES["pages"]
    apart = re.sub(r"\d+$", "15", pages["LOCATION"])
    settings.CACHES = {
        **settings.CACHES,
        "pages": {**pages, "LOCATION": apart, "KEY_PREFIX": f"test-{uuid4()}"},
    }
    forget_pages()


def forget_pages():
    """Throw out kept pages, and nothing else: other runs may use the same Redis."""
    caches["memory"].clear()
    client = caches["pages"]._cache.get_client()
    if keys := client.keys(f"{caches['pages'].key_prefix}*"):
        client.delete(*keys)


@pytest.fixture
def no_redis(settings):
    settings.CACHES = {
        **settings.CACHES,
        "pages": {**settings.CACHES["pages"], "LOCATION": "redis://127.0.0.1:1/0"},
    }


def statements(client, address, **headers):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address, headers=headers)
    assert response.status_code in (200, 304)
    return len(captured), response


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["kk", "en"])
def test_a_page_is_made_once(client, table2, page, language):
    first, made = statements(client, f"/{language}/{page}")
    again, kept = statements(client, f"/{language}/{page}")
    assert again == 1 <= first
    assert kept.content == made.content
    assert kept["ETag"] == made["ETag"]
    for response in (made, kept):
        assert response["Content-Type"] == "text/html; charset=utf-8"
        assert response["Cache-Control"] == "public, no-cache"
        assert {"Cookie", "Accept-Encoding"} <= set(response["Vary"].split(", "))
        assert response["Content-Language"] == language
        assert "default-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("page", PAGES)
def test_who_has_the_page_is_told_so_without_it_being_made(client, table2, page):
    etag = client.get(f"/en/{page}")["ETag"]
    forget_pages()
    count, response = statements(client, f"/en/{page}", if_none_match=etag)
    assert (count, response.status_code, response.content) == (1, 304, b"")
    assert response["ETag"] == etag


def test_status_is_always_made_anew(client):
    assert "ETag" not in client.get("/en/status/")


AT = datetime(2026, 11, 20, tzinfo=UTC)


def correct(django_user_model):
    Correction.objects.create(
        snapshot=Snapshot.objects.first(),
        old={},
        new={},
        reason="r",
        at=AT,
        by=django_user_model.objects.create_user("e"),
    )


WRITES = {
    "a new count": lambda _: make_snapshot(Account.objects.first(), timezone.localdate(), 77),
    "another count": lambda _: Snapshot.objects.filter(followers=39000).update(followers=39001),
    "a count taken back": lambda _: Snapshot.objects.filter(followers=39000).delete(),
    "a correction": correct,
    "a new actor": lambda _: make_actor("new"),
    "a renamed actor": lambda _: Actor.objects.filter(slug="abenov").update(name_en="Somebody"),
    "a description": lambda _: Actor.objects.filter(slug="abenov").update(description_en="Long"),
    "a hidden actor": lambda _: Actor.objects.filter(slug="abenov").update(hidden=True),
    "pinned peers": lambda _: Actor.objects.get(slug="abenov").peers.add(Actor.objects.get(slug="labor")),
    "a new account": lambda _: make_account("other"),
    "a handle": lambda _: Account.objects.update(title="T"),
    "a group's title": lambda _: Group.objects.update(title_en="Other"),
    "a group's members": lambda _: Group.objects.get().members.clear(),
    "a new group": lambda _: make_group("more"),
    "a source's licence": lambda _: Source.objects.update(licence="CC0"),
    "an event": lambda _: Event.objects.create(key="e", starts="2019-01-01", title_en="E"),
    "a claim": lambda _: Claim.objects.create(actor=Actor.objects.first(), comparator=Actor.objects.last(), platform="x", relation="more", source=make_source()),
    "an indicator": lambda _: IndicatorValue.objects.create(indicator=Indicator.objects.create(key="i", label_en="I", unit="u"), geo="KZ", day="2022-01-01", value=5, source=make_source()),
    "a reading": lambda _: Collection.objects.update(last_success_at=timezone.now()),
}  # fmt: skip


ONE_RULE = [
    "/en/actors/",
    "/export/standings.csv",
    "/export/snapshots.zip",
    "/api/v1/actors/",
    "/embed/standings?platform=facebook",
]


@pytest.mark.parametrize("what", WRITES)
def test_nothing_kept_is_served_after_a_write(client, django_user_model, table2, what):
    Collection.objects.create(account=Account.objects.first(), due_at=AT)
    etags = {address: client.head(address)["ETag"] for address in ONE_RULE}
    WRITES[what](django_user_model)
    for address, etag in etags.items():
        response = client.head(address, headers={"if-none-match": etag})
        assert response.status_code == 200, address
        assert response["ETag"] != etag, address


@pytest.mark.parametrize("address", ONE_RULE)
def test_other_terms_or_another_version_make_other_answers(client, table2, settings, monkeypatch, address):
    etag = client.head(address)["ETag"]
    assert client.head(address)["ETag"] == etag
    settings.YOUTUBE_TERMS = "30d"
    assert client.head(address)["ETag"] != etag
    settings.YOUTUBE_TERMS = ""
    assert client.head(address)["ETag"] == etag
    monkeypatch.setattr(cache_version, "version", lambda: "2")
    assert client.head(address)["ETag"] != etag


def test_programs_writes_are_looked_at_now_and_then_and_a_persons_at_once(
    client, table2, settings, django_user_model
):
    settings.PAGE_LAG_SECONDS = 60
    editor = django_user_model.objects.create_user("e")
    first = client.get("/en/actors/")
    Actor.objects.filter(slug="abenov").update(name_en="Read By A Program")
    again = client.get("/en/actors/")
    assert (again["ETag"], again.content) == (first["ETag"], first.content)
    with audit.acting(editor):
        Actor.objects.filter(slug="labor").update(name_en="Set By Hand")
    now = client.get("/en/actors/")
    assert now["ETag"] != first["ETag"]
    assert "Set By Hand" in now.text
    assert "Read By A Program" in now.text
    Actor.objects.filter(slug="abenov").update(name_en="Read Again")
    assert client.get("/en/actors/")["ETag"] == now["ETag"]
    forget_pages()
    assert "Read Again" in client.get("/en/actors/").text


def test_a_lease_is_on_no_page(client, table2):
    Collection.objects.create(account=Account.objects.first(), due_at=AT)
    before = cache_version.of_pages()
    Collection.objects.update(due_at=AT + timedelta(days=1), leased_until=AT)
    assert cache_version.of_pages() == before


def test_a_write_that_is_undone_leaves_what_is_kept(client, table2):
    etag = client.get("/en/")["ETag"]
    undo = transaction.savepoint()
    Actor.objects.update(name_en="Other")
    assert client.get("/en/")["ETag"] != etag
    transaction.savepoint_rollback(undo)
    assert client.get("/en/")["ETag"] == etag


# On no public page, or written by the triggers themselves.
NOT_ON_PAGES = {
    "tracking_attempt",
    "tracking_membership",
    "tracking_run",
    "tracking_platformstate",
    "tracking_addition",
    "tracking_handturn",
    "tracking_screenshot",
    "tracking_importbatch",
    "tracking_importedrow",
    "context_loadedrow",
    "collecting_serverstate",
    "intake_rememberedreading",
    "registry_impostor",
    "registry_proposal",
    "registry_sitevisit",
    "snapshots_latest",
}


def test_every_table_that_pages_may_show_counts_its_writes():
    tables = {
        model._meta.db_table
        for app in (*reference.DATA_APPS, "exports")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname IN ('standings_page', 'standings_inserted')"
        )
        counted = {table for (table,) in cursor.fetchall()}
    assert tables - NOT_ON_PAGES | {"ledger_seal"} == counted  # its newest number is on every page


def test_a_new_day_makes_new_pages(client, table2, monkeypatch):
    etag = client.get("/en/")["ETag"]
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda *_instant: tomorrow)
    assert client.get("/en/")["ETag"] != etag


def test_the_same_address_written_otherwise_is_the_same_page(client, table2):
    pages = {
        client.get(address)["ETag"]
        for address in (
            "/en/standings/?platform=x&since=1y",
            "/en/standings/?since=1y&platform=x",
            "/en/standings/?platform=x&since=1y&q=&kind=",
        )
    }
    assert len(pages) == 1
    assert client.get("/en/standings/?platform=vk&since=1y")["ETag"] not in pages
    assert client.get("/ru/standings/?platform=x&since=1y")["ETag"] not in pages
    assert (
        client.get("/en/standings/?platform=x&since=1y", headers={"host": "localhost"})["ETag"] not in pages
    )


def test_repeated_parameters_keep_their_order(client, table2):
    one = client.get("/en/standings/?kind=party&kind=media")["ETag"]
    assert client.get("/en/standings/?kind=media&kind=party")["ETag"] != one


def test_who_is_signed_in_never_gets_a_kept_page(client, admin_client, table2):
    assert "Sign in" in client.get("/en/").content.decode()
    own = admin_client.get("/en/")
    assert "Sign out" in own.content.decode()
    assert "ETag" not in own
    assert "private" in own["Cache-Control"]
    assert "Sign out" not in client.get("/en/").content.decode()
    assert "Sign out" not in Client().get("/en/", headers={"if-none-match": 'W/"x"'}).content.decode()


def test_nothing_but_whole_pages_is_kept(client, table2):
    for address, status in (("/en/actors/nobody/", 404), ("/en/search/?q=" + "a" * 600, 200)):
        for _again in range(2):
            response = client.get(address)
            assert response.status_code == status
            assert "ETag" not in response
    assert client.post("/en/").status_code == 405


def test_head_is_the_page_without_its_body(client, table2):
    etag = client.get("/en/")["ETag"]
    response = client.head("/en/")
    assert (response["ETag"], response.content) == (etag, b"")


def test_packed_for_those_who_can_unpack(client, table2):
    plain = client.get("/en/")
    packed = client.get("/en/", headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert "Content-Encoding" not in plain


def test_without_redis_pages_are_kept_in_memory(client, table2, no_redis):
    began = time.monotonic()
    first, made = statements(client, "/en/")
    again, kept = statements(client, "/en/")
    assert again == 1 < first
    assert made.content == kept.content
    assert time.monotonic() - began < 5
    assert redis_breaker.is_open


def test_redis_is_asked_again_after_a_rest(client, table2, monkeypatch):
    redis_breaker.trip()
    client.get("/en/")
    redis_breaker.reset()
    assert statements(client, "/en/")[0] == 1  # what the memory holds meanwhile is not lost


def test_of_many_who_ask_at_once_one_makes_the_page(client, table2, monkeypatch):
    key = []
    monkeypatch.setattr(page_cache, "recall", lambda asked: key.append(asked))
    client.get("/en/method/")  # what it is kept under
    monkeypatch.undo()
    forget_pages()
    mark = f"{key[0]}-making"
    caches["pages"].set(mark, b"1", 60)
    looks = []

    def another_makes_it(seconds):
        looks.append(seconds)
        if len(looks) == 3:
            page_cache.keep(key[0], page_cache.Page("k" * 64, 0, page_cache.pack(b"made by another")).dumps())
            caches["pages"].delete(mark)

    monkeypatch.setattr(page_cache.time, "sleep", another_makes_it)
    assert client.get("/en/method/").content == b"made by another"
    assert len(looks) == 3


def test_who_waits_for_a_page_that_does_not_come_makes_it(client, table2, monkeypatch):
    asked = []
    monkeypatch.setattr(page_cache, "recall", lambda key: asked.append(key))
    monkeypatch.setattr(
        page_cache.time, "sleep", lambda seconds: caches["pages"].delete(f"{asked[0]}-making")
    )
    monkeypatch.setattr(page_cache, "turn_to_make", marked(page_cache.turn_to_make))
    assert b"</html>" in client.get("/en/method/").content


def test_while_one_makes_a_page_anew_the_others_get_it_as_it_was(client, table2, monkeypatch):
    first = client.get("/en/actors/")
    Actor.objects.filter(slug="abenov").update(name_en="Read By A Program")
    shared = page_cache.call_cache
    monkeypatch.setattr(page_cache, "call_cache", lambda name, *given: name != "add" and shared(name, *given))
    again = client.get("/en/actors/")
    assert (again["ETag"], again.content) == (first["ETag"], first.content)
    assert client.get("/en/actors/", headers={"if-none-match": first["ETag"]}).status_code == 304
    monkeypatch.undo()
    assert "Read By A Program" in client.get("/en/actors/").text


def marked(making):
    """Mark a page as one that somebody had begun to make, and failed."""

    def begun(key, *turn, **awaited):
        caches["pages"].set(f"{key}-making", b"1", 60)
        return making(key, *turn, **awaited)

    return begun


@pytest.mark.parametrize("page", ["method/", "actors/nobody/"])
def test_nothing_is_left_behind_of_making_a_page(client, table2, page):
    client.get(f"/en/{page}")
    assert not caches["pages"]._cache.get_client().keys(f"{caches['pages'].key_prefix}*-making")


def test_what_redis_holds_is_the_packed_page_and_nothing_to_run(client, table2):
    etag = client.get("/en/")["ETag"]
    store = caches["pages"]
    raw = store._cache.get_client().keys(f"{store.key_prefix}*")
    assert len(raw) == 1
    held = store._cache.get_client().get(raw[0])
    assert held.startswith(etag[3:-1].encode())
    assert held[76:78] == b"\x1f\x8b"


# An address counts by what its page depends on.

SAME = {
    "/en/standings/": ["?x=1", "?utm_source=a&fbclid=b", "?platform=", "?fresh=", "?x=" + "a" * 900, "?PLATFORM=facebook"],
    "/en/standings/?platform=facebook": ["?platform=facebook&x=2", "?platform=vk&platform=facebook", "?platform=+facebook"],
    "/en/standings/?fresh=1": ["?fresh=on", "?fresh=yes&fresh=2"],
    "/en/actors/?page=1": ["?page=01", "?page=%2B1", "?page=1&from=1y"],
    "/en/actors/abenov/?from=1y": ["?from=1y&days=3", "?x=1&from=1y"],
    "/en/compare/?actor=abenov&actor=president": ["?x=1&actor=abenov&actor=president"],
    "/en/method/": ["?x=1", "?platform=facebook"],
    "/en/data/": ["?page=3"],
}  # fmt: skip


@pytest.mark.parametrize(("page", "query"), [(page, query) for page, some in SAME.items() for query in some])
def test_what_a_page_does_not_depend_on_makes_none(client, table2, page, query):
    _first, made = statements(client, page)
    again, kept = statements(client, page.partition("?")[0] + query)
    assert again == 1
    assert kept.content == made.content
    assert kept["ETag"] == made["ETag"]
    assert b"utm_source" not in kept.content


@pytest.mark.parametrize(
    "address",
    [
        "standings/?platform=friendster",
        "standings/?group=none-such",  # only the database knows
        "standings/?on=2022-13-01",
        "actors/?page=many",
        "compare/?highlight=%20a%20b",
    ],
)
def test_a_page_with_a_value_that_is_none_is_not_kept(client, table2, address):
    before = number_kept()
    first, made = statements(client, f"/en/{address}")
    again, _made = statements(client, f"/en/{address}")
    assert min(first, again) > 1
    assert "has been ignored" in made.content.decode()
    assert number_kept() == before


def number_kept():
    redis = caches["pages"]._cache.get_client()
    return len(redis.keys(f"{caches['pages'].key_prefix}*"))


def test_every_field_of_a_page_is_known_to_its_address():
    for form in (forms.StandingsForm, forms.ActorForm, forms.GroupForm, forms.OverviewForm, CompareForm):
        made = form(QueryDict(""))
        given = QueryDict(urlencode([(name, "1") for name in made.fields]))
        assert {name for name, _value in form.canonical(given)[0]} == set(made.fields)


def test_a_crowd_of_one_network_waits_for_itself():
    turns, order = FairTurns(), []
    assert turns.acquire("first", 0)
    assert not turns.acquire("other", 0)

    def wait(who):
        assert turns.acquire(who, 10)
        order.append(who)
        turns.release()

    waiting = []
    for who in ["crowd"] * 5 + ["reader"]:
        waiting.append(threading.Thread(target=wait, args=(who,)))
        waiting[-1].start()
        while sum(map(len, turns._waiting.values())) < len(waiting):
            time.sleep(0.01)
    assert not turns.acquire("late", 0.05)
    turns.release()
    for thread in waiting:
        thread.join()
    assert order == ["crowd", "reader", "crowd", "crowd", "crowd", "crowd"]
    assert turns.acquire("last", 0)
