"""Tags of the pages beside the charts: names in other languages, the foot of every page."""

from datetime import datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from apps.collecting.freshness import newest_record
from apps.common.dates import write_moment
from apps.context.models import Event
from apps.dashboard.downloads import Download, File
from apps.exports.citation import Citation
from apps.figures import formats
from apps.ledger.reads import label_for, newest_label
from apps.standings.types import Reading

register = template.Library()


@register.filter
def other_names(thing: Any) -> list[tuple[str, str]]:
    """Return an actor's names in the other languages, as (code, name), where they differ from the page's."""
    own = thing.name(formats.language())
    names = ((code, thing.name(code)) for code in formats.LANGUAGES if code != formats.language())
    return [(code, name) for code, name in names if name != own]


@register.filter
def row_count(download: Download | File) -> str:
    """Write how many rows a file has; "about" and three figures where they are not counted."""
    if download.is_exact:
        return formats.number(download.rows)
    return gettext("about %(number)s") % {"number": formats.number(_three_figures(download.rows))}


@register.filter
def size(count: int) -> str:
    """Write bytes as a person reads them: 12 KB, 3.4 MB, always about."""
    amount, unit = (count / 1_000_000, gettext("MB")) if count >= 1_000_000 else (count / 1000, gettext("KB"))
    shown = formats.number(max(amount, 1), 1 if amount < 10 and count >= 1_000_000 else 0)
    text = gettext("about %(number)s %(unit)s") % {"number": shown, "unit": unit}
    return text.replace(f"{shown} {unit}", f"{shown}{formats.NO_BREAK}{unit}")


def _three_figures(number: int) -> int:
    return round(number, -max(len(str(number)) - 3, 0))


@register.filter
def almaty_day(instant: datetime) -> str:
    """Return the calendar day in Almaty, as the page's language writes it."""
    return formats.day(timezone.localdate(instant))


@register.filter
def almaty_time(instant: datetime) -> str:
    """Write the instant in Almaty time with hours and minutes: 22 Nov 2026, 23:10."""
    return write_moment(instant)


@register.simple_tag(takes_context=True)
def citation(context: dict[str, Any], title: str, newest: Reading | None = None) -> Citation:
    """Return how this page is cited today. newest: the newest reading among its numbers."""
    today = timezone.localdate()
    return Citation(
        str(title),
        context["request"].build_absolute_uri(),
        today,
        newest or None,
        ledger=ledger_number(context),
    )


@register.simple_tag
def last_update() -> datetime | None:
    """Return when something was last read or recorded; None where nothing is yet."""
    return newest_record()


@register.simple_tag(takes_context=True)
def ledger_number(context: dict[str, Any]) -> str:
    """Return the ledger's newest number, as 12-1a2b3c4d5e6f; "" before the first."""
    request = context.get("request")
    return newest_label() if request is None else label_for(request)


@register.simple_tag
def ledger_feed() -> str:
    """Return the address of the ledger's feed in the page's language."""
    return f"{reverse('ledger_feed')}?lang={formats.language()}"


@register.simple_tag
def corrections_feed() -> str:
    """Return the address of the corrections' feed in the page's language."""
    return f"{reverse('corrections_feed')}?lang={formats.language()}"


@register.simple_tag
def feed(name: str, *args: str) -> str:
    """Return the address of a feed of what happened (site, actor, group) in the page's language."""
    return f"{reverse(f'feeds:{name}', args=args)}?lang={formats.language()}"


@register.simple_tag
def event_kinds() -> list[tuple[str, Any]]:
    """Return the kinds of events that charts can be narrowed to."""
    return list(Event.Category.choices)
