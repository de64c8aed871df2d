"""The country page: every recorded figure can be read there with its source, in three languages."""

import html
import re

import pytest
from django.urls import reverse

from apps.context.models import IndicatorValue
from tests import reference
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

STUDY = (
    "Table 1",
    "Figure 1",
    "Section 1.2",
    "Section 3",
    "Section 3.1",
    "Section 3.2",
    "Section 3.3",
    "Section 4.2",
)


def page_of(client, language="en"):
    response = client.get(f"/{language}/context/")
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def cells_of(page):
    """Return the text of each table row, without its tags."""
    return [
        " ".join(re.sub(r"<[^>]+>", " ", row).split())
        for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    ]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_opens_without_any_figure(client, language):
    assert 'class="empty"' in page_of(client, language)


def test_no_post(client):
    assert client.post("/en/context/").status_code == 405


def test_every_figure_of_the_study_is_there_with_its_source(client):
    reference.load()
    rows = cells_of(page_of(client))
    for place in STUDY:
        held = IndicatorValue.objects.filter(source__key="koshkenov2022", locator=place)
        assert held.exists(), place
        shown = [row for row in rows if f"Koshkenov & Moldabayev 2022, {place} ·" in row]
        assert len(shown) == held.count(), place
    assert any("6 h 49 min" in row for row in rows)
    assert any("7,980,000,000" in row for row in rows)
    assert any("50,130,577 thousand tenge" in row for row in rows)
    assert len(rows) == IndicatorValue.objects.count() + page_of(client).count("<thead>")


@pytest.mark.parametrize(("language", "word"), [("ru", "Раздел 3.1"), ("kk", "3.1-бөлім")])
def test_the_data_speaks_the_language_of_the_page(client, language, word):
    reference.load()
    page = page_of(client, language)
    assert word in page
    assert 'lang="en">' not in re.sub(r"<html.*?>|<a [^>]*>", "", page)


def test_a_note_without_a_translation_is_marked_as_english(client):
    reference.load()
    IndicatorValue.objects.filter(locator="Section 4.2").update(note="Seen by an editor")
    assert '<span lang="en">Seen by an editor</span>' in page_of(client, "kk")
    assert '<span lang="en">Seen by an editor</span>' not in page_of(client, "en")


def test_cost_does_not_grow(client):
    reference.load()
    few = count_queries(client, reverse("dashboard:context"))
    value = IndicatorValue.objects.first()
    for year in range(1950, 1970):
        value.pk, value.day = None, value.day.replace(year=year)
        value.save()
    assert count_queries(client, reverse("dashboard:context")) == few


@pytest.mark.django_db(transaction=True)  # files are read by a connection of their own
def test_files_of_the_page_answer(client):
    reference.load()
    addresses = set(re.findall(r'href="(/export/indicators[^"]+)"', page_of(client)))
    assert len(addresses) > 50
    for address in sorted(addresses)[:12]:
        response = client.get(address)
        assert response.status_code == 200, address
        assert response.getvalue()
