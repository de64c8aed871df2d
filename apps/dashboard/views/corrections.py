"""What editors have corrected, and what became of what readers asked for, in the open."""

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from apps.dashboard.forms import PageForm
from apps.tracking.models import Correction, CorrectionRequest, Merger

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
        "mergers": Merger.objects.public().annotate(set_aside_count=Count("set_aside"))[:MERGERS],
        "waiting": CorrectionRequest.objects.waiting().filter(actor__hidden=False).count(),
    }
    return render(request, "dashboard/corrections.html", context)


@require_safe
def merged(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of an account that was merged into another: every value of it that does not stand."""
    form = PageForm(request.GET)
    merger = get_object_or_404(Merger.objects.public(), pk=pk)
    values = merger.set_aside.select_related("snapshot")
    page = Paginator(values, ROWS_PER_PAGE).get_page(form.value("page", 1))
    return render(request, "dashboard/merged.html", {"form": form, "merger": merger, "page": page})
