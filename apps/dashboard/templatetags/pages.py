"""Filters and tags of all pages: numbers and days in the page's language, links to the other languages."""

from functools import lru_cache
from typing import Any

import orjson
from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.dashboard.lineage import say_times
from apps.dashboard.links import in_languages
from apps.dashboard.reads import Behind
from apps.figures import formats, labels
from apps.registry.models import ActorKind, Source
from apps.registry.texts import citation_of, in_language, is_known
from apps.snapshots.models import Precision, Snapshot, Span
from apps.snapshots.rules import SpanWord

register = template.Library()

register.filter("number", formats.number)
register.filter("signed", formats.signed)
register.filter("percent", formats.percent)
register.filter("times", formats.times)
register.filter("value", formats.value)
register.filter("when", formats.when)
register.filter("change", formats.change)
register.filter("change_percent", formats.change_percent)
register.filter("yearly", formats.yearly)
register.filter("day", formats.day)
register.filter("platform_name", formats.platform_name)

SPANS: dict[Span, SpanWord] = {Span.YEAR: "year", Span.MONTH: "month", Span.DAY: "day"}
# The main pages by the names of their addresses, with what links to them are called, and whether others are below them.
PAGES = (
    ("overview", _("Overview"), False),
    ("standings", _("Standings"), True),
    ("compare", _("Compare"), True),
    ("groups", _("Groups"), True),
    ("context", _("Country"), True),
    ("data", _("Data"), False),
    ("method", _("Method"), False),
)
LANGUAGES = (("kk", "Қаз", "Қазақша"), ("ru", "Рус", "Русский"), ("en", "Eng", "English"))


@register.filter
def figure_script(figure: Any, element_id: str) -> SafeString:
    """Write a figure as json_script does, without spaces, and a long one in a hundredth of the time."""
    text = orjson.dumps(figure).decode()
    for sign, escaped in (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026")):
        text = text.replace(sign, escaped)
    # Nothing in it can end the element now; the id is the template's own word.
    return mark_safe(f'<script id="{element_id}" type="application/json">{text}</script>')  # noqa: S308


@register.filter
def name_of(thing: Any) -> str:
    """Return an actor's, row's or series' name in the page's language."""
    name: str = thing.name(formats.language())
    return name


@register.filter
def wrong(form: Any, name: str) -> SafeString:
    """Return what is wrong with a field of a form in the address, to stand beside it; "" where nothing is."""
    text = form.wrong.get(name, "")
    return format_html('<small class="problem">{}</small>', text) if text else mark_safe("")


@register.filter
def wrong_beside(form: Any, name: str) -> SafeString:
    """Return what is wrong with a field that keeps what was typed; "" where nothing is."""
    text = form.errors_beside.get(name, "")
    return format_html('<small class="problem" role="alert">{}</small>', text) if text else mark_safe("")


@register.filter
def short_name_of(thing: Any) -> str:
    """Return the name as a phone has room for it."""
    return labels.short(name_of(thing))


@register.filter
def address_of(slug: str) -> str:
    """Return the address of an actor's page."""
    return _address(formats.language(), "actor", slug)


@lru_cache(maxsize=4096)  # a page has hundreds of them, and looking one up takes 47 µs, as long as a row
def _address(_language: str, page: str, *parts: str) -> str:
    return reverse(f"dashboard:{page}", args=parts)


@register.filter
def title_of(thing: Any) -> str:
    """Return a group's or event's title in the page's language."""
    title: str = thing.title(formats.language())
    return title


@register.filter
def heading(title: str) -> SafeString:
    """Return a title whose hyphenated words stay on one line: a Kazakh ending alone on the next reads as a mistake."""
    words = [
        f'<span class="whole">{escape(word)}</span>' if "-" in word else escape(word)
        for word in title.split(" ")
    ]
    return mark_safe(" ".join(words))  # noqa: S308 escaped


@register.filter
def kind_name(kind: str) -> str:
    return str(ActorKind(kind).label) if kind in ActorKind.values else kind


@register.filter
def span_of(snapshot: Snapshot | Behind) -> str:
    return formats.span(snapshot.day, SPANS[Span(snapshot.span)])


@register.filter
def shown(snapshot: Snapshot | Behind) -> str:
    """Return a snapshot's count with its bound, or its state in words."""
    if snapshot.followers is None:
        return formats.state(snapshot.state)
    return formats.count(snapshot.followers, snapshot.bound)


@register.filter
def precision_name(precision: str) -> str:
    return str(Precision(precision).label)


@register.filter
def correction_side(values: dict[str, Any]) -> str:
    """Write one side of a correction, as it stood."""
    if values.get("followers") is None:
        return formats.state(str(values.get("state", "unknown")))
    return formats.count(int(values["followers"]), str(values.get("bound", "=")))


@register.simple_tag(takes_context=True)
def navigation(context: dict[str, Any]) -> SafeString:
    """Return the links to the main pages; the one that the reader is on, or below, is marked."""
    request: HttpRequest | None = context.get("request")
    here, language = _main_page(request.path) if request else "", formats.language()
    here_mark = ' aria-current="page"'
    links = "".join(
        f'<li><a href="{_address(language, name)}"{here_mark if name == here else ""}>{escape(label)}</a></li>'
        for name, label, _has_more in PAGES
    )
    return mark_safe(  # noqa: S308 escaped
        f'<nav class="pages" aria-label="{escape(gettext("Pages"))}">\n  <ul>\n    {links}\n  </ul>\n</nav>'
    )


def _main_page(path: str) -> str:
    """Return the name of the main page that the path is of, or below; nothing is below the overview, data and method."""
    for name, _label, has_more in PAGES:
        address = _address(formats.language(), name)
        if path == address or (has_more and path.startswith(address)):
            return name
    return ""


@register.inclusion_tag("dashboard/_languages.html", takes_context=True)
def language_switch(context: dict[str, Any]) -> dict[str, Any]:
    """List the languages, Kazakh first; each links the same page, with its query, in that language."""
    request: HttpRequest | None = context.get("request")
    there = in_languages(request) if request else {}
    current = formats.language()
    return {
        "languages": [
            {
                "code": code,
                "short": short,
                "name": name,
                "href": there.get(code, "/"),
                "is_current": code == current,
            }
            for code, short, name in LANGUAGES
        ]
    }


register.filter("lifetime_of", say_times)


@register.filter
def source_title(title: str) -> str:
    """Return a source's title as printed; a supplied one, which stands in [brackets], in the page's language."""
    return in_language(title, formats.language())


@register.filter
def citation(source: Source) -> str:
    """Return a source's citation with a supplied title in the page's language."""
    return citation_of(source, formats.language())


@register.filter
def data_words(text: str) -> SafeString:
    """Write a note or a place in a source in the page's language; one that is known in English only is marked so."""
    code = formats.language()
    if is_known(text, code):
        return mark_safe(escape(in_language(text, code)))  # noqa: S308 escaped
    return mark_safe(f'<span lang="en">{escape(text)}</span>') if text.isascii() else mark_safe(escape(text))  # noqa: S308 escaped
