"""What every chart keeps, whatever the numbers, the names, the width, the scale, the language and the reader's font.

An axis has two distinct labels or more and none twice; no label is cut or lies on another; a plot keeps 45 % of a narrow screen.
"""

import json
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from apps.figures import areas, lines
from apps.standings import shares
from kzmedia import vendor
from tests.browser.test_pages import CUT, OVERLAPS
from tests.figures.made import points, series, trend

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

FIRST = date(2026, 11, 25)
LONG = "Министерство цифрового развития, инноваций и аэрокосмической промышленности " * 3
FONTS = {
    "dejavu": '"DejaVu Sans"',
    "noto": '"Own Noto"',
    "liberation": '"Liberation Sans", "Nimbus Sans", Arial',  # of one metric
    "wide": '"URW Bookman", "DejaVu Serif"',
}
NOTO = "".join(
    f"@font-face {{ font-family: 'Own Noto'; font-weight: 100 900; src: url('{part}.woff2'); unicode-range: {letters}; }}"
    for part, letters in [
        ("noto-sans-cyrillic-ext-wght-normal", "U+0460-052F"),
        ("noto-sans-cyrillic-wght-normal", "U+0400-045F, U+0490-0491, U+04B0-04B1, U+2116"),
        ("noto-sans-latin-wght-normal", "U+0000-00FF, U+2000-206F, U+2191-2193, U+2212"),
    ]
)
WORLDS = {
    **{f"{days}-days": [[1000 + 7 * day for day in range(days)]] for days in (1, 2, 3, 5, 8, 10)},
    "flat": [[500] * 6],
    "zeros": [[0, 0, 3, 40, 500, 6000]],
    "decade": [[61_000, 63_500, 66_000, 69_000]],
    "gaps": [[100, None, 120, None, None, 150, 160, None, 170, 180]],
    "years": [[1000 + day for day in range(0, 1200, 3)]],
    "large": [[91_234_567, 91_300_000, 91_400_000]],
    "names": [[1000 + 90 * line + day for day in range(6)] for line in range(6)],
    "fourteen": [[1000 + 9 * line + day for day in range(6)] for line in range(14)],
    "sixty": [[1000 + 40 * line + day for day in range(6)] for line in range(60)],
}
AREAS = "fourteen"  # drawn as shares of a whole too
X_LABELS = "box => [...box.querySelectorAll('.xtick text')].map(text => text.textContent)"
Y_LABELS = "box => [...box.querySelectorAll('.ytick text')].map(text => text.textContent)"
CROWDED = """box => { const texts = [...box.querySelectorAll('.xtick text')].map(text => text.getBoundingClientRect());
    texts.sort((one, other) => one.left - other.left);
    return texts.some((one, at) => at && one.left < texts[at - 1].right + 2) && texts.map(one => [one.left, one.right]); }"""
PLOT_SHARE = "box => box._fullLayout._size.w / box.getBoundingClientRect().width"


def made(counts, line):
    name = LONG[:200] if len(counts) == 6 and line == 0 else f"Body {line}"
    one = series(f"body-{line}", points(FIRST - timedelta(days=len(counts)), counts))
    return replace(one, name_en=name, name_ru=name, name_kk=name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Provide the page's scripts and fonts beside each other, to be opened as a file."""
    folder = tmp_path_factory.mktemp("charts")
    shutil.copy(vendor.provide(settings.VAR_DIR), folder / "plotly.js")
    shutil.copy(settings.BASE_DIR / "static/js/chart.js", folder / "chart.js")
    for font in (settings.BASE_DIR / "apps/figures/fonts").glob("*.woff2"):
        shutil.copy(font, folder / font.name)
    return folder


def written(folder: Path, language: str, scale: str, font: str) -> Path:
    """Write a page with a chart of every world; return its path."""
    parts = []
    with translation.override(language):
        drawn = {
            name: trend(*(made(one, place) for place, one in enumerate(counts)))
            for name, counts in WORLDS.items()
        }
        figures = {name: lines.lines(one, focus="body-0") for name, one in drawn.items()}
        figures["areas"] = areas.areas(drawn[AREAS], shares.shares(drawn[AREAS]))
        for name, figure in figures.items():
            figure["layout"]["template"] = json.loads(json.dumps(figure["layout"]["template"]))
            figure["layout"]["template"]["layout"]["font"]["family"] = FONTS[font]
            data = json.dumps(figure).replace("<", "\\u003C")
            parts.append(
                f'<h2>{name}</h2><div class="chart" id="{name}" data-chart="{name}-data" data-scale="{scale}"></div>'
                f'<script type="application/json" id="{name}-data">{data}</script>'
            )
    page = folder / f"{language}-{scale}-{font}.html"
    page.write_text(
        f'<!doctype html><meta charset="utf-8"><style>{NOTO} body {{ margin: 0 16px; }} .chart {{ min-height: 460px; }}'
        f" h2 {{ font-family: 'Own Noto'; }}</style><h1>Қазақ: әғқңөұүһі</h1>{''.join(parts)}"
        '<script src="chart.js" data-library="plotly.js"></script>',
        encoding="utf-8",
    )
    return page


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize(("language", "scale"), [("kk", "linear"), ("ru", "log"), ("en", "log")])
def test_a_chart_keeps_its_contract(chromium, folder, language, scale, font, width):
    page = chromium.new_page(viewport={"width": width, "height": 900})
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(written(folder, language, scale, font).as_uri())
    page.evaluate("document.fonts.ready")
    page.mouse.move(5, 5)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.chart')].every(box => box.querySelector('.main-svg'))",
        timeout=60_000,
    )
    page.wait_for_timeout(200)
    for name in [*WORLDS, "areas"]:
        box = page.locator(f"[id='{name}']")
        at = (name, language, scale, font, width)
        if crowded := box.evaluate(CROWDED):
            wrong.append((at, "dates touch", crowded))
        for axis, labels in (("x", box.evaluate(X_LABELS)), ("y", box.evaluate(Y_LABELS))):
            if len(labels) < 2 and not (axis == "x" and name == "1-days"):
                wrong.append((at, axis, "fewer than two", labels))
            if len(set(labels)) < len(labels):
                wrong.append((at, axis, "twice", labels))
        if cut := box.evaluate(CUT):
            wrong.append((at, "cut", cut))
        if overlaps := box.evaluate(OVERLAPS):
            wrong.append((at, "overlap", overlaps))
        share = box.evaluate(PLOT_SHARE)
        if share < 0.45:
            wrong.append((at, "plot", round(share, 2)))
    page.close()
    assert wrong == []


GROUND = "svg => getComputedStyle(svg).backgroundColor"
INKS = """box => [...box.querySelectorAll('text')].map(text => getComputedStyle(text).fill)
    .map(colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number)).map(([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b)"""


@pytest.mark.parametrize("how", ["print", "forced"])
def test_a_chart_is_light_and_legible_in_print_and_forced_colours(chromium, folder, how):
    """The page of a dark screen; a print dialog tells the page, which draws its charts anew."""
    page = chromium.new_page(viewport={"width": 390, "height": 900}, color_scheme="dark")
    page.goto(written(folder, "ru", "linear", "noto").as_uri())
    page.mouse.move(5, 5)
    box = page.locator("#decade")
    box.locator(".main-svg").first.wait_for(state="attached")
    dark = box.locator(".main-svg").first.evaluate(GROUND)
    assert min(box.evaluate(INKS)) > 120  # light letters on a dark ground
    if how == "print":
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
    else:
        page.emulate_media(forced_colors="active", color_scheme="dark")
        page.reload()
        page.mouse.move(6, 6)
        box.locator(".main-svg").first.wait_for(state="attached")
    assert box.locator(".main-svg").first.evaluate(GROUND) == "rgb(255, 255, 255)" != dark
    assert max(box.evaluate(INKS)) < 140
    if how == "print":
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert box.locator(".main-svg").first.evaluate(GROUND) == dark
    page.close()
