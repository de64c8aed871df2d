"""Taking the numbers out: files, live addresses, what the columns mean, terms and how to cite."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.dashboard import reads
from apps.dashboard.downloads import downloads
from apps.dashboard.views.editions import lines
from apps.exports import dictionary, licensing
from apps.exports.models import Edition
from apps.figures.formats import language
from apps.registry.models import Source

MOST_SOURCES = 200
MOST_EDITIONS = 12


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    group = reads.opening_slug()
    context = {
        "downloads": downloads(),
        "live": [live(request, "trend", group, layout="wide"), live(request, "standings", group)],
        "snapshots": live(request, "snapshots", group),
        "excel": live(request, "standings", group, preset="excel"),
        "columns": [
            ("snapshots.csv", dictionary.snapshots()),
            ("standings.csv", dictionary.standings()),
            ("indicators.csv", dictionary.indicators()),
        ],
        "all_sources": Source.objects.exclude(kind=Source.Kind.SYNTHETIC).order_by("title")[:MOST_SOURCES],
        "editions": lines(Edition.objects.listed().filter(kind=Edition.Content.DATASET)[:MOST_EDITIONS]),
        "licence": licensing.chosen(),
        "licence_not_chosen": licensing.NOT_CHOSEN,
        "site": request.build_absolute_uri("/"),
        "today": timezone.localdate(),
    }
    return render(request, "dashboard/data.html", context)


def live(request: HttpRequest, table: str, group: str, **more: str) -> str:
    """Return the whole address of a file that is always of today: of the group, or of Facebook where there is none."""
    narrowed = {"group": group} if group else {"platform": "facebook"}
    query = urlencode({**narrowed, **more, "lang": language()})
    return request.build_absolute_uri(f"/export/{table}.csv?{query}")
