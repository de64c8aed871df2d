"""Answer a press officer: where do we stand, who passed us, is the gap closing."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.dashboard.forms import MeForm, PeerForm
from apps.figures import answers, formats, mine
from apps.registry.models import Actor, Membership
from apps.registry.services import note_visit
from apps.users.models import User

FIRST_VISIT = timedelta(days=30)  # changes are shown over so long where there was no visit before
MOST_PEERS = 20


@never_cache
@login_required
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Show the body one works for; the list of bodies where they are several and none is chosen."""
    return page(request, PeerForm())


def page(request: HttpRequest, peer_form: PeerForm, status: int = 200) -> HttpResponse:
    memberships = bodies(request)
    form = MeForm(request.GET, actors=[one.actor.slug for one in memberships])
    chosen = form.value("actor") or (memberships[0].actor.slug if len(memberships) == 1 else "")
    context: dict[str, Any] = {"form": form, "memberships": memberships}
    membership = next((one for one in memberships if one.actor.slug == chosen), None)
    if membership is None:
        return render(request, "dashboard/me.html", context, status=status)
    now = timezone.now()
    before = note_visit(membership, now)
    today = timezone.localdate(now)
    visit = min(timezone.localdate(before), today - timedelta(days=1)) if before else today - FIRST_VISIT
    context |= body(membership.actor, form.value("platform", ""), today, form.since_day(today, visit))
    context |= {"is_first": before is None, "peer_form": peer_form}
    return render(request, "dashboard/my_body.html", context, status=status)


def bodies(request: HttpRequest) -> list[Membership]:
    """Return the memberships of the user whose actors are public, by name."""
    memberships = user_of(request).memberships.select_related("actor").filter(actor__hidden=False)
    return list(memberships.order_by("actor__sort_en", "pk"))


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 login_required
    return request.user


def body(actor: Actor, platform: str, today: date, since: date) -> dict[str, Any]:
    """Return what the page shows of a body on one platform: the chosen one, else that of its largest account."""
    rows = mine.accounts(actor, today, since)
    platforms = list(dict.fromkeys(row.platform for row in rows))
    shown = platform if platform in platforms else next(iter(platforms), "")
    standing = mine.standing(actor, shown, today, since) if shown else None
    return {
        "actor": actor,
        "accounts": rows,
        "platforms": [(code, formats.platform_name(code)) for code in platforms],
        "standing": standing,
        "answer": answers.answer(standing) if standing else None,
        "figure": answers.chart(standing, today) if standing else None,
        "peers": Actor.objects.peers_of(actor).order_by(f"sort_{formats.language()}", "pk"),
        "since": since,
    }


@never_cache
@login_required
@require_POST
def change_peers(request: HttpRequest) -> HttpResponse:
    """Pin the actor of a typed name to the comparison of ?actor=, or take one out (`remove`)."""
    slug = request.GET.get("actor", "").replace("\x00", "")
    membership = next((one for one in bodies(request) if one.actor.slug == slug), None)
    if membership is None:
        raise Http404
    actor = membership.actor
    if "remove" in request.POST:
        actor.peers.remove(get_object_or_404(actor.peers, slug=request.POST["remove"].replace("\x00", "")))
        return redirect(f"{reverse('dashboard:me')}?{request.GET.urlencode()}#peers-title")
    form = PeerForm(request.POST)
    if form.is_valid() and actor.peers.count() >= MOST_PEERS:
        form.add_error("name", gettext("There are many already. Remove one first."))
    if form.is_valid() and form.cleaned_data["name"] == actor:
        form.add_error("name", gettext("This is the organisation itself."))
    if not form.is_valid():
        return page(request, form, status=422)
    peer: Actor = form.cleaned_data["name"]
    actor.peers.add(peer)
    messages.success(request, gettext("Added: %(name)s") % {"name": peer.name(formats.language())})
    return redirect(f"{reverse('dashboard:me')}?{request.GET.urlencode()}#peers-title")
