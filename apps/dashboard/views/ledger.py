"""The ledger of the past: what was sealed each night, and how anybody checks it."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.dashboard.forms import PageForm
from apps.ledger.models import Seal

ROWS_PER_PAGE = 50


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    form = PageForm(request.GET)
    page = Paginator(Seal.objects.all(), ROWS_PER_PAGE).get_page(form.value("page", 1))
    newest = Seal.objects.first()
    context = {"form": form, "page": page, "newest": newest, "key": newest.parsed.key if newest else ""}
    return render(request, "dashboard/ledger.html", context)
