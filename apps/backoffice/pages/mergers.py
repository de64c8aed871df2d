"""Two accounts, or two actors, that turn out to be one: chosen, looked at, merged."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.collecting.services import ensure_collection
from apps.registry.models import Account, Actor
from apps.snapshots import merging
from apps.snapshots.merging import CannotMerge
from apps.snapshots.models import Merger, Snapshot
from apps.users.models import User

MOST_SHOWN = 200  # conflicting days


class NamedSelect(AutocompleteSelect):
    """A chooser that says what it is for while it is empty."""

    def __init__(self, *args: Any, label: str | Promise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label = label

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        return {**super().build_attrs(base_attrs, extra_attrs), "data-placeholder": str(self.label)}


class MergeForm(forms.Form):
    """Which stays, which goes. The reason is asked for once both were looked at."""

    reason = forms.CharField(
        label=_("Why they are one"),
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        max_length=1000,
        help_text=_("Readers see it on the page of corrections."),
    )

    def __init__(self, data: Any, *, what: type[Account] | type[Actor], initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        link = Snapshot._meta.get_field("account") if what is Account else Account._meta.get_field("actor")
        for name, label in (("gone", _("This one goes")), ("kept", _("into this one, which stays"))):
            self.fields[name] = forms.ModelChoiceField(
                what._default_manager.all(),
                label=label,
                widget=NamedSelect(link, admin.site, label=label),
            )
        self.order_fields(["gone", "kept", "reason"])

    def look_only(self) -> None:
        """Ask for no reason, as nothing is merged yet."""
        self.fields["reason"].required = False


@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, what: str) -> HttpResponse:
    model = {"accounts": Account, "actors": Actor}.get(what)
    if model is None:
        raise Http404
    if not request.user.has_perm(f"{model._meta.app_label}.change_{model._meta.model_name}"):
        raise PermissionDenied
    is_final = "merge" in request.POST
    given = {name: request.GET[name] for name in ("kept", "gone") if request.GET.get(name, "").isdecimal()}
    form = MergeForm(request.POST or None, what=model, initial=given)  # type: ignore[arg-type]  # one of the two
    if not is_final:
        form.look_only()
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Merge two accounts") if model is Account else _("Merge two actors"),
        "form": form,
        "media": form.media,
        "parent": reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"),
        "parent_title": model._meta.verbose_name_plural,
    }
    if request.method == "POST" and form.is_valid():
        kept, gone = form.cleaned_data["kept"], form.cleaned_data["gone"]
        try:
            if is_final and request.POST.get("seen") == f"{kept.pk} {gone.pk}":
                return _redirect_to(request, _merge(kept, gone, form.cleaned_data["reason"], request.user))
            context |= _preview(kept, gone)
        except CannotMerge as refused:
            form.add_error(None, str(refused))
    return render(request, "backoffice/merge.html", context)


def _merge(kept: Any, gone: Any, reason: str, by: Any) -> Merger:
    if not isinstance(by, User):
        raise PermissionDenied
    if isinstance(kept, Account):
        with transaction.atomic():
            merger = merging.merge_accounts(kept, gone, reason, by)
            ensure_collection([kept])  # it may have got the other's address
        return merger
    return merging.merge_actors(kept, gone, reason, by)


def _preview(kept: Any, gone: Any) -> dict[str, Any]:
    seen = f"{kept.pk} {gone.pk}"
    if isinstance(kept, Account):
        found = merging.look(kept, gone)
        return {"seen": seen, "outlook": found, "conflicts": found.conflicts[:MOST_SHOWN]}
    merging.refuse_actors(kept, gone)
    return {"seen": seen, "actors": {"kept": kept, "gone": gone, "accounts": list(gone.accounts.all())}}


def _redirect_to(request: HttpRequest, merger: Merger) -> HttpResponse:
    messages.success(request, gettext("They are one now."))
    row = merger.account or merger.actor
    return HttpResponseRedirect(
        reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    )
