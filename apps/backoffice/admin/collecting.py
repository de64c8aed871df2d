"""Platforms: paused or not, why, and what was asked of them today."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.collecting import budget, tasks, words
from apps.collecting.models import PlatformState
from apps.common.admin import ReadOnlyAdmin


@admin.register(PlatformState)
class PlatformStateAdmin(ReadOnlyAdmin[PlatformState]):
    fields = (
        *("platform", "is_paused", "paused_until", "pause_words", "failures", "day"),
        *("requests_spent", "money_spent"),
    )
    list_display = (
        "platform",
        "is_paused",
        "paused_until",
        "pause_words",
        "day",
        "requests_spent",
        "money_spent",
    )
    actions = ("lift",)

    @admin.display(description=_("why it is paused"))
    def pause_words(self, state: PlatformState) -> str:
        """Return the whole pause in words, with the platform's own behind them."""
        if not self.is_paused(state):
            return ""
        detail = f" ({state.pause_detail})" if state.pause_detail else ""
        return f"{words.pause(state)}{detail}"

    @admin.display(description=_("paused"), boolean=True)
    def is_paused(self, state: PlatformState) -> bool:
        return state.pause_end() is not None

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("collecting.change_platformstate"))

    @admin.action(description=_("End the pause"), permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[PlatformState]) -> Any:
        for state in queryset:
            budget.lift(state.platform)
        tasks.wake()
        messages.success(request, _("The pause has ended."))
