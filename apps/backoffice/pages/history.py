"""The history of the desk: who changed what, a page at a time."""

from datetime import datetime

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from apps.backoffice import history
from apps.backoffice.templatetags.desk import person
from apps.users.models import User


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show a page of the history, of everybody or of one person, before the moment that the address names."""
    if not request.user.has_perm("users.view_change"):
        raise PermissionDenied
    people = User.objects.filter(is_staff=True).order_by("username")
    by = next((one for one in people if str(one.pk) == request.GET.get("by")), None)
    entries = history.entries(
        until=_moment(request.GET.get("before", "")),
        by=by,
        may_see_people=request.user.has_perm("users.view_user"),
    )
    context = {
        **admin.site.each_context(request),
        "title": _("Who changed what"),
        "entries": entries,
        "people": [(one.pk, person(one), one == by) for one in people],
        "by": by,
        "older": entries[-1].at.isoformat() if len(entries) == history.PAGE else "",
    }
    return render(request, "backoffice/history.html", context)


def _moment(text: str) -> datetime:
    """Return the moment that the text names; now where it names none."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    return moment if moment and timezone.is_aware(moment) else timezone.now()
