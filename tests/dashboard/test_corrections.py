"""Corrections are public: as a page and as a feed, in three languages."""

import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime, timedelta

import pytest

from apps.snapshots.models import Correction
from tests.builders import make_account, make_actor, make_snapshot

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
AT = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)  # the 21st in Almaty


@pytest.fixture
def correct(django_user_model):
    """Make a correction of a new snapshot of the account."""
    editor = django_user_model.objects.create_user("secretname", "secret@example.org")

    def make(account, *, old=10, new=1000, reason="A slip of the pen", at=AT):
        snapshot = make_snapshot(account, (at - timedelta(days=30)).date(), new)
        return Correction.objects.create(
            snapshot=snapshot,
            old={"state": "counted", "followers": old, "bound": "="},
            new={"state": "counted", "followers": new, "bound": "="},
            reason=reason,
            by=editor,
            at=at,
        )

    return make


@pytest.fixture
def ministry():
    actor = make_actor("ministry", name_en="Ministry", name_ru="Министерство", name_kk="Министрлік")
    return make_account(actor, platform="telegram", handle="minpage")


def page_of(client, address="/en/corrections/"):
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_opens_when_nothing_is_corrected(client, language):
    page = page_of(client, f"/{language}/corrections/")
    assert f'href="/feeds/corrections.atom?lang={language}"' in page
    assert "<table" not in page


def test_no_post(client):
    assert client.post("/en/corrections/").status_code == 405


def test_page_says_all_but_who_by_name(client, correct, ministry):
    correct(ministry)
    page = page_of(client)
    for said in [
        "/en/actors/ministry/",
        "Telegram",
        "minpage",
        "<del>10</del>",
        ">1,000</td>",
        "A slip of the pen",
    ]:
        assert said in page
    assert "by an editor" in page
    assert "21\u00a0Nov\u00a02026" in page
    assert "secret" not in page


def test_newest_first_and_paged(client, correct):
    for number in range(52):
        correct(make_account(f"body-{number:02}"), at=AT + timedelta(hours=number))
    first = page_of(client)
    assert first.index("body-51 en") < first.index("body-50 en")
    assert "body-01 en" not in first
    assert "body-01 en" in page_of(client, "/en/corrections/?page=2")
    assert "has been ignored" in page_of(client, "/en/corrections/?page=x")


def test_hidden_actors_are_left_out(client, correct):
    correct(make_account(make_actor("gone", hidden=True)))
    assert "gone" not in page_of(client)
    assert "gone" not in client.get("/feeds/corrections.atom").content.decode()


def test_reason_is_escaped(client, correct, ministry):
    correct(ministry, reason="<script>alert(1)</script>\x0b")
    assert "<script>alert" not in page_of(client)
    assert feed_of(client).find(f"{ATOM}entry/{ATOM}summary").text == "<script>alert(1)</script>"


def feed_of(client, address="/feeds/corrections.atom"):
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(response.content)  # noqa: S314 our own text


@pytest.mark.parametrize(
    ("query", "language", "said"),
    [
        ("", "en", "Ministry, Telegram, 21\u00a0Oct\u00a02026: 10 is now 1,000"),
        ("?lang=ru", "ru", "Министерство"),
        ("?lang=kk", "kk", "Министрлік"),
    ],
)
def test_feed_speaks_three_languages(client, correct, ministry, query, language, said):
    correct(ministry)
    feed = feed_of(client, f"/feeds/corrections.atom{query}")
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    assert said in feed.find(f"{ATOM}entry/{ATOM}title").text
    link = feed.find(f"{ATOM}entry/{ATOM}link").get("href")
    assert link == f"http://testserver/{language}/actors/ministry/"


def test_feed_has_what_atom_demands(client, correct, ministry):
    correct(ministry)
    correct(ministry, at=AT + timedelta(seconds=1, days=1))
    feed = feed_of(client)
    for name in ("id", "title", "updated"):
        assert feed.find(f"{ATOM}{name}").text
        assert all(entry.find(f"{ATOM}{name}").text for entry in feed.iter(f"{ATOM}entry"))
    assert {link.get("rel") for link in feed.findall(f"{ATOM}link")} == {"self", "alternate"}
    ids = [entry.find(f"{ATOM}id").text for entry in feed.iter(f"{ATOM}entry")]
    assert len(set(ids)) == 2
    in_kazakh = [
        entry.find(f"{ATOM}id").text
        for entry in feed_of(client, "/feeds/corrections.atom?lang=kk").iter(f"{ATOM}entry")
    ]
    assert ids == in_kazakh
    assert (
        feed.findall(f"{ATOM}entry")[1].find(f"{ATOM}published").text.startswith("2026-11-20T20:30:00+00:00")
    )


def test_feed_of_nothing(client):
    assert feed_of(client).findall(f"{ATOM}entry") == []


@pytest.mark.parametrize("address", ["/en/corrections/", "/feeds/corrections.atom"])
def test_cost_does_not_grow(client, count_queries, correct, ministry, address):
    correct(ministry)
    few = count_queries(address)
    for number in range(20):
        correct(make_account(f"body-{number}"))
    assert count_queries(address) == few
