"""The pages of method and status."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.collecting.unread import describe, unread
from apps.common import upkeep
from apps.dashboard import platforms
from apps.dashboard import status as collecting

MOST_LISTED = 300  # accounts on one page; the others are found by their names


@require_safe
def method(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/method.html")


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    per_platform = collecting.per_platform()
    is_editor = request.user.has_perm("registry.change_account")
    name = request.GET.get("q", "").replace("\x00", "")[:100] if is_editor else ""
    waiting = unread(name)
    context = {
        "platforms": per_platform,
        "ways": platforms.ways(),
        "removals": platforms.removals(),
        "troubles": describe(waiting[:MOST_LISTED]) if is_editor else [],
        "more_troubles": max(waiting.count() - MOST_LISTED, 0) if is_editor else 0,
        "name": name,
        "is_editor": is_editor,
        "backup": upkeep.newest_backup() if is_editor else None,
        "drill": upkeep.read_note(upkeep.DRILL) if is_editor else None,
        "sent": upkeep.read_note(upkeep.SENT) if is_editor else None,
        "together": collecting.together(per_platform),
        "held": collecting.held_count(),
        "without_address": collecting.without_address(),
    }
    return render(request, "dashboard/status.html", context)
