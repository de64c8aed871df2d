"""Recorded values: corrected with a reason, never deleted; held counts: accepted or rejected."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.backoffice.forms import CorrectionForm
from apps.collecting.services import decide
from apps.common.admin import KeptAdmin, ReadOnlyAdmin
from apps.snapshots.models import Correction, Doubt, Snapshot, State
from apps.snapshots.recording import Verdict, WrongCorrection, correct, reopen


@admin.register(Snapshot)
class SnapshotAdmin(KeptAdmin[Snapshot]):
    list_display = ("account", "actor", "day", "span", "state", "followers", "bound", "precision", "source")
    list_select_related = ("account__actor", "source")
    list_filter = ("account__platform", "state", "span", "precision")
    search_fields = (
        "account__handle",
        "account__actor__name_en",
        "account__actor__name_kk",
        "account__actor__name_ru",
    )
    show_full_result_count = False
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # by reading, by hand or by import

    @admin.display(description=_("actor"))
    def actor(self, snapshot: Snapshot) -> str:
        return str(snapshot.account.actor)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The value with its history, and a form that corrects it in the open."""
        if not object_id.isdecimal():
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]  # Django's own, untyped
        snapshot = get_object_or_404(
            Snapshot.objects.select_related("account__actor", "source"), pk=object_id
        )
        if not self.has_view_or_change_permission(request, snapshot):
            raise PermissionDenied
        form = CorrectionForm(request.POST) if request.method == "POST" else CorrectionForm.of(snapshot)
        if request.method == "POST":
            if not self.has_change_permission(request, snapshot):
                raise PermissionDenied
            if form.is_valid() and self._correct(request, snapshot, form):
                return HttpResponseRedirect(reverse("admin:snapshots_snapshot_change", args=[snapshot.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Correct a recorded value"),
            "opts": self.opts,
            "original": snapshot,
            "form": form,
            "corrections": snapshot.corrections.select_related("by"),
            "may_change": self.has_change_permission(request, snapshot),
        }
        return render(request, "backoffice/correct.html", context)

    def _correct(self, request: HttpRequest, snapshot: Snapshot, form: CorrectionForm) -> bool:
        state, followers, bound, precision = form.value()
        try:
            correct(
                snapshot,
                state=state,
                followers=followers,
                bound=bound,
                precision=precision,
                reason=form.cleaned_data["reason"],
                by=request.user,  # type: ignore[arg-type]  # admin_view lets only users in
            )
        except WrongCorrection:
            form.add_error(None, _("This value stands already: there is nothing to correct."))
            return False
        messages.success(request, _("Corrected. The old value and the reason are public."))
        return True


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin[Correction]):
    list_display = ("at", "account", "day", "was", "is_now", "reason", "by")
    list_select_related = ("snapshot__account", "by")
    fields = ("at", "account", "day", "was", "is_now", "reason", "by")

    @admin.display(description=_("account"))
    def account(self, correction: Correction) -> str:
        return str(correction.snapshot.account)

    @admin.display(description=_("day"), ordering="snapshot__day")
    def day(self, correction: Correction) -> str:
        return correction.snapshot.observed

    @admin.display(description=_("Was"))
    def was(self, correction: Correction) -> str:
        return _worth(correction.old)

    @admin.display(description=_("Is now"))
    def is_now(self, correction: Correction) -> str:
        return _worth(correction.new)


def _worth(values: dict[str, Any]) -> str:
    """One side of a correction: the number with its bound, or the state in words."""
    if values.get("followers") is None:
        return str(dict(State.choices).get(values.get("state", ""), ""))
    bound = str(values.get("bound", "=")).removeprefix("=")
    return f"{bound} {values['followers']}".strip()


@admin.register(Doubt)
class DoubtAdmin(ReadOnlyAdmin[Doubt]):
    list_display = (
        "account",
        "actor",
        "day",
        "followers",
        "against",
        "why",
        "seen_at",
        "decision",
        "decided_by",
    )
    list_select_related = ("account__actor", "decided_by")
    list_filter = ("decision", "why", "account__platform")
    actions: tuple[str, ...] = ("accept", "reject", "reopen")

    @admin.display(description=_("actor"))
    def actor(self, doubt: Doubt) -> str:
        return str(doubt.account.actor)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("snapshots.change_doubt"))

    @admin.action(description=_("Accept: the count is right"), permissions=["decide"])
    def accept(self, request: HttpRequest, queryset: QuerySet[Doubt]) -> None:
        self._decide(request, queryset, Doubt.Decision.ACCEPTED)

    @admin.action(description=_("Reject: the count is wrong"), permissions=["decide"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Doubt]) -> None:
        self._decide(request, queryset, Doubt.Decision.REJECTED)

    @admin.action(description=_("Take a rejection back"), permissions=["decide"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[Doubt]) -> None:
        count = sum(reopen(doubt) for doubt in queryset)
        words = ngettext("%(count)d held count waits again.", "%(count)d held counts wait again.", count)
        messages.success(request, words % {"count": count})
        if left := queryset.count() - count:
            words = ngettext(
                "%(left)d was left alone: what was accepted is recorded, and is taken back by a correction.",
                "%(left)d were left alone: what was accepted is recorded, and is taken back by a correction.",
                left,
            )
            messages.warning(request, words % {"left": left})

    def _decide(
        self, request: HttpRequest, queryset: QuerySet[Doubt], decision: Doubt.Decision
    ) -> list[Doubt]:
        """Decide those that wait; returns them."""
        open_doubts = list(queryset.filter(decision=""))
        kept = 0
        for doubt in open_doubts:
            recorded = decide(doubt, decision, request.user)  # type: ignore[arg-type]  # admin lets only users in
            kept += recorded is not None and recorded.verdict in (Verdict.KEPT, Verdict.LATE)
        count = len(open_doubts)
        messages.success(
            request,
            ngettext("%(count)d held count decided.", "%(count)d held counts decided.", count)
            % {"count": count},
        )
        if kept:
            words = ngettext(
                "%(kept)d of them was not recorded: a later or corrected value stands for that day.",
                "%(kept)d of them were not recorded: later or corrected values stand for those days.",
                kept,
            )
            messages.warning(request, words % {"kept": kept})
        return open_doubts
