"""Search engines find every public page in every language, and nothing that is hidden or a person's own."""

import re
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from tests.builders import make_account, make_actor, make_group

pytestmark = pytest.mark.django_db
NS = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def listed(client):
    answer = client.get("/sitemap.xml", headers={"host": "other.example"})
    assert answer.status_code == 200
    return ElementTree.fromstring(answer.content).findall("s:url", NS)  # noqa: S314 (our own)


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


def test_robots_name_the_list_and_close_what_is_no_page(client):
    text = client.get("/robots.txt").content.decode()
    assert "Sitemap: https://kzmedia.example/sitemap.xml" in text
    closed = re.findall(r"^Disallow: (.+)$", text, re.M)
    assert reverse("admin:index") in closed
    assert "/" not in closed
