"""The first lines of the desk: what waits for an editor, each with its count and its way; gone when done."""

import os
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone

from apps.figures import formats
from apps.registry.models import Actor
from apps.snapshots import correction_requests
from apps.snapshots.models import CorrectionRequest
from apps.users.models import User
from tests.builders import make_account, make_actor, make_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return User.objects.create_user("editor", is_staff=True)


@pytest.fixture
def desk(client, editor, settings, tmp_path):
    settings.BACKUP_DIR = tmp_path / "backups"
    client.force_login(editor)
    return client


def page(desk):
    return desk.get(reverse("admin:index")).content.decode()


def test_actors_without_accounts(desk):
    lonely = make_actor("lonely")
    assert "1 actor has no account." in page(desk)
    listed = desk.get(reverse("admin:registry_actor_changelist") + "?needs=account").content.decode()
    assert "lonely en" in listed
    make_account(lonely)
    assert "no account." not in page(desk)


def test_a_predecessor_needs_no_account(desk):
    make_account(make_actor("new", succeeds=make_actor("old")))
    assert "no account." not in page(desk)


def test_requests_with_their_deadline(desk, editor):
    asked = correction_requests.ask(make_account("a").actor, {"wrong": "A misprint"})
    shown = page(desk)
    assert (
        f"1 request from readers waits for its answer; the next is due by {formats.day(asked.due_on)}."
        in shown
    )
    assert "is late" not in shown
    CorrectionRequest.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    assert "1 is late." in page(desk)
    correction_requests.answer(asked, CorrectionRequest.Outcome.REFUSED, "No", by=editor)
    assert "for its answer" not in page(desk)


@pytest.mark.parametrize(("days", "said"), [(-1, "ended on"), (14, "ends on"), (15, None)])
def test_tokens_near_their_end(desk, settings, days, said):
    ends = timezone.localdate() + timedelta(days=days)
    settings.TOKEN_EXPIRES = {"facebook": ends.isoformat(), "vk": "some day"}
    shown = page(desk)
    assert (
        (f"The token for Facebook {said} {formats.day(ends)}." in shown)
        if said
        else ("The token for" not in shown)
    )


def test_backups(desk, settings, tmp_path):
    assert "There is no backup yet" in page(desk)
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "one.zip").write_bytes(b"x")
    assert "backup" not in page(desk)
    settings.BACKUP_ALARM_HOURS = 0
    (tmp_path / "backups" / "one.zip").unlink()
    assert "There is no backup yet" not in page(desk)


@pytest.mark.parametrize(("minutes", "alarm"), [(-1, False), (1, True)])
def test_a_backup_is_too_old_after_thirty_hours(desk, tmp_path, minutes, alarm):
    (tmp_path / "backups").mkdir()
    backup = tmp_path / "backups" / "one.zip"
    backup.write_bytes(b"x")
    written = (timezone.now() - timedelta(hours=30, minutes=minutes)).timestamp()
    os.utime(backup, (written, written))
    assert ("The newest backup is of" in page(desk)) is alarm


def test_second_factors(desk, editor):
    User.objects.create_user("viewer")
    assert "1 person of the desk has set up no second factor." in page(desk)
    Authenticator.objects.create(user=editor, type=Authenticator.Type.TOTP, data={})
    assert "second factor" not in page(desk)


def test_a_platform_without_its_key_leads_to_how_it_is_read(desk):
    make_account("a", "youtube", "page")
    assert 'href="/en/status/#youtube"' in page(desk)


class TestActor:
    def post(self, desk, actor, **fields):
        given = {
            "name_kk": "a",
            "name_ru": "a",
            "name_en": "a",
            "slug": actor.slug,
            "kind": "state_body",
            **fields,
        }
        management = {
            f"{part}-{name}": "0"
            for part in ("accounts", "aliases")
            for name in ("TOTAL_FORMS", "INITIAL_FORMS")
        }
        return desk.post(reverse("admin:registry_actor_change", args=[actor.pk]), {**given, **management})

    def test_is_hidden_only_with_a_reason(self, desk):
        actor = make_actor("a")
        assert "Write why it is hidden." in self.post(desk, actor, hidden="on").content.decode()
        assert self.post(desk, actor, hidden="on", hidden_because="A court's order").status_code == 302
        assert Actor.objects.get().hidden

    def test_does_not_follow_itself(self, desk):
        actor = make_actor("a")
        later = make_actor("b", succeeds=actor)
        assert "cannot follow itself" in self.post(desk, actor, succeeds=later.pk).content.decode()
        assert "cannot follow itself" in self.post(desk, actor, succeeds=actor.pk).content.decode()
        other = make_actor("c")
        assert self.post(desk, other, succeeds=later.pk).status_code == 302


def test_a_groups_address_stays(desk):
    group = make_group("bodies", [make_actor("a")])
    address = reverse("admin:registry_group_change", args=[group.pk])
    names = {f"title_{language}": "Other" for language in ("en", "ru", "kk")}
    members = [actor.pk for actor in group.members.all()]
    assert desk.post(address, {**names, "slug": "moved", "members": members}).status_code == 302
    group.refresh_from_db()
    assert (group.slug, group.title_en) == ("bodies", "Other")
    assert 'name="slug"' in desk.get(reverse("admin:registry_group_add")).content.decode()
