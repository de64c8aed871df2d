"""The chart builder: anyone beside anyone, in any view, with all of it in the address."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.dashboard import charts, comparison
from apps.dashboard.compare_form import CompareForm
from apps.figures import formats
from apps.registry.models import Actor, platform_choices
from apps.registry.search import actors_named

FOUND_AT_MOST = 12


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    if request.GET.get("near"):
        return beside_the_nearest(request)
    form = CompareForm(request.GET)
    made = comparison.of(form)
    canonical = form.address()
    if request.GET.urlencode() != canonical and not form.problems:
        return redirect(f"{request.path}?{canonical}" if canonical else request.path)
    asked = form.value("q", "")
    context = {
        "form": form,
        "comparison": made,
        "asked": asked,
        "found": comparison.search_links(form, actors_named(asked, formats.language(), FOUND_AT_MOST))
        if asked
        else [],
        "mine": mine(request),
        "canonical": form.address(q=""),
        "chart_address": charts.compare_address(form) if made.has_points else None,
    }
    return render(request, "dashboard/compare.html", context)


def mine(request: HttpRequest) -> list[Actor]:
    """Return the bodies that whoever is signed in works for."""
    if not request.user.is_authenticated:
        return []
    return list(
        Actor.objects.public().filter(memberships__user=request.user).distinct().order_by("sort_en", "pk")
    )


def beside_the_nearest(request: HttpRequest) -> HttpResponse:
    """Redirect `near` to a comparison of the actor with the five nearest to it today, at an address that stays the
    same."""
    slug = request.GET["near"][:80].replace("\x00", "")
    actor = Actor.objects.public().filter(slug=slug).first()
    if actor is None:
        return redirect(request.path)
    asked = request.GET.get("platform", "")
    known = asked if asked in dict(platform_choices()) else ""
    platform, slugs = comparison.nearest(actor, known, timezone.localdate())
    query = request.GET.copy()
    for name in ("near", "group", "actor", "platform"):
        query.pop(name, None)
    query.setlist("actor", slugs)
    query["platform"] = platform
    query["highlight"] = actor.slug
    return redirect(f"{request.path}?{query.urlencode()}")
