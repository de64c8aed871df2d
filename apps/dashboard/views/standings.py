"""Everyone on one day: filters, columns that sort, a page of rows."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from apps.dashboard import charts, downloads, links, reads, standings_charts, tables
from apps.dashboard.forms import StandingsForm
from apps.figures import sentences
from apps.standings.league import league


@require_safe
def standings(request: HttpRequest) -> HttpResponse:
    form = StandingsForm(request.GET)
    group = form.groups.get(form.value("group", ""))
    standing = league(
        form.scope(), form.day, form.since_day, is_period=form.is_period, window=tables.window_of(form)
    )
    platform = form.value("platform", "")
    context = {
        "form": form,
        "group": group,
        "standing": standing,
        "page": tables.page_of(standing, form),
        "columns": tables.columns(form, standing),
        "shown": {key for key, _, _ in tables.titles(form, standing)},
        "platform": platform,
        "sentences": sentences.summary(standing, platform),
        "ladder": standings_charts.of(form, standing),
        "sum_line": sentences.sum_line(standing),
        "last_known": sentences.last_known(standing),
        "sources": reads.sources_of(standing),
        "chart_address": charts.standings_address(form) if standing.counted else None,
        "chart_title": charts.standings_title(form),
        "files": [
            downloads.page_file(
                links.exports("standings", form), len(standing.rows), gettext("The rows shown here")
            ),
            downloads.everything(form.scope()),
        ],
        "canonical": form.query(),
    }
    return render(request, "dashboard/standings.html", context)
