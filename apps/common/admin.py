"""Base classes of the admin site's pages."""

from typing import Any, TypeVar
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

TEXTS = ("note", "locator", "segment", "unit", "said_by", "proof")  # columns that the reference data fill

M = TypeVar("M", bound=models.Model)


class LabelledMoment(AdminSplitDateTime):
    """A day and a time whose fields say aloud which of the two they are."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        for widget, words in zip(self.widgets, (_("Date"), _("Time")), strict=True):
            widget.attrs["aria-label"] = words


class DeskAdmin(admin.ModelAdmin[M]):
    """The history of a row is what the database has kept of it; a list can be taken away as a file."""

    empty_value_display = ""  # a column of dashes tells nothing, least on a phone, where lists have no head

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Say below a text that came with the reference data, in English, what it says in the language of the desk."""
        form = super().get_form(request, obj, change=change, **kwargs)
        for name in TEXTS:
            if obj is not None and name in form.base_fields:
                text = str(getattr(obj, name))
                words = self.admin_site.in_reader_language(text)  # type: ignore[attr-defined]  # the desk's own site
                if words != text:
                    form.base_fields[name].help_text = words
        return form

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Leave out of the page of a new row what could only be looked at: it has none yet."""
        inlines: list[Any] = super().get_inline_instances(request, obj)
        return [one for one in inlines if obj is not None or one.has_add_permission(request, obj)]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the list, or send its rows where the address asks for the file."""
        if request.method == "GET" and request.GET.get("file") == "csv":
            if not self.has_view_or_change_permission(request):
                raise PermissionDenied
            return self.admin_site.file_of_list(self, request)  # type: ignore[attr-defined]  # the desk's own site
        query = request.GET.copy()
        query["file"] = "csv"
        context = {
            "file_address": f"?{query.urlencode()}",
            "title": capfirst(str(self.opts.verbose_name_plural)),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """List what goes away with the rows, without those that only tie two tables: nobody knows them by a name."""
        deleted, counts, needed, protected = super().get_deleted_objects(objs, request)
        ties = [
            model._meta for model in apps.get_models(include_auto_created=True) if model._meta.auto_created
        ]
        heads = tuple(f"{capfirst(str(tie.verbose_name))}: " for tie in ties)
        names = {str(tie.verbose_name_plural) for tie in ties}

        def named(rows: list[Any]) -> list[Any]:
            return [
                named(row) if isinstance(row, list) else row
                for row in rows
                if isinstance(row, list) or not str(row).startswith(heads)
            ]

        return named(deleted), {name: n for name, n in counts.items() if name not in names}, needed, protected

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        row = urlencode({"table__exact": self.opts.db_table, "key__exact": object_id})
        return HttpResponseRedirect(f"{reverse('admin:users_change_changelist')}?{row}")


class OwnPageMixin:
    """A row opens on a page of our own in the place of Django's form: show_row() makes it."""

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the row's own page; an address that names no row leads back to the list."""
        if not object_id.isdecimal():
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]  # Django's own, untyped
        return self.show_row(request, int(object_id))

    def show_row(self, request: HttpRequest, key: int) -> HttpResponse:
        raise NotImplementedError


class KeptAdmin(DeskAdmin[M]):
    """History is never deleted: no row of these tables goes away by a click."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(KeptAdmin[M]):
    """What the workers and the services write is looked at, not edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
