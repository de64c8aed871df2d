"""The desk's head: its tasks and languages, and what waits on its first page, oldest first."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from apps.registry.models import Actor, Group
from apps.snapshots import correction_requests
from apps.snapshots.models import CorrectionRequest, Doubt
from apps.users.models import User
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_source

pytestmark = pytest.mark.django_db
FIRST = "/admin/"


@pytest.fixture
def editor():
    return User.objects.create_user("editor", is_staff=True)


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


class TestLanguage:
    @pytest.mark.parametrize(("code", "words"), [("kk", "Редактор кабинеті"), ("ru", "Кабинет редактора")])
    def test_is_chosen_at_the_head_and_kept(self, desk, code, words):
        answer = desk.get(f"{FIRST}?language={code}")
        assert (answer.status_code, answer.url) == (302, FIRST)
        assert words in desk.get(FIRST).content.decode()
        assert words in desk.get("/admin/registry/account/").content.decode()

    def test_the_rest_of_the_address_stays(self, desk):
        assert desk.get("/admin/registry/account/?needs=error&language=kk").url.endswith("/?needs=error")

    def test_one_that_the_site_does_not_speak_is_no_switch(self, desk):
        assert desk.get(f"{FIRST}?language=de").status_code == 200

    def test_names_are_in_it(self, desk):
        make_snapshot(make_account(make_actor("ministry")), "2026-11-01", 5)
        desk.get(f"{FIRST}?language=kk")
        for name in ("registry_actor", "registry_account", "snapshots_snapshot"):
            shown = desk.get(reverse(f"admin:{name}_changelist")).content.decode()
            assert "ministry kk" in shown, name
            assert "ministry en" not in shown, name

    def test_the_site_leads_to_the_desk_in_its_own(self, desk):
        assert '"/admin/?language=ru"' in desk.get("/ru/").content.decode()


class TestWhatWaits:
    def test_oldest_first_each_with_its_button(self, desk):
        now = timezone.now()
        account = make_account("a", "tiktok")
        make_snapshot(account, timezone.localdate() - timedelta(days=20), 5)
        fields = {"day": timezone.localdate(), "why": "fall", "against": 5, "source": make_source()}
        doubt = Doubt.objects.create(account=account, followers=1, seen_at=now - timedelta(days=3), **fields)
        asked = correction_requests.ask(account.actor, {"wrong": "A misprint"})
        CorrectionRequest.objects.update(asked_at=now - timedelta(days=9))
        shown = desk.get(FIRST).content.decode()
        addresses = (
            "/admin/round/",
            reverse("admin:snapshots_correctionrequest_change", args=[asked.pk]),
            reverse("admin:snapshots_doubt_change", args=[doubt.pk]),
        )
        places = [shown.index(f'class="button" href="{address}"') for address in addresses]
        assert places == sorted(places)

    def test_nothing(self, desk):
        assert "Nothing waits for you." in desk.get(FIRST).content.decode()

    def test_no_editor_reads_a_command(self, desk, settings, tmp_path):
        settings.BACKUP_DIR = tmp_path / "none"
        make_account("a", "youtube", "page")
        shown = desk.get(FIRST).content.decode()
        assert "no backup yet" in shown
        assert "YouTube is not collected" in shown
        for code in ("manage.py", "YOUTUBE_TERMS", "docs/"):
            assert code not in shown


class TestDrafts:
    def post(self, desk, name, **fields):
        management = {
            f"{part}-{field}": "0"
            for part in ("accounts", "aliases")
            for field in ("TOTAL_FORMS", "INITIAL_FORMS")
        }
        return desk.post(reverse(f"admin:registry_{name}_add"), {**fields, **management})

    def test_what_is_made_at_the_desk_is_a_draft_until_it_is_published(self, desk):
        names = {f"name_{code}": f"New {code}" for code in ("kk", "ru", "en")}
        assert self.post(desk, "actor", slug="new", kind="party", **names).status_code == 302
        titles = {f"title_{code}": f"All {code}" for code in ("kk", "ru", "en")}
        actor = Actor.objects.get()
        assert self.post(desk, "group", slug="all", members=[actor.pk], **titles).status_code == 302
        group = Group.objects.get()
        assert (actor.is_draft, actor.hidden, group.is_draft) == (True, True, True)
        assert "2 drafts are not public yet." in desk.get(FIRST).content.decode()
        assert desk.get("/en/actors/new/").status_code == 404
        shown = desk.post("/admin/publish/", {"actors": [actor.pk], "groups": [group.pk]}, follow=True)
        assert "2 drafts are public now." in shown.content.decode()
        assert desk.get("/en/actors/new/").status_code == 200
        assert desk.get("/en/groups/all/").status_code == 200

    def test_a_preview_is_the_page_as_it_will_be_and_publishes_nothing(self, desk, client):
        actor = make_actor("newcomer", hidden=True, is_draft=True)
        make_snapshot(make_account(actor), "2022", 64_000)
        group = make_group("all", [actor, make_actor("other")])
        Group.objects.update(is_draft=True)
        shown = desk.get(f"/admin/preview/actors/{actor.pk}/")
        assert "64,000" in shown.content.decode()
        assert "only editors see it" in shown.content.decode()
        assert "no-store" in shown["Cache-Control"]
        assert group.title("en") in desk.get(f"/admin/preview/groups/{group.pk}/").content.decode()
        for row in (actor, group):
            row.refresh_from_db()
            assert row.is_draft
        assert desk.get("/en/actors/newcomer/").status_code == 404

    def test_only_drafts_have_one(self, desk):
        assert desk.get(f"/admin/preview/actors/{make_actor('public').pk}/").status_code == 404
        hidden = make_actor("kept-away", hidden=True, hidden_because="A court's order")
        assert desk.get(f"/admin/preview/actors/{hidden.pk}/").status_code == 404
        assert desk.get(f"/admin/preview/accounts/{hidden.pk}/").status_code == 404


def test_no_page_of_the_desk_mixes_two_meanings_of_one_word():
    """`value` and `when` of the public pages are for computed values, those of the desk for recorded ones."""
    mixed = [
        path.name
        for path in (settings.BASE_DIR / "templates/backoffice").glob("*.html")
        if re.search(r"{% load [^%]*\bpages\b", path.read_text())
    ]
    assert mixed == []
