"""A chart prepared for print: of a size, a shape and a theme, with its sentence above and its source below."""

import copy
import json
import math
import re
from dataclasses import dataclass
from typing import Any, Final

from apps.figures import labels, style
from apps.figures.charts import Figure, Layout, escape
from apps.figures.formats import language

EDGE: Final = 24  # px of white on either side
WIDTH: Final = 1000  # px that a chart without a ratio is laid out on
SHARPER: Final = 2  # px of a PNG for each of them
NARROWEST, WIDEST = 320, 4000  # px of a picture
NO_GROUND: Final = "rgba(0,0,0,0)"


@dataclass(frozen=True)
class Format:
    """A fixed proportion: laid out on `lowest` steps of it, on more of them (so in smaller letters) where what stands on it
    needs the room, on `highest` at most, and then pressed together."""

    step: tuple[int, int]
    lowest: int
    highest: int
    shape: str  # of the chart, as its page has it for a wide window or for a phone
    width: int  # px of the picture where none is asked for


FORMATS: Final = {
    "card": Format(
        (40, 21), 26, 46, "wide", 1200
    ),  # 1200 by 630: what Telegram, WhatsApp and others show of a link
    "wide": Format((16, 9), 62, 115, "wide", 1920),
    "square": Format((20, 20), 32, 55, "narrow", 1080),
    "story": Format((9, 16), 60, 110, "narrow", 1080),
}
CARD: Final = (1200, 630)
RATIOS: Final = ("wide", "square", "story")
THEMES: Final = ("light", "dark", "transparent")


@dataclass(frozen=True)
class Dress:
    """How a picture is asked for. `ratio`: one of FORMATS, "" for as high as the chart is; `width`: px, 0 for the usual."""

    ratio: str = ""
    width: int = 0
    theme: str = "light"


@dataclass(frozen=True)
class Words:
    """Title, sentence and footer lines around a printed chart."""

    title: str
    sentence: str
    foot: tuple[str, ...]  # lines: the date of the data, its source, the address


@dataclass(frozen=True)
class Drawing:
    """Input of the drawing process: a Plotly figure and its export options."""

    figure: dict[str, Any]
    options: dict[str, Any]


def drawing(
    figure: Figure,
    words: Words,
    ending: str,
    *,
    dress: Dress | None = None,
    scale: str = "linear",
    has_events: bool = True,
    alt: str = "",
) -> Drawing:
    """Return the figure for print. `ending`: png, svg or pdf; `alt`: what it shows, for who does not see it."""
    dress = dress or Dress()
    fixed = FORMATS.get(dress.ratio)
    layout, traces = merge_variant(figure, scale, has_events, fixed.shape if fixed else "wide")
    width, height = size_of(fixed, layout, words) if fixed else (WIDTH, 0)
    usual = fixed.width if fixed else WIDTH * (SHARPER if ending == "png" else 1)
    add_words(layout, words, width, height)
    layout["meta"] |= {"title": words.title, "alt": alt or f"{words.title}. {words.sentence}".strip()}
    options = {
        "format": ending,
        "width": width,
        "height": layout["height"],
        # A hair more: 1199.99 pixels would be 1199.
        "scale": (dress.width or usual) / width * (1 + 1e-9),
    }
    config = {"staticPlot": True, "locale": language_of(figure), "locales": locales(figure)}
    dressed = in_theme({"data": traces, "layout": layout}, figure["dark"], dress.theme)
    return Drawing({**dressed, "config": config}, options)


def size_of(fixed: Format, layout: Layout, words: Words) -> tuple[int, int]:
    """Return the px of such a proportion on which the chart and its words have room."""
    across, down = fixed.step
    steps = fixed.lowest
    while steps < fixed.highest and total_height(layout, words, steps * across) > steps * down:
        steps += 1
    return steps * across, steps * down


def in_theme(drawn: dict[str, Any], dark: dict[str, str], theme: str) -> dict[str, Any]:
    """Return the figure in another theme: dark as on the pages, or with nothing behind it."""
    if theme == "dark":
        text = re.sub(
            r"#[0-9A-Fa-f]{6}", lambda found: dark.get(found[0].upper(), found[0]), json.dumps(drawn)
        )
        coloured: dict[str, Any] = json.loads(text)
        return coloured
    if theme == "transparent":
        drawn["layout"] |= {"paper_bgcolor": NO_GROUND, "plot_bgcolor": NO_GROUND}
    return drawn


def merge_variant(
    figure: Figure, scale: str, has_events: bool, shape: str = "wide"
) -> tuple[Layout, list[dict[str, Any]]]:
    """Return a variant as one layout, as chart.js makes it in the browser."""
    variants = figure["variants"][shape]
    variant = copy.deepcopy(variants.get(scale) or variants["linear"])
    layout = copy.deepcopy(figure["layout"])
    axis = {**layout.get("xaxis", {}), **variant.get("xaxis", {})}
    layout |= variant | {"xaxis": axis, "autosize": False, "font": {"family": style.PICTURE_FONT}}
    # The renderer registers the locale: what it draws with passes on no config.
    layout["meta"] = {"locale": figure.get("locale")}
    if not has_events:
        for kind in ("shapes", "annotations"):
            layout[kind] = [one for one in layout.get(kind, []) if one.get("name") != "event"]
    return layout, figure["data"]


def total_height(layout: Layout, words: Words, width: int) -> int:
    """Return the height of the chart with its words, in px."""
    over, under = heights(words, width)
    return int(layout["height"]) + over + under


def heights(words: Words, width: int) -> tuple[int, int]:
    over = sum(
        lines * size * 1.35
        for lines, size in ((len(title(words, width)), 20), (len(sentence(words, width)), 14))
    )
    return math.ceil(over) + 26, len(foot(words, width)) * 16 + 20


def title(words: Words, width: int) -> list[str]:
    return break_lines(words.title, width, 20)


def sentence(words: Words, width: int) -> list[str]:
    return break_lines(words.sentence, width, 14) if words.sentence else []


def foot(words: Words, width: int) -> list[str]:
    return [line for text in words.foot if text for line in break_lines(text, width, 11)]


def break_lines(text: str, width: int, size: int) -> list[str]:
    """Break a text into lines that fit; a letter is taken to be as wide as the wider fonts have it on average."""
    return list(labels.wrap(text, int((width - 2 * EDGE) / (size * 0.56))))


def add_words(layout: Layout, words: Words, width: int, height: int) -> None:
    """Make room over and under the chart and write the words there. A given height stretches or cuts the chart."""
    over, under = heights(words, width)
    margin = {"l": 0, "r": 0, "t": 0, "b": 0} | layout["margin"]
    left = margin["l"] + EDGE // 2
    right = max(margin["r"], EDGE)
    top, bottom = margin["t"] + over, margin["b"] + under
    layout["margin"] = {"l": left, "r": right, "t": top, "b": bottom, "pad": 0}
    layout["width"] = width
    layout["height"] = height or layout["height"] + over + under
    lines = [
        note(title(words, width), 20, style.INK, left, top - 20, weight=650),
        note(sentence(words, width), 14, style.INK, left, top - 20 - len(title(words, width)) * 27),
        note(foot(words, width), 11, style.SOFT, left, -(bottom - 12), at="bottom"),
    ]
    layout["annotations"] = [*layout.get("annotations", []), *(line for line in lines if line["text"])]


def note(
    lines: list[str], size: int, colour: str, left: int, shift: float, at: str = "top", weight: int = 400
) -> Layout:
    """Place text from the picture's left edge, `shift` px above the top of the plot, or below its bottom where
    negative."""
    return {
        "text": "<br>".join(escape(line) for line in lines),
        "x": 0, "xref": "paper", "xanchor": "left", "xshift": EDGE - left,
        "y": 1 if at == "top" else 0, "yref": "paper", "yanchor": at, "yshift": shift,
        "align": "left", "showarrow": False, "font": {"size": size, "color": colour, "weight": weight},
    }  # fmt: skip


def language_of(figure: Figure) -> str:
    return str(figure.get("locale", {}).get("name", language()))


def locales(figure: Figure) -> dict[str, Any]:
    """Return what Plotly must know to write dates in the figure's language."""
    locale = figure.get("locale")
    return (
        {locale["name"]: {"dictionary": locale["dictionary"], "format": locale["format"]}} if locale else {}
    )
