"""Imports on the web: verdicts before anything is recorded, a batch written whole and undone, files nobody can trust."""

import io
import re
import zipfile
from uuid import uuid4

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from apps.intake import imports
from apps.intake.models import ImportBatch, ImportedRow
from apps.snapshots.models import Correction, Snapshot
from apps.users.models import User
from tests.builders import make_account, make_snapshot, make_source

pytestmark = pytest.mark.django_db
START = "/admin/import/"
WIDE = "actor;platform;2017;наурыз 2022;05.04.2022\nabenov;Facebook;39 000;1,5 млн;1\u00a0550\u00a0000\nabenov;Facebook;39 001;;\n"


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return tmp_path / "media" / "imports"


@pytest.fixture
def account():
    return make_account("abenov", "facebook", "murat")


@pytest.fixture
def editor():
    return User.objects.create_superuser("editor")


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def send(desk, content, name="counts.csv", **fields):
    content = content.encode() if isinstance(content, str) else content
    sent = {"file": SimpleUploadedFile(name, content), "source": make_source("study").pk, "platform": ""}
    return desk.post(START, {**sent, **fields}, follow=True)


def page_of(batch):
    return reverse("admin:backoffice_import_batch", args=[batch.pk])


def do(desk, what, **fields):
    return desk.post(page_of(ImportBatch.objects.get()), {"do": what, **fields}, follow=True)


def workbook(rows):
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return made.getvalue()


def test_strangers_and_viewers_stay_out(client):
    assert client.get(START).status_code == 302
    client.force_login(User.objects.create_user("viewer"))
    assert client.get(START).status_code == 302


def test_verdicts_first_then_import_then_undo(desk, account, files):
    make_snapshot(account, "2022-04-05", 60_000)
    page = send(desk, WIDE).content.decode()
    batch = ImportBatch.objects.get()
    assert (batch.layout, batch.counts) == ("wide", {"new": 2, "conflict": 2})
    assert "60000" in page
    assert "in line 2 of this file" in page
    assert Snapshot.objects.count() == 1
    do(desk, "write")
    assert sorted(Snapshot.objects.values_list("followers", "precision")) == [
        (39_000, "printed"),
        (60_000, "exact"),
        (1_500_000, "abbrev"),
    ]
    assert not list(files.iterdir())
    assert "2 removed" in do(desk, "undo").content.decode()
    assert Snapshot.objects.get().followers == 60_000
    assert ImportedRow.objects.filter(verdict="new").count() == 2


def test_again_it_changes_nothing(desk, account):
    for _again in range(2):
        ImportBatch.objects.all().delete()
        send(desk, "actor,platform,day,followers\nabenov,facebook,2022,5\n")
        do(desk, "write")
    assert ImportBatch.objects.get().counts["same"] == 1
    assert Snapshot.objects.count() == 1


def test_what_was_changed_since_is_left_alone(desk, account, editor):
    send(desk, WIDE)
    do(desk, "write")
    touched = Snapshot.objects.get(followers=39_000)
    from apps.snapshots.recording import correct

    correct(touched, state="counted", followers=38_000, bound="=", precision="printed", reason="x", by=editor)
    assert "1 left alone" in do(desk, "undo").content.decode()
    assert Snapshot.objects.get().followers == 38_000


def test_values_are_replaced_only_with_a_reason_and_come_back(desk, account):
    standing = make_snapshot(account, "2017", 38_000, precision="printed", note="before")
    send(desk, "actor;platform;2017\nabenov;facebook;39 000")
    do(desk, "write", replace="on")
    assert ImportBatch.objects.get().stage == "checked"
    do(desk, "write", replace="on", reason="Misprint")
    standing.refresh_from_db()
    assert (standing.followers, standing.source.key) == (39_000, "study")
    do(desk, "undo")
    standing.refresh_from_db()
    assert (standing.followers, standing.note, standing.edited_by) == (38_000, "before", None)
    assert [row.new["followers"] for row in Correction.objects.order_by("at")] == [39_000, 38_000]


def test_rows_that_cannot_be_read_are_left_out_only_when_said(desk, account):
    page = send(desk, "actor,platform,day,followers\nabenov,facebook,2022,5\nnobody,facebook,Q1 2022,many\n")
    assert "“Q1 2022” is a quarter" in page.content.decode()
    do(desk, "write")
    assert not Snapshot.objects.exists()
    do(desk, "write", leave_out="on")
    assert Snapshot.objects.count() == 1


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8-sig", "utf-8"), ("utf-16", "utf-16-le"), ("utf-16-be", "utf-16-be"), ("cp1251", "cp1251")],
)
def test_any_common_encoding(desk, account, encoding, found):
    text = "актор;платформа;дата;число\nabenov;Facebook;5 марта 2022 г.;1,5 млн\n"
    send(desk, text.encode(encoding))
    batch = ImportBatch.objects.get()
    assert (batch.encoding, batch.counts) == (found, {"new": 1})


def test_the_encoding_can_be_changed(desk, account):
    text = "actor;platform;day;followers;note\nabenov;Facebook;2022;5;жаңа ескерту\n"
    send(desk, text)
    do(desk, "check", encoding="cp1251")
    assert ImportBatch.objects.get().encoding == "cp1251"
    do(desk, "check", encoding="utf-8")
    assert ImportedRow.objects.get().note == "жаңа ескерту"


def test_a_workbook(desk, account):
    from datetime import date

    send(
        desk,
        workbook([["actor", "platform", 2017, "2022-03"], ["abenov", "facebook", 39000, "76K"]]),
        "a.xlsx",
    )
    assert ImportBatch.objects.get().counts == {"new": 2}
    assert ImportedRow.objects.get(number=1).day == date(2017, 1, 1)


def bomb():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "x")
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            for _block in range(401):
                part.write(bytes(1 << 20))
    return made.getvalue()


def archive(*names):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as parts:
        for name in names:
            parts.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "no text"),
        (b"actor,platform,day,followers\nabenov,facebook,2022,5\0\n" + b"x\0\0" * 5000, "no text"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old kind"),
        (archive("hello.txt"), "not a workbook"),
        (archive("xl/workbook.xml", "../../etc/passwd"), "leads out of it"),
        (archive("xl/workbook.xml"), "cannot be read"),
        (b"PK\x03\x04 damaged", "cannot be read"),
        ("bomb", "unpacks to far more"),
    ],
    ids=["empty", "picture", "zero byte", "xls", "zip", "path", "no sheet", "damaged", "bomb"],
)
def test_hostile_files_are_refused_with_a_sentence(desk, files, content, words):
    answer = send(desk, bomb() if content == "bomb" else content, "../../x.xlsx")
    assert words in answer.content.decode()
    assert not ImportBatch.objects.exists()
    assert not list(files.glob("*"))


def test_too_large_a_request_is_not_read(desk):
    answer = desk.generic("POST", START, b"", CONTENT_LENGTH=str(100 * 1024 * 1024))
    assert answer.status_code == 413
    assert "too large" in answer.content.decode()


def test_a_full_disk_gives_a_sentence(desk, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("apps.common.grids._copy", full)
    assert send(desk, WIDE).status_code == 507


def test_work_whose_worker_has_died_is_begun_again(desk, account):
    send(desk, WIDE)
    ImportBatch.objects.update(stage="writing")
    page = desk.get(page_of(ImportBatch.objects.get()))
    assert page.context["batch"].stage == "checked"


def test_a_large_file_is_left_to_a_worker(desk, account, monkeypatch):
    begun = []
    monkeypatch.setattr("apps.backoffice.pages.imports.AT_ONCE", 10)
    monkeypatch.setattr(
        "apps.intake.tasks.begin_import", lambda batch, work, **how: begun.append(work) or True
    )
    page = send(desk, WIDE).content.decode()
    assert begun == ["check"]
    assert 'http-equiv="refresh"' in page
    ImportBatch.objects.update(stage="checking", percent=40)
    connection_busy = page_of(ImportBatch.objects.get())
    monkeypatch.setattr(imports, "revive", lambda batch: None)
    assert '<progress max="100" value="40">' in desk.get(connection_busy).content.decode()


ASKING = "Наименование;Соцсеть;Дата;Подписчики;Прирост\nAbenov M.;Фейсбук;03/05/2019;41 260;5\n"


def answer(desk, **fields):
    return do(desk, "answer", **fields)


def test_what_has_two_readings_is_asked_once_and_remembered_for_the_source(desk, account):
    page = send(desk, ASKING)
    batch = ImportBatch.objects.get()
    assert {question["kind"] for question in batch.reading["questions"]} == {"day_order", "actor"}
    assert "Left out: Прирост" in " ".join(page.content.decode().split())
    kinds = [question["kind"] for question in batch.reading["questions"]]
    given = {f"answer-{kinds.index('day_order')}": "dmy", f"answer-{kinds.index('actor')}-text": "abenov"}
    answer(desk, **given)
    batch.refresh_from_db()
    assert (batch.counts, batch.reading["questions"]) == ({"new": 1}, [])
    do(desk, "write")
    assert str(Snapshot.objects.get().day) == "2019-05-03"

    ImportBatch.objects.all().delete()
    page = send(desk, ASKING.replace("03/05/2019", "04/06/2019"))
    batch = ImportBatch.objects.get()
    assert batch.reading["remembered"]
    assert batch.counts == {"new": 1}  # the name is another name of the actor by now
    assert "Read as the last table of this source" in page.content.decode()


def test_a_column_may_be_given_another_role(desk, account):
    send(desk, "Actor,Network,Date,Readers,Followers\nabenov,facebook,2018,5,7\n")
    assert ImportedRow.objects.get().followers == 7
    answer(desk, **{"role-0-3": "followers", "role-0-4": "left"})
    assert ImportedRow.objects.get().followers == 5


def test_a_source_may_be_made_beside_the_file_or_after_it(desk, account):
    table = "actor,platform,day,followers\nabenov,facebook,2018,5\n"
    send(desk, table, source="", source_title="Сводка за 2018 год")
    assert ImportBatch.objects.get().source.title == "Сводка за 2018 год"
    ImportBatch.objects.all().delete()
    send(desk, table, source="")
    do(desk, "write")
    assert not Snapshot.objects.exists()  # nobody has said where the number comes from
    do(desk, "source", source_title="Another one")
    do(desk, "write")
    assert Snapshot.objects.get().source.title == "Another one"


def test_cells_may_be_pasted_and_a_refusal_keeps_what_was_entered(desk, account):
    page = desk.post(
        START, {"pasted": "", "source_title": "Kept", "platform": "vk"}, follow=True
    ).content.decode()
    assert 'value="Kept"' in page
    desk.post(
        START,
        {"pasted": "actor\tplatform\t2018\nabenov\tfacebook\t39 000\n", "source": make_source("study").pk},
        follow=True,
    )
    assert ImportBatch.objects.get().counts == {"new": 1}


def test_a_strange_count_is_held_out_and_drawn_until_it_is_accepted(desk, account):
    make_snapshot(account, "2019-03-01", 42_300)
    page = send(
        desk,
        "actor,platform,day,followers\nabenov,facebook,2019-03-02,423100\nabenov,facebook,2019-03-03,42350\n",
    ).content.decode()
    batch = ImportBatch.objects.get()
    assert batch.counts == {"new": 1, "doubt": 1}
    assert "<svg" in page
    assert "ten times 42,300 on 2019-03-01, or more" in page
    do(desk, "write", leave_out="on")
    assert Snapshot.objects.count() == 2
    ImportBatch.objects.all().delete()
    Snapshot.objects.exclude(day="2019-03-01").delete()
    send(
        desk,
        "actor,platform,day,followers\nabenov,facebook,2019-03-02,423100\nabenov,facebook,2019-03-03,42350\n",
    )
    do(desk, "accept", place="2")
    do(desk, "write")
    assert Snapshot.objects.count() == 3


def test_a_platforms_own_statistics_are_exact(desk, account):
    send(desk, "actor,platform,day,followers\nabenov,facebook,2018-01-01,5\n", nature="export")
    assert ImportedRow.objects.get().precision == "exact"


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_template_comes_back(desk, lang, kind):
    make_account("akorda", "facebook", "akorda").actor.__class__.objects.update(
        name_kk="Ақорда", name_ru="Акорда", name_en="Akorda"
    )
    template = desk.get(f"/admin/import/template-{lang}.{kind}").content
    send(desk, template, f"counts.{kind}")
    assert ImportBatch.objects.get().counts == {"new": 1}


@pytest.mark.parametrize("page", [START, "/admin/add/"])
def test_too_much_pasted_text_ends_in_a_sentence(desk, page, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
    text = "Ақорда;1\n" * 100_000
    answer = desk.post(page, {"pasted": text, "lines": text})
    assert answer.status_code == 413
    assert "up to 1 MB can be pasted" in answer.content.decode()
    assert "maxlength" not in desk.get(page).content.decode().partition("<textarea")[2].partition(">")[0]


def test_every_import_can_be_found_again(desk, account, monkeypatch):
    monkeypatch.setattr("apps.backoffice.pages.imports.BATCHES", 3)
    made = [
        ImportBatch.objects.create(
            id=uuid4(), file_name=f"counts-{number}.csv", size=1, at=timezone.now(), touched_at=timezone.now()
        ).pk
        for number in range(7)
    ]
    address, found, pages = START, [], 0
    while address and pages < len(made):
        page = desk.get(address).content.decode()
        found += [pk for pk in made if reverse("admin:backoffice_import_batch", args=[pk]) in page]
        older = re.search(r'<a href="(\?p=[0-9]+)">Older imports</a>', page)
        address = START + older[1] if older else ""
        pages += 1
    assert (set(found), len(found), pages) == (set(made), 7, 3)
    assert ">Newer imports</a>" in page
