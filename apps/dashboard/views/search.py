"""Finding an actor by a name as somebody typed it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.dashboard.forms import SearchForm
from apps.figures import formats
from apps.registry.search import actors_named, actors_nearest

MOST = 50


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    asked = form.value("q", "")
    found = actors_named(asked, formats.language(), MOST)
    context = {
        "nearest": actors_nearest(asked, formats.language()) if asked and not found else [],
        "form": form,
        "asked": asked,
        "found": found,
        "is_cut": len(found) == MOST,
    }
    return render(request, "dashboard/search.html", context)
