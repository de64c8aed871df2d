"""The first page: the main group, the standings of one platform, what happened, what is collected."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from apps.dashboard import charts, downloads, group_page, links, reads, tables
from apps.dashboard import status as collecting
from apps.dashboard.forms import OverviewForm
from apps.figures import formats, sentences
from apps.standings import types
from apps.standings.league import league
from apps.standings.types import Reading, Scope

ROWS = 10
YEAR = timedelta(days=365)


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    form = OverviewForm(request.GET)
    today = timezone.localdate()
    group = reads.main_group()
    panel = group_page.of_group(group, form) if group else None
    platform = form.value("platform") or (group.platform if group else "facebook")
    reference = group.reference.slug if group and group.reference else ""
    standing = league(Scope(platform=platform), today, today - YEAR, reference, is_period=True)
    status = collecting.together(collecting.per_platform())
    context = {
        "form": form,
        "panel": panel,
        "panel_followers_title": formats.followers_title(group.platform) if group else "",
        "standing": standing,
        "rows": standing.rows[:ROWS],
        "platform": platform,
        "platforms": form.platform_options(platform),
        "lead": sentences.lead(standing, platform),
        "last_known": sentences.last_known(standing),
        "happened": group_page.recent_overtakes(standing, platform, panel),
        "status": status,
        "newest": formats.span(*standing.newest) if standing.newest and not status.newest else "",
        "chart_address": charts.overview_address(form),
        "panel_files": [downloads.page_file(panel.exports, len(panel.league.rows))] if panel else [],
        "files": [
            downloads.page_file(
                links.exports("standings", None, platform=platform, since="1y", reference=reference),
                len(standing.rows),
                gettext("The full table"),
            ),
            downloads.everything(Scope(platform=platform)),
        ],
        "held": collecting.held_count(),
        "cite_title": gettext("Follower counts on %(platform)s")
        % {"platform": formats.platform_name(platform)},
        "cite_newest": latest([standing.newest, panel.newest if panel else None]),
        "gap_title": tables.gap_title(standing),
        "followers_title": formats.followers_title(platform),
    }
    return render(request, "dashboard/overview.html", context)


def latest(readings: list[Reading | None]) -> Reading | None:
    """Return the newest of some readings, without those that are not there."""
    return types.newest([reading for reading in readings if reading])
