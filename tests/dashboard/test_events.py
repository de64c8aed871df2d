"""Events: a page of their own with sources, and charts that can be narrowed to one kind of them."""

import html

import pytest

from apps.context.models import Event
from apps.registry.models import Actor
from tests import reference
from tests.builders import make_account, make_group, make_snapshots
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
PAGE = "/en/context/events/"


def page_of(client, address):
    return html.unescape(client.get(address).content.decode())


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_opens_without_any_event(client, language):
    assert 'class="empty"' in page_of(client, f"/{language}/context/events/")


def test_every_event_stands_with_its_source_newest_first(client):
    reference.load()
    page = page_of(client, PAGE)
    keys = list(Event.objects.order_by("-starts", "key").values_list("key", flat=True))
    places = [page.index(f'<tr id="{key}">') for key in keys]
    assert places == sorted(places)
    assert "1994 – 1997" in page
    assert page.count("Open the source") >= 6
    assert "«Қазақстандағы саяси интернетке шолу» бөлімі" in page_of(client, "/kk/context/events/")


def test_one_kind_alone(client):
    reference.load()
    page = page_of(client, f"{PAGE}?kind=stage")
    assert page.count('<tr id="stage-') == Event.objects.filter(kind="stage").count() == 5
    assert '<tr id="land-reform"' not in page
    assert "land-reform" in page_of(
        client, f"{PAGE}?kind=nonsense"
    )  # a wrong value is left out, and the page says so


def test_cost_does_not_grow(client):
    reference.load()
    few = count_queries(client, PAGE)
    for number in range(20):
        Event.objects.create(key=f"e{number}", starts="2020-01-01", title_en="E")
    assert count_queries(client, PAGE) == few


@pytest.fixture
def annotated():
    make_snapshots(make_account("body"), {"2020-01-01": 5, "2022-01-01": 9})
    for kind in ("stage", "body"):
        Event.objects.create(key=kind, kind=kind, starts="2021-01-01", title_en=f"An event of {kind}")


def test_a_chart_shows_one_kind(client, annotated):
    both = page_of(client, "/en/actors/body/")
    assert "An event of stage, 2021" in both
    assert "An event of body, 2021" in both
    narrowed = page_of(client, "/en/actors/body/?events=stage")
    assert "An event of stage, 2021" in narrowed
    assert "An event of body, 2021" not in narrowed
    assert 'aria-current="true">Stages of the political Internet' in narrowed


@pytest.mark.parametrize(("value", "shown"), [("1", 2), ("0", 2), ("country", 0), ("body", 1)])
def test_what_the_charts_own_button_writes_is_understood(client, annotated, value, shown):
    page = page_of(client, f"/en/actors/body/?events={value}")
    assert page.count(", 2021</li>") == shown
    assert "left out" not in page


def test_the_chart_builder_keeps_the_kind(client, annotated):
    page = page_of(client, "/en/compare/?actor=body&events=body")
    assert "An event of body, 2021" in page
    assert "An event of stage, 2021" not in page
    assert "events=body" in page


@pytest.mark.parametrize("path", ["/en/", "/en/groups/main/", "/en/compare/?actor=body"])
def test_every_chart_over_time_has_the_switch(client, annotated, path):
    body = Actor.objects.get(slug="body")
    make_group("main", [body], body, platform="facebook")
    view = "" if "compare" in path else "?view=line"
    both = page_of(client, path + view)
    assert 'aria-label="Events"' in both
    assert both.count(", 2021</li>") == 2
    assert "events=stage" in both
    narrowed = page_of(client, f"{path}{view}{'&' if '?' in path + view else '?'}events=stage")
    assert "An event of stage, 2021" in narrowed
    assert "An event of body, 2021" not in narrowed
    assert 'aria-current="true">Stages of the political Internet' in narrowed
