"""Accounts in bulk: verdicts before anything is saved, partial success, the same cost for a thousand lines, undone."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.backoffice.pages.reading_form import LEAVE
from apps.intake import additions, bulk_add
from apps.intake.bulk_add import LineVerdict
from apps.intake.models import Addition
from apps.registry.models import Account, Actor
from apps.users.models import User
from tests.builders import make_account, make_actor, make_snapshot

pytestmark = pytest.mark.django_db
PAGE = "/admin/add/"
LINES = """https://t.me/akorda_official
@govkz
Министерство труда; https://www.facebook.com/enbekgovkz
Бөрі; Волк; Wolf; https://www.instagram.com/wolf; blogger
https://t.me/AKORDA_OFFICIAL
https://t.me/tracked_one
https://www.youtube.com/watch?v=dQw4w9WgXcQ
"""


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("apps.collecting.tasks.wake", lambda: None)


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_superuser("editor"))
    return client


def look(desk, lines, **fields):
    return desk.post(PAGE, {"lines": lines, "platform": "", "kind": "state_body", **fields})


def save(desk, lines):
    shown = look(desk, lines).context["shown"]
    return look(desk, lines, save="1", shown=shown)


def test_strangers_stay_out(client):
    assert client.get(PAGE).status_code == 302
    client.force_login(User.objects.create_user("viewer"))
    assert client.get(PAGE).status_code == 302


def test_every_line_has_its_verdict_and_nothing_is_saved(desk):
    make_account("known", "telegram", "tracked_one")
    ministry = make_actor("mintrud", name_ru="Министерство труда")
    answer = look(desk, LINES)
    lines = answer.context["lines"]
    assert [line.verdict for line in lines] == [
        *(LineVerdict.CREATES, LineVerdict.UNREADABLE, LineVerdict.JOINS, LineVerdict.CREATES),
        *(LineVerdict.TWICE, LineVerdict.TRACKED, LineVerdict.UNREADABLE),
    ]
    assert lines[2].actor == ministry
    assert (lines[3].names, lines[3].kind) == (("Бөрі", "Волк", "Wolf"), "blogger")
    page = answer.content.decode()
    for words in ("without a platform", "line 1 names the same", "single video", "Telegram: tracked_one"):
        assert words in page
    assert Account.objects.count() == 1


def test_the_good_are_saved_the_bad_stay_in_the_box(desk):
    answer = save(desk, LINES)
    assert Account.objects.count() == 4
    assert "https://www.youtube.com/watch" in answer.context["form"].initial["lines"]
    assert "wolf" not in answer.context["form"].initial["lines"]
    wolf = Actor.objects.get(name_kk="Бөрі")
    assert (wolf.name_ru, wolf.name_en, wolf.kind, wolf.slug) == ("Волк", "Wolf", "blogger", "wolf")


def test_what_was_not_shown_is_not_saved(desk):
    shown = look(desk, "https://t.me/akorda_official").context["shown"]
    answer = look(desk, "https://t.me/other_channel", save="1", shown=shown)
    assert answer.context["good"] == 1
    assert not Account.objects.exists()


def test_duplicates_by_platform_id(desk):
    make_account("a", "youtube", "x", platform_id="UC" + "a" * 22)
    assert (
        look(desk, "https://www.youtube.com/channel/UC" + "a" * 22).context["lines"][0].verdict == "tracked"
    )


def test_undone_while_nothing_is_recorded(desk):
    waiting = make_account(make_actor("mintrud", name_ru="Министерство труда"), "facebook", "")
    save(desk, LINES)
    kept = Account.objects.get(handle="wolf")
    make_snapshot(kept, "2026-11-20", 5, recorded_at=Addition.objects.get().at)
    page = desk.post(f"/admin/add/{Addition.objects.get().pk}/undo/", follow=True).content.decode()
    assert "1 account stays" in page
    waiting.refresh_from_db()
    assert waiting.handle == ""
    assert set(Account.objects.all()) == {waiting, kept}
    assert set(Actor.objects.values_list("slug", flat=True)) == {"mintrud", "wolf"}


class TestWhoMayUndo:
    def undo(self, client):
        return client.post(f"/admin/add/{Addition.objects.get().pk}/undo/")

    @pytest.fixture(autouse=True)
    def addition(self, desk):
        save(desk, "https://t.me/akorda_official")
        desk.logout()

    @pytest.fixture
    def refused(self):
        yield
        assert Addition.objects.get().undone_at is None
        assert Account.objects.count() == 1

    def test_nobody_who_is_not_of_the_desk(self, client, refused):
        assert self.undo(client).status_code == 302
        client.force_login(User.objects.create_user("viewer"))
        assert self.undo(client).status_code == 302

    def test_nobody_without_the_right_to_add_accounts(self, client, refused, settings):
        settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
        client.force_login(User.objects.create_user("clerk", is_staff=True))
        assert self.undo(client).status_code == 403

    def test_no_other_editor(self, client, refused):
        client.force_login(User.objects.create_superuser("other"))
        assert self.undo(client).status_code == 404

    def test_not_by_a_mere_link(self, client, refused):
        client.force_login(User.objects.get(username="editor"))
        assert client.get(f"/admin/add/{Addition.objects.get().pk}/undo/").status_code == 405

    def test_whoever_added_them(self, client):
        client.force_login(User.objects.get(username="editor"))
        assert self.undo(client).status_code == 302
        assert not Account.objects.exists()


def test_a_thousand_lines_cost_as_many_statements_as_one(desk):
    editor = User.objects.get()

    def cost(count):
        lines = "\n".join(f"https://t.me/channel_{count}_{number}" for number in range(count))
        with CaptureQueriesContext(connection) as queries:
            additions.save(bulk_add.judge(lines), by=editor)
        return len(queries)

    assert cost(3) == cost(1000)
    assert Account.objects.count() == 1003


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_comes_back_as_lines(desk, kind):
    template = desk.get(f"/admin/add/template-ru.{kind}").content
    answer = look(desk, "", file=SimpleUploadedFile(f"accounts.{kind}", template))
    (line,) = answer.context["lines"]
    assert (line.verdict, line.names[0], line.target.handle) == ("creates", "Ақорда", "akorda_official")


@pytest.mark.parametrize(
    "line", ["=HYPERLINK(1); https://t.me/akorda_official", "a\0b; https://t.me/akorda_official"]
)
def test_what_is_no_name_is_refused(desk, line):
    assert look(desk, line).context["good"] == 0


def test_lines_as_they_are_copied(desk):
    lines = '[канал](https://t.me/akorda_official)\n{x}\n"Тал" газета; https://vk.com/tal_gazeta\nTelegram: @govkz_official\nhttps://t.me/a_one, https://vk.com/b_two\n'
    answer = look(desk, lines)
    assert [line.target and (line.target.platform, line.target.handle) for line in answer.context["lines"]] == [
        ("telegram", "akorda_official"), None, ("vk", "tal_gazeta"), ("telegram", "govkz_official"), ("telegram", "a_one"), ("vk", "b_two"),
    ]  # fmt: skip
    assert answer.context["lines"][2].names[1] == '"Тал" газета'


def test_a_like_name_is_asked_about_and_then_known(desk):
    make_actor("mintrud", name_ru="Министерство труда и социальной защиты")
    line = "Минтруда; https://t.me/mintrud_official"
    first = look(desk, line)
    assert [one.verdict for one in first.context["lines"]] == [LineVerdict.ASKED]
    assert first.context["good"] == 0
    said = {"asked-0": "Минтруда", "who-0": "mintrud"}
    second = look(desk, line, **said)
    assert [one.verdict for one in second.context["lines"]] == [LineVerdict.JOINS]
    answers = second.context["form"].initial["answers"]
    look(desk, line, save="1", shown=second.context["shown"], answers=answers)
    assert Account.objects.get(handle="mintrud_official").actor.slug == "mintrud"
    assert (
        look(desk, "Минтруда; https://vk.com/mintrud_page").context["lines"][0].verdict == LineVerdict.JOINS
    )


def test_a_file_is_kept_between_looking_and_saving(desk):
    table = "№;Орган;Facebook;Telegram\n1;Министерство ветров;https://www.facebook.com/vetry.kz;@vetry_kz\nИтого;1;;\n"
    first = look(desk, "", file=SimpleUploadedFile("list.csv", table.encode("cp1251")))
    assert first.context["good"] == 2
    fields = {name: first.context["form"].initial[name] for name in ("kept", "answers")}
    look(desk, "", save="1", shown=first.context["shown"], **fields)
    assert set(Account.objects.values_list("platform", "handle")) == {
        ("facebook", "vetry.kz"),
        ("telegram", "vetry_kz"),
    }
    assert Actor.objects.get().is_draft


KINDS = "Орган,Тип,Ссылка\nСуд ветров,Суды,https://t.me/sud_vetrov\nСуд мостов,суды,https://t.me/sud_mostov\nБлог,Блогер,https://t.me/blog_kz\n"


@pytest.mark.parametrize(("answer", "kind"), [("agency", "agency"), ("-", "company")])
def test_an_unknown_type_is_asked_once_for_all_its_rows(desk, answer, kind):
    first = look(desk, KINDS, kind="company")
    assert [line.verdict for line in first.context["lines"]] == ["asked", "asked", "creates"]
    asked = first.context["questions"]
    assert [(one["question"].kind, one["question"].rows) for one in asked] == [("kind", 2)]
    said = {"asked-0": asked[0]["question"].value, asked[0]["field"]: LEAVE if answer == "-" else answer}
    second = look(desk, KINDS, kind="company", **said)
    assert second.context["good"] == 3
    answers = second.context["form"].initial["answers"]
    look(desk, KINDS, kind="company", save="1", shown=second.context["shown"], answers=answers)
    assert dict(Actor.objects.values_list("name_ru", "kind")) == {
        "Суд ветров": kind,
        "Суд мостов": kind,
        "Блог": "blogger",
    }
