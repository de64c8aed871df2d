"""Search engines and catalogues find the dataset: JSON-LD, canonical addresses, OpenSearch, DCAT."""

import json
import re
from xml.etree import ElementTree

import pytest

from tests.builders import make_account, make_actor, make_snapshot

pytestmark = pytest.mark.django_db
FIELDS = {
    "name", "description", "creator", "distribution", "includedInDataCatalog", "isAccessibleForFree", "keywords",
    "license", "spatialCoverage", "variableMeasured", "url",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _site(settings):
    settings.SITE_URL = "https://kzmedia.example"
    settings.DATA_LICENSE = "CC-BY-4.0"


def graph(client, path):
    page = client.get(path).content.decode()
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    told = json.loads(block)
    return page, {thing["@type"]: thing for thing in told["@graph"]}


@pytest.mark.parametrize("path", ["/en/", "/ru/data/", "/kk/standings/", "/en/actors/ministry/"])
def test_a_page_with_numbers_describes_the_dataset(client, path):
    make_snapshot(make_account(make_actor("ministry")), "2022", 5)
    _page, things = graph(client, path)
    dataset = things["Dataset"]
    assert dataset.keys() >= FIELDS
    assert 50 <= len(dataset["description"]) <= 5000
    assert dataset["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert {one["encodingFormat"] for one in dataset["distribution"]} > {"text/csv", "application/zip"}
    assert things["Organization"]["name"] == "KZMedia"
    places = things["BreadcrumbList"]["itemListElement"]
    assert [one["position"] for one in places] == list(range(1, len(places) + 1))
    assert all(one["item"]["@id"].startswith("https://kzmedia.example/") for one in places)


def test_an_actors_page_stands_below_the_actors(client):
    make_account(make_actor("ministry"))
    _page, things = graph(client, "/en/actors/ministry/")
    names = [one["name"] for one in things["BreadcrumbList"]["itemListElement"]]
    assert names == ["KZMedia", "Actors", "ministry en: followers"]


def test_nothing_ends_the_block(client):
    make_account(make_actor("ministry", name_en="x</script><script>alert(1)</script> & <b>"))
    page, _things = graph(client, "/en/actors/ministry/")
    assert "<script>alert" not in page


@pytest.mark.parametrize("path", ["/en/data/", "/ru/method/", "/kk/"])
def test_each_page_has_one_absolute_address(client, path):
    page = client.get(f"{path}?utm_source=x").content.decode()
    assert re.findall(r'<link rel="canonical" href="([^"]+)">', page) == [f"https://kzmedia.example{path}"]
    assert {"kk", "ru", "en", "x-default"} == set(
        re.findall(r'rel="alternate" hreflang="([^"]+)" href', page)
    )


def test_browsers_can_search_it(client):
    assert "/opensearch.xml?lang=kk" in client.get("/kk/").content.decode()
    root = ElementTree.fromstring(client.get("/opensearch.xml?lang=kk").content)  # noqa: S314 our own
    assert root.find("{*}Url").get("template") == "https://kzmedia.example/kk/search/?q={searchTerms}"


def test_catalogues_harvest_it(client):
    answer = client.get("/data/catalog.jsonld")
    assert answer.headers["Content-Type"] == "application/ld+json"
    (dataset,) = answer.json()["dcat:dataset"]
    assert len(dataset["dcat:distribution"]) == 4
    for one in dataset["dcat:distribution"]:
        assert one["dct:license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
