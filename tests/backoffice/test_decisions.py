"""A held count is decided on its own page; a request leads to its number, whose correction answers it."""

import smtplib

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from apps.snapshots import correction_requests
from apps.snapshots.models import Correction, CorrectionRequest, Doubt, Snapshot
from apps.users.models import User
from tests.builders import make_account, make_actor, make_snapshot, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return User.objects.create_user("editor", is_staff=True)


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def account():
    account = make_account(make_actor("ministry"), "facebook", "minpage")
    make_snapshot(account, "2026-11-01", 75_000)
    make_snapshot(account, "2026-11-05", 76_000)
    return account


@pytest.fixture
def doubt(account):
    return make_doubt(account)


def make_doubt(account, followers=760, **fields):
    values = {"day": "2026-11-06", "why": "fall", "against": 76_000, "seen_at": timezone.now(), **fields}
    return Doubt.objects.create(account=account, followers=followers, source=make_source(), **values)


def page(doubt):
    return reverse("admin:snapshots_doubt_change", args=[doubt.pk])


def standing(account):
    return list(account.snapshots.order_by("day").values_list("followers", flat=True))


class TestHeldCount:
    def test_its_page_has_the_question_the_chart_and_the_way_to_the_page(self, desk, doubt):
        shown = desk.get(page(doubt)).content.decode()
        for words in ("760", "76,000", "fell by nine tenths", "ministry en", 'class="strange"'):
            assert words in shown
        assert "https://www.facebook.com/minpage" in shown

    @pytest.mark.parametrize(
        ("button", "decision", "counts"),
        [("accept", "accepted", [75_000, 76_000, 760]), ("reject", "rejected", [75_000, 76_000])],
    )
    def test_one_press_decides(self, desk, doubt, account, button, decision, counts):
        answer = desk.post(page(doubt), {button: "1"}, follow=True)
        doubt.refresh_from_db()
        assert doubt.decision == decision
        assert standing(account) == counts
        assert "Undo" in answer.content.decode()
        assert answer.request["PATH_INFO"] == reverse("admin:index")  # nothing else waits

    def test_the_same_question_of_several_days_is_decided_once(self, desk, doubt, account):
        make_doubt(account, 761, day="2026-11-07")
        assert "for 2 days: the decision is for all of them" in desk.get(page(doubt)).content.decode()
        desk.post(page(doubt), {"reject": "1"})
        assert set(Doubt.objects.values_list("decision", flat=True)) == {"rejected"}

    def test_the_next_one_follows(self, desk, doubt, account):
        following = make_doubt(account, 5, day="2026-11-07")
        assert desk.post(page(doubt), {"reject": "1"}).url == page(following)

    def test_corrected_where_nothing_stands(self, desk, doubt, account, editor):
        given = {"correct": "1", "state": "counted", "count": "76,2K", "reason": "The page shows 76.2K"}
        desk.post(page(doubt), given)
        doubt.refresh_from_db()
        assert doubt.decision == "rejected"
        row = account.snapshots.get(day="2026-11-06")
        assert (row.followers, row.precision, row.edited_by) == (76_200, "abbrev", editor)
        assert "76.2K" in row.note

    def test_corrected_where_another_value_stands(self, desk, doubt, account):
        row = make_snapshot(account, "2026-11-06", 70_000)
        desk.post(page(doubt), {"correct": "1", "state": "counted", "count": "76 100", "reason": "Seen"})
        row.refresh_from_db()
        assert row.followers == 76_100
        assert Correction.objects.get().reason == "Seen"

    def test_a_correction_needs_its_reason_and_its_number(self, desk, doubt, account):
        shown = desk.post(page(doubt), {"correct": "1", "state": "counted", "count": "", "reason": ""})
        assert shown.status_code == 200
        doubt.refresh_from_db()
        assert doubt.decision == ""

    def test_who_comes_second_changes_nothing(self, desk, doubt, account):
        other = User.objects.create_user("other", is_staff=True)
        Doubt.objects.update(decision="rejected", decided_by=other, decided_at=timezone.now())
        given = {"state": "counted", "count": "76 100", "reason": "Seen"}
        for button in ("accept", "correct"):
            shown = desk.post(page(doubt), {button: "1", **given}, follow=True).content.decode()
            assert "Somebody else has decided it meanwhile." in shown
        assert standing(account) == [75_000, 76_000]

    def test_a_rejection_is_taken_back(self, desk, doubt):
        desk.post(page(doubt), {"reject": "1"})
        desk.post(page(doubt), {"reopen": "1"})
        doubt.refresh_from_db()
        assert doubt.decision == ""

    def test_a_viewer_looks_and_decides_nothing(self, client, doubt, monkeypatch):
        client.force_login(User.objects.create_user("viewer", is_staff=True))
        monkeypatch.setattr("apps.backoffice.admin.held.DoubtAdmin.has_decide_permission", lambda *_: False)
        assert "Accept" not in client.get(page(doubt)).content.decode()
        assert client.post(page(doubt), {"accept": "1"}).status_code == 403


class TestRequest:
    @pytest.fixture
    def asked(self, account):
        said = {"wrong": "It was 75,500", "email": "reader@example.org"}
        row = account.snapshots.get(day="2026-11-01")
        return correction_requests.ask(account.actor, said, snapshot=row, language="ru")

    @pytest.fixture(autouse=True)
    def mail_server(self, settings):
        settings.EMAIL_URL = "smtp://example.org"

    def correct(self, desk, asked, **more):
        address = reverse("admin:snapshots_snapshot_change", args=[asked.snapshot_id])
        given = {"state": "counted", "count": "75 500", "reason": "Опечатка исправлена", **more}
        return desk.post(f"{address}?request={asked.pk}", given, follow=True)

    def test_leads_to_its_number_whose_correction_answers_it_by_mail(self, desk, asked, editor):
        address = f"/admin/snapshots/snapshot/{asked.snapshot_id}/change/?request={asked.pk}"
        shown = desk.get(reverse("admin:snapshots_correctionrequest_change", args=[asked.pk]))
        assert address in shown.content.decode()
        assert "It was 75,500" in desk.get(address).content.decode()
        self.correct(desk, asked)
        asked.refresh_from_db()
        assert (asked.outcome, asked.answer, asked.answered_by) == (
            "corrected",
            "Опечатка исправлена",
            editor,
        )
        assert asked.correction.new["followers"] == 75_500
        [letter] = mail.outbox
        assert letter.to == ["reader@example.org"]
        assert letter.subject == "KZMedia: ответ на вашу просьбу об исправлении"
        for words in ("ministry ru", "Опечатка исправлена", f"/ru/corrections/asked/{asked.key}/"):
            assert words in letter.body

    def test_about_no_number_offers_the_newest_of_each_account(self, desk, account):
        asked = correction_requests.ask(account.actor, {"wrong": "All of it"})
        shown = desk.get(reverse("admin:snapshots_correctionrequest_change", args=[asked.pk]))
        newest = account.snapshots.get(day="2026-11-05")
        assert f"/admin/snapshots/snapshot/{newest.pk}/change/?request={asked.pk}" in shown.content.decode()

    def test_an_answer_without_a_correction_is_told_too(self, desk, asked):
        address = reverse("admin:snapshots_correctionrequest_change", args=[asked.pk])
        desk.post(address, {"outcome": "refused", "answer": "Число верно"})
        assert "Число верно" in mail.outbox[0].body

    def test_nonsense_is_told_to_nobody(self, desk, asked):
        address = reverse("admin:snapshots_correctionrequest_change", args=[asked.pk])
        desk.post(address, {"outcome": "spam", "answer": ""})
        assert CorrectionRequest.objects.get().outcome == "spam"
        assert mail.outbox == []

    def test_answered_by_another_nothing_is_changed(self, desk, asked, editor, monkeypatch):
        def too_late(*_args, **_named):
            raise correction_requests.Answered

        monkeypatch.setattr(correction_requests, "answer", too_late)
        assert "Nothing was changed" in self.correct(desk, asked).content.decode()
        assert Snapshot.objects.get(pk=asked.snapshot_id).followers == 75_000
        assert not Correction.objects.exists()

    def test_a_mail_server_that_refuses_costs_no_answer(self, desk, asked, monkeypatch):
        def refuse(*_args, **_named):
            raise smtplib.SMTPServerDisconnected("gone")

        monkeypatch.setattr(correction_requests, "send_mail", refuse)
        assert "could not be sent" in self.correct(desk, asked).content.decode()
        assert CorrectionRequest.objects.get().outcome == "corrected"

    def test_of_another_actor_is_not_answered(self, desk, asked):
        other = make_snapshot(make_account("other"), "2026-11-01", 5)
        address = reverse("admin:snapshots_snapshot_change", args=[other.pk])
        given = {"state": "counted", "count": "6", "reason": "Seen"}
        desk.post(f"{address}?request={asked.pk}", given)
        assert CorrectionRequest.objects.get().outcome == ""
