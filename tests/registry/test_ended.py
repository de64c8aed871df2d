"""Bodies that have ended: their accounts are closed on the day, whoever wrote it; search finds them and says so."""

from datetime import date

import pytest
from django.utils import translation

from apps.collecting import services, tasks
from apps.collectors.types import Target
from apps.registry.models import Actor
from apps.registry.search import actors_named
from tests.builders import make_account, make_actor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("ended", "span", "last_there", "first_gone"),
    [
        (date(2022, 6, 11), 3, date(2022, 6, 10), date(2022, 6, 11)),
        (date(2022, 6, 11), None, date(2022, 6, 10), date(2022, 6, 11)),
        (date(2022, 6, 1), 2, date(2022, 6, 30), date(2022, 7, 1)),
        (date(2022, 1, 1), 1, date(2022, 12, 31), date(2023, 1, 1)),
    ],
)
def test_a_body_has_gone_after_its_last_day(ended, span, last_there, first_gone):
    make_actor("old", ended=ended, ended_span=span)
    assert not Actor.objects.gone_by(last_there).exists()
    assert Actor.objects.gone_by(first_gone).exists()


@pytest.mark.parametrize(("today", "state"), [(date(2026, 12, 1), "active"), (date(2026, 12, 2), "closed")])
def test_accounts_are_closed_on_the_day_and_not_before(monkeypatch, today, state):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: today)
    account = make_account(make_actor("old", ended=date(2026, 12, 2), ended_span=3))
    other = make_account("other")
    tasks.close_ended()
    account.refresh_from_db()
    other.refresh_from_db()
    assert (account.state, other.state) == (state, "active")


def test_an_account_of_a_body_that_has_ended_is_closed_from_the_start():
    account = services.add_account(
        make_actor("old", ended=date(2022, 1, 1), ended_span=1), Target("telegram", "old_body")
    )
    assert account.state == "closed"


def test_of_two_alike_the_one_that_still_exists_comes_first():
    make_actor("a-old", name_en="Ministry of Water", ended=date(2022, 1, 1), ended_span=1)
    make_actor("b-new", name_en="Ministry of Water")
    assert [actor.slug for actor in actors_named("ministry of water", "en")] == ["b-new", "a-old"]


@pytest.mark.parametrize("path", ["/en/search/?q=water", "/en/compare/?q=water"])
def test_search_and_the_picker_say_until_when_a_body_existed(client, path):
    make_actor("a-old", name_en="Ministry of Water", ended=date(2022, 1, 1), ended_span=1)
    with translation.override("en"):
        assert "Existed until: 2022." in client.get(path).text
