"""Charts outside their pages: frames for other sites, pictures, link previews."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext

from apps.common import rates
from apps.common.clients import network_of
from apps.common.parameters import quote as quoted
from apps.dashboard import charts
from apps.dashboard.charts import Address, Chart
from apps.dashboard.refusals import Misasked, NoChart
from apps.exports import editions
from apps.exports.models import Edition
from apps.figures import formats, pictures
from apps.figures.charts import Figure
from apps.figures.printing import NARROWEST, RATIOS, WIDEST, Drawing, Dress, Words, drawing
from apps.figures.printing import THEMES as PICTURE_THEMES
from apps.ledger.reads import newest_label
from apps.standings import cache_version

LANGUAGES: Final = [code for code, _name in settings.LANGUAGES]
EDITION: Final = "editions/"
THEMES: Final = ("light", "dark")  # of a frame
ENDINGS: Final = ("png", "svg", "pdf")
WORDS_HEIGHT: Final = 200  # px of a frame that are not the chart: title, sentence, table's head, foot


class TooMany(Exception):
    """This network has had enough new pictures for now. `again`: seconds until there are more."""

    def __init__(self, again: int) -> None:
        super().__init__(str(again))
        self.again = again


@dataclass(frozen=True)
class Shown:
    """A chart that is found, live or frozen; made when it is looked at. Making it raises NoChart."""

    address: Address
    page: str  # path of the page that it belongs to, in the active language
    make: Callable[[], Chart]
    edition: Edition | None = None

    def state(self) -> str:
        """Return the state beside the address that the chart depends on; another state may look otherwise."""
        if self.edition:
            return self.edition.content_checksum
        return (
            f"{cache_version.of_pages()} {timezone.localdate()} {settings.YOUTUBE_TERMS} {settings.X_TERMS}"
        )


def language_of(query: QueryDict) -> str:
    """Return `lang` of the query, else English."""
    asked = query.get("lang", "")
    return asked if asked in LANGUAGES else "en"


def refuse_wrong_dress(query: QueryDict, *, is_picture: bool = False) -> None:
    """Raise Misasked for a language, a size, a ratio, a width or a theme that there is not."""
    known = {
        "lang": LANGUAGES,
        "size": ["card"],
        "theme": PICTURE_THEMES if is_picture else THEMES,
        "ratio": RATIOS,
    }
    for name in ("ratio", "width"):
        if name in query and not is_picture:
            raise Misasked(gettext("There is no parameter “%(name)s”.") % {"name": name})
    for name, values in known.items():
        for value in query.getlist(name):
            if value and value not in values:  # a form sends its empty fields too
                raise Misasked(
                    gettext("“%(value)s” is not a value of “%(name)s”; these are: %(known)s.")
                    % {"value": quoted(value), "name": name, "known": ", ".join(values)}
                )
    for value in filter(None, query.getlist("width")):
        if not re.fullmatch(r"[1-9][0-9]{2,3}", value) or not NARROWEST <= int(value) <= WIDEST:
            raise Misasked(
                gettext("“%(value)s” is not a width: whole pixels, from %(least)s to %(most)s.")
                % {"value": quoted(value), "least": NARROWEST, "most": WIDEST}
            )
    for name in (*known, "width"):
        if len(set(query.getlist(name))) > 1:
            raise Misasked(gettext("The parameter “%(name)s” can be given once only.") % {"name": name})
    if query.get("size") and (query.get("ratio") or query.get("width")):
        raise Misasked(gettext("A card has a size of its own: leave out “ratio” and “width”."))


def dress_of(query: QueryDict) -> Dress:
    """Return how a picture is asked for; what is wrong was refused before."""
    ratio = "card" if query.get("size") else query.get("ratio", "")
    return Dress(ratio, int(query.get("width") or 0), query.get("theme") or "light")


def find(path: str, query: QueryDict, *, is_picture: bool = False) -> Shown:
    """Return the chart at an address of /embed/ or /picture/. Raises NoChart.

    editions/<key> is a frozen chart, and so is any other with edition=<key>, if that is of it.
    """
    refuse_wrong_dress(query, is_picture=is_picture)
    key = path.removeprefix(EDITION) if path.startswith(EDITION) else query.get("edition", "")
    if not key:
        asked = charts.find_chart(path, query)
        return Shown(asked.address, asked.address.page, lambda: asked.make(False).chart)
    found = Edition.objects.filter(key=key[:80].replace("\x00", ""), kind=Edition.Content.CHART).first()
    if found is None or (not path.startswith(EDITION) and found.parameters["path"] != path):
        raise NoChart(key)
    return of_edition(found)


def of_edition(edition: Edition) -> Shown:
    def make() -> Chart:
        kept = editions.content(edition)
        return Chart.load(kept.get(formats.language()) or kept["en"])

    address = Address(EDITION + edition.key)
    return Shown(address, address.page, make, edition)


# Frames


def height(figure: Figure, scale: str = "linear") -> int:
    """Return the height in px of a frame with this chart until the frame reports its own."""
    wide = figure["variants"]["wide"]
    return int((wide.get(scale) or wide["linear"])["height"]) + WORDS_HEIGHT


def code(site: str, address: Address, title: str, high: int, width: str = "100%") -> str:
    """Return the HTML to paste into another page. Without its script the frame keeps its height."""
    source = escape(site + address.embed())
    return (
        f'<iframe src="{source}" title="{escape(title)}" width="{width}" height="{high}" '
        f'frameborder="0" loading="lazy"></iframe>\n<script async src="{escape(site + script())}"></script>'
    )


def frame(site: str, address: Address, title: str, high: int, width: int) -> str:
    """Return the frame alone, for oEmbed: sites that take it drop scripts."""
    source = escape(site + address.embed())
    return (
        f'<iframe src="{source}" title="{escape(title)}" width="{width}" height="{high}" '
        'frameborder="0" style="border:0;max-width:100%"></iframe>'
    )


def script() -> str:
    """Return the host page's script at an address that stays: collectstatic keeps the plain name beside the hashed
    one."""
    return f"{settings.STATIC_URL}js/embed-host.js"


# Pictures


@dataclass(frozen=True)
class Picture:
    """A picture that is asked for."""

    shown: Shown
    ending: str  # png, svg or pdf; json for what is told of it
    dress: Dress
    site: str  # https://example.kz
    key: str

    def content(self, allow: Callable[[], None]) -> bytes:
        """Raises NoChart, TooMany (by way of `allow`), pictures.NotDrawn and editions.Tampered."""
        return pictures.picture(self.key, self.ending, self.drawing, allow=allow)

    def drawing(self) -> Drawing:
        chart = self.shown.make()
        return drawing(
            chart.card if self.dress.ratio and chart.card else chart.figure,
            words(chart, self.site, self.shown),
            self.ending,
            dress=self.dress,
            scale=chart.scale,
            has_events=chart.has_events,
            alt=alt(chart),
        )

    def about(self) -> dict[str, Any]:
        """Return what is told of a picture: its text for who does not see it, its size, where it stands in other forms."""
        chart, address, made = self.shown.make(), self.shown.address, self.drawing()
        scale = made.options["scale"]
        dress = {
            name: str(value)
            for name, value in (
                ("ratio", self.dress.ratio),
                ("width", self.dress.width),
                ("theme", self.dress.theme),
            )
            if value and value != "light"
        }
        if dress.get("ratio") == "card":
            dress = {**dress, "size": dress.pop("ratio")}
        return {
            "title": chart.title,
            "alt": alt(chart),
            "language": formats.language(),
            "as_of": chart.as_of,
            "sources": list(chart.sources),
            "ledger": ledger_of(self.shown) or None,
            "page": self.site + self.shown.page,
            "width": int(made.options["width"] * scale),
            "height": int(made.options["height"] * scale),
            "files": {ending: self.site + address.picture(ending, **dress) for ending in ENDINGS},
        }


def alt(chart: Chart) -> str:
    """Say what a chart shows, for who does not see it: its title, its sentences, of when it is."""
    return alt_of(chart.title, [*chart.sentences, f"{chart.dated}." if chart.dated else ""])


def alt_of(title: str, sentences: Sequence[str]) -> str:
    whole = title if title.endswith((".", "!", "?")) else f"{title}."
    return " ".join(part for part in (whole, *sentences) if part)


def picture(path: str, ending: str, query: QueryDict, site: str) -> Picture:
    """Raises NoChart."""
    shown = find(path, query, is_picture=True)
    dress = dress_of(query)
    return Picture(shown, ending, dress, site, key(shown, site, ending, str(dress)))


def key(shown: Shown, site: str, *more: str) -> str:
    """Return the cache key of a chart as it is now, in the active language."""
    address = shown.address
    parts = [
        cache_version.version(),
        shown.state(),
        formats.language(),
        site,
        address.path,
        address.query,
        *more,
    ]
    return sha256(repr(parts).encode()).hexdigest()


def words(chart: Chart, site: str, shown: Shown) -> Words:
    """Return the texts around the chart: title and sentence over it; when, where from and by whom under it."""
    frozen = gettext("Edition %(key)s") % {"key": shown.edition.key} if shown.edition else ""
    number = ledger_of(shown)
    sealed = gettext("Ledger %(number)s") % {"number": number} if number else ""
    host = site.partition("://")[2]
    place = host + shown.page  # whoever types it comes to this very chart
    marks = [f"{number}. {text}" for number, text in enumerate(chart.events, 1)] if chart.has_events else []
    dated = " · ".join(part for part in (chart.dated, chart.sourced) if part)
    signed = " · ".join(part for part in ("KZMedia", place, frozen, sealed) if part)
    return Words(chart.title, chart.sentence, ("; ".join(marks), dated, signed))


def ledger_of(shown: Shown) -> str:
    """Return the ledger's number that a chart bears: the newest one, of an edition that of when it was made."""
    return (shown.edition.ledger if shown.edition else "") or newest_label()


def allow(request: HttpRequest) -> None:
    """Count a new picture of this network; without Redis nothing is drawn anyway. Raises TooMany."""
    wait = rates.seconds_to_wait(f"{settings.PICTURES_A_MINUTE}/minute", "pictures", network_of(request))
    if wait:
        raise TooMany(wait)


def site_of(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"
