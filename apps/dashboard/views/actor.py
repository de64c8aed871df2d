"""Actors: the list with its search, and one actor with all that is recorded."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from apps.dashboard import actor_page, charts, downloads, group_page, lineage, links, reads
from apps.dashboard.forms import ActorForm, ActorsForm
from apps.figures import forecasts, formats, lines, mine, sentences
from apps.registry.models import Actor, OldSlug
from apps.standings.types import Scope

ROWS_PER_PAGE = 50
REPLIES = 20


@require_safe
def actors(request: HttpRequest) -> HttpResponse:
    form = ActorsForm(request.GET)
    found = reads.find_actors(form.value("q", ""), form.value("kind", ""), formats.language())
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
    first, last = charts.actor_days(form)
    trend = charts.actor_trend(found, form)
    events = group_page.marks(trend, form.value("events", ""))
    said = sentences.trend(trend)
    accounts = group_page.accounts(found, today)
    made = actor_page.of(found, accounts, trend, platform, today)
    told = repeat_of_count(made.standing) if made.standing else ""
    unusual = {(one.account_id, one.day) for one in made.unusual_days}
    days = {
        "from": first.isoformat() if first else "",
        "to": last.isoformat() if form.value("to") else "",
    }
    context: dict[str, Any] = {
        "form": form,
        "actor": found,
        "sides": lineage.find_sides(found),
        "times": lineage.say_times(found),
        "names": lineage.find_names(found),
        "confirmed": lineage.confirmations(line.account for line in accounts),
        "groups": found.groups.public().order_by("pk"),
        "replies": replies(found),
        "accounts": accounts,
        "platforms": list(dict.fromkeys(line.account.platform for line in accounts)),
        "platform": platform,
        "portrait": made,
        "caveat": forecasts.caveat(),
        "figure": lines.lines(trend, focus=slug, events=events, unusual=unusual),
        "has_points": any(series.points for series in trend.series),
        "sentences": [one for one in said if one != told],
        "description": sentences.description(said),
        "newest": trend.newest,
        "events": events,
        "event_kind": form.value("events", ""),
        "scale": form.value("scale", "linear"),
        "page": Paginator(
            reads.History(found, platform),  # type: ignore[arg-type]  # it asks for slices and count() alone
            ROWS_PER_PAGE,
        ).get_page(form.value("page", 1)),
        "files": [
            downloads.page_file(
                links.exports("trend", None, actor=slug, platform=platform, **days),
                downloads.rows_of_file(trend),
                gettext("The chart"),
            ),
            downloads.everything(Scope(actors=(slug,), platform=platform)),
        ],
        "chart_address": charts.actor_address(found, form),
        "ranks_address": charts.actor_address(found, form, "ranks"),
        "chart_title": found.name(formats.language()),
    }
    return render(request, "dashboard/actor.html", context)


def repeat_of_count(standing: mine.Standing) -> str:
    """Return the chart's sentence on the newest count, which the sentence on the rank has said already; "" without
    one."""
    value = standing.own.now if standing.own else None
    return sentences.newest(standing.platform, value) if value and value.followers is not None else ""


def replies(found: Actor) -> list[dict[str, Any]]:
    """Return the actor's replies on its numbers, newest first, each in the page's language where it is written in
    that."""
    shown = found.replies.filter(is_shown=True)[:REPLIES]
    texts = [(one.day, *one.text(formats.language())) for one in shown]
    return [{"day": day, "words": words, "language": language} for day, words, language in texts]


def moved(request: HttpRequest, slug: str) -> HttpResponse:
    """Redirect an actor's old address to its new one; a hidden actor is 404."""
    old = OldSlug.objects.filter(slug=slug, actor__hidden=False).select_related("actor").first()
    if old is None:
        raise Http404
    response = redirect("dashboard:actor", slug=old.actor.slug, permanent=True)
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{response.url}?{query}" if query else response.url)
