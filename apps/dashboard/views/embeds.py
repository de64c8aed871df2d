"""Charts for other sites: frames, pictures, and oEmbed, by which a pasted link becomes a chart.

None of these has a session, sets a cookie or depends on one.
"""

from typing import Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext, override
from django.views.decorators.http import require_safe

from apps.common import reading
from apps.dashboard import charts, embedding, page_cache
from apps.dashboard.embedding import Shown, TooMany
from apps.dashboard.refusals import Gone, NoChart
from apps.exports.editions import Tampered
from apps.figures import formats
from apps.figures.pictures import NotDrawn

KEPT_SECONDS: Final = 300  # by other people's caches; what they then ask is answered by its ETag
TYPES: Final = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
PLAIN: Final = "text/plain; charset=utf-8"
# Plotly's SVG is styled in place; nothing else in it may be run or fetched.
SVG_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
USUAL_WIDTH: Final = 800


@require_safe
@reading.for_readers
def embed(request: HttpRequest, path: str) -> HttpResponseBase:
    """Show a chart as a page of its own, for a frame."""
    with override(embedding.language_of(request.GET)):
        try:
            shown = embedding.find(path, request.GET)
            return _response(request, shown)
        except (NoChart, Tampered) as error:
            context = {
                "language": formats.language(),
                "why": str(error) if isinstance(error, NoChart) else "",
                "no_longer": no_longer() if isinstance(error, Gone) else [],
            }
            return _allow_framing(
                HttpResponse(render_to_string("embed/none.html", context), status=status(error))
            )


def status(error: Exception) -> int:
    """Return 400 for an unknown parameter, 410 for what is no longer shown, else 404."""
    return error.status if isinstance(error, NoChart) else 404


def nothing(error: Exception) -> str:
    """Say why there is no chart, in words for a person."""
    if isinstance(error, Gone):
        return "\n".join(text for _code, text in no_longer())
    if isinstance(error, NoChart) and (why := str(error)) and " " in why:
        return why
    return gettext("There is no chart at this address, or nothing is recorded that it could show.")


def no_longer() -> list[tuple[str, str]]:
    """Say in each language that a chart is no longer shown: who put it on a page may read none of the others."""
    written = []
    for code in embedding.LANGUAGES:
        with override(code):
            written.append((code, gettext("This chart is no longer shown.")))
    return written


def _response(request: HttpRequest, shown: Shown) -> HttpResponseBase:
    theme = request.GET.get("theme", "") if request.GET.get("theme") in embedding.THEMES else ""
    key = embedding.key(shown, embedding.site_of(request), theme)
    etag = f'W/"{key[:32]}"'
    if unchanged := get_conditional_response(request, etag=etag):
        return _public(_allow_framing(unchanged), etag)
    packed = page_cache.recall(key) if settings.PAGE_CACHE_SECONDS else None
    if packed is None:
        packed = page_cache.pack(_render(request, shown, theme))
        if settings.PAGE_CACHE_SECONDS:
            page_cache.keep(key, packed)
    return _public(_allow_framing(page_cache.unpack(request, packed)), etag)


def _render(request: HttpRequest, shown: Shown, theme: str) -> bytes:
    context = {
        "chart": shown.make(),
        "shown": shown,
        "ledger": embedding.ledger_of(shown),
        "theme": theme,
        "site": embedding.site_of(request),
        "language": formats.language(),
    }
    return render_to_string("embed/chart.html", context).encode()


def _allow_framing(response: HttpResponseBase) -> HttpResponseBase:
    """Allow framing by the hosts the operator permits; every other header is stricter than on a page."""
    ancestors = " ".join(settings.EMBED_ANCESTORS) or "'none'"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
        f"form-action 'none'; frame-ancestors {ancestors}"
    )
    response.xframe_options_exempt = True  # type: ignore[attr-defined]  # what Django's decorator sets
    return response


def _public(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    response.headers["Content-Language"] = formats.language()
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


@require_safe
@reading.for_readers
def picture(request: HttpRequest, path: str, ending: str) -> HttpResponseBase:
    """Serve a chart as PNG, SVG or PDF, of a ratio, width and theme; size=card gives 1200 by 630 px for link previews."""
    with override(embedding.language_of(request.GET)):
        try:
            asked = embedding.picture(path, ending, request.GET, embedding.site_of(request))
            etag = f'"{asked.key[:32]}"'
            if unchanged := get_conditional_response(request, etag=etag):
                return _public(unchanged, etag)
            content = asked.content(lambda: embedding.allow(request))
        except (NoChart, Tampered) as error:
            return _text_response(nothing(error), status(error))
        except TooMany as error:
            return _text_response(
                gettext("Too many new pictures for one network; try again in a minute."), 429, error.again
            )
        except NotDrawn as error:
            return _text_response(_reason(error.code), 503, error.again)
        response = HttpResponse(content, content_type=TYPES[ending])
        name = f"kzmedia-{slugify(asked.shown.address.path.replace('/', '-'))}.{ending}"
        response.headers["Content-Disposition"] = content_disposition_header(False, name) or ""
        response.headers["Access-Control-Allow-Origin"] = "*"
        if ending == "svg":
            response.headers["Content-Security-Policy"] = SVG_POLICY
        return _public(response, etag)


@require_safe
@reading.for_readers
def about_picture(request: HttpRequest, path: str) -> HttpResponseBase:
    """Tell of a picture: the text for who does not see it, its size, its addresses in every form. Nothing is drawn."""
    with override(embedding.language_of(request.GET)):
        try:
            asked = embedding.picture(path, "json", request.GET, embedding.site_of(request))
            etag = f'"{asked.key[:32]}"'
            if unchanged := get_conditional_response(request, etag=etag):
                return _public(unchanged, etag)
            told = asked.about()
        except (NoChart, Tampered) as error:
            return _text_response(nothing(error), status(error))
        response = JsonResponse(told, json_dumps_params={"ensure_ascii": False})
        response.headers["Access-Control-Allow-Origin"] = "*"
        return _public(response, etag)


def _reason(code: str) -> str:
    return {
        "no_browser": gettext(
            "Pictures cannot be drawn here: no Chromium is installed. The people who run this site can install "
            "one. The page draws the same chart."
        ),
        "failed": gettext("Chromium could not draw this picture."),
        "late": gettext("The picture was not ready in time; the worker that draws may be stopped or busy."),
        "busy": gettext("Too many pictures are being drawn at this moment."),
        "no_queue": gettext("The queue to the worker that draws does not answer."),
    }.get(code, code)


def _text_response(text: str, status: int, again: int | None = None) -> HttpResponse:
    response = HttpResponse(f"{text}\n", content_type=PLAIN, status=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Access-Control-Allow-Origin"] = "*"  # so that other sites' pages can read what is wrong
    if again is not None:
        response.headers["Retry-After"] = str(again)
    return response


# oEmbed


@require_safe
def oembed(request: HttpRequest) -> HttpResponseBase:
    """Describe an address of this site for embedding (https://oembed.com). Unknown addresses are 404."""
    ending = request.GET.get("format", "json")
    if ending not in ("json", "xml"):
        return _text_response("This format is not known: json or xml.", 501)
    site = embedding.site_of(request)
    try:
        address = urlsplit(request.GET.get("url", "")[:4000])
    except ValueError:  # not even an address
        address = urlsplit("")
    if address.scheme not in ("http", "https") or address.netloc.lower() != request.get_host().lower():
        return _text_response("This address is not of this site.", 404)
    query = QueryDict(address.query)
    try:
        sizes = {name: _size(request, name) for name in ("maxwidth", "maxheight")}
    except ValueError:
        return _text_response("maxwidth and maxheight are whole numbers of pixels.", 400)
    with override(_language(address.path, query)):
        try:
            shown = _chart_at(address.path, query)
            said = _description(shown, site, **sizes)
        except (NoChart, Tampered) as error:
            return _text_response(nothing(error), status(error))
    response = (
        _as_xml(said) if ending == "xml" else JsonResponse(said, json_dumps_params={"ensure_ascii": False})
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return response


def _size(request: HttpRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    if not given:
        return None
    if not given.isascii() or not given.isdigit() or not 0 < int(given) < 100_000:
        raise ValueError(given)
    return int(given)


def _language(path: str, query: QueryDict) -> str:
    first = path.split("/")[1] if path.startswith("/") else ""
    return first if first in embedding.LANGUAGES else embedding.language_of(query)


def _chart_at(path: str, query: QueryDict) -> Shown:
    """Return the chart of a page, a frame or an edition. Raises NoChart."""
    if path.startswith(charts.EMBED):
        return embedding.find(path.removeprefix(charts.EMBED), query)
    _nothing, _language, rest = [*path.split("/", 2), "", ""][:3]
    if rest.startswith(embedding.EDITION):
        return embedding.find(rest.rstrip("/"), query)
    asked = charts.of_page(path, query)
    return Shown(asked.address, asked.address.page, lambda: asked.make(False).chart)


def _description(shown: Shown, site: str, maxwidth: int | None, maxheight: int | None) -> dict[str, object]:
    chart = shown.make()
    width = min(USUAL_WIDTH, maxwidth or USUAL_WIDTH)
    high = embedding.height(chart.figure, chart.scale)
    high = min(high, maxheight or high)
    said: dict[str, object] = {
        "type": "rich",
        "version": "1.0",
        "title": chart.title,
        "author_name": "KZMedia",
        "provider_name": "KZMedia",
        "provider_url": site,
        "cache_age": 3600,
        "width": width,
        "height": high,
        "html": embedding.frame(site, shown.address, chart.title, high, width),
    }
    if number := embedding.ledger_of(shown):
        said["ledger"] = number
    if (maxwidth or 1200) >= 1200 and (maxheight or 630) >= 630:
        said |= {
            "thumbnail_url": site + shown.address.picture("png", size="card"),
            "thumbnail_width": 1200,
            "thumbnail_height": 630,
        }
    return said


def _as_xml(said: dict[str, object]) -> HttpResponse:
    fields = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in said.items())
    head = '<?xml version="1.0" encoding="utf-8" standalone="yes"?>'
    return HttpResponse(f"{head}\n<oembed>{fields}</oembed>", content_type="text/xml; charset=utf-8")
