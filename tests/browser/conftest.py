"""A real browser on the real pages. Skipped, with the reason, where there is no Chromium."""

import os
import shutil
from dataclasses import dataclass, field

import pytest
from django.conf import settings

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
        self.page.locator(".chart").first.wait_for(state="attached", timeout=15_000)
        boxes = self.page.locator(".chart").all()
        for box in boxes:
            box.scroll_into_view_if_needed()  # they are drawn when they are seen
            box.locator(".main-svg").first.wait_for(state="attached", timeout=15_000)
        return boxes


@pytest.fixture
def reference(transactional_db):
    vendor.provide(settings.VAR_DIR)
    reference_rows.load()


@pytest.fixture
def visit(chromium, reference, live_server):
    """Open pages as `visit(width, scheme, ...)`; afterwards nothing may have gone wrong on any of them."""
    contexts, visits = [], []

    def start(width=1280, scheme="light", **options):
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, **options
        )
        contexts.append(context)
        made = Visit(context.new_page(), live_server.url)
        made.page.on("console", lambda line: made.wrong.append(line.text) if line.type == "error" else None)
        made.page.on("pageerror", lambda error: made.wrong.append(str(error)))
        made.page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((live_server.url, "data:", "blob:"))
                else made.wrong.append(f"asked {request.url}")
            ),
        )
        visits.append(made)
        return made

    yield start
    for context in contexts:
        context.close()
    assert [line for made in visits for line in made.wrong] == []
