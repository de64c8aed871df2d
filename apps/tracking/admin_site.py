from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from apps.tracking import desk


class Site(admin.AdminSite):
    """Django's admin whose first page says what needs an editor."""

    site_header = site_title = "KZMedia"
    index_title = _("Editor's desk")
    enable_nav_sidebar = False  # the lists need the room

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {"desk": desk.lines(), **(extra_context or {})})
