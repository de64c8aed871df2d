"""Who changed what, when."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from apps.common.admin import ReadOnlyAdmin
from apps.users.models import Change, User

LONGEST = 120  # letters of a value in the list
PEOPLE = ("users_user", "tracking_membership")  # tables that admins alone see
# Rows of these tables belong to a row of another, which their key names.
PART_OF = {"tracking_group_members": "tracking_group", "tracking_actor_peers": "tracking_actor"}


def table_name(table: str) -> str:
    """The table in words: Actor, Group."""
    model = _model(table)
    return capfirst(str(model._meta.verbose_name)) if model else table


def _model(table: str) -> Any:
    wanted = PART_OF.get(table, table)
    return next((model for model in apps.get_models() if model._meta.db_table == wanted), None)


class TableFilter(admin.SimpleListFilter):
    title = _("table")
    parameter_name = "table__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        seen = Change.objects.order_by("table").values_list("table", flat=True).distinct()
        if not may_see_people(request):
            seen = seen.exclude(table__in=PEOPLE)
        return [(table, table_name(table)) for table in seen]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        return queryset.filter(table=self.value()) if self.value() else queryset


class PersonFilter(admin.SimpleListFilter):
    title = _("by")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        people = User.objects.filter(pk__in=Change.objects.values("by_id")).order_by("username")
        return [("0", _("a program or a command")), *((str(one.pk), one.username) for one in people)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        chosen = self.value() or ""
        if chosen == "0":
            return queryset.filter(by_id=None)
        return queryset.filter(by_id=int(chosen)) if chosen.isdecimal() and len(chosen) < 19 else queryset


def may_see_people(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("users.view_user"))


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin[Change]):
    list_display = ("at", "who", "what", "row", "columns")
    list_display_links = None
    list_select_related = ("by",)
    list_filter = (TableFilter, PersonFilter, "what")
    date_hierarchy = "at"
    search_fields = ("key",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        found = super().get_queryset(request)
        return found if may_see_people(request) else found.exclude(table__in=PEOPLE)

    @admin.display(description=_("by"), ordering="by__username")
    def who(self, change: Change) -> Any:
        if change.by_id is None:
            return _("a program or a command")
        return getattr(change.by, "username", None) or f"#{change.by_id}"

    @admin.display(description=_("row"), ordering="key")
    def row(self, change: Change) -> SafeString | str:
        words = f"{table_name(change.table)} {change.key}"
        model = _model(change.table)
        try:
            address = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_change", args=[change.key])
        except (NoReverseMatch, AttributeError):
            return words
        return format_html('<a href="{}">{}</a>', address, words)

    @admin.display(description=_("columns"))
    def columns(self, change: Change) -> SafeString:
        before, after = change.before or {}, change.after or {}
        lines = [(name, _side(before.get(name)), _side(after.get(name))) for name in {**before, **after}]
        if change.what != Change.What.UPDATE:
            filled = [(name, was or now) for name, was, now in lines if was or now]
            return format_html_join(" ", "<div><b>{}</b>: {}</div>", filled)
        return format_html_join(" ", "<div><b>{}</b>: {} → {}</div>", lines)


def _side(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
