"""The reading round: what is due, who has it, every number saved at once, pictures that nobody but editors get."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from apps.backoffice import manual_entry
from apps.backoffice.models import ManualClaim
from apps.collecting.models import Collection
from apps.figures import formats
from apps.registry.models import Account
from apps.snapshots import manual
from apps.snapshots.models import Screenshot, Snapshot
from apps.snapshots.recording import day_of
from apps.users.models import User
from tests.builders import make_account, make_snapshot
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
PAGE = "/admin/round/"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40) + b"IEND\xaeB`\x82"


@pytest.fixture(autouse=True)
def var(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.fixture
def editor():
    return User.objects.create_superuser("editor")


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def fields(account, count="76K", **more):
    named = {"count": count, "state": "counted", "evidence": "https://example.com/page", **more}
    return {f"a{account.pk}-{name}": value for name, value in named.items()}


def take(desk):
    return desk.post(PAGE, {"take": "1"}, follow=True)


def ago(days):
    return day_of(timezone.now()) - timedelta(days=days)


def test_strangers_stay_out(client):
    assert client.get(PAGE).status_code == 302
    client.force_login(User.objects.create_user("viewer"))
    assert client.get(PAGE).status_code == 302


def test_what_is_due():
    never_read = make_account("a", "tiktok")
    weekly, fresh = make_account("b", "whatsapp"), make_account("c", "tiktok")
    make_snapshot(weekly, ago(7), 5)
    make_snapshot(fresh, ago(6), 5)
    monthly = make_account("d", "tiktok", hand_reading="monthly")
    make_snapshot(monthly, ago(27), 5)
    make_account("e", "tiktok", hand_reading="never")
    make_account("f", "bluesky")
    asked = make_account("g", "bluesky", hand_reading="weekly")
    make_account("h", "tiktok", state="closed")
    assert set(manual_entry.due()) == {never_read, weekly, asked}
    Snapshot.objects.filter(account=monthly).update(day=ago(28))
    assert monthly in manual_entry.due()


def test_a_profile_that_the_interface_does_not_show_is_read_by_hand(settings):
    settings.COLLECTORS = {**settings.COLLECTORS, "facebook": {"api_url": "http://x", "token": "t"}}
    shown, profile = make_account("a", "facebook"), make_account("b", "facebook")
    for account, code in ((shown, ""), (profile, "not_found")):
        Collection.objects.create(account=account, due_at=timezone.now(), error_code=code)
    assert list(manual_entry.by_hand()) == [profile]


def test_two_editors_never_have_one_account(desk, editor):
    for number in range(15):
        make_account(f"a{number}", "tiktok")
    other = User.objects.create_superuser("other")
    assert (manual_entry.take(editor), manual_entry.take(other), manual_entry.take(other)) == (10, 5, 0)
    ManualClaim.objects.filter(by=editor).update(until=timezone.now())
    assert manual_entry.take(other) == 10


def test_numbers_are_saved_at_once_with_who_and_where(desk, editor):
    one, other = make_account("a", "tiktok"), make_account("b", "tiktok")
    assert "0 of 2 done" in take(desk).content.decode()
    page = desk.post(PAGE, {**fields(one, "76,0 тыс."), **fields(other, "")}, follow=True).content.decode()
    assert "1 of 2 done" in page
    made = Snapshot.objects.get()
    assert (made.followers, made.precision, made.edited_by, made.note) == (
        76_000,
        "abbrev",
        editor,
        "76,0 тыс.",
    )
    assert (made.source.kind, made.locator) == ("manual", "https://example.com/page")
    desk.post(PAGE, {**fields(other, "", state="private")})
    assert Snapshot.objects.get(account=other).state == "private"


def test_one_mistake_costs_nobody_elses_number(desk):
    good, bad = make_account("a", "tiktok"), make_account("b", "tiktok")
    take(desk)
    page = desk.post(PAGE, {**fields(good), **fields(bad, "many")}).content.decode()
    assert "many" in page
    assert Snapshot.objects.get().account == good


def test_a_jump_asks_to_confirm(desk):
    account = make_account("a", "tiktok")
    make_snapshot(account, ago(8), 7_600)
    take(desk)
    page = desk.post(PAGE, fields(account)).content.decode()
    assert f"a{account.pk}-confirmed" in page
    assert Snapshot.objects.count() == 1
    desk.post(PAGE, fields(account, confirmed="on"))
    assert Snapshot.objects.count() == 2


def test_skipped_until_tomorrow_and_left(desk, editor):
    one, other = make_account("a", "tiktok"), make_account("b", "tiktok")
    take(desk)
    page = desk.post(PAGE, {"skip": one.pk, **fields(other, "76 мың")}, follow=True).content.decode()
    assert Snapshot.objects.get().account == other
    assert one not in manual_entry.due()
    assert "Take the next ten" in page
    ManualClaim.objects.update(skipped_until=day_of(timezone.now()))
    assert one in manual_entry.due()
    take(desk)
    desk.post(PAGE, {"leave": "1"})
    assert one in manual_entry.due()


def test_what_was_typed_before_the_time_ran_out_is_taken_unless_another_has_it(desk, editor):
    one, other = make_account("a", "tiktok"), make_account("b", "tiktok")
    take(desk)
    ManualClaim.objects.update(until=timezone.now() - timedelta(hours=1))
    ManualClaim.objects.filter(account=other).update(by=User.objects.create_superuser("other"))
    desk.post(PAGE, {**fields(one), **fields(other)})
    assert Snapshot.objects.get().account == one


def shot(desk, account, content, name="../../x.html"):
    picture = SimpleUploadedFile(name, content, content_type="text/html")
    return desk.post(PAGE, {**fields(account), f"a{account.pk}-picture": picture}, follow=True)


def test_a_picture_is_kept_and_given_only_as_a_download(desk, var):
    account = make_account("a", "tiktok")
    take(desk)
    shot(desk, account, PNG)
    kept = Screenshot.objects.get()
    assert [path.name for path in (var / "media" / "screenshots").iterdir()] == [f"{kept.pk.hex}.png"]
    answer = desk.get(f"/admin/screenshots/{kept.pk}/")
    assert b"".join(answer.streaming_content) == PNG
    assert answer["Content-Disposition"].startswith("attachment")
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == (
        "nosniff",
        "application/octet-stream",
    )
    assert Client().get(f"/admin/screenshots/{kept.pk}/").status_code == 302
    assert kept.snapshot == Snapshot.objects.get()


@pytest.mark.parametrize(
    "content", [b"<svg onload=alert(1)>", b"GIF89a", PNG + b"<script>", PNG[:60] + bytes(6_000_000)]
)
def test_what_is_no_picture_is_refused(desk, content):
    account = make_account("a", "tiktok")
    take(desk)
    assert "no PNG, JPEG or WebP" in shot(desk, account, content).content.decode()
    assert not Screenshot.objects.exists()


def test_a_full_disk_loses_no_number(desk, var):
    account = make_account("a", "tiktok")
    take(desk)
    (var / "media").write_text("a file where the folder should be: nothing can be written under it")
    assert "disk has no room" in shot(desk, account, PNG).content.decode()
    assert Snapshot.objects.get().followers == 76_000
    assert not Screenshot.objects.exists()


def test_its_cost_does_not_grow(desk, editor):
    make_account("a0", "tiktok")
    take(desk)
    few = count_queries(desk, PAGE)
    manual_entry.leave(editor)
    for number in range(1, 9):
        make_account(f"a{number}", "tiktok")
    take(desk)
    assert ManualClaim.objects.filter(until__gt=timezone.now()).count() == 9
    assert count_queries(desk, PAGE) == few


def test_the_first_page_names_what_waits(desk):
    make_account("a", "tiktok")
    page = desk.get("/admin/").content.decode()
    assert "1 account is due" in page
    assert PAGE in page


def test_how_often_is_set_at_the_account(desk):
    account = make_account("a", "tiktok")
    assert "hand_reading" in desk.get(f"/admin/registry/account/{account.pk}/change/").content.decode()
    assert Account.objects.get().hand_reading == ""


class TestOneAtATime:
    """What round.js sends and is told."""

    def one(self, desk, account, count="76K", **more):
        return desk.post(PAGE, {**fields(account, count), "one": account.pk, **more}).json()

    def test_one_is_recorded_and_said_back(self, desk):
        first, second = make_account("a", "tiktok"), make_account("b", "tiktok")
        take(desk)
        answer = self.one(desk, first)
        assert answer == {"done": True, "words": "Recorded: 76K: 76,000, rounded", "finished": 1, "total": 2}
        assert list(Snapshot.objects.values_list("account", flat=True)) == [first.pk]
        assert self.one(desk, first)["words"] == "It is done already."
        assert self.one(desk, second, "many")["done"] is False

    def test_a_jump_asks_first(self, desk):
        account = make_account("a", "tiktok")
        make_snapshot(account, ago(30), 3_000)
        take(desk)
        answer = self.one(desk, account)
        assert (answer["done"], answer["jump"]) == (False, True)
        assert answer["words"].startswith("The last count was 3,000, now 76K: 76,000, rounded.")
        assert self.one(desk, account, **{f"a{account.pk}-confirmed": "on"})["done"]

    @pytest.mark.parametrize("state", ["hidden", "absent", "private", "suspended"])
    def test_a_button_says_what_is_seen(self, desk, state):
        account = make_account("a", "tiktok")
        take(desk)
        assert self.one(desk, account, "", see=f"{account.pk}:{state}")["done"]
        assert Snapshot.objects.get().state == state

    def test_without_scripts_the_button_does_the_same(self, desk):
        account, other = make_account("a", "tiktok"), make_account("b", "tiktok")
        take(desk)
        desk.post(PAGE, {**fields(account, ""), **fields(other, ""), "see": f"{account.pk}:hidden"})
        assert Snapshot.objects.get().account == account

    def test_what_cannot_be_opened_here_is_left_and_told(self, desk, editor):
        account = make_account("a", "tiktok")
        take(desk)
        assert self.one(desk, account, "", blocked=account.pk)["words"] == "Left for tomorrow."
        assert "cannot be opened here" in desk.get(PAGE).content.decode()
        assert ManualClaim.objects.get().is_blocked
        assert not manual_entry.due().exists()
        ManualClaim.objects.update(skipped_until=ago(0))
        assert manual_entry.take(editor) == 1
        assert not ManualClaim.objects.get().is_blocked


def test_the_last_value_is_of_its_own_day_in_its_own_words(desk):
    printed, read = make_account("a", "tiktok"), make_account("b", "tiktok")
    make_snapshot(printed, "2022", 64_000)
    source = manual.manual_source()
    make_snapshot(read, ago(20), 76_000, source=source, note="76,0 тыс.")
    shown = " ".join(take(desk).content.decode().split())
    assert "Last known: 64,000, 2022 <" in shown
    assert f"Last known: “76,0 тыс.” – 76,000, {formats.day(ago(20))}".replace("\xa0", " ") in shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("76K", "76K: 76,000, rounded"),
        ("76 012", "76 012: 76,012"),
        ("более 76 тыс.", "более 76 тыс.: more than 76,000, rounded"),
        ("", ""),
        ("12%", "“12%” is a percentage, not a count."),
    ],
)
def test_what_is_typed_is_said_back(desk, text, words):
    assert desk.get("/admin/round/echo/", {"text": text}).json() == {"words": words}


@pytest.mark.parametrize("plan", ["weekly", "monthly", "never"])
def test_the_plan_is_set_for_many(desk, plan):
    accounts = [make_account("a", "tiktok"), make_account("b", "tiktok")]
    chosen = {"action": f"read_{plan}", "_selected_action": [account.pk for account in accounts]}
    desk.post("/admin/registry/account/", chosen)
    assert set(Account.objects.values_list("hand_reading", flat=True)) == {plan}
