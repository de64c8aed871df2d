"""A reader reports a mistake or suggests an account, and follows what becomes of it; an actor speaks for itself."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.common.clients import network_of
from apps.dashboard.correction_request_form import AskForm, ReplyForm, SuggestForm
from apps.figures import formats
from apps.registry.models import Actor
from apps.snapshots import correction_requests
from apps.snapshots.models import CorrectionRequest, Snapshot
from apps.users.models import User


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Report a mistake in what is said of ?actor=, or in one recorded count, ?snapshot=."""
    actor = _actor(request.GET.get("actor", ""))
    snapshot = _snapshot(actor, request.GET.get("snapshot", ""))
    form = AskForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        user = request.user if isinstance(request.user, User) else None
        try:
            asked = correction_requests.ask(
                actor,
                form.cleaned_data,
                snapshot=snapshot,
                network=network_of(request),
                language=formats.language(),
                by=user,
            )
        except correction_requests.TooMany:
            status = 429
            form.add_error(None, _("Many requests came from your network. Please try again tomorrow."))
        else:
            return redirect("dashboard:asked", key=asked.key)
    context = {"actor": actor, "snapshot": snapshot, "form": form}
    return render(request, "dashboard/ask.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def suggest(request: HttpRequest) -> HttpResponse:
    """Ask the editors to track an account; ?q= is the name that nothing was found for."""
    asked_for = request.GET.get("q", "").replace("\x00", "")[:100]
    form = SuggestForm(request.POST or None, initial={"wrong": asked_for})
    status = 200
    if request.method == "POST" and form.is_valid():
        user = request.user if isinstance(request.user, User) else None
        try:
            kept = correction_requests.ask(
                None,
                form.cleaned_data,
                network=network_of(request),
                language=formats.language(),
                by=user,
            )
        except correction_requests.TooMany:
            status = 429
            form.add_error(None, _("Many requests came from your network. Please try again tomorrow."))
        else:
            return redirect("dashboard:asked", key=kept.key)
    return render(request, "dashboard/suggest.html", {"form": form}, status=status)


@never_cache
@require_safe
def asked(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show what became of a request to whoever has its address."""
    found = get_object_or_404(
        CorrectionRequest.objects.select_related("actor", "correction").exclude(actor__hidden=True), key=key
    )
    response = render(request, "dashboard/asked.html", {"request_asked": found, "actor": found.actor})
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is known to who asked alone
    return response


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest) -> HttpResponse:
    """Publish a reply of ?actor= on its own numbers, written by who may speak for it."""
    actor = _actor(request.GET.get("actor", ""))
    assert isinstance(request.user, User)  # noqa: S101 login_required
    if not correction_requests.may_speak_for(request.user, actor):
        raise PermissionDenied
    form = ReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        correction_requests.reply(actor, form.cleaned_data, day=form.cleaned_data["day"], by=request.user)
        messages.success(request, _("It stands on the page now."))
        return HttpResponseRedirect(redirect("dashboard:actor", slug=actor.slug).url + "#replies-title")
    return render(request, "dashboard/reply.html", {"actor": actor, "form": form})


def _actor(slug: str) -> Actor:
    """Raises Http404."""
    return get_object_or_404(Actor.objects.public(), slug=slug.replace("\x00", ""))


def _snapshot(actor: Actor, text: str) -> Snapshot | None:
    """Return the count that is asked about; raises Http404 where it is none of this actor's."""
    if not text:
        return None
    found = Snapshot.objects.filter(account__actor=actor).select_related("account", "source")
    snapshot = (
        found.filter(pk=int(text)).first() if text.isascii() and text.isdecimal() and len(text) < 19 else None
    )
    if snapshot is None:
        raise Http404
    return snapshot
