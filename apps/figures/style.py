"""Style of all charts: the template, the colours and what each means."""

from typing import Any, Final

from babel import Locale

from apps.figures.formats import NO_BREAK, language

GROUND: Final = "#FFFFFF"
INK: Final = "#1B1F24"
SOFT: Final = "#5B616B"  # small print; 4.5:1 on the ground and more
HAIRLINE: Final = "#E3E5E8"
REFERENCE: Final = "#D55E00"
FOCUS: Final = "#0072B2"
OTHER: Final = "#8A8F98"
PICKED: Final = ("#009E73", "#CC79A7", "#E69F00", "#56B4E9")
DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")

# The letters of a coloured label are darker than its line, or they could not be read.
LETTERS: Final = {
    REFERENCE: "#AD4C00",
    FOCUS: "#005F96",
    OTHER: SOFT,
    "#009E73": "#00724F",
    "#CC79A7": "#A2497B",
    "#E69F00": "#8A5F00",
    "#56B4E9": "#1C6F9F",
}

# What chart.js puts in place of each colour when the reader's scheme is dark.
DARK: Final = {
    GROUND: "#14171A",
    INK: "#E8EAED",
    SOFT: "#A3A9B3",
    HAIRLINE: "#2D3238",
    FOCUS: "#4AA3DF",
    REFERENCE: "#F0782A",
    "#56B4E9": "#BCE6F9",  # far from the focus, which is a light blue itself in the dark
    "#AD4C00": "#FF9A57",
    "#005F96": "#6AB7EC",
    "#00724F": "#4FD0A8",
    "#A2497B": "#E3A3C8",
    "#8A5F00": "#F2BE4B",
    "#1C6F9F": "#D0EEFB",
}

FONT: Final = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif'

PICTURE_FONT: Final = f'"KZMedia Sans", {FONT}'  # renderer_page.js brings it

# Plain words: Plotly's own classes would only check them, and take every process 20 MB. A test has them checked.
TEMPLATE: Final[dict[str, Any]] = {
    "layout": {
        "font": {"family": FONT, "size": 13, "color": INK},
        "paper_bgcolor": GROUND,
        "plot_bgcolor": GROUND,
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": GROUND,
            "bordercolor": SOFT,
            "font": {"color": INK, "size": 13},
            "align": "left",
        },
        "showlegend": False,
        "dragmode": False,
        "xaxis": {
            "showgrid": False,
            "zeroline": False,
            "showline": True,
            "linecolor": SOFT,
            "ticks": "outside",
            "tickcolor": SOFT,
            "tickangle": 0,
            "fixedrange": True,
            "tickfont": {"color": SOFT},
        },
        "yaxis": {
            "gridcolor": HAIRLINE,
            "zeroline": False,
            "fixedrange": True,
            "automargin": True,  # its labels are as wide as the reader's font makes them
            "tickfont": {"color": SOFT},
            "ticks": "",
        },
    }
}


def colours(slugs: list[str], reference: str, focus: str, picked: tuple[str, ...] = ()) -> dict[str, str]:
    """Return one colour per actor: reference, focus, at most four picked; grey for the rest."""
    chosen = dict.fromkeys(slugs, OTHER)
    free = iter(PICKED)
    for slug in picked:
        if slug in chosen and slug not in (reference, focus):
            chosen[slug] = next(free, OTHER)
    if focus in chosen:
        chosen[focus] = FOCUS
    if reference in chosen:
        chosen[reference] = REFERENCE
    return chosen


def separators() -> str:
    """Return Plotly's layout.separators: decimal sign, then the sign between thousands."""
    return ".," if language() == "en" else "," + NO_BREAK


def locale() -> dict[str, Any]:
    """Return what Plotly must know to write dates in the page's language (its bundle has English only)."""
    code = language()
    names = Locale.parse(code)
    months, days = names.months["stand-alone"], names.days["stand-alone"]
    english = code == "en"
    return {
        "moduleType": "locale",
        "name": code,
        "dictionary": {},
        "format": {
            "days": [days["wide"][(index + 6) % 7] for index in range(7)],
            "shortDays": [days["abbreviated"][(index + 6) % 7] for index in range(7)],
            "months": [months["wide"][index] for index in range(1, 13)],
            "shortMonths": [months["abbreviated"][index].rstrip(".") for index in range(1, 13)],
            "periods": ["AM", "PM"],
            "dateTime": "%d.%m.%Y %H:%M",
            "date": "%d.%m.%Y",
            "time": "%H:%M",
            "grouping": [3],
            "currency": ["", ""],
            "decimal": "." if english else ",",
            "thousands": "," if english else NO_BREAK,
            "year": "%Y",
            "month": "%b %Y",
            "dayMonth": "%d %b",
            "dayMonthYear": "%d %b %Y",
        },
    }
