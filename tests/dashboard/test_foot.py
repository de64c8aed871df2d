"""What stands on every page: its head, its foot, its icon."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from apps.collecting.models import Collection
from tests.builders import make_account, make_snapshot, make_source

READ = datetime(2026, 3, 4, 20, tzinfo=UTC)

pytestmark = pytest.mark.django_db

PAGES = [
    "overview",
    "standings",
    "groups",
    "actors",
    "data",
    "search",
    "corrections",
    "method",
    "status",
    "login",
]


@pytest.fixture(params=PAGES)
def page(client, request):
    return client.get(reverse(f"dashboard:{request.param}")).content.decode()


def test_every_foot_leads_to_reading_downloads_licences_and_citing(page):
    foot = page[page.index("<footer") :]
    for address in ["/en/method/", "/en/data/", "/en/data/#licence", "/en/data/#cite", "/en/corrections/"]:
        assert f'href="{address}"' in foot


def test_every_page_has_an_icon_that_is_there(page):
    (address,) = re.findall(r'<link rel="icon" href="/static/([^"]+)"', page)
    assert finders.find(address)


def test_the_editors_desk_has_the_icon_too(client, admin_client):
    for page in (client.get("/admin/login/", follow=True), admin_client.get("/admin/")):
        assert 'rel="icon" href="/static/favicon.svg"' in page.content.decode()


def test_last_update_is_the_newest_of_readings_and_records(client):
    assert "Last update" not in client.get("/en/method/").content.decode()
    account = make_account("one")
    make_snapshot(account, "2017", 5, recorded_at=datetime(2026, 3, 1, 20, tzinfo=UTC))
    assert said(client) == "Last update: 2\u00a0Mar\u00a02026, 01:00, Almaty time."
    Collection.objects.create(account=account, due_at=READ, last_success_at=READ)
    assert said(client) == "Last update: 5\u00a0Mar\u00a02026, 01:00, Almaty time."


def said(client):
    (words,) = re.findall(r"Last update: [^<]+, Almaty time\.", client.get("/en/method/").content.decode())
    return words


def test_sources_without_a_licence_say_so(client, today):
    make_snapshot(make_account("one"), today, 5, source=make_source("silent"))
    make_snapshot(make_account("two"), today, 6, source=make_source("open", licence="CC BY 4.0"))
    foot = client.get("/en/standings/").content.decode()
    assert "The source states no licence." in foot
    assert "Licence: CC BY 4.0" in foot
