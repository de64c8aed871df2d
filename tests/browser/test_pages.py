"""What only a browser can tell: charts are drawn under the policy, nothing is cut, pages work without scripts."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHARTS = ["/{}/", "/{}/groups/abenov-vs-agencies/?view=line", "/{}/actors/abenov/", "/{}/actors/tazabek/"]

# Labels whose box leaves the chart's box by more than a pixel.
CUT = """box => {
  const frame = box.getBoundingClientRect();
  return [...box.querySelectorAll('.annotation-text, .ytick text, .xtick text')].filter(text => {
    const place = text.getBoundingClientRect();
    return place.left < frame.left - 1 || place.right > frame.right + 1 || place.bottom > frame.bottom + 1;
  }).map(text => text.textContent);
}"""
OVERLAPS = """box => {
  const texts = [...box.querySelectorAll('.annotation-text')].map(text => [text.textContent, text.getBoundingClientRect()]);
  const found = [];
  texts.forEach(([one, a], place) => texts.slice(place + 1).forEach(([other, b]) => {
    if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1.5 && b.top < a.bottom - 1.5)
      found.push([one, other]);
  }));
  return found;
}"""
# Anything beside the page's edge that does not scroll in a box of its own.
WIDER = """[...document.querySelectorAll('body *')].filter(one =>
  !one.closest('.table-box, nav.pages, .hidden, .skip, svg') && one.getBoundingClientRect().right >
  document.documentElement.getBoundingClientRect().right + 1).map(one => one.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark"), (768, "light")])
def test_charts_are_drawn_and_nothing_is_cut(visit, width, scheme):
    opened = visit(width, scheme)
    for path in CHARTS:
        for language in ("kk", "ru"):
            page = opened.open(path.format(language))
            for box in opened.charts():
                assert box.evaluate(CUT) == [], (path, language)
                assert box.evaluate(OVERLAPS) == [], (path, language)
            assert page.evaluate(WIDER) == [], (path, language)


def test_dark_scheme_has_dark_charts(visit):
    opened = visit(scheme="dark")
    opened.open("/en/")
    ground = (
        opened.chart().locator(".main-svg").first.evaluate("svg => getComputedStyle(svg).backgroundColor")
    )
    assert ground == "rgb(20, 23, 26)"


def test_buttons_of_a_chart(visit):
    opened = visit()
    page = opened.open("/en/groups/abenov-vs-agencies/?view=line")
    box = opened.chart()
    page.get_by_role("button", name="Logarithmic").click()
    assert box.get_by_text("Logarithmic scale, does not begin at zero").count() == 1
    assert "scale=log" in page.url
    page.get_by_role("button", name="Linear").click()
    assert "scale" not in page.url
    marks = box.locator(".shapelayer path")
    listed = page.locator("ol.events li").count()
    assert listed > 1
    assert marks.count() == listed  # none of them lasts, so each is a line alone
    page.get_by_role("button", name="Events").click()
    assert marks.count() == 0
    assert page.locator("ol.events").is_hidden()
    for name in ("PNG", "SVG"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        assert download.value.suggested_filename == f"kzmedia-en-groups-abenov-vs-agencies.{name.lower()}"
        assert download.value.path().stat().st_size > 5_000


def test_chart_follows_the_width(visit):
    opened = visit()
    page = opened.open("/en/")
    box = opened.chart()
    page.set_viewport_size({"width": 360, "height": 800})
    box.get_by_text("9,600 Ministry of Defense").wait_for(state="attached")
    assert box.evaluate(CUT) == []


def test_hovering_shows_the_count(visit):
    opened = visit()
    page = opened.open("/en/")
    box = opened.chart()
    place = box.locator(".scatterlayer .point").last.bounding_box()
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    box.locator(".hovertext").wait_for(state="attached")
    assert "64,000" in box.locator(".hovertext").text_content()


def test_everything_but_the_chart_works_without_scripts(visit):
    opened = visit(360, java_script_enabled=False)
    page = opened.open("/en/standings/")
    page.locator("details.chosen > summary").click()
    page.get_by_label("Platform").select_option("facebook")
    page.get_by_role("button", name="Show").click()
    assert "platform=facebook" in page.url
    page.get_by_role("link", name="President's press office").click()
    assert page.get_by_role("heading", level=1).text_content() == "President's press office"
    charts = page.locator(".chart").all()
    assert charts
    assert not any(chart.is_visible() for chart in charts)
    assert page.get_by_role("button", name="PNG").count() == 0


def test_first_tab_skips_to_the_content(visit):
    opened = visit()
    page = opened.open("/en/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_phone_has_targets_a_finger_can_hit(visit):
    opened = visit(360)
    page = opened.open("/en/standings/")
    small = page.evaluate(
        """[...document.querySelectorAll('header a, button, select, input:not([type=checkbox])')]
        .filter(one => one.offsetParent && one.getBoundingClientRect().height < 44).map(one => one.outerHTML)"""
    )
    assert [one for one in small if "skip" not in one] == []


PAST_THE_MARGIN = """() => { const main = document.querySelector('main'), style = getComputedStyle(main);
    const edge = main.getBoundingClientRect().right - parseFloat(style.paddingRight);
    return [...document.querySelectorAll('main table')].filter(one => !one.closest('details:not([open])'))
        .map(one => one.getBoundingClientRect().right - edge).filter(beyond => beyond > 1); }"""


@pytest.mark.parametrize("width", [1024, 1280])
def test_tables_keep_within_the_page(visit, width):
    opened = visit(width)
    for language in ("kk", "ru", "en"):
        for path in ("standings/?platform=facebook&since=2017", "standings/?rows=accounts&since=1y", "groups/abenov-vs-agencies/", "groups/opposition-vs-officialdom/", ""):  # fmt: skip
            page = opened.open(f"/{language}/{path}")
            assert page.evaluate(PAST_THE_MARGIN) == [], page.url
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_table_has_all_its_columns_on_paper(visit):
    """A4 upright to its edges: between margins it is narrow, and then has the columns of a phone."""
    opened = visit(794)
    for language in ("kk", "ru", "en"):
        for path in ("standings/?platform=facebook&since=2017", "groups/abenov-vs-agencies/"):
            page = opened.open(f"/{language}/{path}")
            page.emulate_media(media="print")
            assert page.evaluate(PAST_THE_MARGIN) == [], page.url
            assert not page.locator("main form").first.is_visible()
