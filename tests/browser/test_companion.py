"""The companion in a real Chromium, on local pages in the shapes of the platforms': what is pointed at is read, recorded with
its picture, and the next page opened, on the editor's keys alone.

The pages are served in the browser, under the platforms' own addresses; nothing of them is asked for outside.
"""

import hashlib
import json
import shutil
import time
from base64 import b64decode
from pathlib import Path

import pytest
from django.conf import settings as real_settings
from playwright.sync_api import Error

from apps.backoffice import manual_entry
from apps.collecting import adapters
from apps.common import file_store
from apps.registry.models import Account
from apps.snapshots.models import Screenshot, Snapshot
from apps.users.models import User
from tests.browser.conftest import ARGUMENTS, NAMES
from tests.builders import make_account, make_snapshot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATIENCE = 120  # seconds: it only ends what is hopeless
SOURCE = real_settings.BASE_DIR / "extension/companion"
PAGE = """<!doctype html><meta charset=utf-8><title>{name}</title>
<style>body {{ font: 16px sans-serif; margin: 60px }} aside {{ margin-top: 80px }}</style><h1>{name}</h1>{body}
<aside id=others><div class=card><a href="{site}other/followers"><b title="1,234,567">1.2M followers</b></a></div>
<div class=card><a href="{site}other2">Other</a> <b id=loose title="2,345,678">2.3M followers</b></div></aside>"""
# platform, handle, the header of the account's page, what is pointed at, the count and its precision
SHAPES = [
    ("facebook", "akorda", '<a href="/akorda/followers"><strong>76K</strong> followers</a> · <a href="/akorda/following"><strong>12</strong> following</a>', "strong", 76_000, "abbrev"),
    ("facebook", "primeminister", '<a href="/primeminister/followers">12 тыс. подписчиков</a>', "a", 12_000, "abbrev"),
    ("instagram", "akorda", '<a href="/akorda/followers/"><span title="268,123"><span id=n>268K</span></span> followers</a>', "#n", 268_123, "exact"),
    ("tiktok", "akorda", '<h3><div><strong title="Following" data-e2e="following-count">10</strong><span>Following</span></div><div><strong title="Followers" data-e2e="followers-count">23.2K</strong><span>Followers</span></div></h3>', "[data-e2e=followers-count]", 23_200, "abbrev"),
    ("x", "akorda", '<a href="/akorda/verified_followers"><span>94,8 тыс.</span> <span>читателей</span></a>', "span", 94_800, "abbrev"),
    ("threads", "akorda", '<div><span><span title="5,412">5.4K</span> followers</span></div>', "[title]", 5_412, "exact"),
    ("youtube", "akorda", '<yt-line><span>@akorda</span> • <span id=n>12.4K subscribers</span> • <span>300 videos</span></yt-line>', "#n", 12_400, "abbrev"),
    ("vk", "akorda", '<a href="/search?c%5Bsection%5D=people"><span>Подписчики</span> <span class=header_count>12 400</span></a>', ".header_count", 12_400, "exact"),
    ("whatsapp", "0029Va4K0PZ5a245NkngBA2M", "<h5>Channel | 12K followers</h5>", "h5", 12_000, "abbrev"),
    ("telegram", "akorda", '<div class=tgme_page_extra>76 012 subscribers</div>', ".tgme_page_extra", 76_012, "exact"),
]  # fmt: skip
MORE_SHAPES = [
    ("mastodon", "akorda@mastodon.example", '<a href="/@akorda/followers"><strong>12.3K</strong> <span>Followers</span></a>', "strong", 12_300, "abbrev"),
    ("bluesky", "akorda.bsky.social", '<a href="/profile/akorda.bsky.social/followers"><span>5.4K</span> <span>followers</span></a>', "span", 5_400, "abbrev"),
    ("ok", "akorda", '<a href="/akorda/members"><span>Участники</span> <span id=n>12 400</span></a>', "#n", 12_400, "exact"),
]  # fmt: skip


class Popup:
    """The companion's window, by messages of the browser's own protocol: Playwright sees no such windows."""

    def __init__(self, browser, page):
        self.page = page
        self.session = browser.new_browser_cdp_session()
        self.session.on("Target.receivedMessageFromTarget", self._take)
        self.answers, self.number, self.target, self.inner = {}, 0, "", ""

    def _take(self, event):
        message = json.loads(event["message"])
        self.answers[message.get("id")] = message.get("result")

    def targets(self, kind):
        return self.session.send("Target.getTargets", {"filter": [{"type": kind}]})["targetInfos"]

    def attach(self):
        """Wait for the window and until it has its answer."""
        address = wait(
            lambda: next((one for one in self.targets("page") if "popup.html" in one["url"]), None), self.page
        )
        self.target = address["targetId"]
        attached = self.session.send("Target.attachToTarget", {"targetId": self.target, "flatten": False})
        self.inner = attached["sessionId"]
        self.settle()

    def settle(self):
        idle = "document.querySelector('main:not([aria-busy])') && !document.querySelector('button:disabled:not([hidden])')"
        wait(lambda: self.run(f"Boolean({idle})"), self.page)

    def tell(self, method, **params):
        self.number += 1
        message = json.dumps({"id": self.number, "method": method, "params": params})
        self.session.send("Target.sendMessageToTarget", {"sessionId": self.inner, "message": message})

    def send(self, method, **params):
        self.tell(method, **params)
        number = self.number
        return wait(lambda: self.answers.get(number), self.page)

    def run(self, expression):
        return self.send("Runtime.evaluate", expression=expression)["result"].get("value")

    def text(self):
        return self.run("document.body.innerText")

    def key(self, key):
        """Press a key. No answer is waited for: the window may close on it."""
        code = {"Enter": 13}.get(key, ord(key[0]))
        text = {"Enter": "\r"}.get(key, key)
        self.tell("Input.dispatchKeyEvent", type="keyDown", key=key, text=text, windowsVirtualKeyCode=code)

    def is_open(self):
        return any(one["targetId"] == self.target for one in self.targets("page"))

    def close(self):
        if self.is_open():
            self.session.send("Target.closeTarget", {"targetId": self.target})
            wait(lambda: not self.is_open(), self.page)


def wait(condition, page, popup=None):
    """Return what the condition comes to, once that is something; else what the companion's window says."""
    until = time.monotonic() + PATIENCE
    while not (value := condition()):
        if time.monotonic() > until:
            pytest.fail(popup.text() if popup and popup.is_open() else "nothing came of it")
        page.wait_for_timeout(20)
    return value


class Companion:
    """A browser with the companion in it, the desk open in one tab and a platform's page in another."""

    def __init__(self, context, folder, desk):
        self.context, self.folder, self.desk = context, folder, desk
        self.identity = identity_of(folder)
        self.options = f"chrome-extension://{self.identity}/options.html"
        self.tab = context.new_page()
        self.tab.set_default_timeout(PATIENCE * 1000)
        self.asked, self.presses = [], 0

    def note(self, request):
        self.asked.append(request.url)

    def set_up(self):
        """As an editor does: on the companion's own page."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(self.options)
        page.locator("#desk").fill(self.desk)
        page.locator("button").click()
        page.get_by_text("Saved. Open the desk").wait_for()
        return page

    def press(self, tab=None):
        """Press the companion's key on the tab; its window, once it has its answer."""
        tab = tab or self.tab
        tab.bring_to_front()
        popup = Popup(self.context.browser, tab)
        target = next(one for one in popup.targets("tab") if one["url"] == tab.url)
        popup.session.send("Extensions.triggerAction", {"id": self.identity, "targetId": target["targetId"]})
        self.presses += 1
        popup.attach()
        return popup

    def enter(self, popup, key="Enter"):
        popup.key(key)
        self.presses += 1


@pytest.fixture
def platforms(settings, monkeypatch, tmp_path):
    settings.VAR_DIR = tmp_path
    settings.COLLECTORS = {}
    settings.COMPANION_PLATFORMS = sorted({shape[0] for shape in (*SHAPES, *MORE_SHAPES)})
    monkeypatch.setattr("apps.collecting.tasks.wake", lambda: None)


@pytest.fixture
def editor(platforms):
    return User.objects.create_user("editor", is_staff=True)


@pytest.fixture(scope="session")
def chromium_path():
    """Chrome under its own name loads no unpacked extensions on a command line, from 137 on."""
    found = next((path for name in NAMES if name != "google-chrome" and (path := shutil.which(name))), None)
    return found or pytest.skip("Only Google Chrome is here, which loads no extensions for tests.")


@pytest.fixture(scope="module")
def companion_browser(chromium, chromium_path, tmp_path_factory):
    """Provide a browser with the companion in it, and the companion's folder. The desk's permission, which a person gives
    in a window of the browser's, is given at once."""
    place = tmp_path_factory.mktemp("companion")
    folder = place / "companion"
    shutil.copytree(SOURCE, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["host_permissions"] = ["http://localhost/*"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    arguments = [
        *ARGUMENTS,
        "--headless=new",
        f"--load-extension={folder}",
        f"--disable-extensions-except={folder}",
        "--enable-unsafe-extension-debugging",
    ]
    context = chromium.browser_type.launch_persistent_context(
        place / "profile",
        executable_path=chromium_path,
        headless=False,  # it is: the old way without a window knows no extensions
        args=arguments,
        ignore_default_args=["--disable-extensions"],
        locale="en",
        viewport={"width": 1000, "height": 700},
    )
    try:
        try:
            context.browser.new_browser_cdp_session().send(
                "Extensions.triggerAction", {"id": "", "targetId": ""}
            )
        except Error as error:
            if "wasn't found" in str(error):
                pytest.skip("This Chromium is too old to be told to press an extension's button.")
        context.route("https://**/*", serve)
        yield context, folder
    finally:
        context.close()


@pytest.fixture
def companion(companion_browser, editor, client, live_server):
    """Signed in and set up; afterwards the companion has forgotten everything and one empty tab is open."""
    context, folder = companion_browser
    client.force_login(editor)
    cookie = client.cookies[real_settings.SESSION_COOKIE_NAME].value
    context.add_cookies(
        [{"name": real_settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    opened = Companion(context, folder, live_server.url)
    opened.set_up().close()
    context.on("request", opened.note)
    yield opened
    context.remove_listener("request", opened.note)
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("manifest.json"), dirs_exist_ok=True)
    first, *others = context.pages
    for page in others:
        page.close()
    first.goto(opened.options)
    first.evaluate("chrome.storage.local.clear()")
    first.goto("about:blank")
    context.clear_cookies()


def identity_of(folder: Path) -> str:
    """Return the id that Chromium gives to what lies in the folder."""
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:32]
    return "".join(chr(ord("a") + int(figure, 16)) for figure in digest)


def serve(route):
    """Return the page of the account whose address is asked for."""
    for platform, handle, body, *_rest in (*SHAPES, *MORE_SHAPES):
        account = Account(platform=platform, handle=handle)
        if route.request.url.rstrip("/") == address_of(account).rstrip("/"):
            name = handle.partition("@")[0]
            address = address_of(account)
            site = address[: address.index(name, len("https://"))]
            return route.fulfill(
                body=PAGE.format(name=handle, body=body, site=site), content_type="text/html; charset=utf-8"
            )
    return route.fulfill(status=404, body="No such page")


def address_of(account):
    return adapters.url(account)


def shape_at(address):
    return next(
        shape
        for shape in SHAPES
        if address_of(Account(platform=shape[0], handle=shape[1])).rstrip("/") == address.rstrip("/")
    )


def take_round(companion, editor, shapes=SHAPES):
    for number, (platform, handle, *_rest) in enumerate(shapes):
        make_account(f"body-{number}", platform, handle, hand_reading="weekly")
    manual_entry.take(editor)
    desk = companion.context.pages[0]
    desk.goto(f"{companion.desk}/admin/round/")
    return desk


def one_page(companion, editor, shape=SHAPES[0]):
    """Begin a round of one account, whose page is open."""
    take_round(companion, editor, [shape])
    companion.tab.goto(address_of(Account.objects.get()))


def test_ten_accounts_with_few_keys(companion, editor):
    desk = take_round(companion, editor)
    popup = companion.press(desk)
    assert "Open: body-" in popup.text()
    with companion.context.expect_page() as opening:
        companion.enter(popup)
    companion.tab = opening.value
    for left in range(10, 0, -1):
        companion.tab.wait_for_load_state()
        companion.tab.wait_for_selector("aside")
        address = companion.tab.url
        companion.tab.hover(shape_at(address)[3])
        popup = companion.press()
        assert "Record" in popup.text(), popup.text()
        companion.enter(popup)
        if left > 1:
            wait(lambda before=address: companion.tab.url != before, companion.tab, popup)
        else:
            wait(lambda: Screenshot.objects.count() == 10, companion.tab)
            popup.settle()
            assert "no account to read" in popup.text()
    assert companion.presses <= 30
    for platform, handle, _body, _place, count, precision in SHAPES:
        snapshot = Snapshot.objects.get(account__platform=platform, account__handle=handle)
        assert (platform, snapshot.followers, snapshot.precision) == (platform, count, precision)
        shot = snapshot.screenshots.get()
        assert shot.where
        assert platform != "x" or "/akorda/verified_followers" in shot.where
        assert file_store.place_of(manual_entry.name_of(shot)).read_bytes()[8:12] == b"WEBP"
    pages = {address_of(account) for account in Account.objects.all()}
    assert [url for url in companion.asked if url.startswith("https:") and url not in pages] == []


@pytest.mark.parametrize("shape", MORE_SHAPES, ids=[shape[0] for shape in MORE_SHAPES])
def test_the_other_platforms_pages(companion, editor, shape):
    one_page(companion, editor, shape)
    companion.tab.hover(shape[3])
    popup = companion.press()
    companion.enter(popup)
    wait(Screenshot.objects.exists, companion.tab, popup)
    snapshot = Snapshot.objects.get()
    assert (snapshot.followers, snapshot.precision) == (shape[4], shape[5])
    popup.close()


def test_another_account_s_count_is_never_offered(companion, editor):
    one_page(companion, editor)
    companion.tab.hover(".card a b")
    popup = companion.press()
    assert "another account" in popup.text()
    companion.enter(popup)
    companion.tab.wait_for_timeout(300)
    popup.close()

    companion.tab.hover("#loose")
    popup = companion.press()
    assert "Press its digit" in popup.text()
    assert "beside another account" in popup.text()
    companion.enter(popup)
    companion.tab.wait_for_timeout(300)
    assert not Snapshot.objects.exists()


def test_what_is_selected_goes_before_what_is_pointed_at(companion, editor):
    one_page(companion, editor)
    companion.tab.hover("#others")
    companion.tab.evaluate("getSelection().selectAllChildren(document.querySelector('a[href$=followers]'))")
    popup = companion.press()
    assert "76,000, rounded" in popup.text()
    companion.enter(popup)
    wait(Screenshot.objects.exists, companion.tab)
    assert Snapshot.objects.get().note == "76K followers"
    assert "(selected)" in Screenshot.objects.get().where


def test_nothing_pointed_at(companion, editor):
    one_page(companion, editor)
    companion.tab.hover("h1")
    popup = companion.press()
    assert "Point at the number" in popup.text()
    assert popup.run("document.querySelector('#record').hidden")


def test_a_digit_chooses_where_it_is_not_clear(companion, editor):
    body = "<p>80K <b>76K followers</b></p>"
    one_page(companion, editor)
    companion.tab.evaluate(f"document.querySelector('h1').innerHTML = `{body}`")
    companion.tab.evaluate(
        "document.querySelector('h1').title = '81,000'"
    )  # two numbers at the place, neither in a link
    companion.tab.hover("h1 b")
    popup = companion.press()
    assert "Press its digit" in popup.text()
    companion.enter(popup, "1")
    popup.settle()
    companion.enter(popup)
    wait(Snapshot.objects.exists, companion.tab)
    assert Snapshot.objects.get().followers == 76_000


def test_a_jump_takes_a_second_key(companion, editor):
    one_page(companion, editor)
    make_snapshot(Account.objects.get(), "2026-01-05", 30_000)
    companion.tab.hover("strong")
    popup = companion.press()
    companion.enter(popup)
    wait(lambda: "The last count was" in popup.text(), companion.tab)
    assert Snapshot.objects.count() == 1
    companion.enter(popup)
    wait(lambda: Snapshot.objects.count() == 2, companion.tab)


def test_outside_the_round_and_signed_out(companion, editor):
    one_page(companion, editor)
    manual_entry.leave(editor)
    Account.objects.get().hand_turn.delete()
    companion.tab.hover("strong")
    popup = companion.press()
    assert "not in your round" in popup.text()
    popup.close()
    companion.context.clear_cookies(name=real_settings.SESSION_COOKIE_NAME)
    popup = companion.press()
    assert "asks you to sign in" in popup.text()
    popup.close()
    companion.context.clear_cookies()
    popup = companion.press()
    assert "out of date" in popup.text()
    popup.close()
    companion.context.pages[0].goto("about:blank")
    popup = companion.press()
    assert "not open in a tab" in popup.text()
    assert not Snapshot.objects.exists()


def test_in_the_desk_s_language(companion, editor):
    take_round(companion, editor, SHAPES[:1])
    desk = companion.context.pages[0]
    desk.goto(f"{companion.desk}/admin/round/?language=kk")
    companion.tab.goto(address_of(Account.objects.get()))
    companion.tab.hover("strong")
    popup = companion.press()
    assert "Тіркеу" in popup.text()
    assert "дөңгелектелген" in popup.text()


def test_more_presses_than_the_browser_takes_pictures(companion, editor):
    """Chromium takes two a second: the third waits for the next second, and what was seen is not lost."""
    one_page(companion, editor)
    companion.tab.hover("strong")
    for _press in range(4):
        popup = companion.press()
        assert "Record" in popup.text(), popup.text()
        popup.close()


def test_without_a_picture_nothing_is_recorded_and_the_window_says_why(companion, editor):
    one_page(companion, editor)
    companion.tab.hover("strong")
    (companion.folder / "picture.js").write_text(
        "export async function takePicture() { throw new Error('no') }"
    )
    popup = companion.press()
    assert "a number is kept with its picture" in popup.text()
    assert "Record" not in popup.text()


def test_without_a_press_the_browser_refuses(companion, editor):
    """Neither a page nor its picture can be had by the companion on its own account."""
    one_page(companion, editor)
    page = companion.context.new_page()
    page.goto(companion.options)
    tried = page.evaluate(
        """async () => {
            const tabs = await chrome.tabs.query({});
            const tries = tabs.map((tab) => chrome.scripting.executeScript({ target: { tabId: tab.id }, files: ["point.js"] })
              .then(() => tab.url ?? "?", () => null));
            const shown = await chrome.tabs.captureVisibleTab().then(() => "picture", () => null);
            return [...(await Promise.all(tries)), shown].filter(Boolean);
        }"""
    )
    assert [address for address in tried if not address.startswith(companion.desk)] == []


def test_only_a_safe_address_is_a_desk(companion):
    page = companion.context.new_page()
    page.goto(companion.options)
    for wrong in ("", "not an address", "http://example.com", "ftp://example.com"):
        page.locator("#desk").fill(wrong)
        page.locator("button").click()
        assert page.locator("#message").inner_text() == "Write an address that begins with https://"
    assert page.evaluate("chrome.storage.local.get('desk')") == {"desk": companion.desk}


def test_nothing_is_typed_or_pressed_before_the_page_is_whole(companion):
    """A button that words push away takes no press; an address that comes late replaced what was typed."""
    page = companion.context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.add_init_script(
        "const ask = fetch; window.fetch = (...what) =>"
        " new Promise((go) => { window.bringWords = go; }).then(() => ask(...what))"
    )
    page.goto(companion.options)
    wait(lambda: page.evaluate("Boolean(window.bringWords)"), page)
    assert not page.locator("button").is_visible()
    page.evaluate("bringWords()")
    page.locator("button").wait_for()
    assert page.locator("button").inner_text() == "Save and allow"
    assert page.locator("#desk").input_value() == companion.desk


def test_the_window_is_drawn_and_waits_for_enter(companion, editor):
    """A picture of it is no blank, and the first key goes to the button that records."""
    one_page(companion, editor)
    companion.tab.hover("strong")
    popup = companion.press()
    picture = b64decode(popup.send("Page.captureScreenshot", format="png")["data"])
    assert len(picture) > 5_000
    assert popup.run("document.activeElement.id") == "record"
