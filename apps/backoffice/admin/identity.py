"""Successions, confirmations, proposed addresses and false accounts."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from apps.backoffice.days import shown_day
from apps.common.admin import DeskAdmin
from apps.intake.site_words import describe_problem
from apps.registry.models import Impostor, Proposal, SiteVisit, Succession, Verification, active_language
from apps.registry.texts import in_language

# After these the body before is no more.
ENDING = (
    *(Succession.Relation.SPLIT, Succession.Relation.MERGED, Succession.Relation.REORGANISED),
    *(Succession.Relation.REPLACED, Succession.Relation.ABOLISHED),
)


@admin.register(Succession)
class SuccessionAdmin(DeskAdmin[Succession]):
    list_display = ("before_side", "relation", "after_side", "on", "source")
    list_select_related = ("before", "after", "source")
    list_filter = ("relation",)
    search_fields = (
        "before__name_en",
        "before__name_ru",
        "before_name",
        "after__name_en",
        "after__name_ru",
        "after_name",
    )
    autocomplete_fields = ("before", "after", "source")

    def save_model(self, request: HttpRequest, obj: Succession, form: Any, change: bool) -> None:
        """Keep it, and say where the body before goes on being counted though it is said to be no more."""
        super().save_model(request, obj, form, change)
        before = obj.before
        if obj.relation in ENDING and before is not None and before.ended is None:
            words = _("“%(name)s” has no day on which it ended, and so stands in standings still.")
            address = reverse("admin:registry_actor_change", args=[before.pk])
            link = format_html('<a href="{}">{}</a>', address, _("Write its last day"))
            messages.warning(request, format_html("{} {}", words % {"name": before}, link))

    @admin.display(description=_("before"))
    def before_side(self, succession: Succession) -> str:
        return str(succession.before or in_language(succession.before_name, active_language()))

    @admin.display(description=_("after"))
    def after_side(self, succession: Succession) -> str:
        return str(succession.after or in_language(succession.after_name, active_language()))

    @admin.display(description=_("date"), ordering="day")
    def on(self, succession: Succession) -> str:
        return shown_day(succession.day, succession.span)


class VerificationForm(forms.ModelForm[Verification]):
    url = forms.URLField(
        label=_("address of the proof"), required=False, max_length=1000, assume_scheme="https"
    )

    class Meta:
        model = Verification
        fields = ("account", "on", "proof", "url")

    def clean_on(self) -> Any:
        day = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is yet to come."), code="future")
        return day


class OverdueFilter(admin.SimpleListFilter):
    title = _("attention")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("overdue", _("confirmed more than a year ago"))]

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[Verification]
    ) -> models.QuerySet[Verification]:
        if self.value() == "overdue":
            return queryset.filter(pk__in=Verification.objects.overdue(timezone.localdate()))
        return queryset


@admin.register(Verification)
class VerificationAdmin(DeskAdmin[Verification]):
    """Who confirmed which account, on what proof, when."""

    form = VerificationForm
    list_display = ("account", "actor", "on", "by", "proof")
    list_select_related = ("account__actor", "by")
    list_filter = (OverdueFilter,)
    search_fields = ("account__handle", "account__actor__name_en", "account__actor__name_ru", "proof")
    autocomplete_fields = ("account",)
    date_hierarchy = "on"

    @admin.display(description=_("actor"))
    def actor(self, verification: Verification) -> str:
        return str(verification.account.actor)

    def save_model(self, request: HttpRequest, obj: Verification, form: Any, change: bool) -> None:
        if not change:
            obj.by = request.user  # type: ignore[assignment]  # admin_view lets only users in
        super().save_model(request, obj, form, change)


@admin.register(Proposal)
class ProposalAdmin(DeskAdmin[Proposal]):
    """What became of each proposed address. They are decided on a page of their own."""

    list_display = ("actor", "platform", "name", "grade", "state", "reason", "decided_by", "decided_at")
    list_select_related = ("actor", "decided_by")
    list_filter = ("state", "grade", "platform")
    search_fields = ("actor__name_en", "actor__name_ru", "actor__name_kk", "handle", "platform_id", "reason")

    @admin.display(description=_("address"))
    def name(self, proposal: Proposal) -> str:
        return proposal.handle or proposal.platform_id

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Impostor)
class ImpostorAdmin(DeskAdmin[Impostor]):
    list_display = ("platform", "name", "actor", "said_by_shown", "on", "source")
    list_select_related = ("actor", "source")
    list_filter = ("platform",)
    search_fields = ("handle", "platform_id", "said_by")
    autocomplete_fields = ("actor", "source")

    @admin.display(description=_("who said so"), ordering="said_by")
    def said_by_shown(self, impostor: Impostor) -> str:
        return in_language(impostor.said_by, active_language())

    @admin.display(description=_("address"))
    def name(self, impostor: Impostor) -> str:
        return impostor.handle or impostor.platform_id

    @admin.display(description=_("date"), ordering="day")
    def on(self, impostor: Impostor) -> str:
        return shown_day(impostor.day, impostor.span)


class ChangedFilter(admin.SimpleListFilter):
    title = _("attention")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("gone", _("an account is no longer named")), ("problem", _("could not be read"))]

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[SiteVisit]
    ) -> models.QuerySet[SiteVisit]:
        if self.value() == "gone":
            return queryset.exclude(gone=[])
        return queryset.exclude(problem="") if self.value() == "problem" else queryset


@admin.register(SiteVisit)
class SiteVisitAdmin(DeskAdmin[SiteVisit]):
    """What bodies' own sites named, visit by visit."""

    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    list_display = ("actor", "at", "named", "vanished", "appeared", "said")
    fields = ("actor", "at", "address", "said", "read_pages", "named", "vanished", "appeared")
    list_select_related = ("actor",)
    list_filter = (ChangedFilter,)
    search_fields = ("actor__name_en", "actor__name_ru", "actor__name_kk")

    @admin.display(description=_("problem"), ordering="problem")
    def said(self, visit: SiteVisit) -> str:
        return describe_problem(visit.problem, visit.detail) if visit.problem else ""

    @admin.display(description=_("pages read"))
    def read_pages(self, visit: SiteVisit) -> str:
        return ", ".join(visit.pages)

    @admin.display(description=_("accounts"))
    def named(self, visit: SiteVisit) -> str:
        return ", ".join(visit.accounts)

    @admin.display(description=_("no longer named"))
    def vanished(self, visit: SiteVisit) -> str:
        return ", ".join(visit.gone)

    @admin.display(description=_("newly named"))
    def appeared(self, visit: SiteVisit) -> str:
        return ", ".join(visit.new)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
