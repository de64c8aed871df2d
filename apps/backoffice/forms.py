"""Checks what editors send; owns the sentences for what is refused."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.backoffice.echo import echo
from apps.collecting import adapters, services
from apps.collectors.numbers import Count, NotACount, read_count
from apps.collectors.types import NotAnAccount, Target
from apps.registry import services as registry_services
from apps.registry.models import Account, Actor, platform_choices
from apps.registry.words import impostor_words, not_an_account
from apps.snapshots import manual
from apps.snapshots.models import Bound, Precision, Snapshot, State
from apps.snapshots.recording import Recorded, day_of
from apps.snapshots.rules import value_problems
from apps.snapshots.words import NOT_A_COUNT
from apps.users.models import User

LONGEST_ADDRESS = 2000
WIDE = forms.TextInput(attrs={"class": "vLargeTextField"})


class CountField(forms.CharField):
    """A count in any common way of writing; cleans to a Count, or None where it is empty."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("help_text", _("As it stands there: 76 012, 76K, 76,0 тыс., 1.2M, 76 мың"))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Count | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return read_count(text)
        except NotACount as refused:
            sentence = str(NOT_A_COUNT[refused.code]) % {"seen": refused.seen[:40]}
            raise forms.ValidationError(sentence, code=refused.code) from None


class AccountAddForm(forms.ModelForm[Account]):
    """A pasted address becomes an account: the platform and the handle are recognised, nothing is fetched."""

    address = forms.CharField(
        label=_("Address"),
        widget=WIDE,
        max_length=LONGEST_ADDRESS,
        help_text=_(
            "Paste the address of the page, channel or profile, or @handle with the platform chosen below."
        ),
    )
    platform = forms.ChoiceField(
        label=_("Platform"),
        choices=lambda: [("", _("recognise it from the address")), *platform_choices()],
        required=False,
    )
    target: Target

    class Meta:
        model = Account
        fields = ("actor", "note")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        address = self.cleaned_data.get("address")
        if address:
            try:
                self.target = adapters.parse(address, self.cleaned_data.get("platform") or "")
            except NotAnAccount as refused:
                self.add_error("address", not_an_account(refused))
            else:
                self._refuse_a_second(self.target)
                refuse_impostor(self, self.target)
        return cleaned

    def _refuse_a_second(self, target: Target) -> None:
        existing = registry_services.find_account(target)
        if existing:
            self.add_error(
                "address",
                forms.ValidationError(
                    _("%(account)s is tracked already, as an account of %(actor)s."),
                    code="tracked",
                    params={"account": existing, "actor": existing.actor},
                ),
            )

    def save(self, commit: bool = True) -> Account:
        actor: Actor = self.cleaned_data["actor"]
        return services.add_account(actor, self.target, note=self.cleaned_data["note"])

    def save_m2m(self) -> None:
        """Do nothing: an account has no many-to-many fields; the admin calls this."""


def refuse_impostor(form: forms.BaseForm, target: Target) -> None:
    """Warn of an address that somebody has called false; it can be added once it is off that list."""
    if impostor := registry_services.find_impostor(target):
        warning = f"{impostor_words(impostor)} {gettext('Take it off the list of false accounts first, if it is genuine.')}"
        form.add_error("address", forms.ValidationError(warning, code="impostor"))


class AccountForm(forms.ModelForm[Account]):
    """Changes an account. A missing address can be given here; one that is known is changed by pasting, too."""

    address = forms.CharField(
        label=_("New address"),
        widget=WIDE,
        max_length=LONGEST_ADDRESS,
        required=False,
        help_text=_("Paste the address where it is missing or has changed. History stays with the account."),
    )

    class Meta:
        model = Account
        fields = ("actor", "state", "hourly", "hand_reading", "note")

    def clean_address(self) -> Target | None:
        address = self.cleaned_data["address"]
        if not address:
            return None
        try:
            target = adapters.parse(address, self.instance.platform)
        except NotAnAccount as refused:
            raise forms.ValidationError(not_an_account(refused)) from None
        if target.platform != self.instance.platform:
            raise forms.ValidationError(
                _("This is an address on another platform. Add it as a new account instead."), code="platform"
            )
        existing = registry_services.find_account(target)
        if existing and existing.pk != self.instance.pk:
            raise forms.ValidationError(
                _("%(account)s is tracked already, as an account of %(actor)s."),
                code="tracked",
                params={"account": existing, "actor": existing.actor},
            )
        refuse_impostor(self, target)
        return target


# By the codes of rules.value_problems, for somebody who looks at the page.
VALUE_PROBLEMS_OF_A_PAGE = {
    "number_missing": forms.ValidationError(
        _("Write the count, or choose what is seen in its place."), code="empty"
    ),
    "number_of_a_state": forms.ValidationError(
        _("A page in this state shows no count: leave the box empty."), code="both"
    ),
}


class ValueForm(forms.Form):
    """A count, or the state that is seen in its place."""

    state = forms.ChoiceField(label=_("What is to be seen"), choices=State, initial=State.COUNTED)
    count = CountField(label=_("Count"), required=False)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if "count" in self.cleaned_data and "state" in self.cleaned_data:
            count: Count | None = self.cleaned_data["count"]
            followers = count.followers if count else None
            for _field, problem in value_problems(self.cleaned_data["state"], followers):
                self.add_error("count", VALUE_PROBLEMS_OF_A_PAGE[problem])
        return cleaned

    def value(self) -> tuple[State, int | None, Bound, Precision]:
        """State, followers, bound and precision as they are to be recorded."""
        count: Count | None = self.cleaned_data["count"]
        state = State(self.cleaned_data["state"])
        if count is None:
            return state, None, Bound.EXACTLY, Precision.EXACT
        return state, count.followers, Bound(count.bound), Precision(count.precision)


class ReadingForm(ValueForm):
    """Today's number of an account that no program reads."""

    evidence = forms.URLField(
        label=_("Where it can be seen"),
        widget=forms.URLInput(attrs={"class": "vLargeTextField"}),
        max_length=1000,
        assume_scheme="https",
        help_text=_("The address of the page, or of a stored copy or picture of it."),
    )
    confirmed = forms.BooleanField(label=_("I have checked: the number is right"), required=False)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.jump = False
        self.fields["evidence"].initial = adapters.url(account)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        count = self.cleaned_data.get("count")
        if count is not None and not self.errors:
            last = manual.jump_from(self.account, count.followers)
            self.jump = last is not None
            if self.jump and not self.cleaned_data["confirmed"]:
                self.add_error(
                    "confirmed",
                    forms.ValidationError(
                        _(
                            "The last count was %(last)s. If the new one is right, tick this box and save again."
                        ),
                        code="jump",
                        params={"last": number_format(last or 0, force_grouping=True)},
                    ),
                )
        return cleaned

    def question(self) -> str:
        """Return the question that a jump asks, for whoever answers it with the key that records."""
        last = manual.jump_from(self.account, self.cleaned_data["count"].followers)
        return gettext("The last count was %(last)s, now %(what)s. Is it right? Enter records it.") % {
            "last": number_format(last or 0, force_grouping=True),
            "what": echo(str(self["count"].value())),
        }

    def record(self, by: User) -> Recorded:
        state, followers, bound, precision = self.value()
        wording = str(self["count"].value() or "").strip()
        return manual.read_by_hand(
            self.account,
            state=state,
            followers=followers,
            bound=bound,
            precision=precision,
            evidence=manual.Evidence(self.cleaned_data["evidence"], wording),
            by=by,
        )


class HeldForm(ValueForm):
    """What the page really showed, where the held count is wrong."""

    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text=_("Readers see it beside the number."),
    )


class CorrectionForm(ValueForm):
    """A recorded value is changed in the open. How it was printed is kept unless the editor says otherwise."""

    field_order = ("state", "count", "precision", "reason")
    precision = forms.ChoiceField(label=_("Precision"), choices=Precision, required=False)
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text=_("Readers see it beside the old and the new value."),
    )

    @classmethod
    def of(cls, snapshot: Snapshot) -> "CorrectionForm":
        bound = "" if snapshot.bound == Bound.EXACTLY else snapshot.bound
        count = None if snapshot.followers is None else f"{bound}{snapshot.followers}"
        return cls(initial={"state": snapshot.state, "count": count, "precision": snapshot.precision})

    def value(self) -> tuple[State, int | None, Bound, Precision]:
        state, followers, bound, precision = super().value()
        chosen = self.cleaned_data["precision"]
        # "76K" says itself that it is abbreviated; digits alone say nothing.
        if followers is not None and chosen and precision == Precision.EXACT:
            precision = Precision(chosen)
        return state, followers, bound, precision


def today() -> date:
    """Return the day a hand-read number counts for."""
    return day_of(timezone.now())
