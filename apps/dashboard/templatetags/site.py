"""What the pages beside the charts need: names in other languages, the foot of every page."""

from typing import Any

from django import template

from apps.figures import formats

register = template.Library()


@register.filter
def other_names(thing: Any) -> list[tuple[str, str]]:
    """An actor's names in the other languages, as (code, name), where they differ from the page's."""
    own = thing.name(formats.language())
    names = ((code, thing.name(code)) for code in formats.LANGUAGES if code != formats.language())
    return [(code, name) for code, name in names if name != own]
