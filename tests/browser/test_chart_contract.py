"""What every chart keeps, whatever the numbers, the names, the width, the scale, the language and the reader's font.

An axis has two distinct labels or more and none twice; no label is cut or lies on another; a plot keeps 45 % of a narrow screen.
"""

import json
import shutil
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from apps.context.models import Indicator, IndicatorValue
from apps.figures import areas, bars, bump, lines, slope
from apps.figures.country_charts import build_chart
from apps.figures.country_topics import TOPICS, Shape
from apps.registry.models import Source
from apps.snapshots.models import Span
from apps.standings import shares
from apps.standings.ranks import Place, Ranked
from kzmedia import vendor
from tests.browser.test_a11y import THOROUGH
from tests.browser.test_pages import CUT, OVERLAPS
from tests.figures.made import league, points, row, series, trend, value

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
PLOT_SHARE = """box => (box._fullLayout ? box._fullLayout._size.w : Number(box.querySelector('.outline').dataset.plot))
    / box.getBoundingClientRect().width"""
CONTRACT = f"""boxes => boxes.map(box => ({{ name: box.id, bare: box.dataset.bare, x: ({X_LABELS})(box), y: ({Y_LABELS})(box),
    touching: ({CROWDED})(box), cut: ({CUT})(box), overlaps: ({OVERLAPS})(box), share: ({PLOT_SHARE})(box) }}))"""


def made(counts, line):
    name = LONG[:200] if len(counts) == 6 and line == 0 else f"Body {line}"
    one = series(f"body-{line}", points(FIRST - timedelta(days=len(counts)), counts))
    return replace(one, name_en=name, name_ru=name, name_kk=name)


def named(place):
    return LONG[:200] if place == 0 else f"Body {place}"


def ranked(lines, days):
    """Return lines of ranks whose order turns half-way."""
    on = [FIRST - timedelta(days=days - 1 - day) for day in range(days)]

    def place(line, day):
        return line + 1 if day * 2 < days else lines - line

    return [
        Ranked(
            f"body-{line}", *[named(line)] * 3, "facebook",
            tuple(Place(on[day], place(line, day), 1000 * (lines - place(line, day)) + 1, True, lines) for day in range(days)),
        )
        for line in range(lines)
    ], on  # fmt: skip


def a_league(counts, **fields):
    return league(
        [
            row(f"body-{place}", named(place), value(max(count // 2, 1), 2017), value(count, 2022, **fields))
            for place, count in enumerate(counts)
        ]
    )


def figure_of(number, year, place, key):
    return IndicatorValue(
        indicator=Indicator(pk=1, key=key, label_en=LONG[:120], label_ru=LONG[:120], label_kk=LONG[:120], unit="people"),
        source=Source(pk=place + 1, key=f"book-{place}", title=LONG[:90], authors="Authors of a book", year=2022),
        geo="KZ", segment=named(place), value=Decimal(number), decimals=0, bound="=", day=date(year, 1, 1), span=Span.YEAR,
    )  # fmt: skip


def others():
    """Return a chart of every other kind, of one row and of many, with long names, zeros and bounds."""
    found = {}
    for count, days in ((2, 1), (2, 2), (6, 10), (14, 40), (15, 700)):
        found[f"bump-{days}"] = bump.bump(*ranked(count, days))
    for count in (1, 6, 30):
        found[f"bars-{count}"] = bars.bars(a_league([91_234_567 // (place + 1) for place in range(count)]))
        found[f"slope-{count}"] = slope.slope(
            a_league([9000 + 700 * place for place in range(min(count, 14))])
        )
    found["bars-zero"] = bars.bars(a_league([0, 0, 0]))
    found["bars-bound"] = bars.bars(a_league([10_000, 12_000, 5], bound=">"))
    for topic in TOPICS[:3]:  # lines, lines and bars
        years = range(2008, 2023) if topic.shape == Shape.LINES else (2022,)
        for size in (1, 5):
            values = [
                figure_of(10_000 * (year - 2000) * (place + 1), year, place, topic.indicators[0])
                for year in years
                for place in range(size)
            ]
            found[f"country-{topic.key}-{size}"] = build_chart(topic, values)
    return {name: figure for name, figure in found.items() if figure}


def bare(figure):
    """Return the axes that are not drawn: bars have their names over them and their numbers behind them."""
    axes = {"x": figure["layout"]["xaxis"], "y": figure["variants"]["wide"]["linear"]["yaxis"]}
    return "".join(name for name, axis in axes.items() if axis.get("visible") is False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Provide the page's scripts and fonts beside each other, to be opened as a file."""
    folder = tmp_path_factory.mktemp("charts")
    shutil.copy(vendor.provide(settings.VAR_DIR), folder / "plotly.js")
    for script in ("chart.js", "outline.js"):
        shutil.copy(settings.BASE_DIR / "static/js" / script, folder / script)
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
        if language == "kk" or font == "wide":  # the longest words, the widest letters
            figures |= others()
        for name, figure in figures.items():
            figure["layout"]["template"] = json.loads(json.dumps(figure["layout"]["template"]))
            figure["layout"]["template"]["layout"]["font"]["family"] = FONTS[font]
            data = json.dumps(figure).replace("<", "\\u003C")
            parts.append(
                f'<h2>{name}</h2><div class="chart" id="{name}" data-chart="{name}-data" data-scale="{scale}" data-bare="{bare(figure)}"></div>'
                f'<script type="application/json" id="{name}-data">{data}</script>'
            )
    page = folder / f"{language}-{scale}-{font}.html"
    page.write_text(
        f'<!doctype html><meta charset="utf-8"><style>{NOTO} body {{ margin: 0 16px; }} .chart {{ min-height: 460px; }}'
        f" h2 {{ font-family: 'Own Noto'; }}</style><h1>Қазақ: әғқңөұүһі</h1>{''.join(parts)}"
        '<script src="outline.js"></script><script src="chart.js" data-library="plotly.js"></script>',
        encoding="utf-8",
    )
    return page


def looks():
    """Return language, scale, font and width: each two of them together at least once, and all with THOROUGH=1."""
    for (at, spoken), (place, font) in product(
        enumerate([("kk", "linear"), ("ru", "log"), ("en", "log")]), enumerate(FONTS)
    ):
        for width in (320, 1280) if THOROUGH else [(320, 1280)[(at + place) % 2]]:
            yield *spoken, font, width


@pytest.mark.parametrize(("language", "scale", "font", "width"), [*looks()])
def test_a_chart_keeps_its_contract(chromium, folder, language, scale, font, width):
    """Both as it is drawn at once, and as Plotly draws it when the reader begins to do something."""
    page = chromium.new_page(viewport={"width": width, "height": 40_000})  # which sees them all
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.clock.install()  # so that the page does not go on to Plotly by itself
    page.goto(written(folder, language, scale, font).as_uri())
    page.evaluate("document.fonts.ready")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.chart')].every(box => box.querySelector('svg.outline'))",
        timeout=60_000,
    )
    assert not page.evaluate("Boolean(window.Plotly)")
    wrong += broken(page, ("outline", language, scale, font, width))
    page.clock.resume()
    page.mouse.move(5, 5)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.chart')].every(box => box.querySelector('.main-svg'))",
        timeout=60_000,
    )
    page.wait_for_timeout(200)
    assert page.locator("svg.outline").count() == 0
    wrong += broken(page, ("plotly", language, scale, font, width))
    page.close()
    assert wrong == [], "\n".join(map(str, wrong))


def broken(page, where):
    """Return what each chart of the page breaks of the contract."""
    wrong = []
    for seen in page.locator(".chart").evaluate_all(CONTRACT):
        at = (seen["name"], *where)
        wrong += [(at, what, seen[what]) for what in ("touching", "cut", "overlaps") if seen[what]]
        for axis in "xy":
            labels = seen[axis]
            if len(labels) < 2 and axis not in seen["bare"]:
                wrong.append((at, axis, "fewer than two", labels))
            if len(set(labels)) < len(labels):
                wrong.append((at, axis, "twice", labels))
        if seen["share"] < 0.45:
            wrong.append((at, "plot", round(seen["share"], 2)))
    return wrong


def test_a_chart_that_nobody_touches_is_drawn_by_plotly_when_the_page_has_been_quiet(chromium, folder):
    page = chromium.new_page(viewport={"width": 390, "height": 900})
    page.clock.install()
    page.goto(written(folder, "ru", "linear", "noto").as_uri())
    page.locator("#\\31 -days svg.outline").wait_for(state="attached")
    page.clock.run_for(3000)
    assert not page.evaluate("Boolean(window.Plotly)")
    page.clock.run_for(3000)
    page.locator("#\\31 -days .main-svg").first.wait_for(state="attached")
    assert page.locator("svg.outline").count() == 0
    page.close()


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
