"""Groups: the list, and one group on two dates."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from apps.dashboard import charts, downloads, group_page, reads
from apps.dashboard.forms import GroupForm
from apps.figures import formats
from apps.registry.models import Group


@require_safe
def groups(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/groups.html", {"groups": reads.public_groups()})


@require_safe
def group(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Group.objects.public().select_related("reference", "source"), slug=slug)
    form = GroupForm(request.GET)
    panel = group_page.of_group(found, form)
    context = {
        "form": form,
        "panel": panel,
        "rows": group_page.with_sources(panel),
        "samples": group_page.samples(panel),
        "claims": group_page.claims(panel),
        "sources": reads.sources_of(panel.league),
        "chart_address": charts.group_address(slug, form),
        "files": [
            downloads.page_file(panel.exports, len(panel.league.rows), gettext("This table")),
            downloads.everything(panel.scope),
        ],
        "followers_title": formats.followers_title(found.platform),
    }
    return render(request, "dashboard/group.html", context)
