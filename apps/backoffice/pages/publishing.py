"""Drafts: new actors and groups are looked at as they will be, then published."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import resolve, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from apps.registry import services
from apps.registry.models import Actor, Group
from apps.registry.models import active_language as language

MOST_SHOWN = 500
KINDS: dict[str, tuple[type[Actor] | type[Group], str]] = {
    "actors": (Actor, "dashboard:actor"),
    "groups": (Group, "dashboard:group"),
}


@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest) -> HttpResponse:
    """List the drafts; publish those that are ticked."""
    if not request.user.has_perm("registry.change_actor"):
        raise PermissionDenied
    if request.method == "POST":
        count = services.publish(*(_read_keys(request, kind) for kind in KINDS))
        words = ngettext("%(count)d draft is public now.", "%(count)d drafts are public now.", count)
        if count:
            messages.success(request, words % {"count": count})
        else:
            messages.warning(request, _("Nothing was ticked, and nothing is published."))
        return HttpResponseRedirect(reverse("admin:backoffice_publish"))
    actors = (
        Actor.objects.filter(is_draft=True).order_by(f"sort_{language()}", "pk").prefetch_related("accounts")
    )
    context = {
        **admin.site.each_context(request),
        "title": _("Publish drafts"),
        "actors": actors[:MOST_SHOWN],
        "groups": Group.objects.filter(is_draft=True)[:MOST_SHOWN],
    }
    return render(request, "backoffice/publish.html", context)


def _read_keys(request: HttpRequest, kind: str) -> list[int]:
    return [int(key) for key in request.POST.getlist(kind) if key.isdecimal() and len(key) < 19]


@require_GET
def preview(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Show the public page of a draft as it will be.

    The draft is published for the length of one transaction, which is then rolled back: nobody else sees it.
    """
    if kind not in KINDS:
        raise Http404
    model, name = KINDS[kind]
    if not request.user.has_perm(f"registry.view_{model._meta.model_name}"):
        raise PermissionDenied
    draft: Any = get_object_or_404(model, pk=pk, is_draft=True)
    match = resolve(reverse(name, args=[draft.slug]))
    with transaction.atomic():
        services.publish(**{kind: [pk]})
        page: HttpResponse = match.func(request, **match.kwargs)
        transaction.set_rollback(True)
    if page.status_code != 200:
        return page
    page["Cache-Control"] = "private, no-store"
    banner = render(request, "backoffice/_preview.html").content
    page.content = page.content.replace(b'<main id="content"', banner + b'<main id="content"', 1)
    page.headers.pop("ETag", None)
    return page
