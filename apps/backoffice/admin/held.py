"""Held counts: each is decided on its own page, beside the account's last counts."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.backoffice import small_chart
from apps.backoffice.decisions import TooLate, correct_held
from apps.backoffice.forms import HeldForm
from apps.backoffice.templatetags.desk import grouped
from apps.collecting.services import decide
from apps.common.admin import OwnPageMixin, ReadOnlyAdmin
from apps.figures import formats
from apps.snapshots.models import Doubt, Snapshot, Span
from apps.snapshots.recording import Verdict, reopen

LAST = 8  # recorded counts beside the chart
DECISIONS = {"accept": Doubt.Decision.ACCEPTED, "reject": Doubt.Decision.REJECTED}


@admin.register(Doubt)
class DoubtAdmin(OwnPageMixin, ReadOnlyAdmin[Doubt]):
    list_display = ("actor", "account", "count", "before", "days", "why", "decision", "decided_by")
    list_select_related = ("account__actor", "decided_by")
    list_filter = ("decision", "why", "account__platform")
    actions: tuple[str, ...] = ("accept", "reject", "reopen")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Doubt]:
        """Return every case once: what says the same day after day is one row with its days."""
        return super().get_queryset(request).cases().with_days()  # type: ignore[attr-defined,no-any-return]

    @admin.display(description=_("day"), ordering="day")
    def days(self, doubt: Doubt) -> str:
        """Return the day, or the first and the last of those that say the same."""
        last, number = getattr(doubt, "case_last", None), getattr(doubt, "case_days", None)
        if doubt.decision or not last or number == 1:
            return formats.day(doubt.day)
        return ngettext(
            "%(first)s to %(last)s, %(number)d day", "%(first)s to %(last)s, %(number)d days", number or 0
        ) % {"first": formats.day(doubt.day), "last": formats.day(last), "number": number or 0}

    @admin.display(description=_("actor"))
    def actor(self, doubt: Doubt) -> str:
        return str(doubt.account.actor)

    @admin.display(description=_("count"), ordering="followers")
    def count(self, doubt: Doubt) -> str:
        return grouped(doubt.followers)

    @admin.display(description=_("last good count"), ordering="against")
    def before(self, doubt: Doubt) -> str:
        return grouped(doubt.against)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("snapshots.change_doubt"))

    # One count on its own page

    def show_row(self, request: HttpRequest, key: int) -> HttpResponse:
        """Show the count beside those before it; accept, reject or correct it."""
        doubt = get_object_or_404(
            Doubt.objects.select_related("account__actor", "source", "decided_by"), pk=key
        )
        if not self.has_view_permission(request, doubt):
            raise PermissionDenied
        form = HeldForm(request.POST if "correct" in request.POST else None)
        if request.method == "POST":
            if not self.has_decide_permission(request):
                raise PermissionDenied
            if self._post(request, doubt, form):
                return self._next(request, doubt)
        return render(request, "backoffice/held.html", self._context_of(request, doubt, form))

    def _post(self, request: HttpRequest, doubt: Doubt, form: HeldForm) -> bool:
        """Do what the button says; whether it is done."""
        if "reopen" in request.POST:
            if reopen(doubt):
                messages.success(request, _("The count waits for a decision again."))
            return True
        if "correct" in request.POST:
            return form.is_valid() and self._correct(request, doubt, form)
        chosen = next((decision for name, decision in DECISIONS.items() if name in request.POST), None)
        if chosen is None:
            return False
        recorded = decide(doubt, chosen, request.user)  # type: ignore[arg-type]  # admin lets only users in
        doubt.refresh_from_db()
        if doubt.decided_by_id != request.user.pk or doubt.decision != chosen:
            messages.error(request, _("Somebody else has decided it meanwhile."))
        elif recorded is not None and recorded.verdict in (Verdict.KEPT, Verdict.LATE):
            words = _("Accepted, but not recorded: a later or corrected value stands for that day.")
            messages.warning(request, words)
        else:
            self._announce(request, doubt)
        return True

    def _announce(self, request: HttpRequest, doubt: Doubt) -> None:
        """Say what was decided, with the way back."""
        facts = {
            "actor": doubt.account.actor,
            "account": doubt.account,
            "count": grouped(doubt.followers),
        }
        if doubt.decision == Doubt.Decision.REJECTED:
            words = _("%(actor)s, %(account)s: %(count)s is rejected.") % facts
        else:
            words = _("%(actor)s, %(account)s: %(count)s is recorded.") % facts
        address = reverse("admin:snapshots_doubt_change", args=[doubt.pk])
        messages.success(request, format_html('{} <a href="{}">{}</a>', words, address, _("Undo")))

    def _correct(self, request: HttpRequest, doubt: Doubt, form: HeldForm) -> bool:
        try:
            correct_held(doubt, form.value(), reason=form.cleaned_data["reason"], by=request.user)  # type: ignore[arg-type]
        except TooLate:
            messages.error(request, _("Somebody else has decided it meanwhile."))
            return True
        messages.success(request, _("The held count is rejected, and yours is recorded in its place."))
        return True

    def _next(self, request: HttpRequest, doubt: Doubt) -> HttpResponse:
        """Lead to the oldest count that still waits, else to the desk's first page."""
        if "reopen" in request.POST:
            return HttpResponseRedirect(reverse("admin:snapshots_doubt_change", args=[doubt.pk]))
        following = Doubt.objects.waiting().cases().order_by("seen_at", "pk").first()
        if following:
            return HttpResponseRedirect(reverse("admin:snapshots_doubt_change", args=[following.pk]))
        return HttpResponseRedirect(reverse("admin:index"))

    def _context_of(self, request: HttpRequest, doubt: Doubt, form: HeldForm) -> dict[str, Any]:
        account = doubt.account
        standing = Snapshot.objects.filter(account=account, day=doubt.day, span=Span.DAY).first()
        is_recorded = doubt.decision in (Doubt.Decision.ACCEPTED, Doubt.Decision.EVENT)
        return {
            **self.admin_site.each_context(request),
            "title": _("Held count"),
            "opts": self.opts,
            "original": doubt,
            "account": account,
            "standing": standing,
            "is_recorded": is_recorded,
            "chart": small_chart.of_account(
                account,
                strange=None if is_recorded else (doubt.day, doubt.followers),
                snapshot=standing.pk if standing and is_recorded else 0,
            ),
            "last": account.snapshots.select_related("source").order_by("-day", "-span")[:LAST],
            "form": form,
            "days": _days(doubt),
            "may_decide": self.has_decide_permission(request),
            "left": Doubt.objects.waiting().cases().exclude(pk__in=doubt.case()).count(),
        }

    # Many in the list

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


def _days(doubt: Doubt) -> int:
    """Return for how many days the same question waits: they are decided together."""
    case = Doubt.objects.waiting().with_days().filter(pk=doubt.pk).first()
    return case.case_days or 1 if case else 1  # type: ignore[attr-defined]  # annotated
