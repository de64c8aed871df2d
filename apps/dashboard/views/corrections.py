"""What editors have corrected, in the open."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.dashboard.forms import PageForm
from apps.tracking.models import Correction

ROWS_PER_PAGE = 50


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    form = PageForm(request.GET)
    newest_first = Correction.objects.public().order_by("-at", "-pk")
    page = Paginator(newest_first, ROWS_PER_PAGE).get_page(form.value("page", 1))
    return render(request, "dashboard/corrections.html", {"form": form, "page": page})
