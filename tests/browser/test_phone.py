"""A screen of 390 px: the answer without a tap, chart and table before the controls, gap and change in sight."""

import pytest

from tests.browser.test_walks import PASSWORD, officer

__all__ = ["officer"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTH = 390
LANGUAGES = ["kk", "ru", "en"]
# What of a table lies beyond its box.
HIDDEN_CELLS = """box => { const edge = box.getBoundingClientRect().right;
    return [...box.querySelectorAll('th, td')].filter(cell => cell.checkVisibility() && cell.getBoundingClientRect().right > edge + 1)
        .map(cell => cell.innerText); }"""


def sign_in(page, base):
    page.goto(f"{base}/en/accounts/login/")
    page.locator("input[name=login]").fill("aigul")
    page.locator("input[name=password]").first.fill(PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url("**/en/me/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_we_stand_who_passed_us_and_whether_the_gap_closes_without_a_tap(visit, officer, language):
    opened = visit(WIDTH)
    page = opened.page
    sign_in(page, opened.base)
    page.goto(f"{opened.base}/{language}/me/?platform=telegram&since=30d")
    opened.chart()
    page.evaluate("scrollTo(0, 0)")
    answer = page.locator(".answer li")
    assert answer.count() == 3
    chart = page.locator("#my-figure").bounding_box()
    assert chart["y"] + chart["height"] <= 640
    assert page.locator(".answer").bounding_box()["y"] < 170
    text = page.locator(".answer").inner_text()
    for number in ("6", "9", "110", "400"):
        assert number in text
    assert not page.locator("#f-since").is_visible()
    assert page.locator("details.chosen > summary").bounding_box()["y"] >= chart["y"] + chart["height"] - 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_an_actor_gives_the_same_answer_on_the_first_screen(visit, officer, language):
    opened = visit(WIDTH)
    page = opened.open(f"/{language}/actors/ministry-labor/?platform=telegram")
    opened.chart()
    answer = page.locator(".answer li")
    assert answer.count() == 3
    for number in ("6", "9", "110", "400"):
        assert number in page.locator(".answer").inner_text()
    chart = page.locator("#answer-figure").bounding_box()
    assert chart["y"] + chart["height"] <= 640
    assert page.locator("h1").bounding_box()["height"] < 80


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_header_takes_one_line(visit, officer, language):
    opened = visit(320)
    page = opened.open(f"/{language}/")
    assert page.locator("header.top").bounding_box()["height"] <= 60
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.locator(".menu-button").click()
    menu = page.locator("#menu")
    assert menu.is_visible()
    assert menu.locator("nav.pages a").count() >= 6
    assert menu.locator("#search").is_visible()
    page.keyboard.press("Escape")
    assert not menu.is_visible()


@pytest.mark.parametrize(
    "address",
    [
        "/{}/standings/?platform=telegram&since=30d",
        "/{}/groups/abenov-vs-agencies/",
        "/{}/?platform=facebook",
        "/{}/actors/ministry-labor/?platform=telegram",
    ],
)
def test_numbers_gap_and_change_are_in_sight_without_scrolling_sideways(visit, officer, address):
    opened = visit(WIDTH)
    for language in LANGUAGES:
        page = opened.open(address.format(language))
        tables = page.locator(".table-box:has(table.lean)").all()
        assert tables
        for table in tables:
            assert table.evaluate(HIDDEN_CELLS) == [], page.url


@pytest.mark.parametrize(
    ("address", "result", "control"),
    [
        ("/en/standings/?platform=telegram", "table.sticky", "#f-platform"),
        ("/en/compare/", "#compare-figure", "#c-platform"),
        ("/en/groups/abenov-vs-agencies/", "#group-figure", "#since"),
        ("/en/actors/", "main table", "#f-kind"),
    ],
)
def test_the_controls_are_folded_into_a_line_that_says_what_is_chosen(
    visit, officer, address, result, control
):
    opened = visit(WIDTH)
    page = opened.open(address)
    assert not page.locator(control).is_visible()
    folded = page.locator("details.chosen > summary")
    assert folded.bounding_box()["height"] < 72
    assert any(word in folded.inner_text() for word in ("Telegram", "Facebook", "2017", "All types"))
    assert page.locator(result).bounding_box()["y"] < 520
    folded.click()
    assert page.locator(control).is_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(opened.base + address)
    assert page.locator(control).is_visible()
    assert not folded.is_visible()


def test_what_was_chosen_but_never_sent_is_forgotten_after_back_and_reload(visit, officer):
    """Every form whose fields are the address; a browser brings back what was typed."""
    opened = visit(1280)
    page = opened.open("/en/standings/?platform=telegram&since=30d")
    for change, there in [("back", "/en/method/"), ("reload", "")]:
        page.locator("#f-platform").select_option("facebook")
        page.locator("#f-q").fill("ministry")
        page.locator("[name=fresh]").check()
        if there:
            page.goto(opened.base + there)
        page.go_back() if change == "back" else page.reload()
        page.locator("table.sticky").wait_for()
        assert page.locator("#f-platform").input_value() == "telegram", change
        assert page.locator("#f-q").input_value() == ""
        assert not page.locator("[name=fresh]").is_checked()
        assert page.locator("table.sticky tbody tr").count() == 9


FORMS = [  # every form that shows a state: its address, a field and what is typed into it
    ("/en/compare/", "#c-from", "2020-01-01"),
    ("/en/groups/abenov-vs-agencies/", "#on", "2020-01-01"),
    ("/en/search/?q=labor", "#f-q", "nobody"),
    ("/en/?platform=telegram", "#platform", "facebook"),
    ("/en/actors/?kind=blogger", "#f-kind", "party"),
    ("/en/check/?a=abenov&platform=facebook&claim=5", "#f-claim", "63 times more"),
    ("/en/me/?platform=telegram", "#f-since", "1y"),
    ("/en/me/?platform=telegram", "#p-name", "somebody"),
    ("/en/me/alerts/rules/new/", "#id_cooldown_days", "99"),
]
TYPE = """([field, typed]) => { const one = document.querySelector(field); one.value = typed;
    one.dispatchEvent(new Event('change', { bubbles: true })); return one.value; }"""


def test_every_form_says_what_its_page_shows_after_back_and_reload(visit, officer):
    opened = visit(1280)
    page = opened.page
    sign_in(page, opened.base)
    for address, field, typed in FORMS:
        page.goto(opened.base + address)
        before = page.locator(field).input_value()
        for change in ("back", "reload"):
            assert page.evaluate(TYPE, [field, typed]) == typed != before, address
            if change == "back":
                page.goto(f"{opened.base}/en/accounts/login/")
                page.go_back()
            else:
                page.reload()
            page.wait_for_load_state("load")
            assert page.locator(field).input_value() == before, (address, change)


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/en/?platform=wrong", "#platform"),
        ("/en/actors/?kind=wrong", "#f-kind"),
        ("/en/groups/abenov-vs-agencies/?on=wrong", "#on"),
        ("/en/compare/?from=wrong", "#c-from"),
        ("/en/check/?a=abenov&on=wrong&claim=5", "#f-on"),
    ],
)
def test_a_wrong_value_is_told_beside_its_field(client, reference, address, field):
    page = client.get(address).content.decode()
    _, _, after = page.partition(f'id="{field[1:]}"')
    assert '<small class="problem"' in after.partition("<label")[0].partition("<button")[0]


def test_show_leads_to_the_result(visit, officer):
    opened = visit(WIDTH)
    page = opened.open("/en/?platform=facebook")
    page.locator("#platform").select_option("telegram")
    page.locator("section form.inline button").click()
    page.wait_for_url("**platform=telegram**")
    title = page.locator("#standings-title").bounding_box()
    assert -1 <= title["y"] < 400


def test_what_is_wrong_stands_beside_its_field(visit, officer):
    opened = visit(WIDTH)
    page = opened.open("/en/standings/?on=2022-13-45&platform=telegram")
    assert page.locator("details.chosen").get_attribute("open") is not None
    beside = page.locator("p:has(#f-on) .problem")
    assert beside.inner_text() == "“2022-13-45” is not a date such as 2022-05-31, 2022-05 or 2022."
