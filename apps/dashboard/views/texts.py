"""How numbers are made, and whether they are collected."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.common import upkeep
from apps.dashboard import platforms
from apps.dashboard import status as collecting


@require_safe
def method(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/method.html")


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    per_platform = collecting.per_platform()
    is_editor = request.user.has_perm("registry.change_account")
    context = {
        "platforms": per_platform,
        "ways": platforms.ways(),
        "removals": platforms.removals(),
        "troubles": platforms.troubles() if is_editor else [],
        "is_editor": is_editor,
        "backup": upkeep.newest_backup() if is_editor else None,
        "together": collecting.together(per_platform),
        "held": collecting.held(),
        "without_address": collecting.without_address(),
    }
    return render(request, "dashboard/status.html", context)
