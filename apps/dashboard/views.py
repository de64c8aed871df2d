"""The public pages: read the address, ask standings, let figures draw and say it."""

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.dashboard import links, panels, reads, tables
from apps.dashboard import status as collecting
from apps.dashboard.forms import ActorForm, ActorsForm, GroupForm, OverviewForm, StandingsForm
from apps.figures import formats, lines, sentences
from apps.standings import trends
from apps.standings.league import league
from apps.standings.types import Scope
from apps.tracking.models import Actor, Group, OldSlug

ROWS_ON_OVERVIEW = 10
ROWS_PER_PAGE = 50
YEAR = timedelta(days=365)


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    form = OverviewForm(request.GET)
    today = timezone.localdate()
    group = reads.main_group()
    panel = panels.of_group(group, form) if group else None
    platform = form.value("platform") or (group.platform if group else "facebook")
    reference = group.reference.slug if group and group.reference else ""
    standing = league(Scope(platform=platform), today, today - YEAR, reference)
    status = collecting.together(collecting.per_platform())
    context = {
        "form": form,
        "panel": panel,
        "standing": standing,
        "rows": standing.rows[:ROWS_ON_OVERVIEW],
        "platform": platform,
        "platforms": form.platform_options(platform),
        "lead": sentences.leads(standing, platform),
        "last_known": sentences.last_known(standing),
        "happened": panels.happened(platform, today - YEAR, today, panel),
        "status": status,
        "held": collecting.held(),
        "gap_title": tables.gap_title(standing),
        "followers_title": formats.followers_title(platform),
    }
    return render(request, "dashboard/overview.html", context)


@require_safe
def standings(request: HttpRequest) -> HttpResponse:
    form = StandingsForm(request.GET)
    group = form.groups.get(form.value("group", ""))
    standing = league(form.scope(), form.day, form.since_day)
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
        "sum_line": sentences.sum_line(standing),
        "last_known": sentences.last_known(standing),
        "sources": reads.sources_of(standing),
        "exports": links.exports("standings", form),
        "canonical": form.query(),
    }
    return render(request, "dashboard/standings.html", context)


@require_safe
def groups(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/groups.html", {"groups": reads.public_groups()})


@require_safe
def group(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Group.objects.select_related("reference", "source"), slug=slug)
    form = GroupForm(request.GET)
    panel = panels.of_group(found, form)
    context = {
        "form": form,
        "panel": panel,
        "rows": panels.with_sources(panel),
        "samples": panels.samples(panel),
        "claims": panels.claims(panel),
        "sources": reads.sources_of(panel.league),
        "exports": links.exports("standings", form, group=slug, platform=found.platform),
        "snapshot_exports": links.exports("snapshots", None, group=slug, platform=found.platform),
        "followers_title": formats.followers_title(found.platform),
    }
    return render(request, "dashboard/group.html", context)


@require_safe
def actors(request: HttpRequest) -> HttpResponse:
    form = ActorsForm(request.GET)
    found = reads.found_actors(form.value("q", ""), form.value("kind", ""), formats.language())
    page = Paginator(found, ROWS_PER_PAGE).get_page(form.value("page", 1))
    return render(request, "dashboard/actors.html", {"form": form, "page": page})


@require_safe
def actor(request: HttpRequest, slug: str) -> HttpResponse:
    found = Actor.objects.public().select_related("succeeds").filter(slug=slug).first()
    if found is None:
        return moved(request, slug)
    form = ActorForm(request.GET)
    today = timezone.localdate()
    platform = form.value("platform", "")
    first, last = form.value("from"), form.value("to", today)
    if first and first > last:
        first = None
    trend = trends.trend(Scope(actors=(slug,), platform=platform), first, last)
    events = panels.marks(trend)
    said = sentences.trend(trend)
    context: dict[str, Any] = {
        "form": form,
        "actor": found,
        "successors": Actor.objects.public().filter(succeeds=found),
        "groups": found.groups.order_by("pk"),
        "accounts": panels.accounts(found, today),
        "figure": lines.lines(trend, focus=slug, events=events),
        "has_points": any(series.points for series in trend.series),
        "sentences": said,
        "description": sentences.description(said),
        "events": events,
        "scale": form.value("scale", "linear"),
        "page": Paginator(reads.history(found, platform), ROWS_PER_PAGE).get_page(form.value("page", 1)),
        "exports": links.exports("snapshots", None, actor=slug, platform=platform),
    }
    return render(request, "dashboard/actor.html", context)


def moved(request: HttpRequest, slug: str) -> HttpResponse:
    """An actor's old address leads to its new one; a hidden actor is not there."""
    old = OldSlug.objects.filter(slug=slug, actor__hidden=False).select_related("actor").first()
    if old is None:
        raise Http404
    response = redirect("dashboard:actor", slug=old.actor.slug, permanent=True)
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{response.url}?{query}" if query else response.url)


@require_safe
def method(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/method.html")


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    per_platform = collecting.per_platform()
    context = {
        "platforms": per_platform,
        "together": collecting.together(per_platform),
        "held": collecting.held(),
        "without_address": collecting.without_address(),
    }
    return render(request, "dashboard/status.html", context)
