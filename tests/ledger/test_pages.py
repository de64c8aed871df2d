"""The ledger is found, and its newest number stands on whatever is taken away."""

import gzip
import json

import pytest
from django.urls import reverse

from apps.exports.citation import Citation
from apps.ledger.models import Seal
from tests.ledger.conftest import seal
from tools import verify

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_page_lists_the_nights(client, world, language):
    seal("2026-01-05")
    page = client.get(f"/{language}/data/ledger/").content.decode()
    for one in Seal.objects.all():
        assert one.label in page
    assert Seal.objects.first().parsed.key in page


def test_before_the_first_night_the_page_says_so(client, db):
    page = client.get("/en/data/ledger/").content.decode()
    assert "the first seal is made tonight" in page
    assert client.get("/data/ledger/ledger.txt.gz").status_code == 404


def test_an_address_without_a_language_leads_to_the_page(client, world):
    assert client.get("/data/ledger/", follow=True).status_code == 200


def test_every_page_prints_the_newest_number(client, world):
    label = Seal.objects.get().label
    for name in ("overview", "standings", "data", "method", "corrections"):
        page = client.get(reverse(f"dashboard:{name}")).content.decode()
        assert f"Ledger {label}" in page[page.index("<footer") :], name


def test_a_citation_names_it(world):
    from datetime import date

    cited = Citation("Standings", "https://kz.example/", date(2026, 1, 4), ledger="1-abcdefabcdef")
    assert cited.text.endswith("(accessed 4 Jan 2026). Ledger 1-abcdefabcdef.")
    assert "note = {Ledger 1-abcdefabcdef}" in cited.bibtex


@pytest.mark.django_db(transaction=True)
def test_files_name_it(client, world):
    label = Seal.objects.get().label
    answer = client.get("/export/snapshots.json")
    assert answer.headers["X-Ledger"] == label
    assert json.loads(b"".join(answer.streaming_content))["metadata"]["ledger"] == label


def test_the_file_is_the_ledger(client, world):
    packed = b"".join(client.get("/data/ledger/ledger.txt.gz").streaming_content)
    ledger = verify.Ledger(verify.Chain())
    ledger.read(gzip.decompress(packed).splitlines(keepends=True))
    assert ledger.chain.head.head == Seal.objects.get().head
    assert set(ledger.accounts) == {str(one.pk) for one in world}


def test_seals_as_json_and_in_the_feed(client, world):
    answer = client.get("/data/ledger/ledger.json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    (told,) = answer.json()["seals"]
    assert verify.is_signed(
        told["header"].encode(), bytes.fromhex(told["signature"]), bytes.fromhex(told["key"])
    )
    assert client.get("/data/ledger/1.json").json() == told
    feed = client.get("/feeds/ledger.atom?lang=ru").content.decode()
    assert told["label"] in feed
    assert told["signature"] in feed
    assert "реестр" in feed


def test_the_interface_proves_a_number(client, world):
    row = world[0].snapshots.first()
    for end in ("", "/"):
        answer = client.get(f"/api/v1/snapshots/{row.pk}/proof{end}")
        assert answer.status_code == 200
        assert verify.check_proof(answer.json()).startswith("Sealed in number 1-")
    assert client.get("/api/v1/snapshots/999999/proof").status_code == 404
