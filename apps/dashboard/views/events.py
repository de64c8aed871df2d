"""Dated facts: the stages of the political Internet and whatever else charts are annotated with."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.context.models import Event
from apps.dashboard.forms import EventsForm
from apps.dashboard.lineage import write_day
from apps.figures import formats
from apps.registry.texts import in_language


@dataclass(frozen=True)
class EventLine:
    """An event as the page shows it."""

    event: Event
    title: str
    when: str
    kind: str
    place: str


@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """Show the events, newest first, all or of one kind."""
    form = EventsForm(request.GET)
    kind = form.value("kind", "")
    found = Event.objects.select_related("source").order_by("-starts", "key")
    lines = [_line(event) for event in (found.filter(kind=kind) if kind else found)]
    context = {"form": form, "lines": lines, "kinds": Event.Category.choices, "kind": kind}
    return render(request, "dashboard/events.html", context)


def _line(event: Event) -> EventLine:
    code = formats.language()
    begins, ends = write_day(event.starts, event.starts_span), write_day(event.ends, event.ends_span)
    return EventLine(
        event=event,
        title=event.title(code),
        when=f"{begins} {formats.DASH} {ends}" if ends else begins,
        kind=event.get_kind_display(),
        place=in_language(event.locator, code),
    )
