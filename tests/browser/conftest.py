"""A real browser on the real pages. Skipped, with the reason, where there is no Chromium."""

import os
import shutil
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from playwright.sync_api import Error

from kzmedia import vendor
from tests import reference as reference_rows

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 120_000  # ms: it only ends what is hopeless


@pytest.fixture(scope="session")
def chromium():
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("No Chromium here: install one (apt install chromium) to run the browser tests.")
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread; the ORM calls of fixtures beside it are no mistake.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass
class Visit:
    """A page in the browser and all that went wrong on it."""

    page: object
    base: str
    wrong: list[str] = field(default_factory=list)

    def open(self, path):
        self.page.goto(self.base + path)
        return self.page

    def chart(self):
        """Wait until the page's first chart is drawn."""
        return self.charts()[0]

    def charts(self):
        """Wait until all charts of the page are drawn."""
        # The chart builder replaces itself; what it is about to replace does not count.
        self.page.locator("#compare[aria-busy]").wait_for(state="detached")
        self.page.locator(".chart").first.wait_for(state="attached")
        self.page.wait_for_load_state()
        self.page.evaluate("dispatchEvent(new Event('pointermove'))")  # Plotly waits for the reader to begin
        boxes = self.page.locator(".chart").all()
        for box in boxes:
            box.scroll_into_view_if_needed()  # they are drawn when they are seen
            box.locator(".main-svg").first.wait_for(state="attached")
        return boxes


@pytest.fixture
def reference(transactional_db):
    vendor.provide(settings.VAR_DIR)
    reference_rows.load()


@pytest.fixture(scope="session")
def left_pages(chromium):
    """Provide pages that tests have done with, by the options of their contexts."""
    return {}


@pytest.fixture
def empty_page(chromium, left_pages, live_server):
    """Provide an empty page, as `empty_page(width, scheme, ...)`: one that a test before has left, if there is one of
    these options, as a new context compiles all scripts anew, which takes longer than most tests. `fresh` asks for a
    new one."""
    taken = []

    def take(width=1280, scheme="light", fresh=False, **options):
        key = tuple(sorted(options.items()))
        page = None if fresh else left_pages.pop(key, None)
        if page is None:
            page = chromium.new_context(**options).new_page()
            page.set_default_timeout(PATIENCE)
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme, media="null")
        assert page.context.cookies() == []
        taken.append((page, None if fresh else key))
        return page

    yield take
    for page, key in taken:
        if key is None or key in left_pages or not is_emptied(page, live_server.url):
            page.context.close()
        else:
            left_pages[key] = page


def is_emptied(page, site):
    """Tell whether nothing of a test is left on the page, in its storage or in its cache."""
    try:
        page.goto("about:blank")
        page.context.clear_cookies()
        session = page.context.new_cdp_session(page)
        session.send("Storage.clearDataForOrigin", {"origin": site, "storageTypes": "all"})
        session.send("Network.clearBrowserCache")
        session.detach()
    except Error:
        return False
    return len(page.context.pages) == 1


@pytest.fixture
def visit(empty_page, reference, live_server):
    """Open pages as `visit(width, scheme, ...)`; afterwards nothing may have gone wrong on any of them."""
    visits = []

    def start(*look, **options):
        made = Visit(empty_page(*look, **options), live_server.url)
        listeners = {
            "console": lambda line: made.wrong.append(line.text) if line.type == "error" else None,
            "pageerror": lambda error: made.wrong.append(str(error)),
            "request": lambda request: (
                None
                if request.url.startswith((live_server.url, "data:", "blob:"))
                else made.wrong.append(f"asked {request.url}")
            ),
        }
        for event, listener in listeners.items():
            made.page.on(event, listener)
        visits.append((made, listeners))
        return made

    yield start
    for made, listeners in visits:
        for event, listener in listeners.items():
            made.page.remove_listener(event, listener)
    assert [line for made, _listeners in visits for line in made.wrong] == []
