"""Recorded values: corrected with a reason, never deleted."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.backoffice import answers, small_chart
from apps.backoffice.decisions import correct_and_answer
from apps.backoffice.forms import CorrectionForm
from apps.backoffice.templatetags.desk import side, value, when
from apps.common.admin import KeptAdmin, OwnPageMixin, ReadOnlyAdmin
from apps.snapshots.correction_requests import Answered, WrongAnswer
from apps.snapshots.models import Correction, CorrectionRequest, Snapshot
from apps.snapshots.recording import WrongCorrection, correct


@admin.register(Snapshot)
class SnapshotAdmin(OwnPageMixin, KeptAdmin[Snapshot]):
    list_display = ("actor", "account_shown", "worth", "when", "precision", "source")
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

    @admin.display(description=_("account"))
    def account_shown(self, snapshot: Snapshot) -> str:
        return str(snapshot.account)

    @admin.display(description=_("count"), ordering="followers")
    def worth(self, snapshot: Snapshot) -> str:
        return value(snapshot)

    @admin.display(description=_("of"), ordering="day")
    def when(self, snapshot: Snapshot) -> str:
        return when(snapshot)

    def show_row(self, request: HttpRequest, key: int) -> HttpResponse:
        """Show the value with its history, and a form that corrects it in the open."""
        snapshot = get_object_or_404(Snapshot.objects.select_related("account__actor", "source"), pk=key)
        if not self.has_view_or_change_permission(request, snapshot):
            raise PermissionDenied
        asked = _request_of(request, snapshot)
        form = CorrectionForm(request.POST) if request.method == "POST" else CorrectionForm.of(snapshot)
        if request.method == "POST":
            if not self.has_change_permission(request, snapshot):
                raise PermissionDenied
            if form.is_valid() and self._correct(request, snapshot, form, asked):
                if asked:
                    return HttpResponseRedirect(reverse("admin:index"))
                return HttpResponseRedirect(reverse("admin:snapshots_snapshot_change", args=[snapshot.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Correct a recorded value"),
            "opts": self.opts,
            "original": snapshot,
            "form": form,
            "asked": asked,
            "chart": small_chart.of_account(snapshot.account, snapshot=snapshot.pk),
            "corrections": snapshot.corrections.select_related("by"),
            "may_change": self.has_change_permission(request, snapshot),
        }
        return render(request, "backoffice/correct.html", context)

    def _correct(
        self, request: HttpRequest, snapshot: Snapshot, form: CorrectionForm, asked: CorrectionRequest | None
    ) -> bool:
        reason, by = form.cleaned_data["reason"], request.user
        try:
            if asked:
                correct_and_answer(snapshot, form.value(), reason=reason, by=by, request=asked)  # type: ignore[arg-type]  # admin_view lets only users in
            else:
                state, followers, bound, precision = form.value()
                correct(
                    snapshot,
                    state=state,
                    followers=followers,
                    bound=bound,
                    precision=precision,
                    reason=reason,
                    by=by,  # type: ignore[arg-type]
                )
        except WrongCorrection:
            form.add_error(None, _("This value stands already: there is nothing to correct."))
            return False
        except (Answered, WrongAnswer):
            form.add_error(None, _("Somebody else has answered the request meanwhile. Nothing was changed."))
            return False
        messages.success(request, _("Corrected. The old value and the reason are public."))
        if asked:
            answers.announce(request, asked)
        return True


def _request_of(request: HttpRequest, snapshot: Snapshot) -> CorrectionRequest | None:
    """Return the request for which the value is corrected: the one that the page before named, if it still waits."""
    key = request.GET.get("request", "")
    if (
        not key.isdecimal()
        or len(key) > 18
        or not request.user.has_perm("snapshots.change_correctionrequest")
    ):
        return None
    waiting = CorrectionRequest.objects.waiting().filter(actor=snapshot.account.actor_id)
    return waiting.select_related("actor").filter(pk=key).first()


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin[Correction]):
    list_display = ("actor", "account", "day", "was", "is_now", "reason", "by", "at")
    list_select_related = ("snapshot__account__actor", "by")
    fields = ("at", "actor", "account", "day", "was", "is_now", "reason", "by")

    @admin.display(description=_("actor"))
    def actor(self, correction: Correction) -> str:
        return str(correction.snapshot.account.actor)

    @admin.display(description=_("account"))
    def account(self, correction: Correction) -> str:
        return str(correction.snapshot.account)

    @admin.display(description=_("day"), ordering="snapshot__day")
    def day(self, correction: Correction) -> str:
        return when(correction.snapshot)

    @admin.display(description=_("Was"))
    def was(self, correction: Correction) -> str:
        return side(correction.old)

    @admin.display(description=_("Is now"))
    def is_now(self, correction: Correction) -> str:
        return side(correction.new)
