"""A chart prepared for print: light, of a fixed size, with its sentence above and its source below."""

import copy
import math
from dataclasses import dataclass
from typing import Any, Final

from apps.figures import labels, style
from apps.figures.charts import Figure, Layout, escape
from apps.figures.formats import language

EDGE: Final = 24  # px of white on either side
WIDTH: Final = 1000
CARD: Final = (1200, 630)  # px: what Telegram, WhatsApp and others show of a link
CARD_STEP: Final = (40, 21)  # the same proportions in the smallest whole numbers
LOWEST_CARD: Final = 26  # steps: 1040 by 546
HIGHEST_CARD: Final = 46  # steps: 1840 by 966; what is higher is pressed together


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
    card: bool = False,
    scale: str = "linear",
    has_events: bool = True,
) -> Drawing:
    """Return the figure for print. `ending`: png or svg. A card is 1200 by 630 and always a PNG."""
    layout, traces = merge_variant(figure, scale, has_events)
    width, height, factor = WIDTH, 0, 2.0
    if card:
        steps = LOWEST_CARD
        while (
            steps < HIGHEST_CARD and total_height(layout, words, steps * CARD_STEP[0]) > steps * CARD_STEP[1]
        ):
            steps += 1
        width, height = (steps * side for side in CARD_STEP)
        # A hair more: 1199.99 pixels would be 1199.
        factor = CARD[0] / width * (1 + 1e-9)
    add_words(layout, words, width, height)
    options = {
        "format": ending,
        "width": width,
        "height": layout["height"],
        "scale": factor if ending == "png" else 1,
    }
    config = {"staticPlot": True, "locale": language_of(figure), "locales": locales(figure)}
    return Drawing({"data": traces, "layout": layout, "config": config}, options)


def merge_variant(figure: Figure, scale: str, has_events: bool) -> tuple[Layout, list[dict[str, Any]]]:
    """Return the wide variant as one layout, as chart.js makes it in the browser."""
    variants = figure["variants"]["wide"]
    variant = copy.deepcopy(variants.get(scale) or variants["linear"])
    layout = copy.deepcopy(figure["layout"])
    axis = {**layout.get("xaxis", {}), **variant.get("xaxis", {})}
    layout |= variant | {"xaxis": axis, "autosize": False, "font": {"family": style.PICTURE_FONT}}
    layout["meta"] = {
        "locale": figure.get("locale")
    }  # the renderer registers it: what it draws with passes on no config
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
