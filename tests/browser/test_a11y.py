"""Nobody is kept out: axe finds nothing on any page, and all of it can be done from the keyboard."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from apps.dashboard import freezing
from apps.registry.models import Actor, Membership
from apps.snapshots.models import Correction, Snapshot
from tests.browser.addresses import FRAMES, PUBLIC

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"

RUN = """async () => {
  const found = await axe.run(document, {
    resultTypes: ["violations"],  // nobody reads what it finds in order
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  });
  return found.violations.map(one => `${one.id}: ` + one.nodes.slice(0, 3).map(node =>
    node.html.slice(0, 160) + " | " + node.failureSummary.replace(/\\s+/g, " ").slice(0, 200)).join(" || "));
}"""


@pytest.fixture
def axe():
    if not AXE.exists():
        pytest.skip("axe-core is not installed: run `npm ci` (it needs Node.js) to check accessibility.")
    return AXE.read_text()


@pytest.fixture
def correction(reference):
    snapshot = Snapshot.objects.filter(account__actor__slug="abenov").first()
    return Correction.objects.create(
        snapshot=snapshot,
        old={"state": "counted", "followers": 40, "bound": "="},
        new={"state": "counted", "followers": 39000, "bound": "="},
        reason="The thousands were left out",
        by=get_user_model().objects.create_user("editor"),
        at=datetime(2026, 11, 20, tzinfo=UTC),
    )


def violations(page, axe):
    if page.locator(".chart").count():
        page.locator(".chart").first.scroll_into_view_if_needed()
        page.locator(".chart .main-svg").first.wait_for(state="attached")
    page.evaluate(axe)
    return page.evaluate(RUN)


LOOKS = [("en", 1280, "light"), ("kk", 360, "dark"), ("ru", 360, "light"), ("en", 1280, "dark")]
THOROUGH = "THOROUGH" in os.environ  # every page in all four looks, and not in one of them


@pytest.mark.parametrize("look", range(len(LOOKS)), ids=["-".join(map(str, look)) for look in LOOKS])
def test_axe_finds_nothing(visit, axe, correction, look):
    """Pages take turns in the looks, as axe takes seconds for each."""
    language, width, scheme = LOOKS[look]
    opened = visit(width, scheme)
    found = {}
    edition = freezing.freeze("compare", "")
    paths = [*PUBLIC.values(), *FRAMES.values(), f"/{{}}/editions/{edition.key}/"]
    for path in paths if THOROUGH else paths[look :: len(LOOKS)]:
        page = opened.open(path.format(language))
        if wrong := violations(page, axe):
            found[path] = wrong
    opened.wrong = [
        line for line in opened.wrong if "404 (Not Found)" not in line
    ]  # the page that is not there
    assert not found, json.dumps(found, indent=1, ensure_ascii=False)


@pytest.fixture
def signed_in():
    """Provide the session of somebody who works for two bodies."""
    user = get_user_model().objects.create_user("bob")
    for actor in Actor.objects.filter(kind="state_body").order_by("pk")[:2]:
        Membership.objects.create(user=user, actor=actor)
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_axe_finds_nothing_on_one_s_own_pages(visit, axe, signed_in, width, scheme):
    opened = visit(width, scheme)
    opened.page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": signed_in, "url": opened.base}]
    )
    slug = Membership.objects.first().actor.slug
    found = {}
    for path in ["/en/me/", f"/en/me/?actor={slug}"]:
        page = opened.open(path)
        assert page.locator("h1").inner_text()
        if wrong := violations(page, axe):
            found[path] = wrong
    assert not found, json.dumps(found, indent=1, ensure_ascii=False)


FOCUS = """() => {
  const one = document.activeElement;
  const style = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  return {
    name: (one.innerText || one.getAttribute("aria-label") || one.labels?.[0]?.innerText || one.id || "").trim(),
    tag: one.tagName,
    type: one.type || "",
    seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.width > 0 && box.height > 0,
    inside: box.bottom > 0 && box.top < innerHeight,
  };
}"""


@pytest.mark.parametrize(
    "path", ["/en/", "/en/standings/", "/en/search/?q=abenov", "/en/data/", "/en/actors/abenov/"]
)
def test_every_stop_of_the_tab_key_is_seen_and_named(visit, path):
    page = visit().open(path)
    stops = []
    for _stop in range(400):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop["tag"] == "BODY":
            break
        stops.append(stop)
    assert len(stops) > 15
    # Chromium draws the ring of a date's picker itself, around the button inside the field.
    own = [stop for stop in stops if stop["type"] != "date"]
    assert [stop for stop in own if not (stop["seen"] and stop["inside"] and stop["name"])] == []
    if not path.startswith(("/en/data", "/en/search")):
        assert any(stop["tag"] == "DIV" for stop in stops)  # a table's box scrolls by the arrows


def test_skip_link_leads_past_the_head(visit):
    page = visit().open("/en/standings/")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS)["name"] == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_search_from_the_keyboard_alone(visit):
    page = visit().open("/en/")
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.id") != "search":
        page.keyboard.press("Tab")
    page.keyboard.type("абинов")
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/search/**")
    assert page.get_by_role("status").inner_text()
    page.get_by_role("link", name="Murat Abenov").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/actors/abenov/")


def test_nothing_moves_for_those_who_ask_for_it(visit):
    opened = visit(reduced_motion="reduce")
    page = opened.open("/en/")
    opened.chart()
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].filter(one => {const style = getComputedStyle(one);"
        "return parseFloat(style.transitionDuration) > 0 || style.animationName !== 'none'}).length"
    )
    assert moving == 0


@pytest.mark.parametrize("path", ["/en/standings/", "/en/actors/abenov/"])
def test_on_paper_there_is_content_and_no_controls(visit, path):
    page = visit().open(path)
    page.emulate_media(media="print")
    for gone in (".pages", ".search", ".languages", "form.filters", ".downloads"):
        assert all(
            not page.locator(gone).nth(place).is_visible() for place in range(page.locator(gone).count())
        )
    assert page.locator("main table").first.is_visible()
    assert page.locator("h1").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") in {
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    }
