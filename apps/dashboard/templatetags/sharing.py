"""What other sites see of a page: link previews, the code of a frame, pictures; and the button that freezes a chart."""

import html
import re
from typing import Any, Final

from django import template
from django.http import HttpRequest
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.urls import translate_url
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from apps.dashboard import embedding, freezing
from apps.dashboard.charts import Address
from apps.figures import formats
from apps.figures.charts import Figure

register = template.Library()

LOCALES: Final = {"kk": "kk_KZ", "ru": "ru_RU", "en": "en_GB"}
DESCRIPTION: Final = 300  # letters; what is shown of a link holds no more


class RememberNode(template.Node):
    """Renders what is inside, and keeps its text under a name for the rest of the page."""

    def __init__(self, nodelist: NodeList, name: FilterExpression) -> None:
        self.nodelist = nodelist
        self.name = name

    def render(self, context: Context) -> SafeString:
        rendered = self.nodelist.render(context)
        text = html.unescape(re.sub(r"<[^>]*>", "", rendered))
        context[str(self.name.resolve(context))] = " ".join(text.split())
        return rendered


@register.tag
def remember(parser: Parser, token: Token) -> RememberNode:
    """{% remember "name" %}...{% endremember %}"""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endremember",))
    parser.delete_first_token()
    return RememberNode(nodelist, parser.compile_filter(name))


class UnseenNode(RememberNode):
    """The same, and nothing is written here."""

    def render(self, context: Context) -> SafeString:
        super().render(context)
        return mark_safe("")


@register.tag
def unseen(parser: Parser, token: Token) -> UnseenNode:
    """{% unseen "name" %}...{% endunseen %}"""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endunseen",))
    parser.delete_first_token()
    return UnseenNode(nodelist, parser.compile_filter(name))


@register.inclusion_tag("dashboard/_social.html", takes_context=True)
def social(context: Context) -> dict[str, Any]:
    """Open Graph and oEmbed, for the page's title, its own sentence and its chart; of the overview where it has none."""
    request: HttpRequest | None = context.get("request")
    if request is None:
        return {}
    site = embedding.site_of(request)
    address: Address = context.get("chart_address") or Address("overview")
    here = request.get_full_path()
    is_page = translate_url(here, "ru") != translate_url(here, "kk")
    current = formats.language()
    return {
        "title": context.get("page_title", ""),
        "description": Truncator(str(context.get("page_description", ""))).chars(DESCRIPTION),
        "site": site,
        "url": site + here,
        "image": site + address.picture("png", size="card"),
        "locale": LOCALES[current],
        "alternates": [locale for code, locale in LOCALES.items() if code != current] if is_page else [],
        "languages": [(code, site + translate_url(here, code)) for code in LOCALES] if is_page else [],
        "oembed": f"{site}/oembed?{urlencode({'url': site + here})}" if context.get("chart_address") else "",
    }


@register.inclusion_tag("dashboard/_share.html", takes_context=True)
def share(context: Context, address: Address, figure: Figure, title: str, name: str = "") -> dict[str, Any]:
    """Under a chart: its frame's code, its pictures, and for those who may, the button that freezes it.

    name: tells the boxes of several charts of one page apart.
    """
    request: HttpRequest = context["request"]
    site = embedding.site_of(request)
    return {
        "box": f"code-{name or address.path.replace('/', '-')}",
        "code": embedding.code(site, address, title, embedding.height(figure)),
        "address": address,
        "title": title,
        "png": address.picture("png"),
        "svg": address.picture("svg"),
        "card": address.picture("png", size="card"),
        "may_freeze": freezing.may_freeze(getattr(request, "user", None)),
        "csrf_token": context.get("csrf_token", ""),
    }
