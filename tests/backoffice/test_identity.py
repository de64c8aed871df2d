"""An editor writes who came after whom, another name, and who confirmed an account: readers see it."""

from datetime import date

import pytest

from apps.registry.models import Succession
from apps.users.models import User
from tests.builders import make_account, make_actor, make_snapshots, make_source

pytestmark = pytest.mark.django_db
ADD = "/admin/registry/{}/add/"


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_user("aigul", is_staff=True))
    return client


def succession(before, after, relation):
    return {
        "before": before.pk, "before_name": "", "after": after.pk, "after_name": "", "relation": relation,
        "day": "2026-06-11", "span": "3", "source": make_source("law").pk, "locator": "", "note": "",
    }  # fmt: skip


def seen(client, slug):
    return " ".join(client.get(f"/en/actors/{slug}/").content.decode().split())


def test_a_split_is_written_and_the_body_before_ended(desk):
    old, one, two = (make_actor(slug) for slug in ("old", "one", "two"))
    make_snapshots(make_account(old, "telegram", "oldbody"), {date(2026, 5, 1): 100})
    for after in (one, two):
        answer = desk.post(ADD.format("succession"), succession(old, after, "split"), follow=True)
        told = answer.content.decode()
        assert "“old en” has no day on which it ended" in told
        assert f'href="/admin/registry/actor/{old.pk}/change/"' in told
    assert Succession.objects.count() == 2
    assert "old en" in seen(desk, "one")
    page = seen(desk, "old")
    assert "one en" in page
    assert "two en" in page
    old.ended, old.ended_span = date(2026, 6, 11), 3
    old.save()
    answer = desk.post(ADD.format("succession"), succession(old, make_actor("three"), "split"), follow=True)
    assert "has no day" not in answer.content.decode()


def test_nothing_is_asked_where_the_body_goes_on(desk):
    answer = desk.post(
        ADD.format("succession"), succession(make_actor("old"), make_actor("new"), "partly"), follow=True
    )
    assert "has no day" not in answer.content.decode()


def test_who_confirmed_and_when_stands_on_the_page(desk):
    account = make_account(make_actor("body"), "telegram", "body")
    fields = {"account": account.pk, "on": "2026-11-01", "proof": "A letter", "url": ""}
    desk.post(ADD.format("verification"), fields)
    assert account.verifications.get().by.username == "aigul"
    assert "Confirmed as its own:" in seen(desk, "body")
    late = desk.post(ADD.format("verification"), fields | {"on": "2099-01-01"})
    assert "This day is yet to come." in late.content.decode()
