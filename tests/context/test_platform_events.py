"""A held count that the platform itself made: accepted, and told on the charts once for all accounts of the day."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.context.models import Event
from apps.snapshots.models import Doubt, Snapshot
from apps.users.models import User
from tests.builders import make_account, make_source

pytestmark = pytest.mark.django_db
LIST = "admin:snapshots_doubt_changelist"


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_user("editor", is_staff=True))
    return client


def make_doubt(followers=50, against=5_000, day="2026-11-20", platform="telegram"):
    fields = {"source": make_source(), "seen_at": timezone.now(), "why": "fall"}
    account = make_account(platform=platform)
    return Doubt.objects.create(account=account, day=day, followers=followers, against=against, **fields)


def act(desk, action, *doubts):
    return desk.post(
        reverse(LIST), {"action": action, "_selected_action": [doubt.pk for doubt in doubts]}, follow=True
    )


def test_two_accounts_one_event(desk):
    doubts = [make_doubt(), make_doubt()]
    answer = act(desk, "platform_event", *doubts)
    event = Event.objects.get()
    assert (event.key, event.starts) == ("telegram-fall-20261120", date(2026, 11, 20))
    assert event.title_en == "Telegram: many counts fell on the same day"
    assert event.title_ru
    assert event.title_kk
    assert set(Doubt.objects.values_list("decision", flat=True)) == {"event"}
    assert Snapshot.objects.count() == 2
    assert "1 event stands on the charts" in answer.content.decode()


def test_another_day_and_another_way_are_other_events(desk):
    act(desk, "platform_event", make_doubt(), make_doubt(day="2026-11-21"), make_doubt(90_000, 5_000))
    assert Event.objects.count() == 3


def test_an_event_that_stands_is_left_as_it_is(desk):
    Event.objects.create(key="telegram-fall-20261120", starts="2026-11-20", title_en="Bots were removed")
    act(desk, "platform_event", make_doubt())
    assert Event.objects.get().title_en == "Bots were removed"


def test_what_is_decided_makes_no_event(desk):
    doubt = make_doubt()
    act(desk, "reject", doubt)
    act(desk, "platform_event", doubt)
    assert not Event.objects.exists()
    assert not Snapshot.objects.exists()


def test_a_rejection_is_taken_back_and_an_acceptance_is_not(desk):
    rejected, accepted = make_doubt(), make_doubt()
    act(desk, "reject", rejected)
    act(desk, "accept", accepted)
    answer = act(desk, "reopen", rejected, accepted).content.decode()
    assert "1 held count waits again." in answer
    assert "1 was left alone" in answer
    assert Doubt.objects.get(pk=rejected.pk).decision == ""
    assert Doubt.objects.get(pk=accepted.pk).decision == "accepted"
