"""The page of the body that one works for."""

from datetime import date, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.dashboard.forms import MeForm
from apps.figures import mine
from apps.registry.models import Membership
from apps.registry.services import visited
from apps.users.models import User

FIRST_VISIT = timedelta(days=30)  # what has changed is told over so long where there was no visit before


@never_cache
@login_required
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """The body one works for; the list of bodies where they are several and none is chosen."""
    memberships = bodies(request)
    form = MeForm(request.GET, actors=[one.actor.slug for one in memberships])
    chosen = form.value("actor") or (memberships[0].actor.slug if len(memberships) == 1 else "")
    context = {"form": form, "memberships": memberships}
    membership = next((one for one in memberships if one.actor.slug == chosen), None)
    if membership is None:
        return render(request, "dashboard/me.html", context)
    now = timezone.now()
    before = visited(membership, now)
    today = timezone.localdate(now)
    since = min(timezone.localdate(before), today - timedelta(days=1)) if before else today - FIRST_VISIT
    return render(
        request,
        "dashboard/my_body.html",
        context | body(membership, form.value("platform", ""), today, since, before is None),
    )


def bodies(request: HttpRequest) -> list[Membership]:
    assert isinstance(request.user, User)  # noqa: S101 login_required
    found = request.user.memberships.select_related("actor").filter(actor__hidden=False)
    return list(found.order_by("actor__sort_en", "pk"))


def body(
    membership: Membership, platform: str, today: date, since: date, is_first: bool
) -> dict[str, object]:
    actor = membership.actor
    rows = mine.accounts(actor, today, since)
    platforms = list(dict.fromkeys(row.platform for row in rows))
    shown = platform if platform in platforms else next(iter(platforms), "")
    return {
        "actor": actor,
        "accounts": rows,
        "platforms": platforms,
        "standing": mine.standing(actor, shown, today, since) if shown else None,
        "since": since,
        "is_first": is_first,
    }
