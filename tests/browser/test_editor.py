"""An editor's whole way in a browser: forty addresses, a round by hand, an import and its undoing, a correction, and the
public pages that show it all with its sources."""

import re

import pytest
from django.conf import settings

from apps.registry.models import Account, Actor
from apps.snapshots.models import Snapshot
from apps.users.models import User
from tests.builders import make_account, make_actor, make_snapshot, make_source

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GOOD = [f"Body {number}; https://www.tiktok.com/@body{number:02}" for number in range(34)]
BAD = [
    "@nobody",
    "not an address",
    "https://example.com/page",
    "https://t.me/+AbCdEf123456",
    "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
    "https://www.facebook.com/groups/123",
]
WIDE = "actor;platform;2017;2022\nBody 1;TikTok;39 000;64 000\n"


@pytest.fixture
def editor(visit, client, monkeypatch, tmp_path):
    """Provide a browser in which an editor is signed in, second factor and all."""
    monkeypatch.setattr("apps.collecting.tasks.wake", lambda: None)
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    user = User.objects.create_user("editor", is_staff=True)
    client.force_login(user)
    opened = visit(fresh=True, locale="en")
    opened.page.context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                "url": opened.base,
            }
        ]
    )
    return opened


def press(page, words):
    page.get_by_role("button", name=re.compile(words)).first.click()
    page.wait_for_load_state()


def test_the_whole_way(editor):
    page = editor.open("/admin/")
    page.get_by_role("link", name="Add", exact=True).click()

    # Forty addresses, six of them bad
    page.locator("textarea[name=lines]").fill("\n".join([*GOOD[:20], *BAD, *GOOD[20:]]))
    press(page, "Look through")
    assert Account.objects.filter(platform="tiktok", handle__startswith="body").count() == 0
    press(page, "Save 34")
    assert Account.objects.filter(platform="tiktok", handle__startswith="body").count() == 34
    left = page.locator("textarea[name=lines]").input_value().split("\n")
    assert [line for line in left if line] == BAD

    # Ten accounts read by hand, one of which has jumped
    Account.objects.exclude(handle__startswith="body").update(hand_reading="never")
    jumped = Account.objects.get(handle="body00")
    make_snapshot(jumped, "2026-01-05", 1_000)
    editor.open("/admin/round/")
    press(page, "Take the next ten")
    boxes = page.locator("input[name$='-count']")
    assert boxes.count() == 10
    names = [box.get_attribute("name") for box in boxes.all()]
    if f"a{jumped.pk}-count" not in names:
        pytest.fail(f"the account that was read long ago is due: {names}")
    page.locator(f"input[name='{names[0]}']").fill("1 2")
    editor.open("/admin/")
    editor.open("/admin/round/")
    assert page.locator(f"input[name='{names[0]}']").input_value() == "1 2"  # typed, left, and there again
    for number, name in enumerate(names):
        page.locator(f"input[name='{name}']").fill(
            "76K" if name == f"a{jumped.pk}-count" else str(1200 + number)
        )
    press(page, "Save what is filled in")
    today = Snapshot.objects.filter(source__kind="manual")
    assert today.count() == 9
    assert page.evaluate("sessionStorage.length") == 0
    page.locator(f"input[name='a{jumped.pk}-confirmed']").check()
    press(page, "Save what is filled in")
    assert today.count() == 10
    assert today.get(account=jumped).precision == "abbrev"

    # The years of a wide table: imported, undone, imported again
    make_source("study", "publication", title="A study of pages")
    for times in (1, 2):
        editor.open("/admin/import/")
        page.locator("input[type=file]").set_input_files(
            {"name": "wide.csv", "mimeType": "text/csv", "buffer": WIDE.encode()}
        )
        page.locator("select[name=source]").select_option(label="A study of pages")
        press(page, "Look through")
        assert Snapshot.objects.filter(source__key="study").count() == 0
        press(page, "^Import$")
        assert Snapshot.objects.filter(source__key="study").count() == 2
        if times == 1:
            press(page, "Undo this import")
            assert Snapshot.objects.filter(source__key="study").count() == 0

    # One number corrected
    printed = Snapshot.objects.get(source__key="study", day="2022-01-01")
    editor.open(f"/admin/snapshots/snapshot/{printed.pk}/change/")
    page.locator("input[name=count]").fill("63 900")
    page.locator("textarea[name=reason]").fill("A misprint in the table")
    press(page, "Correct in the open")

    # New actors are drafts until they are published
    editor.open("/admin/publish/")
    press(page, "Publish what is ticked")

    # What everyone sees
    page.context.clear_cookies()
    slug = Actor.objects.get(accounts=printed.account).slug
    shown = editor.open(f"/en/actors/{slug}/").locator("main").inner_text()
    for words in ("39,000", "63,900", "A study of pages", "A misprint in the table"):
        assert words in shown
    shown = editor.open(f"/en/actors/{jumped.actor.slug}/").locator("main").inner_text()
    assert "76K" in shown
    assert "Read by hand" in shown
    shown = editor.open("/en/corrections/").locator("main").inner_text()
    for words in ("64,000", "63,900", "A misprint in the table"):
        assert words in shown


def test_a_reader_reports_a_mistake(visit, monkeypatch):
    monkeypatch.setattr("apps.dashboard.correction_request_form.QUICKEST", 0)
    make_snapshot(make_account(make_actor("body", name_en="Body"), "tiktok", "body"), "2022", 64_000)
    opened = visit(360)
    page = opened.open("/en/actors/body/")
    page.get_by_role("link", name="report", exact=True).click()
    page.get_by_label("What is wrong?").fill("It was 63,900")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Send").click()
    assert page.get_by_text("We have received your request.").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
