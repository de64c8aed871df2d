"""Unusual days, for editors: what many accounts share is offered as an event that charts are annotated with."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.http import require_safe

from apps.collectors.platforms import PLATFORMS
from apps.context.models import Event
from apps.context.platform_events import key_of, title_of
from apps.registry.models import Actor
from apps.standings import unusual
from apps.standings.types import Scope

LOOKS_BACK = timedelta(days=90)


@dataclass(frozen=True)
class Offer:
    """A day of a platform that no event tells of yet, with the address of a form that is filled in."""

    day: unusual.PlatformDay
    title: str
    address: str


@require_safe
@permission_required("context.add_event", raise_exception=True)
def unusual_days(request: HttpRequest) -> HttpResponse:
    last = timezone.localdate()
    found = unusual.within(Scope(), last - LOOKS_BACK, last)
    names = Actor.objects.in_bulk([day.actor_slug for day in found.single], field_name="slug")
    context = {
        "offers": _offers(found.platforms),
        "single": [(day, names[day.actor_slug], PLATFORMS[day.platform]) for day in found.single[:100]],
        "first": last - LOOKS_BACK,
    }
    return render(request, "dashboard/unusual.html", context)


def _offers(days: tuple[unusual.PlatformDay, ...]) -> list[Offer]:
    keys = {key_of(day.platform, day.day, day.falls): day for day in days}
    told = set(Event.objects.filter(key__in=keys).values_list("key", flat=True))
    return [_offer(key, day) for key, day in keys.items() if key not in told]


def _offer(key: str, day: unusual.PlatformDay) -> Offer:
    fields = {"key": key, "starts": day.day.isoformat(), "starts_span": "3", "kind": "platform"}
    for language in ("kk", "ru", "en"):
        with override(language):
            fields[f"title_{language}"] = title_of(day.platform, day.falls)
    return Offer(
        day, title_of(day.platform, day.falls), f"{reverse('admin:context_event_add')}?{urlencode(fields)}"
    )
