"""Pictures of every page of a running site: `make screenshots` (SITE=http://127.0.0.1:8000).

Three languages, light and dark, 360 and 1280 px, whole pages, into var/screenshots. With NAME and PASSWORD of somebody who
may sign in, "my standing" too.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from tests.browser.addresses import PUBLIC
from tests.browser.conftest import ARGUMENTS, NAMES

LANGUAGES = ("kk", "ru", "en")
SCHEMES = ("light", "dark")
WIDTHS = (360, 1280)
HEIGHT = 800
OWN = {"me": "/{}/me/", "alerts": "/{}/me/alerts/", "account": "/{}/accounts/email/"}
# Beside those of addresses.py: every other picture that a page can show.
VIEWS = {
    "standings-bars": "/{}/standings/?view=bars&platform=facebook&since=2017",
    "standings-bump": "/{}/standings/?view=bump&platform=facebook&since=2017",
    **{
        f"compare-{view}": f"/{{}}/compare/?view={view}"
        for view in ("change", "percent", "index", "share", "gap")
    },
    "ask": "/{}/corrections/ask/?actor=abenov",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", nargs="?", default="http://127.0.0.1:8000")
    parser.add_argument("--into", type=Path, default=Path("var/screenshots"))
    parser.add_argument("--only", default="", help="pages whose name begins with this")
    asked = parser.parse_args()
    chromium = next((path for name in NAMES if (path := shutil.which(name))), None)
    if chromium is None:
        print("No Chromium here: install one (apt install chromium).", file=sys.stderr)  # noqa: T201
        return 1
    asked.into.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        try:
            for made in pictures(browser, asked.site.rstrip("/"), asked.into, asked.only):
                print(made)  # noqa: T201
        except BrowserError as error:
            print(f"{asked.site} does not answer; is `make run` running?\n{error}", file=sys.stderr)  # noqa: T201
            return 1
    return 0


def pictures(browser: Browser, site: str, into: Path, only: str) -> Iterator[Path]:
    for scheme, width in product(SCHEMES, WIDTHS):
        context = browser.new_context(viewport={"width": width, "height": HEIGHT}, color_scheme=scheme)
        page = context.new_page()
        yield from shown(page, site, PUBLIC | VIEWS, into, only, f"{width}-{scheme}")
        if sign_in(page, site):
            yield from shown(page, site, OWN, into, only, f"{width}-{scheme}")
        context.close()


def shown(page: Page, site: str, pages: dict[str, str], into: Path, only: str, ending: str) -> Iterator[Path]:
    for (name, address), language in product(pages.items(), LANGUAGES):
        if name.startswith(only):
            show(page, site + address.format(language))
            made = into / f"{name}-{language}-{ending}.png"
            page.screenshot(path=made, full_page=True)
            yield made


def sign_in(page: Page, site: str) -> bool:
    if not os.environ.get("NAME"):
        return False
    page.goto(f"{site}/en/accounts/login/")
    page.fill("#id_login", os.environ["NAME"])
    page.fill("#id_password", os.environ["PASSWORD"])
    page.locator("form.sign-in button").first.click()
    return True


def show(page: Page, address: str) -> None:
    """Open the page and wait until its chart, if it has one, is drawn."""
    page.goto(address)
    for box in page.locator(".chart").all():
        box.scroll_into_view_if_needed()  # they are drawn when they are seen
        box.locator(".main-svg").first.wait_for(state="attached", timeout=15_000)
    page.evaluate("scrollTo(0, 0)")


if __name__ == "__main__":
    sys.exit(main())
