"""Forms for requests for corrections, suggested accounts and actors' replies."""

import time
from typing import Any

from django import forms
from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

SALT = "kzmedia.ask"
QUICKEST = 3  # seconds: a person takes longer to read the form
OLDEST = 24 * 3600


class TrappedForm(forms.Form):
    """No account, no riddle: a box that people do not see, and the time that it takes to write."""

    email = forms.EmailField(
        label=_("Your e-mail"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_(
            "Not needed. Only the editors see it, if they have a question; it is deleted after the answer."
        ),
    )
    website = forms.CharField(
        label=_("Leave this box empty"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    began = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["began"].initial = signing.dumps(int(time.time()), salt=SALT)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.cleaned_data.get("website"):
            raise forms.ValidationError(
                _("A box that is to stay empty was filled in. Empty it and send again."), code="trap"
            )
        try:
            began = signing.loads(self.cleaned_data.get("began", ""), salt=SALT, max_age=OLDEST)
        except signing.BadSignature:
            raise forms.ValidationError(
                _("This form is too old. Open the page again; copy your words first."), code="old"
            ) from None
        if time.time() - began < QUICKEST:
            raise forms.ValidationError(
                _("That was very quick. Look it over once more and send it again."), code="quick"
            )
        return cleaned


class AskForm(TrappedForm):
    """What is wrong, and what it should be."""

    field_order = ("wrong", "right", "evidence", "email", "website", "began")
    wrong = forms.CharField(
        label=_("What is wrong?"), widget=forms.Textarea(attrs={"rows": 4}), min_length=5, max_length=2000
    )
    right = forms.CharField(
        label=_("What should it be?"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        required=False,
    )
    evidence = forms.URLField(
        label=_("Where can that be seen?"),
        max_length=1000,
        required=False,
        assume_scheme="https",
        help_text=_("The address of a page that shows it."),
    )


class SuggestForm(TrappedForm):
    """Whose account is missing, and where it is."""

    field_order = ("wrong", "evidence", "right", "email", "website", "began")
    wrong = forms.CharField(
        label=_("Whose account is it?"),
        min_length=2,
        max_length=200,
        help_text=_("The name of the body, the person or the organisation."),
    )
    evidence = forms.URLField(
        label=_("The address of the account"),
        max_length=1000,
        assume_scheme="https",
        help_text=_("Copy it from the browser while the account's page is open."),
    )
    right = forms.CharField(
        label=_("Anything else the editors should know"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        required=False,
    )


class ReplyForm(forms.Form):
    """One's own words beside one's numbers."""

    day = forms.DateField(
        label=_("Day"),
        initial=timezone.localdate,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
        help_text=_("The day it was said, or the day that it tells of."),
    )
    kk = forms.CharField(
        label=_("In Kazakh"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000, required=False
    )
    ru = forms.CharField(
        label=_("In Russian"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000, required=False
    )
    en = forms.CharField(
        label=_("In English"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000, required=False
    )

    def clean_day(self) -> Any:
        day = self.cleaned_data["day"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not any(self.cleaned_data.get(code, "").strip() for code in ("kk", "ru", "en")):
            raise forms.ValidationError(_("Write it in at least one language."), code="empty")
        return cleaned


class MailForm(TrappedForm):
    """Wants the ledger's number by mail."""

    email = forms.EmailField(
        label=_("Your e-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
