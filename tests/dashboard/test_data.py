"""The data page: what it promises about the files is what they hold."""

import html
import re

import pytest
from django.utils import translation

from apps.dashboard import downloads
from apps.exports import dictionary
from apps.exports.columns import SNAPSHOTS, STANDINGS, TREND
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_snapshots, make_source

pytestmark = pytest.mark.django_db


def page_of(client, language="en"):
    response = client.get(f"/{language}/data/")
    assert response.status_code == 200
    return html.unescape(response.content.decode())


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_opens_without_any_data(client, language):
    assert "snapshots.csv" in page_of(client, language)


def test_no_post(client):
    assert client.post("/en/data/").status_code == 405


def test_every_column_is_explained():
    assert [entry.name for entry in dictionary.snapshots()] == [column.name for column in SNAPSHOTS]
    assert [entry.name for entry in dictionary.standings()] == [column.name for column in STANDINGS]
    assert {column.name for column in TREND} <= {column.name for column in SNAPSHOTS}


def test_every_address_on_the_page_answers(client, table2):
    page = page_of(client, "kk")
    addresses = {
        re.sub(r"^http://testserver", "", one) for one in re.findall(r'[^"\s<>=]*/export/[^"\s<]+', page)
    }
    assert len(addresses) > 20
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, address
        begins = {
            "csv": (b"day,", b"rank,", b"\xef\xbb\xbf"),
            "json": (b"{",),
            "xlsx": (b"PK",),
            "zip": (b"PK",),
            "parquet": (b"PAR1",),
        }
        ending = address.partition("?")[0].rpartition(".")[2]
        assert b"".join(response).startswith(begins[ending]), address


@pytest.mark.django_db(transaction=True)  # files are read by a connection of their own
def test_row_counts_are_those_of_the_files(client, table2, today):
    make_snapshot(make_account(table2.reference, platform="x"), today, 5)  # not in the group's platform
    make_snapshot(make_account(make_actor("gone", hidden=True)), today, 5)  # in no file
    table2.members.filter(slug="labor").update(hidden=True)
    for download in downloads.downloads():
        answer = b"".join(client.get(download.links["plain"])).decode()
        assert download.rows == len(answer.splitlines()) - 1, download.title


@pytest.mark.django_db(transaction=True)  # files are read by a connection of their own
def test_sizes_are_about_right(client, today):
    accounts = [make_account(f"body-number-{number}") for number in range(30)]
    for account in accounts:
        make_snapshots(account, {"2024-01-01": 1000, "2024-01-02": 1100}, locator="https://example.org/12")
    everything = downloads.downloads()[0]
    real = len(b"".join(client.get(everything.links["plain"])))
    assert real / 1.5 < everything.size < real * 1.5


def test_many_rows_are_estimated_and_said_so(client, table2, monkeypatch):
    monkeypatch.setattr(downloads, "snapshot_total", lambda: (14_612_345, False))
    page = page_of(client)
    assert "about 14,600,000" in page
    with translation.override("ru"):
        assert "14\u00a0600\u00a0000" in page_of(client, "ru")


def test_sources_name_their_licence_or_that_they_state_none(client):
    make_source("open", title="Open source", licence="CC BY 4.0")
    make_source("silent", title="Silent source")
    make_source("made-up", kind="synthetic", title="Made up")
    page = page_of(client)
    assert "CC BY 4.0" in page
    assert page.count("states none") == 1
    assert "Made up" not in page


def test_names_are_escaped(client):
    make_group("x", title_en="<script>alert(1)</script>")
    assert "<script>alert" not in client.get("/en/data/").content.decode()


def test_cost_does_not_grow(client, count_queries, table2, today):
    few = count_queries("/en/data/")
    for number in range(20):
        make_snapshot(make_account(f"a{number}"), today, 5, source=make_source(f"s{number}"))
        make_group(f"g{number}")
    assert count_queries("/en/data/") == few
