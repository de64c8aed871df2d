"""What editors have corrected, and what became of what readers asked for, in the open."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.dashboard.forms import PageForm
from apps.tracking.models import Correction, CorrectionRequest

ROWS_PER_PAGE = 50
ANSWERS = 50


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    form = PageForm(request.GET)
    newest_first = Correction.objects.public().order_by("-at", "-pk")
    page = Paginator(newest_first, ROWS_PER_PAGE).get_page(form.value("page", 1))
    context = {
        "form": form,
        "page": page,
        "answers": CorrectionRequest.objects.public().order_by("-answered_at", "-pk")[:ANSWERS],
        "waiting": CorrectionRequest.objects.waiting().filter(actor__hidden=False).count(),
    }
    return render(request, "dashboard/corrections.html", context)
