"""Actors, groups, sources and who works for which actor."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.common.admin import DeskAdmin, KeptAdmin
from apps.registry.models import (
    Account,
    Actor,
    Alias,
    Group,
    Membership,
    OldSlug,
    Source,
    active_language,
)
from apps.registry.services import close_ended


class AccountInline(admin.TabularInline[Account, Actor]):
    model = Account
    fields = ("platform", "handle", "state", "note")
    readonly_fields = fields
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # accounts are added by pasting their address


class AliasInline(admin.TabularInline[Alias, Actor]):
    """Other names: short ones for charts, former ones and spellings that search and imports know."""

    model = Alias
    fields = ("text", "language", "kind", "source")
    autocomplete_fields = ("source",)
    extra = 1


class NeedsFilter(admin.SimpleListFilter):
    title = _("attention")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("account", _("no account"))]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Actor]) -> models.QuerySet[Actor]:
        if self.value() == "account":
            return queryset.filter(accounts=None, succeeded_by=None)
        return queryset


class ActorForm(forms.ModelForm[Actor]):
    website = forms.URLField(
        label=_("website"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=_("The body's own site; its addresses are looked for there."),
    )

    class Meta:
        model = Actor
        fields = "__all__"  # noqa: DJ007 the admin's fieldsets say which

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if (
            self.cleaned_data.get("hidden")
            and not self.instance.is_draft
            and not self.cleaned_data.get("hidden_because", "").strip()
        ):
            self.add_error("hidden_because", ValidationError(_("Write why it is hidden."), code="hidden"))
        return cleaned

    def clean_succeeds(self) -> Actor | None:
        """Refuse a body that follows itself, however long the line."""
        before: Actor | None = self.cleaned_data["succeeds"]
        line = before
        while line is not None:
            if line.pk == self.instance.pk:
                raise ValidationError(_("A body cannot follow itself."), code="succeeds")
            line = line.succeeds
        return before


@admin.register(Actor)
class ActorAdmin(KeptAdmin[Actor]):
    list_display = ("name", "kind", "region", "shown")
    form = ActorForm
    list_filter = (NeedsFilter, "kind", "hidden", "is_draft")
    search_fields = ("name_en", "name_ru", "name_kk", "slug", "aliases__text")
    autocomplete_fields = ("succeeds", "peers", "source")
    prepopulated_fields = {"slug": ("name_en",)}
    inlines = (AliasInline, AccountInline)
    change_form_template = "backoffice/draft_form.html"
    fieldsets = (
        (None, {"fields": ("name_kk", "name_ru", "name_en", "slug", "kind", "region")}),
        (_("Shown to the public"), {"fields": ("hidden", "hidden_because")}),
        (_("Among others"), {"fields": ("succeeds", "peers")}),
        (_("Description"), {"fields": ("description_kk", "description_ru", "description_en")}),
        (_("Time"), {"fields": (("began", "began_span"), ("ended", "ended_span"))}),
        (_("Source"), {"fields": ("website", "wikidata_id", "source", "note")}),
    )

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return (f"sort_{active_language()}", "pk")

    def get_fieldsets(self, request: HttpRequest, obj: Actor | None = None) -> Any:
        """Offer to publish a draft, and to hide only what is public."""
        if obj is not None and not obj.is_draft:
            return self.fieldsets
        return tuple(part for part in self.fieldsets if "hidden" not in part[1]["fields"])

    @admin.display(description=_("name"))
    def name(self, actor: Actor) -> str:
        return str(actor)

    @admin.display(description=_("shown to the public"))
    def shown(self, actor: Actor) -> Any:
        if actor.is_draft:
            return _("draft")
        return _("no") if actor.hidden else _("yes")

    def save_model(
        self, request: HttpRequest, obj: Actor, form: forms.ModelForm[Actor], change: bool
    ) -> None:
        """Make a new actor a draft, leave a redirect behind a changed slug, close the accounts of a body that has ended."""
        if not change:
            obj.hidden = obj.is_draft = True
        super().save_model(request, obj, form, change)
        close_ended()
        old = form.initial.get("slug")
        if change and old and old != obj.slug:
            OldSlug.objects.filter(slug=obj.slug).delete()
            OldSlug.objects.update_or_create(slug=old, defaults={"actor": obj})


class GroupForm(forms.ModelForm[Group]):
    class Meta:
        model = Group
        fields = (
            "title_kk",
            "title_ru",
            "title_en",
            "slug",
            "platform",
            "members",
            "reference",
            "source",
            "locator",
        )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        reference, members = self.cleaned_data.get("reference"), self.cleaned_data.get("members")
        if reference and members is not None and reference not in members:
            raise ValidationError(_("The reference actor must be one of the members."), code="reference")
        return cleaned


@admin.register(Group)
class GroupAdmin(DeskAdmin[Group]):
    form = GroupForm
    list_display = ("name", "platform", "reference", "is_draft")
    change_form_template = "backoffice/draft_form.html"
    list_select_related = ("reference",)
    list_filter = ("platform",)
    search_fields = ("title_en", "title_ru", "title_kk", "slug")
    autocomplete_fields = ("reference", "members", "source")

    @admin.display(description=_("title"))
    def name(self, group: Group) -> str:
        return str(group)

    def save_model(
        self, request: HttpRequest, obj: Group, form: forms.ModelForm[Group], change: bool
    ) -> None:
        """Save a new group as a draft."""
        if not change:
            obj.is_draft = True
        super().save_model(request, obj, form, change)

    # A group's address is printed and embedded, and nothing would lead on from it: it stays what it was made.
    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Group | None = None) -> dict[str, Any]:
        return {} if obj else {"slug": ("title_en",)}


@admin.register(Source)
class SourceAdmin(KeptAdmin[Source]):
    list_display = ("named", "kind", "year", "container")
    list_filter = ("kind",)
    search_fields = ("key", "title", "authors", "container")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    @admin.display(description=_("title"), ordering="title")
    def named(self, source: Source) -> str:
        return str(source)

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> tuple[str, ...]:
        return ("key",) if obj else ()  # files and citations name it


@admin.register(Membership)
class MembershipAdmin(DeskAdmin[Membership]):
    list_display = ("user", "actor", "role")
    list_select_related = ("user", "actor")
    autocomplete_fields = ("user", "actor")
