"""Beside every page with numbers its files: in every kind, with as many rows as are said, two clicks away without a script."""

import html
import re

import pytest

from tests.builders import make_account, make_actor, make_snapshot, make_snapshots, make_source

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = [
    "/{}/",
    "/{}/standings/?platform=facebook&kind=state_body",
    "/{}/groups/abenov-vs-agencies/",
    "/{}/actors/abenov/",
    "/{}/compare/?group=abenov-vs-agencies&platform=facebook",
]
KINDS = {"csv", "csv&preset=excel", "xlsx", "json", "parquet", "zip"}


def menus(client, address):
    """Yield what each line of the download menus says: title, rows, addresses."""
    response = client.get(address, follow=True)
    assert response.status_code == 200
    page = html.unescape(response.content.decode())
    for menu in re.findall(r'<details class="share files">.*?</details>', page, re.DOTALL):
        for item in re.findall(r"<li>.*?</li>", menu, re.DOTALL):
            said = " ".join(re.sub(r"<[^>]+>", " ", item.partition("<p")[0]).split())
            yield said, int(re.sub(r"\D", "", said.rpartition("(")[2])), re.findall(r'href="([^"]+)"', item)


def kind(address):
    ending = address.partition("?")[0].rpartition(".")[2]
    return f"{ending}&preset=excel" if address.endswith("&preset=excel") else ending


@pytest.mark.parametrize("page", PAGES)
def test_every_page_offers_every_kind_with_its_row_count(client, table2, page):
    make_snapshots(
        table2.reference.accounts.get(platform="facebook"), {"2022-03-01": 63_000, "2023-03-01": 66_000}
    )
    found = list(menus(client, page.format("en")))
    assert len(found) >= 2
    for said, rows, links in found:
        assert {kind(link) for link in links} == KINDS, said
        for link in links:
            response = client.get(link)
            assert response.status_code == 200, link
            assert response.headers["X-Row-Count"] == str(rows), f"{said}: {link}"
            b"".join(response)


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_files_speak_the_language_of_the_page(client, table2, language):
    for _said, _rows, links in menus(client, f"/{language}/standings/"):
        assert all(f"lang={language}" in link for link in links)


@pytest.mark.parametrize("page", ["/en/compare/?actor=one&platform=x", "/en/actors/one/"])
def test_rows_are_counted_anew_where_terms_leave_some_out(client, today, settings, page):
    settings.YOUTUBE_TERMS, settings.X_TERMS = "approved", "standard"
    account = make_account(make_actor("one"), "x")
    make_snapshots(account, {"2026-01-01": 5, "2026-01-02": 6}, source=make_source("api-x"))
    make_snapshot(account, "2026-01-03", 7, source=make_source("book", "publication"))
    for said, rows, links in menus(client, page):
        assert rows == 1, said
        response = client.get(links[0])
        b"".join(response)  # an export that is left open keeps its tables locked
        assert response.headers["X-Row-Count"] == "1"


def test_a_file_too_long_for_a_sheet_offers_none(client, table2, monkeypatch):
    monkeypatch.setattr("apps.dashboard.downloads.MOST_ROWS", 3)
    for said, rows, links in menus(client, "/en/groups/abenov-vs-agencies/"):
        assert ("xlsx" in {kind(link) for link in links}) is (rows <= 3), said


@pytest.mark.parametrize(("language", "said"), [("en", "Data as of"), ("ru", "KZMedia"), ("kk", "KZMedia")])
def test_every_page_is_cited_with_address_and_day_and_in_bibtex(client, table2, language, said):
    address = f"/{language}/standings/?platform=facebook"
    page = html.unescape(client.get(address).content.decode())
    box = page.partition('<details class="cite">')[2].partition("</details>")[0]
    assert f"http://testserver{address}" in box
    assert said in box
    assert re.search(r"@misc\{kzmedia-[-\w]*\d{4}-\d\d-\d\d,", box)
    assert re.search(r"urldate = \{\d{4}-\d\d-\d\d\}", box)


def test_a_page_is_cited_with_the_newest_reading_that_it_shows(client, table2):
    for address in (
        "/en/standings/?platform=facebook&on=2022-06-30",
        "/en/groups/abenov-vs-agencies/?on=2022-06-30",
    ):
        page = html.unescape(client.get(address).content.decode())
        assert "note = {Data as of 2022}" in page, address


@pytest.mark.parametrize("page", ["/en/compare/?actor=one&platform=x", "/en/actors/one/"])
def test_rows_are_counted_anew_where_a_count_hides_that_a_file_lacks_another(client, today, settings, page):
    settings.X_TERMS = "standard"
    actor = make_actor("one")
    by_hand = make_source("book", "publication")
    make_snapshots(make_account(actor, "x"), {"2026-01-01": 6, "2026-01-03": 7}, source=by_hand)
    make_snapshot(make_account(actor, "x"), "2026-01-02", 5, source=make_source("api-x"))
    for _said, rows, links in menus(
        client, page
    ):  # after the second day no sum of both is drawn; a file has the third
        assert rows == 2
        response = client.get(links[0])
        b"".join(response)
        assert response.headers["X-Row-Count"] == "2"
