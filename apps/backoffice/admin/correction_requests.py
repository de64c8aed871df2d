"""Readers' requests for corrections and suggested accounts, with deadline and answer; actors' replies."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.backoffice import answers
from apps.backoffice.templatetags.desk import day, moment, side, value, when
from apps.common.admin import KeptAdmin, OwnPageMixin, ReadOnlyAdmin
from apps.registry.models import Actor
from apps.snapshots import correction_requests
from apps.snapshots.models import SUGGESTION_OUTCOMES, Correction, CorrectionRequest, Reply, Snapshot
from apps.users.models import User


class CorrectionField(forms.ModelChoiceField[Correction]):
    def label_from_instance(self, obj: Correction) -> str:
        """Label for a list to choose from: 22 Nov 2026, 14:05, Facebook: minpage, 2022: 64,000 → 63,900."""
        of = f"{obj.snapshot.account}, {when(obj.snapshot)}"
        return f"{moment(obj.at)}, {of}: {side(obj.old)} → {side(obj.new)}"


class AnswerForm(forms.Form):
    """The answer that everyone reads."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=CorrectionRequest.Outcome)
    correction = CorrectionField(
        Correction.objects.none(),
        label=_("Correction"),
        required=False,
        help_text=_("The one that was made for it. Correct the number first, by the link above."),
    )
    answer = forms.CharField(
        label=_("Answer"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
        required=False,
        help_text=_("Everyone reads it: name nobody who has asked. Write it in the language of the request."),
    )

    def __init__(self, *args: Any, actor: Actor | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if actor is None:
            self.fields["outcome"] = forms.ChoiceField(
                label=_("Outcome"), choices=list(SUGGESTION_OUTCOMES.items())
            )
            self.fields["answer"].help_text = _(
                "Only the reader who suggested it sees the answer. Write it in the language of the suggestion."
            )
            del self.fields["correction"]
            return
        field = self.fields["correction"]
        assert isinstance(field, CorrectionField)  # noqa: S101 declared above
        made = Correction.objects.filter(snapshot__account__actor=actor)
        field.queryset = made.select_related("snapshot__account").order_by("-at")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        outcome = self.cleaned_data.get("outcome")
        if outcome != CorrectionRequest.Outcome.SPAM and not self.cleaned_data.get("answer", "").strip():
            self.add_error("answer", forms.ValidationError(_("Write why."), code="empty"))
        if self.cleaned_data.get("correction") and outcome != CorrectionRequest.Outcome.CORRECTED:
            self.add_error(
                "correction",
                forms.ValidationError(_("A correction goes with “Corrected” only."), code="correction"),
            )
        return cleaned


class StageFilter(admin.SimpleListFilter):
    title = _("stage")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("waits for an answer")), ("late", _("late")), ("answered", _("answered"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[CorrectionRequest]
    ) -> QuerySet[CorrectionRequest]:
        match self.value():
            case "waiting":
                return queryset.filter(outcome="")
            case "late":
                return queryset.filter(outcome="", due_on__lt=timezone.localdate())
            case "answered":
                return queryset.exclude(outcome="")
        return queryset


@admin.register(CorrectionRequest)
class CorrectionRequestAdmin(OwnPageMixin, ReadOnlyAdmin[CorrectionRequest]):
    list_display = ("whose", "wrong_in_short", "asked_at", "due", "outcome", "answered_by")
    list_select_related = ("actor", "answered_by")
    list_filter = (StageFilter, "outcome")
    search_fields = ("actor__name_en", "actor__name_ru", "actor__name_kk", "wrong", "answer")

    @admin.display(description=_("actor"), ordering="actor")
    def whose(self, one: CorrectionRequest) -> str:
        return str(_("Suggested account") if one.is_suggestion else one.actor)

    @admin.display(description=_("what is wrong"))
    def wrong_in_short(self, one: CorrectionRequest) -> str:
        return one.wrong if len(one.wrong) <= 80 else f"{one.wrong[:79]}…"

    @admin.display(description=_("to be answered by"), ordering="due_on")
    def due(self, one: CorrectionRequest) -> SafeString | str:
        due = day(one.due_on)
        late = not one.outcome and one.due_on < timezone.localdate()
        return format_html('<strong class="late">{}: {}</strong>', due, _("late")) if late else due

    def show_row(self, request: HttpRequest, key: int) -> HttpResponse:
        """Show all that was said, and the answer."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = get_object_or_404(
            CorrectionRequest.objects.select_related("actor", "by", "answered_by", "correction"), pk=key
        )
        may_answer = request.user.has_perm("snapshots.change_correctionrequest") and not asked.outcome
        form = AnswerForm(request.POST or None, actor=asked.actor)
        if request.method == "POST":
            if not request.user.has_perm("snapshots.change_correctionrequest"):
                raise PermissionDenied
            if form.is_valid() and self._answer(request, asked, form):
                return HttpResponseRedirect(reverse("admin:index"))
        context = {
            **self.admin_site.each_context(request),
            "title": (
                _("Answer a suggestion") if asked.is_suggestion else _("Answer a request for a correction")
            ),
            "opts": self.opts,
            "original": asked,
            "correct_addresses": _to_correct(asked),
            "form": form,
            "may_answer": may_answer,
        }
        return render(request, "backoffice/asked.html", context)

    def _answer(self, request: HttpRequest, asked: CorrectionRequest, form: AnswerForm) -> bool:
        assert isinstance(request.user, User)  # noqa: S101 admin_view lets only users in
        try:
            correction_requests.answer(
                asked,
                CorrectionRequest.Outcome(form.cleaned_data["outcome"]),
                form.cleaned_data["answer"],
                by=request.user,
                correction=form.cleaned_data.get("correction"),
            )
        except correction_requests.Answered:
            form.add_error(None, _("Somebody else has answered it meanwhile."))
            return False
        answers.announce(request, asked)
        return True


def _to_correct(asked: CorrectionRequest) -> list[tuple[str, str]]:
    """Return the number that the request is about, in words, and where it is corrected; the newest of each of the
    actor's accounts where it names none."""
    if asked.is_suggestion:
        return []
    rows = Snapshot.objects.select_related("account")
    if asked.snapshot_id:
        chosen = list(rows.filter(pk=asked.snapshot_id))
    else:
        newest = rows.filter(account__actor=asked.actor_id).order_by("account_id", "-day", "-span")
        chosen = list(newest.distinct("account_id"))
    return [
        (
            f"{row.account}, {when(row)}: {value(row)}",
            f"{reverse('admin:snapshots_snapshot_change', args=[row.pk])}?request={asked.pk}",
        )
        for row in chosen
    ]


@admin.register(Reply)
class ReplyAdmin(KeptAdmin[Reply]):
    """Taken off the page by its box, never deleted."""

    list_display = ("actor", "day", "by", "is_shown")
    list_select_related = ("actor", "by")
    list_filter = ("is_shown",)
    autocomplete_fields = ("actor",)
    fields = ("actor", "day", "text_kk", "text_ru", "text_en", "is_shown")

    def save_model(
        self, request: HttpRequest, obj: Reply, form: forms.ModelForm[Reply], change: bool
    ) -> None:
        if not change:
            obj.by, obj.at = request.user, timezone.now()  # type: ignore[assignment]  # admin lets only users in
        super().save_model(request, obj, form, change)
