"""Does a claim hold: two actors, or an actor and a number, a platform, a day, and what was claimed."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from apps.context.models import Claim
from apps.dashboard import charts, group_page, reads
from apps.dashboard.claim_form import ClaimForm
from apps.dashboard.compare_form import CompareForm
from apps.figures import claim_words, formats, lines
from apps.registry.models import Actor, Source
from apps.registry.texts import citation_of
from apps.standings import claim_check, trends
from apps.standings.types import Scope


@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """Show the form, the verdict where all is given, and the claims of the studies as examples."""
    form = ClaimForm(request.GET)
    canonical = form.address()
    if request.GET and request.GET.urlencode() != canonical and not form.problems and not form.errors_beside:
        return redirect(f"{request.path}?{canonical}")
    context: dict[str, Any] = {
        "form": form,
        "examples": examples(),
        "canonical": canonical,
        "platform": form.platform,
    }
    if form.one and form.claimed and form.is_complete:
        context |= answer(form, form.one, form.claimed)
    return render(request, "dashboard/check.html", context)


def answer(form: ClaimForm, one: Actor, claimed: claim_check.Claimed) -> dict[str, Any]:
    """Return what the page shows of a claim that is complete."""
    other = form.other.slug if form.other and claimed.kind != claim_check.ClaimKind.COUNT else ""
    result = claim_check.check(claimed, one.slug, other, form.platform, form.day)
    slugs = tuple(slug for slug in (one.slug, other) if slug)
    trend = trends.trend(Scope(platform=form.platform, actors=slugs), None, form.day)
    has_points = any(series.points for series in trend.series)
    query = QueryDict(mutable=True)
    query.setlist("actor", list(slugs))
    query["platform"], query["to"] = form.platform, form.day.isoformat()
    keys = {key for row in (result.one, result.other) if row and row.now for key in row.now.source.split()}
    return {
        "result": result,
        "verdict": claim_words.verdict(result),
        "why": claim_words.why(result, claimed, form.platform),
        "sources": list(Source.objects.filter(key__in=keys).order_by("title")),
        "figure": lines.lines(trend, focus=one.slug) if has_points else None,
        "chart_address": charts.compare_address(CompareForm(query)) if has_points else None,
        "chart_title": form.title,
    }


def examples() -> list[dict[str, str]]:
    """Return the published claims that are recorded, each with the address that checks it."""
    claims = Claim.objects.filter(actor__hidden=False, comparator__hidden=False)
    code = formats.language()
    found = []
    for claim in claims.select_related("actor", "comparator", "source"):
        query = QueryDict(mutable=True)
        query["a"], query["b"], query["platform"] = claim.actor.slug, claim.comparator.slug, claim.platform
        query["claim"] = group_page.claim_words(claim)
        day = reads.span_end(claim.day, claim.span or 3) if claim.day else None
        if day:
            query["on"] = day.isoformat()
        found.append(
            {
                "says": f"{claim.actor.name(code)} / {claim.comparator.name(code)}: {query['claim']}",
                "platform": formats.platform_name(claim.platform),
                "source": citation_of(claim.source, formats.language()),
                "address": f"?{query.urlencode()}",
            }
        )
    return found
