from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.apps import apps
from django.contrib import admin
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import path, re_path, reverse
from django.utils.translation import gettext_lazy as _

from apps.backoffice import languages, list_files, menu, overview
from apps.backoffice.pages import (
    bulk_add,
    companion,
    history,
    imports,
    invitations,
    manual_entry,
    mergers,
    proposals,
    publishing,
    templates,
)
from apps.backoffice.script_words import ScriptWords
from apps.registry.models import active_language
from apps.registry.texts import in_language

ROOMS = (
    "registry",
    "snapshots",
    "collecting",
    "users",
)  # that hold what was one app, by the name of its table


def redirect_table(request: HttpRequest, model: str, rest: str) -> HttpResponse:
    """Lead an address of before, /admin/tracking/account/..., to where the table's pages are now."""
    for room in ROOMS:
        if model in apps.get_app_config(room).models:
            query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
            return HttpResponsePermanentRedirect(f"{reverse('admin:index')}{room}/{model}/{rest}{query}")
    raise Http404


class Site(admin.AdminSite):
    """Django's admin whose first page says what needs an editor."""

    site_header = site_title = "KZMedia"
    index_title = _("What waits for you")
    enable_nav_sidebar = False  # the lists need the room

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        own = {
            "waiting": overview.list_tasks(request.user),
            "site_lines": overview.site_lines(),
            "at_work": overview.at_work(),
        }
        return super().index(request, {**own, **(extra_context or {})})

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Put the tasks and the three languages at the head of every page."""
        context = super().each_context(request)
        is_open = context["has_permission"] and not context["is_popup"]
        return {
            **context,
            "tasks": menu.tasks(request) if is_open else [],
            "languages": languages.language_links(request),
        }

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Return an address that ends in ?language=kk leads to the same page in that language."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def in_language(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if languages.is_asked_for(request):
                return languages.switch(request)
            response: HttpResponse = inner(request, *args, **kwargs)
            return response

        return in_language

    def in_reader_language(self, text: str) -> str:
        """Return a text of the reference data in the language of the desk; any other as it stands."""
        return in_language(text, active_language())

    def file_of_list(self, model_admin: Any, request: HttpRequest) -> StreamingHttpResponse:
        return list_files.csv_of(model_admin, request)

    def i18n_javascript(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        words: HttpResponse = ScriptWords.as_view()(request)  # type: ignore[assignment]  # nothing of it is streamed
        return words

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the one door, which asks for the second factor."""
        found: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return found

    def get_urls(self) -> list[Any]:
        """Return the desk's own pages come first: the admin's last pattern takes everything."""
        own = [
            path("add/", self.admin_view(bulk_add.bulk), name="backoffice_bulk"),
            path(
                "add/template-<slug:lang>.<slug:kind>",
                self.admin_view(templates.accounts),
                name="backoffice_bulk_template",
            ),
            path("add/<int:pk>/undo/", self.admin_view(bulk_add.undo), name="backoffice_bulk_undo"),
            path("invite/", self.admin_view(invitations.invite), name="users_invite"),
            path(
                "invite/<int:pk>/replace/",
                self.admin_view(invitations.replace),
                name="users_replace_invitation",
            ),
            path("invite/<int:pk>/withdraw/", self.admin_view(invitations.withdraw), name="users_withdraw"),
            path("merge/<slug:what>/", self.admin_view(mergers.merge), name="backoffice_merge"),
            path("history/", self.admin_view(history.page), name="backoffice_history"),
            path("proposals/", self.admin_view(proposals.queue), name="backoffice_proposals"),
            path("proposals/look/<int:pk>/", self.admin_view(proposals.look), name="backoffice_look"),
            path("publish/", self.admin_view(publishing.publish), name="backoffice_publish"),
            path(
                "preview/<slug:kind>/<int:pk>/",
                self.admin_view(publishing.preview),
                name="backoffice_preview",
            ),
            path("round/", self.admin_view(manual_entry.round_view), name="backoffice_round"),
            path("round/echo/", self.admin_view(manual_entry.echo_view), name="backoffice_echo"),
            path("round/seen/", self.admin_view(companion.save), name="backoffice_seen"),
            path("round/seen/look/", self.admin_view(companion.look), name="backoffice_seen_look"),
            path("companion/", self.admin_view(companion.about), name="backoffice_companion"),
            path(
                "screenshots/<uuid:pk>/",
                self.admin_view(manual_entry.screenshot),
                name="backoffice_screenshot",
            ),
            path("import/", self.admin_view(imports.start), name="backoffice_import"),
            path(
                "import/template-<slug:lang>.<slug:kind>",
                self.admin_view(templates.counts),
                name="backoffice_import_template",
            ),
            path("import/<uuid:pk>/", self.admin_view(imports.batch), name="backoffice_import_batch"),
        ]
        moved = re_path(
            "^tracking/(?P<model>[a-z]+)/(?P<rest>.*)$", self.admin_view(redirect_table), name="moved_table"
        )
        return [*own, moved, *super().get_urls()]
