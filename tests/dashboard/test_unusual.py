"""Unusual days: an editor is offered a platform's day as an event, everybody else is kept out."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from apps.context.models import Event
from apps.users.models import User
from tests.builders import make_account, make_snapshots
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
PAGE = "/en/status/unusual/"


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_superuser("charlie"))
    return client


def purge(accounts=4):
    """Make forty usual days; then, ten days ago, everybody loses a third."""
    today = timezone.localdate()
    for number in range(accounts):
        account = make_account(f"a{number}", platform="x")
        counts = {}
        for days_ago in range(50, -1, -1):
            steady = 10_000 + 10 * (50 - days_ago) + (days_ago * 7 + number) % 5
            day = (today - timedelta(days=days_ago)).isoformat()
            counts[day] = steady if days_ago > 10 else steady - 3_000
        make_snapshots(account, counts)
    return today - timedelta(days=10)


def test_strangers_and_press_officers_are_kept_out(client):
    assert client.get(PAGE).status_code in (302, 403)
    client.force_login(User.objects.create_user("bob"))
    assert client.get(PAGE).status_code == 403


def test_a_platforms_day_is_offered_as_an_event_and_once(desk):
    day = purge()
    page = desk.get(PAGE)
    (offer,) = page.context["offers"]
    assert (offer.day.day, offer.day.falls, len(offer.day.days)) == (day, True, 4)
    fields = {name: values[0] for name, values in parse_qs(urlsplit(offer.address).query).items()}
    assert fields["starts"] == day.isoformat()
    assert fields["title_en"] == "X: many counts fell on the same day"
    form = desk.get(offer.address)
    assert f'value="{fields["key"]}"' in form.content.decode()
    Event.objects.create(key=fields["key"], starts=day, title_en="A purge")
    assert desk.get(PAGE).context["offers"] == []


def test_nothing_unusual_is_said(desk):
    assert "None that no event tells of yet." in desk.get(PAGE).content.decode()


def test_its_cost_does_not_grow(desk):
    purge(3)
    few = count_queries(desk, PAGE)
    for number in range(5):
        account = make_account(f"b{number}", platform="vk")
        make_snapshots(account, {"2026-01-01": 5})
    assert count_queries(desk, PAGE) == few
