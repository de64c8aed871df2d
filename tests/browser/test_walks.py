"""Four readers on their ways, in a real browser, from the page where each begins to what each came for.

`visit` fails a walk on any error of the console and on any request to another host.
"""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.utils import timezone

from apps.registry.models import Actor, Membership
from tests.browser.test_pages import WIDER
from tests.builders import make_account, make_actor, make_snapshots

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "nine-steppe-horses-7"  # noqa: S105
MY_BODY = "Ministry of Labor and Social Protection"


@pytest.fixture
def officer(reference):
    """Make Aigul, who works for a ministry with an account on Telegram, eighth of nine a month ago and sixth today."""
    caches["default"].clear()
    today = timezone.localdate()
    ministry = Actor.objects.get(slug="ministry-labor")
    bodies = [(ministry, 200, 500)]
    for place, (then, now) in enumerate(
        [(900, 1000), (800, 810), (700, 720), (600, 610), (300, 400), (250, 260), (100, 110)]
    ):
        bodies.append((make_actor(f"body-{place}", name_en=f"Body {place}"), then, now))
    for actor, then, now in bodies:
        account = make_account(actor, platform="telegram")
        make_snapshots(
            account, {today - timedelta(days=40): then, today - timedelta(days=30): then, today: now}
        )
    user = get_user_model().objects.create_user("aigul", "aigul@example.org", PASSWORD)
    Membership.objects.create(user=user, actor=ministry)
    return user


def test_a_press_officer_reads_how_her_ministry_stands_without_a_tap_or_scrolling(visit, officer):
    opened = visit(390, has_touch=True, is_mobile=True)
    page = opened.open("/en/accounts/login/")
    page.locator("input[name=login]").fill("aigul")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).tap()
    page.wait_for_url("**/en/me/")
    assert page.get_by_role("heading", level=1).inner_text() == MY_BODY
    page.locator("#my-figure svg").first.wait_for(state="attached")  # drawn without being scrolled to
    says = page.locator(".answer").inner_text()
    assert "On Telegram: rank 6 of 9, with 500" in says  # though an older count on Facebook is larger
    assert "Up 2 places" in says
    assert "overtook: Body 4, Body 5." in says
    assert (
        "Next above: Body 3, 110 subscribers ahead (at the start of the period: 400). The gap is closing."
        in says
    )
    assert page.evaluate("scrollY") == 0
    for part in (page.locator(".answer"), page.locator("#my-figure")):
        place = part.bounding_box()
        assert place["y"] + place["height"] <= 640
    mine = page.locator("tr[aria-current=true]")
    assert mine.locator("th a").inner_text() == MY_BODY
    assert mine.locator("td.n").first.inner_text() == "6"
    assert f"{MY_BODY} overtook Body 4" in page.get_by_role("main").inner_text()


def test_a_journalist_takes_away_the_numbers_that_the_page_shows(visit, reference):
    opened = visit(accept_downloads=True)
    page = opened.open("/en/")
    page.get_by_role("navigation").get_by_role("link", name="Compare", exact=True).click()
    opened.chart()
    page.get_by_label("Add by name").fill("образования")
    page.locator("#c-find").click()
    page.get_by_role("link", name="+ Ministry of Education").first.click()
    page.wait_for_url("**/compare/?actor=**")
    opened.chart()
    names = page.locator(".picked a:not(.remove)").all_inner_texts()
    assert any("Education" in name for name in names)
    twin = page.locator("details.twin")
    columns = [name.strip() for name in twin.locator("thead th").all_inner_texts()[1:]]
    shown = []
    for row in twin.locator("tbody tr").all():
        year, *cells = [text.strip() for text in row.locator("th, td").all_inner_texts()]
        assert len(cells) == len(columns)
        counts = ["".join(filter(str.isdigit, cell)) for cell in cells]
        shown += [(year, int(count)) for count in counts if count]
    assert len(shown) > len(columns)
    page.locator("summary", has_text="Download the numbers").click()
    with page.expect_download() as download:
        page.locator("details.files").get_by_role("link", name=re.compile("^CSV ?:")).first.click()
    rows = csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig")))
    filed = [(row["day"][:4], int(row["followers"])) for row in rows if row["followers"]]
    assert sorted(filed) == sorted(shown)


def test_a_reader_with_a_phone_filters_the_standings(visit, officer):
    opened = visit(360, has_touch=True, is_mobile=True)
    page = opened.open("/kk/")
    page.get_by_role("button", name="Мәзір").tap()
    page.locator("nav.pages a", has_text="Рейтинг").first.tap()
    page.wait_for_url("**/kk/standings/")
    every = page.locator("table.sticky tbody tr").count()
    page.locator("details.chosen > summary").tap()
    page.locator("#f-platform").select_option("telegram")
    page.locator("#f-kind").select_option("state_body")
    page.locator("form.filters button[type=submit]").tap()
    page.wait_for_url("**platform=telegram**")
    assert "kind=state_body" in page.url
    rows = page.locator("table.sticky tbody tr")
    assert rows.count() == 8
    assert rows.count() < every
    assert "1\N{NO-BREAK SPACE}000" in rows.first.inner_text()
    assert page.evaluate(WIDER) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert "Telegram" in page.locator("details.chosen > summary").inner_text()
    page.locator("details.chosen > summary").tap()
    page.locator("#f-q").fill("еңбек")
    page.locator("form.filters button[type=submit]").tap()
    page.wait_for_url(lambda url: "q=%D0" in url)
    assert rows.count() == 1
    rows.first.locator("th a").tap()
    page.wait_for_url("**/kk/actors/ministry-labor/")


def test_with_the_keyboard_alone_the_table_of_a_chart_is_read(visit, reference):
    opened = visit()
    page = opened.open("/en/standings/?view=bump&platform=facebook&on=2022-12-31")
    opened.chart()
    focused = "document.activeElement"
    for _stop in range(120):
        page.keyboard.press("Tab")
        if page.evaluate(f"{focused}.matches('details.twin > summary')"):
            break
    assert page.evaluate(f"{focused}.innerText") == "The same ranks as a table"
    table = page.locator("details.twin table")
    assert not table.is_visible()
    page.keyboard.press("Enter")
    assert table.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate(f"{focused}.getAttribute('role')") == "region"
    assert page.evaluate(f"{focused}.getAttribute('aria-label')") == "Ranks over time"
    assert table.locator("thead th[scope=col]").count() > 2
    assert table.locator("tbody th[scope=row]").count() == table.locator("tbody tr").count() > 1
    first = table.locator("tbody tr").first.inner_text()
    assert any(sign.isdigit() for sign in first)
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert not table.is_visible()


def test_a_journalist_has_the_rows_of_a_page_as_a_file_in_two_taps(visit, officer):
    opened = visit(390, has_touch=True, is_mobile=True, accept_downloads=True)
    for address in (
        "/en/standings/?platform=telegram",
        "/en/groups/abenov-vs-agencies/",
        "/en/actors/abenov/",
    ):
        page = opened.open(address)
        page.locator("details.files > summary").first.tap()
        with page.expect_download() as download:
            page.locator("details.files[open]").get_by_role("link", name=re.compile("^CSV ?:")).first.tap()
        assert b"followers" in download.value.path().read_bytes()[:2000], address


def test_an_indexed_comparison_over_two_years_is_three_taps_from_a_group(visit, officer):
    opened = visit(390, has_touch=True, is_mobile=True)
    page = opened.open("/en/groups/abenov-vs-agencies/")
    page.get_by_role("link", name="Compare them on a chart of your own").tap()
    page.wait_for_url("**/compare/**")
    opened.chart()
    page.locator("nav.switch").get_by_role("link", name="Index").tap()
    page.wait_for_url("**view=index**")
    page.locator("nav.switch").get_by_role("link", name="2 years").tap()
    page.wait_for_url("**from=2y**")
    assert page.locator("nav.switch [aria-current=true]").all_inner_texts() == ["Index", "2 years"]
    assert page.locator(".picked li").count() == 6
