"""Sharing of a page: link previews, the code of a frame, pictures; and the button that freezes a chart."""

import html
import json
import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.context import Context
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from apps.dashboard import embedding, freezing, structured
from apps.dashboard.charts import Address
from apps.dashboard.links import in_languages
from apps.figures import formats
from apps.figures.charts import Figure
from apps.figures.printing import NARROWEST, WIDEST
from apps.standings import cache_version

register = template.Library()

LOCALES: Final = {"kk": "kk_KZ", "ru": "ru_RU", "en": "en_GB"}
DESCRIPTION: Final = 300  # letters; what is shown of a link holds no more


@register.simple_block_tag(takes_context=True)
def remember(context: Context, content: SafeString, name: str) -> SafeString:
    """Keep what is inside {% remember "name" %}...{% endremember %}, as text, under a name for the rest of the page."""
    context[name] = " ".join(html.unescape(re.sub(r"<[^>]*>", "", content)).split())
    return content


@register.simple_block_tag(takes_context=True)
def unseen(context: Context, content: SafeString, name: str) -> str:
    """Keep the content like `remember`, but write nothing here."""
    remember(context, content, name)
    return ""


@register.inclusion_tag("dashboard/_social.html", takes_context=True)
def social(context: Context) -> dict[str, Any]:
    """Open Graph and oEmbed, for the page's title, its own sentence and its chart; of the overview where it has none."""
    request: HttpRequest | None = context.get("request")
    if request is None:
        return {}
    site = embedding.site_of(request)
    # Of a page that left something out the site's own picture, as of one without a chart: not that of other rows.
    is_lenient = bool(getattr(context.get("form"), "problems", None))
    chart: Address | None = None if is_lenient else context.get("chart_address")
    address = chart or Address("overview")
    # Sites keep a preview for long: another state of the data is another address; an edition has one state.
    is_frozen = address.path.startswith(embedding.EDITION)
    state = {} if is_frozen else {"v": str(cache_version.of_request(request))}
    here = request.get_full_path()
    there = in_languages(request)
    is_page = there["ru"] != there["kk"]
    current = formats.language()
    state_of_page = context.get("canonical", "")  # of pages whose address is their state
    return {
        "title": context.get("page_title", ""),
        "description": Truncator(str(context.get("page_description", ""))).chars(DESCRIPTION),
        "site": site,
        "url": site + here,
        "image": site + address.picture("png", size="card", **state),
        "locale": LOCALES[current],
        "alternates": [locale for code, locale in LOCALES.items() if code != current] if is_page else [],
        "languages": [(code, site + there[code]) for code in LOCALES] if is_page else [],
        "default": site + there["en"] if is_page else "",
        "canonical": settings.SITE_URL + request.path + (f"?{state_of_page}" if state_of_page else ""),
        "opensearch": f"{site}{reverse('opensearch')}?lang={current}",
        "graph": _data_block(
            structured.graph(
                request, str(context.get("page_title", "")), str(context.get("page_description", ""))
            )
        )
        if _is_public(request)
        else "",
        "oembed": f"{site}/oembed?{urlencode({'url': site + here})}" if chart else "",
    }


def _is_public(request: HttpRequest) -> bool:
    """Tell whether search engines may read the page: not what stands behind a sign-in, nor the way to one."""
    match = request.resolver_match
    return match is not None and match.namespace == "dashboard" and not match.route.endswith("me/")


def _data_block(told: dict[str, Any]) -> SafeString:
    """Return JSON-LD as it stands in a page: data, which no browser runs, with all that could end it escaped."""
    text = json.dumps(told, ensure_ascii=False).translate(
        {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}
    )
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 escaped


@register.inclusion_tag("dashboard/_share.html", takes_context=True)
def share(
    context: Context,
    address: Address,
    figure: Figure,
    title: str,
    name: str = "",
    sentences: Sequence[str] = (),
) -> dict[str, Any]:
    """Show the box under a chart: its frame's code, its pictures, and for those who may, the button that freezes it.

    name: tells the boxes of several charts of one page apart. sentences: what the chart shows, in words.
    """
    request: HttpRequest = context["request"]
    site = embedding.site_of(request)
    return {
        "box": f"code-{name or address.path.replace('/', '-')}",
        "code": embedding.code(site, address, title, embedding.height(figure)),
        "address": address,
        "title": title,
        "pictures": [(ending.upper(), address.picture_path(ending)) for ending in embedding.ENDINGS],
        "asked": [*parse_qsl(address.query, keep_blank_values=True), ("lang", formats.language())],
        "narrowest": NARROWEST,
        "widest": WIDEST,
        "alt": embedding.alt_of(title, sentences) if sentences else "",
        "card": address.picture("png", size="card"),
        "frozen": urlencode({"path": address.path, "query": address.query}),
        "may_freeze": freezing.may_freeze(getattr(request, "user", None)),
        "csrf_token": context.get("csrf_token", ""),
    }
