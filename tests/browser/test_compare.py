"""The chart builder in a browser: with and without scripts, by keyboard, on a phone."""

import re
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from tests.browser.test_pages import CUT, OVERLAPS, WIDER
from tests.builders import make_account, make_actor, make_snapshots

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

VIEWS = ["", "change", "percent", "index", "share", "gap"]


@pytest.fixture
def daily(reference):
    """Make two bloggers with half a year of days on Telegram."""
    today = timezone.localdate()
    for slug, pace in [("fast", 40), ("slow", 5)]:
        days = {today - timedelta(days=180 - day): 1000 + day * pace for day in range(180)}
        make_snapshots(make_account(make_actor(slug, "blogger"), platform="telegram"), days)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_every_view_fits(visit, daily, width, scheme):
    opened = visit(width, scheme)
    for start in ["/kk/compare/?", "/ru/compare/?actor=fast&actor=slow&"]:
        for view in VIEWS:
            page = opened.open(f"{start}view={view}")
            box = opened.chart()
            assert box.evaluate(CUT) == [], page.url
            assert box.evaluate(OVERLAPS) == [], page.url
            assert page.evaluate(WIDER) == [], page.url


def test_a_journalist_builds_a_comparison_and_takes_it_away(visit, reference):
    opened = visit(accept_downloads=True)
    page = opened.open("/en/compare/")
    opened.chart()
    page.get_by_label("Add by name").fill("education")
    page.locator("#c-find").click()
    page.get_by_role("link", name="+ Ministry of Education").first.click()
    page.wait_for_url("**/compare/?actor=**")
    assert "ministry-education" in page.url
    page.get_by_role("link", name="Gap", exact=True).click()
    page.wait_for_url("**view=gap**")
    opened.chart()
    assert "Closest to" in page.locator("#compare-said").text_content()
    address = page.url
    page.go_back()
    page.wait_for_url(lambda url: "gap" not in url)
    page.go_forward()
    page.wait_for_url("**view=gap**")
    assert page.url == address
    opened.chart()
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG").click()
    assert download.value.path().stat().st_size > 5_000
    page.locator("summary", has_text="Download the numbers").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^CSV ?:")).first.click()
    assert b"ministry-education" in download.value.path().read_bytes()


def test_without_scripts_links_and_forms_do_the_same(visit, reference):
    page = visit(360, java_script_enabled=False).open("/en/compare/")
    page.locator("details.pick > summary").click()
    page.get_by_label("Add by name").fill("education")
    page.locator("#c-find").click()
    page.get_by_role("link", name="+ Ministry of Education").first.click()
    page.locator("details.pick > summary").click()
    page.get_by_role("link", name="Remove: Murat Abenov").click()
    page.get_by_role("link", name="Percent", exact=True).click()
    page.locator("details.pick > summary").click()
    page.get_by_label("Platform").select_option("facebook")
    page.locator("#c-show").click()
    assert "view=percent" in page.url
    assert "abenov" not in page.url
    assert page.locator("details.twin table tbody tr").count() > 0
    assert page.locator(".chart").is_hidden()


def test_the_base_day_is_dragged_or_typed(visit, daily):
    opened = visit()
    page = opened.open("/en/compare/?actor=fast&actor=slow&view=index")
    box = opened.chart()
    frame = box.bounding_box()
    line = page.evaluate(
        """() => { const box = document.querySelector('.chart'), axis = box._fullLayout.xaxis;
        return axis._offset + axis.d2p(document.getElementById('c-base').value); }"""
    )
    x, y = frame["x"] + line, frame["y"] + 200
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 150, y, steps=5)
    page.mouse.up()
    page.wait_for_url("**base=**")
    dragged = page.locator("#c-base").input_value()
    assert dragged in page.url
    opened.chart()
    assert "as 100" in page.locator("#compare-says").text_content()
    page.locator("#c-base").fill((timezone.localdate() - timedelta(days=60)).isoformat())
    page.locator("#c-show").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: dragged not in url)
    assert page.evaluate("document.activeElement.id") == "c-show"


def drag(page, box, start, end):
    """Drag across a chart's plot, from one part of its width to another."""
    page.wait_for_function("document.querySelector('[data-range]')._fullLayout")
    frame = box.bounding_box()
    left, width = box.evaluate("box => [box._fullLayout.xaxis._offset, box._fullLayout.xaxis._length]")
    y = frame["y"] + 150
    page.mouse.move(frame["x"] + left + width * start, y)
    page.mouse.down()
    page.mouse.move(frame["x"] + left + width * end, y, steps=4)


@pytest.mark.parametrize("address", ["/en/compare/?actor=fast&actor=slow", "/en/actors/fast/"])
def test_a_part_of_the_chart_is_seen_by_dragging_across_it(visit, daily, address):
    opened = visit()
    page = opened.open(address)
    box = opened.page.locator("[data-range]")
    opened.charts()
    box.scroll_into_view_if_needed()
    drag(page, box, 0.8, 0.3)
    assert page.locator(".band").is_visible()
    page.keyboard.press("Escape")
    page.mouse.up()
    assert "from=" not in page.url
    drag(page, box, 0.8, 0.3)  # either way
    page.mouse.up()
    page.wait_for_url("**from=**")
    chosen = parse_qs(urlsplit(page.url).query)
    first, last = (date.fromisoformat(chosen[name][0]) for name in ("from", "to"))
    assert timedelta(days=1) <= last - first
    opened.charts()
    shown = page.locator("[data-range]").evaluate("box => box._fullLayout.xaxis.range")
    assert first - timedelta(days=5) <= date.fromisoformat(shown[0][:10])
    assert date.fromisoformat(shown[1][:10]) <= last + timedelta(days=5)


def test_buttons_of_the_chart_outlive_a_change_of_view(visit, reference):
    opened = visit()
    page = opened.open("/en/compare/")
    box = opened.chart()
    page.get_by_role("button", name="Events").click()
    assert "events=0" in page.url
    page.get_by_role("link", name="Percent", exact=True).click()
    page.wait_for_url("**view=percent**")
    opened.chart()
    assert "events=0" in page.url
    assert page.locator("ol.events").is_hidden()
    assert [
        one for one in box.evaluate("box => box.layout.shapes.map(shape => shape.name)") if one == "event"
    ] == []


def test_a_keyboard_reaches_the_table_of_the_chart(visit, reference):
    opened = visit()
    page = opened.open("/en/compare/")
    opened.chart()
    page.locator("details.twin summary").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "region"
    assert page.locator("details.twin caption").text_content().startswith("Murat Abenov and state agencies")
