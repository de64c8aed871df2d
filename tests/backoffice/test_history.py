"""The history in sentences, corrections included; the desk's lists as files."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.collecting.services import decide
from apps.registry.models import Actor, Membership
from apps.snapshots import correction_requests, merging
from apps.snapshots.models import Doubt
from apps.snapshots.recording import correct
from apps.users import audit
from apps.users.models import User
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_source
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
PAGE = "/admin/history/"


@pytest.fixture
def editor():
    return User.objects.create_user("aigul", is_staff=True, first_name="Aigul")


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def account():
    return make_account(make_actor("ministry"), "facebook", "minpage")


def shown(desk, address=PAGE):
    return " ".join(desk.get(address).content.decode().replace("\xa0", " ").split())


def test_who_changed_which_row_in_words(desk, editor, account):
    with audit.acting(editor):
        account.state, account.actor = "paused", make_actor("other")
        account.save()
    page = shown(desk)
    assert "Aigul changed account “Facebook: minpage”" in page
    assert "state: Active → Paused" in page
    assert "actor: ministry en → other en" in page
    assert "Aigul added actor “other en”" in page
    assert "tracking_account" not in page


def test_a_deleted_row_keeps_its_name(desk, editor):
    actor = make_actor("short-lived")
    with audit.acting(editor):
        actor.delete()
    assert "Aigul deleted actor “short-lived en”" in shown(desk)


def test_corrections_decisions_answers_and_mergers_are_in_it(desk, editor, account):
    row = make_snapshot(account, "2022", 64_000)
    values = {"state": "counted", "followers": 63_900, "bound": "=", "precision": "exact"}
    correct(row, **values, reason="A misprint", by=editor)
    fields = {"day": "2026-11-06", "why": "fall", "against": 64_000, "seen_at": timezone.now()}
    for followers, decision in ((640, "rejected"), (641, "accepted")):
        doubt = Doubt.objects.create(account=account, followers=followers, source=make_source(), **fields)
        decide(doubt, decision, editor)
    asked = correction_requests.ask(account.actor, {"wrong": "All of it"})
    correction_requests.answer(asked, "refused", "It is right", by=editor)
    merging.merge_actors(account.actor, make_actor("twin"), "One body", editor)
    page = shown(desk)
    for words in (
        "Aigul corrected ministry en, Facebook: minpage, 2022: 64,000 → 63,900",
        "A misprint",
        "Aigul rejected the held count 640: ministry en, Facebook: minpage",
        "Aigul accepted the held count 641: ministry en, Facebook: minpage",
        "Aigul answered a request for a correction: ministry en (Not changed)",
        "Aigul merged “twin en” into “ministry en”",
    ):
        assert words in page, words


def test_of_one_person_and_a_page_at_a_time(desk, editor, monkeypatch):
    monkeypatch.setattr("apps.backoffice.history.PAGE", 2)
    other = User.objects.create_user("other", is_staff=True)
    for number, by in enumerate((editor, editor, other, editor)):
        with audit.acting(by):
            make_actor(f"a{number}")
    page = shown(desk, f"{PAGE}?by={editor.pk}")
    assert "a3 en" in page
    assert "a1 en" in page
    assert "a2 en" not in page
    older = page.split('href="?before=')[1].split('"')[0].replace("&amp;", "&")
    assert "a0 en" in shown(desk, f"{PAGE}?before={older}")
    assert desk.get(f"{PAGE}?before=yesterday&by=x").status_code == 200


def test_people_are_for_admins_alone(client, desk, editor):
    with audit.acting(editor):
        Membership.objects.create(user=editor, actor=make_actor("body"))
    assert "member of an actor" not in shown(desk)
    client.force_login(User.objects.create_superuser("admin"))
    assert "member of an actor" in shown(client)


def test_who_joins_a_group_or_leaves_it_is_named(desk, editor):
    with audit.acting(editor):
        group = make_group("bodies", [make_actor("joined")])
        group.members.clear()
    page = shown(desk)
    assert "Aigul changed group “bodies en”" in page
    assert "actor: – → joined en" in page
    assert "actor: joined en → –" in page
    assert "_id" not in page


def test_its_cost_does_not_grow(desk, editor):
    with audit.acting(editor):
        make_account("a")
        few = count_queries(desk, PAGE)
        for number in range(8):
            make_account(f"b{number}")
    assert count_queries(desk, PAGE) <= few


class TestListsAsFiles:
    def rows(self, desk, name, query=""):
        answer = desk.get(f"{reverse(f'admin:{name}_changelist')}?file=csv{query}")
        assert answer["Content-Disposition"].startswith("attachment")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text), delimiter=";"))

    def test_the_rows_that_the_filters_leave_in_the_columns_of_the_list(self, desk, account):
        make_snapshot(account, "2022", 64_000)
        make_account(make_actor("other", name_en="=SUM(1)"), "tiktok")
        [row, other] = self.rows(desk, "registry_account")
        assert (row["Actor"], row["Platform"], row["Latest count"], row["Of"]) == (
            "ministry en",
            "Facebook",
            "64000",
            "2022",
        )
        assert other["Actor"] == "'=SUM(1)"
        assert len(self.rows(desk, "registry_account", "&platform=tiktok")) == 1

    def test_every_list_of_the_desk_has_one(self, desk, account):
        row = make_snapshot(account, "2022", 64_000)
        Doubt.objects.create(
            account=account,
            day=row.day,
            followers=5,
            why="fall",
            against=9,
            source=row.source,
            seen_at=timezone.now(),
        )
        correction_requests.ask(account.actor, {"wrong": "All of it"})
        for name in (
            "registry_actor",
            "snapshots_snapshot",
            "snapshots_doubt",
            "snapshots_correctionrequest",
            "users_change",
        ):
            page = desk.get(reverse(f"admin:{name}_changelist")).content.decode()
            assert "?file=csv" in page
            assert len(self.rows(desk, name)) >= 1, name

    def test_a_link_keeps_the_filters(self, desk):
        page = desk.get(reverse("admin:registry_account_changelist") + "?needs=error").content.decode()
        assert "?needs=error&amp;file=csv" in page

    def test_strangers_get_none(self, client):
        assert client.get("/admin/registry/account/?file=csv").status_code == 302


def test_who_reads_by_hand_is_told_on_the_first_page(desk, editor):
    make_account("a", "tiktok")
    desk.post("/admin/round/", {"take": "1"})
    assert "Aigul reads by hand: 0 of 1 done." in shown(desk, "/admin/")
    assert Actor.objects.count() == 1
