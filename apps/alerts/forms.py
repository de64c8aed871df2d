"""Forms for rules, digests and destinations."""

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.validators import EmailValidator
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.alerts.models import OPERATION, PUBLIC, Destination, Digest, OccurrenceKind, Rule
from apps.common.public_addresses import is_printable
from apps.figures import formats
from apps.registry.models import Actor, Group, platform_choices
from apps.users.models import User

CHAT = re.compile(r"-?\d{1,20}|@[A-Za-z][A-Za-z0-9_]{3,63}")
FIRST_YEAR = 2010
MOST_DESTINATIONS = 10


def label_of(destination: Destination) -> str:
    if destination.confirmed_at:
        return str(destination)
    return str(_("%(destination)s (not yet confirmed)")) % {"destination": destination}


class RuleForm(forms.ModelForm[Rule]):
    actors = forms.ModelMultipleChoiceField(Actor.objects.none(), required=False, label=_("Actors"))
    groups = forms.ModelMultipleChoiceField(
        Group.objects.public().order_by("slug"), required=False, label=_("Groups")
    )
    platforms = forms.MultipleChoiceField(
        required=False,
        label=_("Platforms"),
        choices=platform_choices,
        widget=forms.CheckboxSelectMultiple,
    )
    kinds = forms.MultipleChoiceField(label=_("What happened"), widget=forms.CheckboxSelectMultiple)
    destinations = forms.ModelMultipleChoiceField(
        Destination.objects.none(), label=_("Sent to"), widget=forms.CheckboxSelectMultiple
    )
    year = forms.IntegerField(required=False, label=_("Try it on the year"), min_value=FIRST_YEAR)

    class Meta:
        model = Rule
        fields = (
            "kinds",
            "actors",
            "groups",
            "platforms",
            "floor_percent",
            "floor_absolute",
            "direction",
            "cooldown_days",
            "quiet_from",
            "quiet_to",
            "destinations",
        )
        widgets = {
            "quiet_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "quiet_to": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        order = f"sort_{formats.language()}"
        self.fields["actors"].label_from_instance = lambda one: one.name(formats.language())  # type: ignore[attr-defined]
        self.fields["groups"].label_from_instance = lambda one: one.title(formats.language())  # type: ignore[attr-defined]
        self.fields["destinations"].label_from_instance = label_of  # type: ignore[attr-defined]
        self.fields["actors"].queryset = Actor.objects.public().order_by(order, "pk")  # type: ignore[attr-defined]
        own = Destination.objects.filter(user=user, removed_at=None)
        self.fields["destinations"].queryset = own  # type: ignore[attr-defined]
        kinds = [*PUBLIC, *(OPERATION if user.is_staff else ())]
        self.fields["kinds"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]
        self.fields["year"].widget.attrs["max"] = timezone.localdate().year
        self.fields["year"].initial = timezone.localdate().year - 1

    def clean_kinds(self) -> list[str]:
        return [OccurrenceKind(kind).value for kind in self.cleaned_data["kinds"]]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        begins, ends = found.get("quiet_from"), found.get("quiet_to")
        if (begins is None) != (ends is None):
            self.add_error("quiet_to", _("Quiet hours need a beginning and an end."))
        return found

    @property
    def tried_year(self) -> int:
        """Return the year of the preview: the one asked for, else the last whole one."""
        this = timezone.localdate().year
        asked = self.cleaned_data.get("year")
        return asked if asked and FIRST_YEAR <= asked <= this else this - 1

    def save(self, commit: bool = True) -> Rule:
        self.instance.user = self.user
        return super().save(commit)


class DestinationForm(forms.Form):
    way = forms.ChoiceField(label=_("Type"), choices=Destination.Way)
    address = forms.CharField(label=_("Address"), max_length=500)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, data: QueryDict | None = None, *, user: User) -> None:
        super().__init__(data, initial={"language": formats.language(), "way": Destination.Way.EMAIL})
        self.user = user

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        way, address = found.get("way"), (found.get("address") or "").strip()
        if not way or not address:
            return found
        found["address"] = address
        match way:
            case Destination.Way.EMAIL:
                self.check_email(address)
            case Destination.Way.TELEGRAM:
                self.check_chat(address)
            case Destination.Way.WEBHOOK:
                self.check_webhook(address)
        if self.user.destinations.filter(removed_at=None).count() >= MOST_DESTINATIONS:
            self.add_error(None, _("You have too many addresses. Remove one first."))
        return found

    def check_email(self, address: str) -> None:
        if not settings.EMAIL_URL:
            self.add_error("way", _("This site sends no e-mail: no mail server has been set up."))
        try:
            EmailValidator()(address)
        except forms.ValidationError as error:
            self.add_error("address", error)

    def check_chat(self, address: str) -> None:
        if not settings.TELEGRAM_ALERT_TOKEN:
            self.add_error("way", _("This site has no Telegram bot: none has been set up."))
        if not CHAT.fullmatch(address):
            self.add_error("address", _("This is neither a chat's number nor a @channel."))

    def check_webhook(self, address: str) -> None:
        """Check the form of the address; where its name leads is checked at each sending, as that may change."""
        try:
            parts = urlsplit(address)
            wrong = not parts.hostname or bool(parts.username or parts.password or parts.fragment)
            parts.port  # noqa: B018 raises where it is no number
        except ValueError:
            wrong, parts = True, urlsplit("")
        allowed = ("https", "http") if settings.WEBHOOK_ALLOW_LOCAL else ("https",)
        if wrong or parts.scheme not in allowed or not is_printable(self.data["address"].strip(" ")):
            self.add_error(
                "address", _("A webhook's address begins with https:// and has no password in it.")
            )


class DigestForm(forms.ModelForm[Digest]):
    class Meta:
        model = Digest
        fields = ("actor", "every", "destination")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        actor, destination = self.fields["actor"], self.fields["destination"]
        actor.queryset = Actor.objects.public().order_by(f"sort_{formats.language()}", "pk")  # type: ignore[attr-defined]
        actor.label_from_instance = lambda one: one.name(formats.language())  # type: ignore[attr-defined]
        destination.queryset = Destination.objects.filter(user=user, removed_at=None).exclude(way="webhook")  # type: ignore[attr-defined]
        destination.label_from_instance = label_of  # type: ignore[attr-defined]

    def save(self, commit: bool = True) -> Digest:
        self.instance.user = self.user
        return super().save(commit)
