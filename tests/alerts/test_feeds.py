"""Feeds of what happened, read by feedparser and by the rules of RFC 4287 that the W3C's validator holds."""

import re
from datetime import date
from xml.etree import ElementTree

import feedparser
import pytest

from apps.alerts.models import Occurrence, OccurrenceKind
from apps.registry.models import OldSlug
from tests.alerts.conftest import make_occurrence
from tests.builders import make_actor, make_group

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@pytest.fixture
def ministries():
    """Provide two that passed each other, one of them hidden from nobody, in a group."""
    a, b = make_actor("a", name_en="A & <b>Co</b>", name_ru="А и Ко", name_kk="А қз"), make_actor("b")
    make_occurrence(OccurrenceKind.OVERTAKE, a, other=b)
    make_occurrence(OccurrenceKind.MILESTONE, b)
    make_occurrence(OccurrenceKind.WIDE)
    make_group("both", [a, b], title_en="Both")
    make_group("one", [a])
    return a, b


def read(client, address):
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return response


def titles(client, address):
    return [entry.title for entry in feedparser.parse(read(client, address).content).entries]


def hold_to_the_rules(content):
    """RFC 4287 4.1: what a feed and its entries must have, and at most once; every address absolute, ids unique."""
    feed = ElementTree.fromstring(content)  # noqa: S314 our own text
    assert feed.tag == f"{ATOM}feed"
    for element in [feed, *feed.findall(f"{ATOM}entry")]:
        for name in ("id", "title", "updated"):
            (found,) = element.findall(f"{ATOM}{name}")
            assert found.text.strip()
        assert RFC3339.fullmatch(element.find(f"{ATOM}updated").text)
        assert re.match(r"(https?://|urn:)", element.find(f"{ATOM}id").text)
        links = element.findall(f"{ATOM}link")
        assert all(link.get("href").startswith("http://testserver/") for link in links)
        kinds = [(link.get("rel", "alternate"), link.get("type"), link.get("hreflang")) for link in links]
        assert len(set(kinds)) == len(kinds)
        assert "alternate" in {kind for kind, _, _ in kinds}
    assert feed.find(f"{ATOM}author/{ATOM}name").text
    assert len([link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]) == 1
    ids = [one.text for one in feed.iter(f"{ATOM}id")]
    assert len(set(ids)) == len(ids)
    return feed


@pytest.mark.parametrize(
    ("address", "count"),
    [("site", 3), ("actors/a", 1), ("actors/b", 2), ("groups/both", 2), ("groups/one", 0)],
)
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_feed_is_valid(client, ministries, address, count, language):
    content = read(client, f"/feeds/{address}.atom?lang={language}").content
    parsed = feedparser.parse(content)
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    assert len(parsed.entries) == count
    feed = hold_to_the_rules(content)
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    own = next(link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self")
    assert own == f"http://testserver/feeds/{address}.atom?lang={language}"


def test_sentences_and_addresses(client, ministries):
    parsed = feedparser.parse(read(client, "/feeds/actors/a.atom").content, sanitize_html=False)
    assert parsed.entries[0].title.startswith("A & <b>Co</b> overtook b en on Telegram between")
    assert parsed.entries[0].link == "http://testserver/en/actors/a/?platform=telegram"
    russian = feedparser.parse(read(client, "/feeds/actors/a.atom?lang=ru").content)
    assert russian.entries[0].link == "http://testserver/ru/actors/a/?platform=telegram"
    assert russian.entries[0].id == parsed.entries[0].id


def test_what_is_hidden_or_of_the_desk_is_in_no_feed(client, ministries):
    a, _ = ministries
    for kind in (OccurrenceKind.HELD, OccurrenceKind.TOKEN, OccurrenceKind.SILENT):
        make_occurrence(kind, platform="x")
    a.hidden = True
    a.save()
    assert len(titles(client, "/feeds/site.atom")) == 2
    assert len(titles(client, "/feeds/actors/b.atom")) == 1
    assert client.get("/feeds/actors/a.atom").status_code == 404


def test_not_found_and_not_allowed(client):
    assert client.get("/feeds/actors/nobody.atom").status_code == 404
    assert client.get("/feeds/groups/nothing.atom").status_code == 404
    assert client.post("/feeds/site.atom").status_code == 405


def test_an_old_address_still_feeds(client, ministries):
    OldSlug.objects.create(slug="was-a", actor=ministries[0])
    assert len(titles(client, "/feeds/actors/was-a.atom")) == 1


@pytest.mark.parametrize("empty", [True, False])
def test_asked_again_it_says_that_nothing_is_new(client, empty):
    if not empty:
        make_occurrence()
    first = client.get("/feeds/site.atom")
    again = client.get("/feeds/site.atom", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    make_occurrence(day=date(2026, 11, 21))
    assert client.get("/feeds/site.atom", headers={"if-none-match": first["ETag"]}).status_code == 200


def test_a_feed_of_a_group_keeps_to_its_platform(client, ministries):
    make_group("on-x", ministries, platform="x")
    assert titles(client, "/feeds/groups/on-x.atom") == []


@pytest.mark.parametrize("kind", OccurrenceKind.values)
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_everything_that_happens_has_a_sentence_and_an_address(kind, language):
    from django.utils.translation import override

    from apps.alerts import words

    one = make_occurrence(OccurrenceKind(kind), other=make_actor() if kind == "overtake" else None)
    with override(language):
        sentence = words.sentence(one)
        assert sentence.endswith((".", "…"))
        assert "%(" not in sentence
        assert words.address(one).startswith("http://127.0.0.1:8000/")


@pytest.mark.parametrize(
    ("page", "feed"), [("", "site"), ("actors/a/", "actors/a"), ("groups/both/", "groups/both")]
)
def test_pages_name_their_feed(client, ministries, page, feed):
    content = client.get(f"/kk/{page}").content.decode()
    assert re.search(
        rf'<link rel="alternate" type="application/atom\+xml"[^>]* href="/feeds/{feed}.atom\?lang=kk">',
        content,
    )


def test_cost_does_not_grow(client, count_queries):
    make_occurrence()
    few = count_queries("/feeds/site.atom")
    for _ in range(20):
        make_occurrence()
    assert Occurrence.objects.count() == 21
    assert count_queries("/feeds/site.atom") == few


def test_two_that_passed_each_other_again_and_again_are_one_entry(client):
    a, b = make_actor("a", name_en="A"), make_actor("b", name_en="B")
    for day in (3, 5, 7):
        winner, loser = (a, b) if day != 5 else (b, a)
        make_occurrence(
            OccurrenceKind.OVERTAKE, winner, other=loser, key=f"overtake:{day}", subject="overtake:x:a:b",
            day=date(2026, 11, day), since=date(2026, 11, day - 1),
        )  # fmt: skip
    assert Occurrence.objects.count() == 3
    (title,) = titles(client, "/feeds/site.atom")
    assert "passed each other 3 times" in title
    assert "ahead after the last: A." in title
