"""Anybody reports a mistake; an editor answers in public; who asked stays unknown. And: an actor in its own words."""

from datetime import date, timedelta

import pytest
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from apps.dashboard import correction_request_form
from apps.registry.models import Membership
from apps.snapshots import correction_requests
from apps.snapshots.models import CorrectionRequest, Reply
from apps.snapshots.recording import correct
from apps.users.models import User
from tests.builders import make_account, make_actor, make_snapshot

pytestmark = pytest.mark.django_db

WORDS = "The number of 2022 is a misprint"


@pytest.fixture
def ministry():
    return make_actor("ministry", name_en="Ministry")


@pytest.fixture
def snapshot(ministry):
    return make_snapshot(make_account(ministry, "facebook", "minpage"), "2022", 64_000)


def began(seconds_ago=10):
    return signing.dumps(int(timezone.now().timestamp()) - seconds_ago, salt=correction_request_form.SALT)


def send(client, actor="ministry", snapshot="", language="en", **fields):
    address = f"/{language}/corrections/ask/?actor={actor}" + (f"&snapshot={snapshot}" if snapshot else "")
    given = {"wrong": WORDS, "right": "63 900", "evidence": "", "email": "", "website": "", "began": began()}
    return client.post(address, {**given, **fields})


def open_request(ministry, **fields):
    return correction_requests.ask(ministry, {"wrong": WORDS, **fields})


def suggest(client, language="en", **fields):
    given = {"wrong": "Minzdrav of Abai", "evidence": "https://t.me/minzdrav", "right": "", "began": began()}
    return client.post(f"/{language}/suggest/", {**given, "email": "", "website": "", **fields})


class TestSuggest:
    def test_where_nothing_is_found_an_account_is_suggested_with_the_name(self, client):
        page = client.get("/en/search/", {"q": "Минздрав & Ко"}).content.decode()
        address = "/en/suggest/?q=%D0%9C%D0%B8%D0%BD%D0%B7%D0%B4%D1%80%D0%B0%D0%B2%20%26%20%D0%9A%D0%BE"
        assert f'href="{address}"' in page
        form = client.get(address).content.decode()
        assert 'value="Минздрав &amp; Ко"' in form

    def test_the_desk_answers_it_and_its_reader_alone_sees_the_answer(
        self, client, admin_client, settings, mailoutbox
    ):
        settings.EMAIL_URL = "smtp://mail.example.org"
        answer = suggest(client, email="reader@example.org", language="ru")
        asked = CorrectionRequest.objects.get()
        assert answer.url == f"/ru/corrections/asked/{asked.key}/"
        assert asked.is_suggestion
        assert "Minzdrav of Abai" in client.get(answer.url).content.decode()
        assert "1 request from readers waits" in admin_client.get("/admin/").content.decode()
        assert "Suggested account" in admin_client.get("/admin/snapshots/correctionrequest/").content.decode()
        row = f"/admin/snapshots/correctionrequest/{asked.pk}/change/"
        assert 'href="/admin/add/"' in admin_client.get(row).content.decode()
        saved = admin_client.post(row, {"outcome": "corrected", "answer": "Аккаунт добавлен."})
        assert saved.status_code == 302
        assert "Добавлено" in client.get(answer.url).content.decode()
        (mail,) = mailoutbox
        assert "Добавлено" in mail.body
        assert "Minzdrav of Abai" in mail.body
        assert "Minzdrav" not in client.get("/en/corrections/").content.decode()
        assert "Minzdrav of Abai" in admin_client.get("/admin/history/").content.decode()

    @pytest.mark.parametrize(
        "fields",
        [{"evidence": ""}, {"evidence": "no address"}, {"wrong": "x"}, {"website": "x"}, {"began": ""}],
    )
    def test_what_is_wrong_is_said_and_nothing_kept(self, client, fields):
        assert 'class="problem"' in suggest(client, **fields).content.decode()
        assert not CorrectionRequest.objects.exists()

    def test_suggestions_and_requests_are_counted_together(self, client, ministry, settings):
        settings.ASKS_AN_HOUR = 2
        assert suggest(client).status_code == 302
        assert send(client).status_code == 302
        assert suggest(client).status_code == 429


class TestAsk:
    @pytest.mark.parametrize("language", ["kk", "ru", "en"])
    def test_the_form_opens_from_every_row_without_a_session(self, client, ministry, snapshot, language):
        page = client.get(f"/{language}/actors/ministry/").content.decode()
        address = f"/{language}/corrections/ask/?actor=ministry&amp;snapshot={snapshot.pk}"
        assert address in page
        form = client.get(address.replace("&amp;", "&"))
        assert form.status_code == 200
        assert "sessionid" not in client.cookies

    def test_who_asked_gets_an_address_and_a_day(self, client, ministry, snapshot):
        answer = send(client, snapshot=snapshot.pk, email="reader@example.org")
        asked = CorrectionRequest.objects.get()
        assert answer.url == f"/en/corrections/asked/{asked.key}/"
        assert (asked.actor, asked.snapshot, asked.wrong) == (ministry, snapshot, WORDS)
        assert asked.about == {
            "platform": "facebook",
            "handle": "minpage",
            "observed": "2022",
            "state": "counted",
            "followers": 64_000,
            "bound": "=",
            "precision": "exact",
        }
        page = client.get(answer.url)
        assert WORDS in page.content.decode()
        assert "reader@example.org" not in page.content.decode()
        assert page["X-Robots-Tag"] == "noindex"

    def test_a_made_up_address_is_none(self, client):
        assert client.get("/en/corrections/asked/4b0a4f0e-1111-4111-8111-111111111111/").status_code == 404

    @pytest.mark.parametrize("actor", ["nobody", "", "secret"])
    def test_nobody_is_asked_about(self, client, actor):
        make_actor("secret", hidden=True)
        assert send(client, actor).status_code == 404

    @pytest.mark.parametrize("which", ["other", "0", "x", "9" * 30])
    def test_a_count_of_somebody_else_is_not_found(self, client, ministry, which):
        other = make_snapshot(make_account("other"), "2022", 5)
        assert send(client, snapshot=other.pk if which == "other" else which).status_code == 404

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"wrong": ""}, "required"),
            ({"wrong": "a" * 2001}, "2000"),
            ({"evidence": "javascript:alert(1)"}, "valid URL"),
            ({"email": "nobody"}, "valid email"),
            ({"website": "https://spam.example"}, "is to stay empty"),
            ({"began": "just now"}, "very quick"),
            ({"began": "made up"}, "too old"),
            ({"began": ""}, "too old"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_kept(self, client, ministry, fields, said):
        if fields.get("began") == "just now":
            fields = {"began": began(0)}
        answer = send(client, **fields)
        assert answer.status_code == 200
        assert said in answer.content.decode()
        assert not CorrectionRequest.objects.exists()

    def test_a_network_asks_so_often_and_no_more(self, client, ministry, settings):
        settings.ASKS_AN_HOUR = 2
        assert send(client).status_code == 302
        assert send(client).status_code == 302
        assert send(client).status_code == 429
        elsewhere = client.post(
            "/en/corrections/ask/?actor=ministry",
            {"wrong": WORDS, "began": began()},
            REMOTE_ADDR="203.0.113.9",
        )
        assert elsewhere.status_code == 302
        CorrectionRequest.objects.update(asked_at=timezone.now() - timedelta(hours=2))
        assert send(client).status_code == 302
        settings.ASKS_A_DAY = 3
        assert send(client).status_code == 429

    def test_the_network_is_kept_hashed(self, client, ministry):
        send(client)
        assert len(CorrectionRequest.objects.get().network) == 64

    def test_words_are_escaped(self, client, ministry):
        asked = open_request(ministry, right="<script>alert(1)</script>")
        assert "<script>alert" not in client.get(f"/en/corrections/asked/{asked.key}/").content.decode()


@pytest.mark.parametrize(
    ("day", "count", "last"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # Friday, Monday
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (date(2026, 11, 23), 10, date(2026, 12, 7)),
    ],
)
def test_working_days(day, count, last):
    assert correction_requests.working_days_after(day, count) == last


class TestAnswer:
    @pytest.fixture
    def editor(self):
        return User.objects.create_superuser("editor")

    @pytest.fixture
    def desk(self, client, editor):
        client.force_login(editor)
        return client

    def page(self, asked):
        return reverse("admin:snapshots_correctionrequest_change", args=[asked.pk])

    def test_corrected_with_its_correction(self, client, desk, editor, ministry, snapshot):
        asked = correction_requests.ask(
            ministry, {"wrong": WORDS, "email": "reader@example.org"}, snapshot=snapshot
        )
        made = correct(
            snapshot,
            state="counted",
            followers=63_900,
            bound="=",
            precision="exact",
            reason="A misprint",
            by=editor,
        )
        shown = desk.get(self.page(asked)).content.decode()
        assert "reader@example.org" in shown
        assert "64,000 → 63,900" in shown
        desk.post(
            self.page(asked), {"outcome": "corrected", "correction": made.pk, "answer": "Thank you, it was."}
        )
        client.logout()
        page = client.get("/en/corrections/").content.decode()
        assert "Thank you, it was." in page
        assert f'href="#correction-{made.pk}"' in page
        for private in (WORDS, "reader@example.org"):
            assert private not in page
        own = client.get(f"/en/corrections/asked/{asked.key}/").content.decode()
        assert "Thank you, it was." in own

    def test_waiting_ones_are_counted_and_not_shown(self, client, ministry):
        open_request(ministry)
        page = client.get("/en/corrections/").content.decode()
        assert "1 request waits" in page
        assert WORDS not in page

    def test_nonsense_is_not_shown(self, client, desk, ministry):
        asked = open_request(ministry)
        desk.post(self.page(asked), {"outcome": "spam", "answer": "rubbish"})
        client.logout()
        assert CorrectionRequest.objects.get().outcome == "spam"
        assert "rubbish" not in client.get("/en/corrections/").content.decode()

    def test_of_a_hidden_actor_nothing_is_shown(self, client, editor, ministry):
        asked = open_request(ministry)
        correction_requests.answer(asked, CorrectionRequest.Outcome.REFUSED, "It is right.", by=editor)
        ministry.hidden = True
        ministry.save()
        assert "It is right." not in client.get("/en/corrections/").content.decode()
        assert client.get(f"/en/corrections/asked/{asked.key}/").status_code == 404

    @pytest.mark.parametrize("wrong", [{"answer": " "}, {"outcome": "perhaps"}, {"correction": "77"}])
    def test_half_an_answer_is_none(self, desk, ministry, wrong):
        asked = open_request(ministry)
        answer = desk.post(self.page(asked), {"outcome": "refused", "answer": "No.", **wrong})
        assert answer.status_code == 200
        assert CorrectionRequest.objects.get().outcome == ""

    def test_a_correction_of_another_actor_is_none(self, editor, ministry):
        other = make_snapshot(make_account("other"), "2022", 5)
        made = correct(
            other, state="counted", followers=6, bound="=", precision="exact", reason="r", by=editor
        )
        asked = open_request(ministry)
        with pytest.raises(correction_requests.WrongAnswer):
            correction_requests.answer(
                asked, CorrectionRequest.Outcome.CORRECTED, "a", by=editor, correction=made
            )

    def test_only_the_first_answer_counts(self, editor, ministry):
        asked = open_request(ministry)
        late = CorrectionRequest.objects.get()
        correction_requests.answer(asked, CorrectionRequest.Outcome.REFUSED, "First", by=editor)
        with pytest.raises(correction_requests.Answered):
            correction_requests.answer(late, CorrectionRequest.Outcome.CORRECTED, "Second", by=editor)
        assert CorrectionRequest.objects.get().answer == "First"

    def test_late_ones_are_marked(self, desk, ministry):
        asked = open_request(ministry)
        address = reverse("admin:snapshots_correctionrequest_changelist") + "?stage=late"
        assert "1 request for a correction" not in desk.get(address).content.decode()
        CorrectionRequest.objects.filter(pk=asked.pk).update(due_on=timezone.localdate() - timedelta(days=1))
        assert 'class="late"' in desk.get(address).content.decode()

    def test_who_asked_is_forgotten_in_time(self, editor, ministry, settings):
        asked = correction_requests.ask(
            ministry, {"wrong": WORDS, "email": "a@example.org"}, network="198.51.100.0/24"
        )
        assert correction_requests.forget() == 0
        correction_requests.answer(asked, CorrectionRequest.Outcome.REFUSED, "No", by=editor)
        assert correction_requests.forget() == 0
        CorrectionRequest.objects.update(
            answered_at=timezone.now() - timedelta(days=settings.ASKER_DAYS, minutes=1)
        )
        assert correction_requests.forget() == 1
        asked.refresh_from_db()
        assert (asked.email, asked.network) == ("", "")


class TestReply:
    @pytest.fixture
    def officer(self, ministry):
        user = User.objects.create_user("officer")
        Membership.objects.create(user=user, actor=ministry)
        return user

    def write(self, client, actor="ministry", **fields):
        given = {"day": timezone.localdate().isoformat(), "kk": "", "ru": "Мы сменили страницу", "en": ""}
        return client.post(f"/en/me/reply/?actor={actor}", {**given, **fields})

    def test_a_press_officer_writes_and_everyone_reads(self, client, officer):
        client.force_login(officer)
        assert client.get("/en/me/reply/?actor=ministry").status_code == 200
        assert self.write(client).status_code == 302
        client.logout()
        page = client.get("/en/actors/ministry/").content.decode()
        assert '<p lang="ru">Мы сменили страницу</p>' in page
        assert "officer" not in page.replace("press officer", "")

    def test_of_the_own_body_only(self, client, officer):
        make_actor("other")
        client.force_login(officer)
        assert self.write(client, "other").status_code == 403
        assert not Reply.objects.exists()

    def test_a_stranger_signs_in_first(self, client, ministry):
        assert self.write(client).status_code == 302
        assert not Reply.objects.exists()

    @pytest.mark.parametrize("wrong", [{"ru": " "}, {"day": "2999-01-01"}, {"day": "x"}, {"ru": "a" * 2001}])
    def test_what_cannot_be_published(self, client, officer, wrong):
        client.force_login(officer)
        assert self.write(client, **wrong).status_code == 200
        assert not Reply.objects.exists()

    def test_taken_off_it_is_kept(self, client, officer, ministry):
        said = correction_requests.reply(ministry, {"en": "So it is"}, day=date(2026, 1, 1), by=officer)
        Reply.objects.filter(pk=said.pk).update(is_shown=False)
        assert "So it is" not in client.get("/en/actors/ministry/").content.decode()
