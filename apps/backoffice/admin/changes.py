"""The history's own table of changes, for searching; the page of sentences is pages/history.py."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from apps.backoffice import history
from apps.backoffice.templatetags.desk import person
from apps.common.admin import ReadOnlyAdmin
from apps.users.models import Change, User


def table_name(table: str) -> str:
    """Return the table in words: Actor, Group."""
    model = history.model_of(table)
    return capfirst(str(model._meta.verbose_name)) if model else table


class TableFilter(admin.SimpleListFilter):
    title = _("table")
    parameter_name = "table__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        seen = Change.objects.order_by("table").values_list("table", flat=True).distinct()
        if not may_see_people(request):
            seen = seen.exclude(table__in=history.PEOPLE)
        return [(table, table_name(table)) for table in seen]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        return queryset.filter(table=self.value()) if self.value() else queryset


class PersonFilter(admin.SimpleListFilter):
    title = _("by")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        people = User.objects.filter(pk__in=Change.objects.values("by_id")).order_by("username")
        return [("0", _("A program")), *((str(one.pk), person(one)) for one in people)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        chosen = self.value() or ""
        if chosen == "0":
            return queryset.filter(by_id=None)
        return queryset.filter(by_id=int(chosen)) if chosen.isdecimal() and len(chosen) < 19 else queryset


def may_see_people(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("users.view_user"))


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin[Change]):
    list_display = ("sentence", "at")
    list_display_links = None
    list_select_related = ("by",)
    list_filter = (TableFilter, PersonFilter, "what")
    date_hierarchy = "at"
    search_fields = ("key",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        found = super().get_queryset(request)
        return found if may_see_people(request) else found.exclude(table__in=history.PEOPLE)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Make the sentences of a page at once: names are looked up a table at a time."""
        found = super().get_changelist_instance(request)
        rows = list(found.result_list)
        self.describe(rows)
        found.result_list = rows  # the page goes through it once
        return found

    def describe(self, rows: list[Change]) -> None:
        for row, entry in zip(rows, history.of_changes(rows), strict=True):
            row.entry = entry  # type: ignore[attr-defined]  # for the list alone

    @admin.display(description=_("what was done"))
    def sentence(self, change: Any) -> SafeString:
        entry = change.entry
        words = (
            format_html('<a href="{}">{}</a>', entry.address, entry.sentence)
            if entry.address
            else entry.sentence
        )
        return format_html(
            "{}{}", words, format_html_join("", "<div>{}</div>", ((line,) for line in entry.details))
        )
