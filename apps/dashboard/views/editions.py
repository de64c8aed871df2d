"""Editions: the list, one with all that lets it be cited and checked, and the button that makes one."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.collectors.platforms import PLATFORMS
from apps.common import file_store, rates
from apps.common.clients import network_of
from apps.common.cross_origin import readable_anywhere
from apps.dashboard import charts, edition_package, embedding, freezing
from apps.dashboard.charts import Address, Chart
from apps.dashboard.forms import PageForm
from apps.dashboard.refusals import NoChart
from apps.exports import editions as stored
from apps.exports.models import Edition
from apps.exports.package import of_month as month_package
from apps.figures import formats
from apps.users.models import User

ROWS_PER_PAGE = 50


@dataclass(frozen=True)
class EditionLine:
    edition: Edition
    title: str
    file: str  # address


@dataclass(frozen=True)
class Cited:
    """How it is cited in a language."""

    language: str
    text: str
    bibtex: str


@require_safe
def editions(request: HttpRequest) -> HttpResponse:
    form = PageForm(request.GET)
    page = Paginator(Edition.objects.listed(), ROWS_PER_PAGE).get_page(form.value("page", 1))
    return render(request, "dashboard/editions.html", {"form": form, "page": page, "lines": lines(page)})


def lines(found: Iterable[Edition]) -> list[EditionLine]:
    return [EditionLine(one, one.title_in(formats.language()), file_of(one)) for one in found]


def file_of(edition: Edition) -> str:
    ending = "csv" if edition.kind == Edition.Content.CHART else "csv.gz"
    return reverse("exports:edition", args=[edition.key, ending])


@require_safe
def edition(request: HttpRequest, key: str) -> HttpResponse:
    found = get_object_or_404(Edition, key=key)
    chart, is_whole = chart_of(found)
    title = found.title_in(formats.language())
    context = {
        "edition": found,
        "title": title,
        "chart": chart,
        "is_whole": is_whole,
        "chart_address": Address(embedding.EDITION + key) if chart else None,
        "live": Address(found.parameters["path"], found.parameters["query"]) if chart else None,
        "package": _package_of(found),
        "file": file_of(found),
        "cited": [cite(request, found, language) for language in embedding.LANGUAGES],
        "bibtex": cite(request, found, "en").bibtex,
        "left_out": [PLATFORMS.get(platform, platform) for platform in found.left_out],
    }
    return render(request, "dashboard/edition.html", context)


def _package_of(edition: Edition) -> str:
    """Return the address of all that belongs to an edition as one ZIP; "" where a month's is not there."""
    if edition.kind == Edition.Content.CHART:
        return reverse("embeds:edition_package", args=[edition.key])
    month = edition.key[:7]
    is_there = file_store.exists(month_package(month))
    return reverse("package_of_month", args=[month]) if is_there else ""


def chart_of(edition: Edition) -> tuple[Chart | None, bool]:
    """Return the edition's chart, and whether its bytes are those that were frozen. Datasets are checked by a command
    instead."""
    if edition.kind == Edition.Content.DATASET:
        return None, file_store.exists(stored.name_of(edition.file))
    try:
        stored.csv(edition)
        return embedding.of_edition(edition).make(), True
    except stored.Tampered:
        return None, False


def cite(request: HttpRequest, edition: Edition, language: str) -> Cited:
    """Return the edition's citation, which names the day it was made and so never changes."""
    with override(language):
        citation = edition_package.citation(edition, embedding.site_of(request), language)
        return Cited(language, citation.text, citation.bibtex)


@readable_anywhere
@require_safe
def package(request: HttpRequest, key: str) -> HttpResponse:
    """Send a chart's edition as a ZIP: data, picture, proofs, description, citation."""
    found = get_object_or_404(Edition, key=key, kind=Edition.Content.CHART)
    try:
        content = edition_package.pack(found, embedding.site_of(request))
    except stored.Tampered:
        broken = gettext("The stored bytes are not those that were frozen, and are not given out.")
        return HttpResponse(f"{broken}\n", content_type="text/plain; charset=utf-8", status=500)
    response = HttpResponse(content, content_type="application/zip")
    response.headers["Content-Disposition"] = content_disposition_header(True, f"kzmedia-{key}.zip") or ""
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def freeze(request: HttpRequest) -> HttpResponse:
    """Make an edition of the chart at a path and query: at once for those who may, else after the reader has confirmed
    it, and RATE_FREEZE at most from one network."""
    given = request.POST if request.method == "POST" else request.GET
    path, query = given.get("path", "")[:200], given.get("query", "")[:2000]
    try:
        address = charts.find_chart(path, charts.same_query(query)).address
        if request.method != "POST":
            return render(request, "dashboard/freeze.html", {"chart": address})
        return redirect("dashboard:edition", key=freezing.freeze(path, query, maker(request)).key)
    except NoChart:
        raise Http404 from None
    except freezing.Enough:
        if freezing.may_freeze(request.user):
            messages.error(
                request, gettext("You have made as many editions as one person may make in a day.")
            )
            return redirect("dashboard:editions")
        return render(request, "dashboard/freeze.html", {"chart": address, "is_refused": True}, status=429)


def maker(request: HttpRequest) -> str:
    """Return who makes an edition. Raises Enough where the reader's network has made RATE_FREEZE."""
    if freezing.may_freeze(request.user) and isinstance(request.user, User):
        return request.user.get_username()
    if rates.seconds_to_wait(settings.PAGE_RATES["FREEZE"], "freeze", network_of(request)):
        raise freezing.Enough(freezing.READER)
    return freezing.READER
