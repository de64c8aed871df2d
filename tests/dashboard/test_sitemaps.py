"""Search engines find every public page in every language, and nothing that is hidden or a person's own."""

import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from apps.collecting.models import Collection
from apps.dashboard.sitemaps import PublicPages
from tests.builders import make_account, make_actor, make_group

pytestmark = pytest.mark.django_db
SITE = "https://kzmedia.example"
NS = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def read(client, path, name):
    answer = client.get(path, headers={"host": "other.example"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml"), path
    return ElementTree.fromstring(answer.content).findall(f"s:{name}", NS)  # noqa: S314 (our own)


def lists(client):
    """Return the addresses of the lists that sitemap.xml names."""
    return [one.findtext("s:loc", namespaces=NS) for one in read(client, "/sitemap.xml", "sitemap")]


def listed(client):
    """Return what a crawler comes to from sitemap.xml."""
    return [url for address in lists(client) for url in read(client, address.removeprefix(SITE), "url")]


@pytest.fixture(autouse=True)
def _site(settings):
    settings.SITE_URL = "https://kzmedia.example"
    settings.ALLOWED_HOSTS = ["*"]


def test_public_pages_are_listed_in_every_language_under_the_sites_own_address(client):
    make_account(make_actor("ministry"))
    make_actor("secret", hidden=True)
    make_group("bodies", members=[])
    urls = listed(client)
    addresses = {url.findtext("s:loc", namespaces=NS) for url in urls}
    for language in ("kk", "ru", "en"):
        for path in ("", "standings/", "context/", "actors/ministry/", "groups/bodies/"):
            assert f"https://kzmedia.example/{language}/{path}" in addresses
    assert all(address.startswith("https://kzmedia.example/") for address in addresses)
    assert not any("secret" in address for address in addresses)
    first = urls[0].findall("x:link", NS)
    assert {link.get("hreflang") for link in first} == {"kk", "ru", "en", "x-default"}


def test_what_is_listed_answers(client):
    make_account(make_actor("ministry"))
    for url in listed(client):
        path = url.findtext("s:loc", namespaces=NS).removeprefix("https://kzmedia.example")
        assert client.get(path).status_code == 200, path


def test_no_list_is_longer_than_crawlers_read_and_none_is_left_out(client, monkeypatch):
    monkeypatch.setattr(PublicPages, "limit", 4)
    for number in range(3):
        make_account(make_actor(f"actor-{number}"))
    named = lists(client)
    assert f"{SITE}/sitemap-actors.xml?p=3" in named
    assert all(len(read(client, address.removeprefix(SITE), "url")) <= 4 for address in named)
    addresses = {url.findtext("s:loc", namespaces=NS) for url in listed(client)}
    for number in range(3):
        assert {f"{SITE}/{language}/actors/actor-{number}/" for language in ("kk", "ru", "en")} <= addresses
    for path in ("/sitemap-actors.xml?p=4", "/sitemap-actors.xml?p=x", "/sitemap-nothing.xml"):
        assert client.get(path).status_code == 404, path


def test_each_list_says_when_the_last_of_its_pages_changed(client):
    make_account(make_actor("never-read"))
    account = make_account(make_actor("ministry"))
    read_at = datetime(2026, 1, 2, 3, tzinfo=UTC)
    Collection.objects.update_or_create(
        account=account, defaults={"last_success_at": read_at, "due_at": read_at}
    )
    named = {
        one.findtext("s:loc", namespaces=NS): one.findtext("s:lastmod", namespaces=NS)
        for one in read(client, "/sitemap.xml", "sitemap")
    }
    assert named[f"{SITE}/sitemap-actors.xml"].startswith("2026-01-02")


def test_robots_name_the_list_and_close_what_is_no_page(client):
    text = client.get("/robots.txt").content.decode()
    assert "Sitemap: https://kzmedia.example/sitemap.xml" in text
    closed = re.findall(r"^Disallow: (.+)$", text, re.M)
    assert reverse("admin:index") in closed
    assert "/" not in closed
