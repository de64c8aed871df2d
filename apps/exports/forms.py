"""Forms for the parameters of an export.

A page ignores a wrong value and says so. A file has no place to say it, so here every wrong value is an error:
nobody should get other rows than were asked for and take them for the right ones.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import slug_re
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from apps.common.day_fields import DayField, SinceField
from apps.common.parameters import AGAINST_CACHES, is_tracking
from apps.exports.statements import Period, Statement, snapshots, standings
from apps.exports.trend import MOST_LINES, Cell, line_count, lines, long_table, wide_table
from apps.registry.models import Actor, ActorKind, Group, OldSlug, platform_choices
from apps.registry.names import fold
from apps.snapshots.models import State
from apps.standings.types import Scope, Series

LANGUAGES = [code for code, _name in settings.LANGUAGES]
YES = {"1": True, "on": True, "true": True, "0": False, "false": False}
ROWS = [("actors", "actors"), ("accounts", "accounts")]
MANY = {"actor", "kind", "state", "indicator", "geo"}  # may be repeated
# How a page shows its rows, and what chart tools append against caches: neither chooses rows.
IGNORED = {"view", "scale", "base", "highlight", "sort", "page"} | AGAINST_CACHES

UNKNOWN = _("“%(value)s” is not one of the values known here.")


class OneField(forms.ChoiceField):
    """One of some words, or ""."""

    def __init__(self, choices: Any) -> None:
        super().__init__(choices=choices, required=False, error_messages={"invalid_choice": UNKNOWN})


class SomeField(forms.MultipleChoiceField):
    """Some of some words: the parameter may be repeated."""

    def __init__(self, choices: Any) -> None:
        super().__init__(choices=choices, required=False, error_messages={"invalid_choice": UNKNOWN})


class ActorsField(forms.Field):
    """Slugs of actors, today's or an earlier one; today's are handed out."""

    widget = forms.MultipleHiddenInput

    def __init__(self) -> None:
        super().__init__(required=False)

    def clean(self, value: Any) -> tuple[str, ...]:
        slugs = set(value or [])
        possible = {slug for slug in slugs if slug_re.match(slug)}  # PostgreSQL takes no NUL
        public = set(Actor.objects.public().filter(slug__in=possible).values_list("slug", flat=True))
        moved = dict(
            OldSlug.objects.filter(slug__in=possible - public, actor__hidden=False).values_list(
                "slug", "actor__slug"
            )
        )
        if unknown := sorted(slugs - public - moved.keys()):
            message = _("There is no actor “%(value)s”.")
            raise forms.ValidationError(message, params={"value": ", ".join(unknown)})
        return tuple(sorted(public | set(moved.values())))


class YesField(forms.CharField):
    def __init__(self) -> None:
        super().__init__(required=False)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text and text not in YES:
            raise forms.ValidationError(UNKNOWN, params={"value": text})
        return YES.get(text, False)


class ExportForm(forms.Form):
    """Parameters that every export has."""

    elsewhere: dict[str, Any] = {}  # parameters of another export, and why they are refused here
    data: QueryDict

    platform = OneField(platform_choices)
    kind = SomeField(ActorKind.choices)
    region = forms.CharField(required=False, max_length=80)
    group = forms.CharField(required=False, max_length=80)
    actor = ActorsField()
    q = forms.CharField(required=False, max_length=100)
    lang = OneField([(code, code) for code in LANGUAGES])
    preset = OneField([("excel", "excel")])

    def __init__(self, query: QueryDict) -> None:
        given = QueryDict(mutable=True)
        for name, values in query.lists():
            if is_tracking(name):
                continue
            if filled := [value for value in values if value.strip()]:  # a form sends its empty fields too
                given.setlist(name, filled)
        super().__init__(given)

    def clean_region(self) -> str:
        region: str = self.cleaned_data["region"]
        if region and not Actor.objects.public().filter(region=region).exists():
            raise forms.ValidationError(
                _("There is no actor of the region “%(value)s”."), params={"value": region}
            )
        return region

    def clean_group(self) -> str:
        group: str = self.cleaned_data["group"]
        if group and not Group.objects.public().filter(slug=group).exists():
            raise forms.ValidationError(_("There is no group “%(value)s”."), params={"value": group})
        return group

    def clean_q(self) -> str:
        q: str = self.cleaned_data["q"]
        if q and not fold(q).strip():
            raise forms.ValidationError(_("“%(value)s” holds no letter and no digit."), params={"value": q})
        return q

    def problems(self, ending: str = "csv") -> list[str]:
        """Return what is wrong with the address, a sentence each, in the language asked for; empty where all is well."""
        with override(self.language):
            if ending != "csv" and self.data.get("preset"):
                return [gettext("Only the CSV has a “preset”: a file of another kind needs none.")]
            wrong = [
                gettext("The parameter “%(name)s” cannot be used: %(why)s") % {"name": name, "why": why}
                for name, reasons in self.errors.items()
                for why in reasons
            ]
            return wrong + [str(sentence) for name in self.data if (sentence := self._say_misplaced(name))]

    def _say_misplaced(self, name: str) -> Any:
        if name in self.fields:
            again = len(set(self.data.getlist(name))) > 1 and name not in MANY
            return again and gettext("The parameter “%(name)s” can be given once only.") % {"name": name}
        if name in IGNORED:
            return ""
        return self.elsewhere.get(name) or gettext("There is no parameter “%(name)s”.") % {"name": name}

    @property
    def day(self) -> date:
        """Return the day that the file's name gives: the one it is made on."""
        return timezone.localdate()

    @property
    def language(self) -> str:
        asked: str = self.data.get("lang", "")
        return asked if asked in LANGUAGES else "en"

    def scope(self, **more: Any) -> Scope:
        chosen = self.cleaned_data
        return Scope(
            platform=chosen["platform"],
            kinds=tuple(chosen["kind"]),
            region=chosen["region"],
            group=chosen["group"],
            actors=chosen["actor"],
            q=chosen["q"],
            publish=True,
            **more,
        )


OTHER_DAYS = _("This file has no “on” and “since”: choose its days with “from” and “to”.")


class RangeForm(ExportForm):
    """Exports of a stretch of time."""

    elsewhere = {"on": OTHER_DAYS, "since": OTHER_DAYS}

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query)
        self.fields["from"] = DayField(first=True)
        self.fields["to"] = DayField()

    def clean(self) -> None:
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if first and last and first > last:
            self.add_error("from", gettext("the date is later than “to”."))


class SnapshotsForm(RangeForm):
    state = SomeField(State.choices)

    def statement(self) -> Statement:
        chosen = self.cleaned_data
        period = Period(chosen["from"], chosen["to"])
        return snapshots(self.scope(), period, chosen["state"], self.language)


class TrendForm(RangeForm):
    rows = OneField(ROWS)
    layout = OneField([("long", "long"), ("wide", "wide")])
    details = YesField()

    def chart_scope(self) -> Scope:
        return self.scope(rows=self.cleaned_data["rows"] or "actors")

    def problems(self, ending: str = "csv") -> list[str]:
        if found := super().problems(ending):
            return found
        if self.has_details and not self.is_wide:
            with override(self.language):
                return [
                    gettext("Only the wide layout has “details”: the long one holds them in its columns.")
                ]
        if (many := line_count(self.chart_scope())) <= MOST_LINES:
            return []
        with override(self.language):
            return [
                gettext(
                    "This would be %(lines)s lines, and a chart has at most %(most)s: choose a platform, a group or "
                    "actors. Everything is in snapshots.csv."
                )
                % {"lines": many, "most": MOST_LINES}
            ]

    @property
    def is_wide(self) -> bool:
        return bool(self.cleaned_data["layout"] == "wide")

    @property
    def has_details(self) -> bool:
        """Say whether a bound and a precision stand beside each number of a wide file."""
        return bool(self.cleaned_data["details"])

    def lines(self) -> list[Series]:
        chosen = self.cleaned_data
        return lines(self.chart_scope(), chosen["from"], chosen["to"] or timezone.localdate())

    def table(self, found: Sequence[Series]) -> list[list[Cell]]:
        """Write a header and rows."""
        if self.is_wide:
            return wide_table(found, self.language, details=self.has_details)
        return long_table(found, self.language)


def before(day: date, time: timedelta) -> date:
    """Return the day so long before a day; the first day there is where that would be before it."""
    return date.fromordinal(max(day.toordinal() - time.days, 1))


OTHER_RANGE = _("This file has no “from” and “to”: choose its days with “on” and “since”.")


class TwoDays:
    """Of a form with the fields `on` and `since`: the day, and the earlier one that it is compared with."""

    cleaned_data: dict[str, Any]
    is_period = False  # whether `since` names a period and not a day

    def clean_on(self) -> date:
        """Take today in Almaty where no day is named."""
        return self.cleaned_data["on"] or timezone.localdate()

    def clean_since(self) -> date | None:
        since, on = self.cleaned_data["since"], self.cleaned_data.get("on")
        if since is None or on is None:
            return None
        self.is_period = isinstance(since, timedelta)
        day: date = before(on, since) if isinstance(since, timedelta) else since
        if day >= on:
            raise forms.ValidationError(_("it is not before “on”."))
        return day


class StandingsForm(TwoDays, ExportForm):
    elsewhere = {"from": OTHER_RANGE, "to": OTHER_RANGE}

    on = DayField()
    since = SinceField()
    rows = OneField(ROWS)
    fresh = YesField()
    reference = ActorsField()

    def clean_reference(self) -> str:
        return "".join(self.cleaned_data["reference"][:1])

    @property
    def day(self) -> date:
        """Return the day the file speaks for."""
        day: date = self.cleaned_data["on"]
        return day

    def statement(self) -> Statement:
        chosen = self.cleaned_data
        scope = self.scope(rows=chosen["rows"] or "actors", fresh=chosen["fresh"])
        return standings(
            scope,
            chosen["on"],
            chosen["since"],
            chosen["reference"],
            self.language,
            is_period=self.is_period,
        )
