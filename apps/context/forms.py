"""Checking of what editors write about indicators, events and claims."""

from datetime import date
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from apps.common.tables import decimals_of
from apps.context.models import Claim, Event, IndicatorValue
from apps.snapshots.models import Span

M = TypeVar("M", bound=Model)


def first_day(day: date, span: int) -> date:
    """Return the day that stands for a whole year or month: its first."""
    return (
        day.replace(month=1, day=1)
        if span == Span.YEAR
        else day.replace(day=1)
        if span == Span.MONTH
        else day
    )


class DatedForm(forms.ModelForm[M]):
    """Dates with a span: both or neither, and what speaks for a year or a month is dated with its first day."""

    dated: tuple[tuple[str, str], ...] = (("day", "span"),)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for day_field, span_field in self.dated:
            day, span = self.cleaned_data.get(day_field), self.cleaned_data.get(span_field)
            if day and span and first_day(day, span) != day:
                self.add_error(day_field, _("What speaks for a year or a month is dated with its first day."))
            if bool(day) != bool(span) and not {day_field, span_field} & self.errors.keys():
                self.add_error(span_field, _("Give both the date and what it speaks for, or neither."))
        return cleaned


PLACES = {"KZ": _("Kazakhstan"), "World": _("World")}


class IndicatorValueForm(DatedForm[IndicatorValue]):
    geo = forms.ChoiceField(label=_("place"), choices=list(PLACES.items()))

    class Meta:
        model = IndicatorValue
        fields = (
            *("indicator", "geo", "platform", "segment", "day", "span"),
            *("bound", "value", "source", "locator", "note"),
        )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if (value := self.cleaned_data.get("value")) is not None:
            self.instance.decimals = decimals_of(value)
        return cleaned


class EventForm(DatedForm[Event]):
    dated = (("starts", "starts_span"), ("ends", "ends_span"))

    kind = forms.ChoiceField(
        label=_("kind"), choices=Event.Category.choices, required=False, initial=Event.Category.COUNTRY
    )

    class Meta:
        model = Event
        fields = (
            *("title_kk", "title_ru", "title_en", "key", "kind"),
            *("starts", "starts_span", "ends", "ends_span", "source", "locator"),
        )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        self.cleaned_data["kind"] = self.cleaned_data.get("kind") or self.instance.kind
        starts, ends = self.cleaned_data.get("starts"), self.cleaned_data.get("ends")
        if starts and ends and ends < starts:
            raise ValidationError(_("The end is before the start."), code="ends")
        return cleaned


class ClaimForm(DatedForm[Claim]):
    class Meta:
        model = Claim
        fields = (
            *("actor", "relation", "times", "comparator", "platform"),
            *("day", "span", "source", "locator", "note"),
        )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        relation, times = self.cleaned_data.get("relation"), self.cleaned_data.get("times")
        if (
            relation
            and "times" not in self.errors
            and (relation == Claim.Relation.TIMES) != (times is not None)
        ):
            self.add_error("times", _("“times as many” needs a number; “more” and “fewer” have none."))
        actor = self.cleaned_data.get("actor")
        if actor and actor == self.cleaned_data.get("comparator"):
            self.add_error("comparator", _("An actor is not compared with itself."))
        return cleaned
