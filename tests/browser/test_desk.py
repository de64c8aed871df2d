"""Editors at their work in a browser, from the desk's first page, each press counted."""

import base64
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.registry.models import Account, Actor
from apps.snapshots import correction_requests
from apps.snapshots.models import CorrectionRequest, Doubt, Screenshot, Snapshot
from tests.browser.desk_pages import WIDER_THAN_THE_PAGE, desk
from tests.builders import make_account, make_actor, make_snapshot, make_snapshots, make_source

__all__ = ["desk"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40) + b"IEND\xaeB`\x82"
PASTE = """([text, kind]) => {
  const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], "shot.png", {type: "image/png"}));
  const event = kind === "paste" ? new ClipboardEvent("paste", {clipboardData: data, bubbles: true})
    : new DragEvent("drop", {dataTransfer: data, bubbles: true});
  document.activeElement.dispatchEvent(event);
}"""


FOCUSED = "document.activeElement && document.activeElement !== document.body"


class Hands:
    """Press keys and buttons on a page, and count them. A key waits, as a person does, until there is a place for it."""

    def __init__(self, page):
        self.page = page
        self.keys = self.clicks = 0

    def key(self, name):
        self.keys += 1
        self.page.wait_for_load_state()  # the page's script is there
        self.page.wait_for_function(FOCUSED)
        self.page.keyboard.press(name)

    def type(self, text):
        for letter in text:
            self.key(letter)

    def click(self, place):
        self.clicks += 1
        place.click()
        self.page.wait_for_load_state()

    def button(self, words, kind="button"):
        self.click(self.page.get_by_role(kind, name=words).first)


@pytest.fixture
def account(reference):
    account = Account.objects.get(actor__slug="abenov", platform="facebook")
    today = timezone.localdate()
    make_snapshots(account, {today - timedelta(days=day): 64_000 + day for day in range(1, 9)})
    return account


@pytest.mark.parametrize("width", [1280, 390])
def test_a_held_count_is_decided_in_two_clicks(desk, account, width):
    doubt = Doubt.objects.create(
        account=account,
        day=timezone.localdate(),
        followers=650,
        why="fall",
        against=64_001,
        source=make_source(),
        seen_at=timezone.now(),
    )
    opened = desk("en", width)
    hands = Hands(opened.open("/admin/"))
    hands.click(hands.page.locator(".waits").get_by_role("link", name="Decide"))
    assert hands.page.locator("circle.strange").count() == 1
    hands.button("Reject: the count is wrong")
    doubt.refresh_from_db()
    assert doubt.decision == "rejected"
    assert hands.clicks == 2
    assert not hands.page.evaluate(WIDER_THAN_THE_PAGE)


def test_a_request_is_corrected_and_answered_in_four_clicks(desk, account):
    row = Snapshot.objects.get(account=account, day="2022-01-01")
    asked = correction_requests.ask(account.actor, {"wrong": "63 900"}, snapshot=row, language="ru")
    opened = desk("ru", 1280)
    hands = Hands(opened.open("/admin/"))
    hands.click(hands.page.locator(".waits").get_by_role("link", name="Ответить"))
    hands.button("Исправить это число", "link")
    hands.page.locator("input[name=count]").fill("63 900")
    hands.page.locator("textarea[name=reason]").fill("Опечатка")
    hands.button("Исправить и ответить")
    asked.refresh_from_db()
    assert (asked.outcome, asked.correction.new["followers"]) == (CorrectionRequest.Outcome.CORRECTED, 63_900)
    assert hands.clicks <= 4


@pytest.mark.parametrize("width", [1280, 390])
def test_ten_accounts_are_read_by_hand_with_forty_keys(desk, width, reference):
    Account.objects.update(hand_reading="never")
    actor = make_actor("body", name_en="Body")
    for number in range(10):
        make_account(actor, "tiktok", f"body{number}")
    opened = desk("en", width)
    page = opened.open("/admin/")
    hands = Hands(page)
    page.locator(".waits").get_by_role("link", name="Read").click()
    page.wait_for_url("**/admin/round/")
    hands.key("Enter")  # takes the next ten
    page.locator(".turn").first.wait_for()
    for number in range(10):
        hands.type(f"{number + 1}K")
        hands.key("Enter")
        if number < 9:
            page.locator(".turn.is-done").nth(number).wait_for()
    page.get_by_role("heading", name="This round").wait_for()
    assert Snapshot.objects.filter(source__key="manual").count() == 10
    assert sorted(Snapshot.objects.filter(source__key="manual").values_list("followers", flat=True)) == [
        1000 * (number + 1) for number in range(10)
    ]
    assert hands.keys <= 40
    assert not page.evaluate(WIDER_THAN_THE_PAGE)


def test_what_is_typed_is_said_back_a_jump_asks_and_states_have_keys(desk, reference):
    Account.objects.update(hand_reading="never")
    actor = make_actor("body", name_en="Body")
    jumped, hidden, blocked, shown = (make_account(actor, "tiktok", f"body{number}") for number in range(4))
    long_ago = timezone.localdate() - timedelta(days=40)
    make_snapshot(jumped, long_ago, 3_000)
    opened = desk("en", 1280)
    page = opened.open("/admin/round/")
    Hands(page).key("Enter")

    def turn(account):
        place = page.locator(f"#turn-{account.pk}")
        place.locator("input[name$='-count']").focus()
        return place

    place = turn(jumped)
    page.keyboard.type("76K")
    place.get_by_text("76K: 76,000, rounded").wait_for()
    page.keyboard.press("Enter")
    place.get_by_text("The last count was 3,000").wait_for()
    assert not Snapshot.objects.filter(account=jumped, source__key="manual").exists()
    page.keyboard.press("Enter")
    place.get_by_text("Recorded: 76K: 76,000, rounded").wait_for()

    place = turn(hidden)
    page.keyboard.press("F2")
    place.get_by_text("Recorded: Count hidden").wait_for()
    assert Snapshot.objects.get(account=hidden).state == "hidden"

    place = turn(blocked)
    page.keyboard.press("F9")
    place.get_by_text("Left for tomorrow.").wait_for()
    assert not Snapshot.objects.filter(account=blocked).exists()

    place = turn(shown)
    for kind in ("paste", "drop"):
        page.evaluate(PASTE, [base64.b64encode(PNG).decode(), kind])
        place.get_by_text("A picture is attached.").wait_for()
    page.keyboard.type("12 34")
    page.keyboard.press("Enter")
    place.get_by_text("is not a number").first.wait_for()
    page.keyboard.press("Control+a")
    page.keyboard.type("1234")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="This round").wait_for()
    assert Screenshot.objects.get().snapshot == Snapshot.objects.get(account=shown)
    summary = page.locator("main").inner_text()
    for words in ("“76K”", "76,000", "1,234", "cannot be opened here"):
        assert words in summary


def test_a_round_that_was_left_halfway_goes_on(desk, reference):
    Account.objects.update(hand_reading="never")
    actor = make_actor("body", name_en="Body")
    for number in range(3):
        make_account(actor, "tiktok", f"body{number}")
    opened = desk("en", 1280)
    page = opened.open("/admin/round/")
    hands = Hands(page)
    hands.key("Enter")
    page.locator(".turn").first.wait_for()
    hands.type("5K")
    hands.key("Enter")
    page.locator(".turn.is-done").wait_for()
    page.keyboard.type("77")
    opened.open("/admin/")
    opened.open("/admin/round/")
    assert page.locator(".turn").count() == 2
    assert page.locator("input[name$='-count']").first.input_value() == "77"
    assert "1 of 3 done." in page.locator("main").inner_text()


def test_a_merger_and_its_warning_are_read_in_kazakh(desk, reference):
    names = {"name_kk": "Ескі министрлік", "name_ru": "Старое министерство", "name_en": "Old ministry"}
    gone = make_actor("old-ministry", **names)
    kept = Actor.objects.get(slug="ministry-labor")
    opened = desk("kk", 1280)
    page = opened.open(f"/admin/merge/actors/?gone={gone.pk}&kept={kept.pk}")
    page.locator("input[name=check]").click()
    page.wait_for_load_state()
    warning = page.locator(".warning").inner_text()
    for words in ("Ескі министрлік", kept.name_kk, "кері қайтару мүмкін емес"):
        assert words in warning
    assert "Old ministry" not in page.locator("main").inner_text()
    page.locator("textarea[name=reason]").fill("Бір министрлік")
    page.locator("input[name=merge]").click()
    page.wait_for_load_state()
    assert not Actor.objects.filter(pk=gone.pk).exists()


def test_a_draft_is_previewed_and_published(desk, reference):
    draft = make_actor("newcomer", hidden=True, is_draft=True, name_en="A newcomer")
    make_snapshot(make_account(draft), "2022", 64_000)
    opened = desk("en", 1280)
    hands = Hands(opened.open("/admin/"))
    hands.click(hands.page.locator(".waits").get_by_role("link", name="Publish"))
    hands.button("Preview", "link")
    assert "64,000" in hands.page.locator("main").inner_text()
    hands.button("Back to the drafts", "link")
    hands.button("Publish what is ticked")
    draft.refresh_from_db()
    assert not draft.hidden


def test_a_chooser_and_a_calendar_speak_kazakh(desk, reference):
    page = desk("kk", 1280).open("/admin/registry/verification/add/?language=kk")
    page.locator(".select2-selection").first.click()
    page.locator(".select2-search__field").fill("zzzzqq")
    page.locator(".select2-results__message", has_text="Ештеңе табылмады").wait_for()
    page.keyboard.press("Escape")
    page.locator(".date-icon").first.click()
    assert page.locator(".calendarbox th").first.inner_text() == "Дс"
    assert page.locator("[lang=None]").count() == 0
