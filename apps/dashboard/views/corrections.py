"""Public pages of corrections and of readers' requests."""

from collections.abc import Iterable

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from apps.dashboard.forms import PageForm
from apps.snapshots.models import Correction, CorrectionRequest, Merger

ROWS_PER_PAGE = 50
ANSWERS = 50
MERGERS = 50


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    form = PageForm(request.GET)
    newest_first = Correction.objects.public().order_by("-at", "-pk")
    page = Paginator(newest_first, ROWS_PER_PAGE).get_page(form.value("page", 1))
    context = {
        "form": form,
        "page": page,
        "answers": CorrectionRequest.objects.public().order_by("-answered_at", "-pk")[:ANSWERS],
        "mergers": with_set_aside(Merger.objects.public()[:MERGERS]),
        "waiting": CorrectionRequest.objects.waiting().filter(actor__hidden=False).count(),
    }
    return render(request, "dashboard/corrections.html", context)


def with_set_aside(mergers: Iterable[Merger]) -> list[tuple[Merger, int]]:
    """Pair each merger with the number of its values that do not stand."""
    found = list(mergers)
    if not found:
        return []
    counted = Merger.objects.filter(pk__in=[merger.pk for merger in found]).order_by()
    counts = dict(counted.values_list("pk").annotate(Count("set_aside")))
    return [(merger, counts[merger.pk]) for merger in found]


@require_safe
def merged(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what became of an account that was merged into another: every value of it that does not stand."""
    form = PageForm(request.GET)
    merger = get_object_or_404(Merger.objects.public(), pk=pk)
    values = merger.set_aside.select_related("snapshot")
    page = Paginator(values, ROWS_PER_PAGE).get_page(form.value("page", 1))
    return render(request, "dashboard/merged.html", {"form": form, "merger": merger, "page": page})
