"""Tokens at the desk: made here, shown once, revoked here."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from apps.api import tokens
from apps.api.models import ApiToken, Scope
from apps.common.admin import LabelledMoment

LASTS = timedelta(days=365)


class TokenForm(forms.ModelForm[ApiToken]):
    """A new token. It ends after a year unless another day is chosen; one without an end is chosen knowingly."""

    scopes = forms.MultipleChoiceField(
        label=pgettext_lazy("token", "May"),
        choices=Scope,
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ],
    )

    class Meta:
        model = ApiToken
        fields = ("user", "name", "scopes", "expires_at")
        widgets = {"expires_at": LabelledMoment}

    def clean_expires_at(self) -> Any:
        ends = self.cleaned_data["expires_at"]
        if ends and ends <= timezone.now():
            raise forms.ValidationError(_("This is in the past."))
        return ends


class InForceFilter(admin.SimpleListFilter):
    title = _("in force")
    parameter_name = "force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> QuerySet[ApiToken]:
        in_force = ApiToken.objects.in_force(timezone.now()).values("pk")
        match self.value():
            case "yes":
                return queryset.filter(pk__in=in_force)
            case "no":
                return queryset.exclude(pk__in=in_force)
        return queryset


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin[ApiToken]):
    form = TokenForm
    list_display = ("prefix", "name", "user", "may", "is_open", "expires_at", "last_used_at", "created_at")
    list_filter = (InForceFilter,)
    list_select_related = ("user",)
    search_fields = ("prefix", "name", "user__username")
    actions = ("revoke",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"user": request.user.pk, "expires_at": timezone.now() + LASTS, "scopes": [Scope.READ]}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse changes: what a token may do never changes; to look at it is enough, and to revoke it."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        chosen = form.cleaned_data
        made, key = tokens.make(chosen["user"], chosen["name"], chosen["scopes"], chosen["expires_at"])
        obj.pk, obj.prefix, obj.digest, obj.created_at = made.pk, made.prefix, made.digest, made.created_at
        obj._state.adding = False
        text = gettext("The token, shown this once; it is kept nowhere: %(key)s")
        messages.warning(request, text % {"key": key})

    @admin.display(description=pgettext_lazy("token", "may"))
    def may(self, token: ApiToken) -> str:
        return ", ".join(str(Scope(scope).label) for scope in token.scopes)

    @admin.display(description=_("in force"), boolean=True)
    def is_open(self, token: ApiToken) -> bool:
        return token.is_in_force and token.user.is_active

    @admin.action(description=_("Revoke"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        count = tokens.revoke(queryset)
        text = ngettext("%(count)d token was revoked.", "%(count)d tokens were revoked.", count)
        messages.success(request, text % {"count": count})
