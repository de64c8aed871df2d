"""Query parameters of the API: those of the pages and files, read by the files' own fields.

As in files a wrong value is an error: nobody must get other rows than were asked for and take them for the right ones.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.api import paging
from apps.api.errors import BadParameters
from apps.common.day_fields import DayField, SinceField
from apps.common.parameters import is_tracking
from apps.common.tables import FIRST_YEAR, LAST_YEAR
from apps.exports import forms as files
from apps.exports.trend import MOST_LINES, line_count
from apps.registry.models import ActorKind, platform_choices
from apps.standings.types import Scope

LARGEST_ID = 2**63 - 1
MANY = files.MANY | {"fields"}  # may be repeated
Sorts = Mapping[str, tuple[type, ...]]  # what the cursor of a list sorted by a column holds
DAYS = (date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))


class ApiDayField(DayField):
    """A day as everywhere, within the years that counts may be of: nothing can be reckoned back from the first day there is."""

    def __init__(self, *, first: bool = False) -> None:
        super().__init__(first=first)
        self.strip = False  # a parameter is what it is

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if isinstance(day, date) and not DAYS[0] <= day <= DAYS[1]:
            raise forms.ValidationError(
                _("it is not between %(first)s and %(last)s."),
                params={"first": DAYS[0].isoformat(), "last": DAYS[1].isoformat()},
            )
        return day


class ApiSinceField(SinceField, ApiDayField):
    """Such a day, or so long before the day asked for."""


class YesField(files.YesField):
    def __init__(self) -> None:
        super().__init__()
        self.strip = False


class SortField(forms.CharField):
    """A column, or "-column" for the highest first."""

    def __init__(self, known: Sequence[str]) -> None:
        super().__init__(required=False)
        self.strip = False
        self.known = known

    def clean(self, value: Any) -> str:
        sort: str = super().clean(value)
        if sort and sort.removeprefix("-") not in self.known:
            raise forms.ValidationError(
                _("there is no sorting by “%(value)s” here; there is: %(known)s."),
                params={"value": quote_name(sort), "known": ", ".join(self.known)},
            )
        return sort


class FieldsField(forms.Field):
    """Names of a row's fields, with commas between them or the parameter repeated; what is named twice stands once."""

    widget = forms.MultipleHiddenInput

    def __init__(self, known: Sequence[str]) -> None:
        super().__init__(required=False)
        self.known = known

    def clean(self, value: Any) -> tuple[str, ...]:
        named = tuple(dict.fromkeys(name for text in value or () for name in text.split(",")))
        if unknown := [name for name in named if name not in self.known]:
            raise forms.ValidationError(
                _("a row has no field “%(value)s”; it has: %(known)s."),
                params={"value": quote_name(unknown[0]), "known": ", ".join(self.known)},
            )
        return named


class ReadForm(files.ExportForm):
    """Parameters that every address has. `most` is the largest page; `order` says what the cursor holds."""

    preset: Any = None
    platform: Any = None
    kind: Any = None
    region: Any = None
    group: Any = None
    actor: Any = None
    q: Any = None
    most = 1000
    usual = 100
    order: tuple[type, ...] = ()  # empty: not a list

    def __init__(
        self,
        query: QueryDict,
        *,
        sorts: Sorts | None = None,
        columns: Sequence[str] = (),
        states: Sequence[str] = (),
    ) -> None:
        if wrong := {
            quote_name(name): [why]
            for name, values in query.lists()
            if not is_tracking(name) and (why := not_text(name, values))
        }:
            raise BadParameters(wrong)
        super().__init__(query)
        self.sorts = sorts or {}
        if states:
            self.fields["state"] = files.SomeField([(state, state) for state in states])
        if self.sorts:
            self.fields["sort"] = SortField(list(self.sorts))
        if columns:
            self.fields["fields"] = FieldsField(columns)
        if self.order:
            self.fields["limit"] = forms.IntegerField(required=False, min_value=1, max_value=self.most)
            self.fields["cursor"] = forms.CharField(required=False, max_length=1000)

    def clean_cursor(self) -> paging.Position | None:
        cursor, sort = self.cleaned_data["cursor"], self.sort
        if not cursor:
            return None
        kinds = (*self.sorts[sort.removeprefix("-")], str) if sort else self.order
        try:
            place = paging.read(cursor, kinds)
        except paging.BadCursor:
            place = None
        if place is None or (sort and place[-1] != sort):
            raise forms.ValidationError(_("take it from “next” of the page before, as it is."))
        return place[:-1] if sort else place

    def check_values(self) -> Mapping[str, Any]:
        """Return the values. Raises BadParameters with a sentence for every parameter that cannot be used."""
        wrong = {name: [unusable(name, why) for why in reasons] for name, reasons in self.errors.items()}
        for name in self.data:
            if name not in self.fields:
                known = ", ".join(self.fields)
                sentence = gettext("There is no parameter “%(name)s” here; there are: %(known)s.")
                wrong[quote_name(name)] = [sentence % {"name": quote_name(name), "known": known}]
            elif name not in wrong and name not in MANY and len(set(self.data.getlist(name))) > 1:
                wrong[name] = [gettext("The parameter “%(name)s” can be given once only.") % {"name": name}]
        if wrong:
            raise BadParameters(wrong)
        return self.cleaned_data

    @property
    def sort(self) -> str:
        """Return the column that rows are sorted by, "-column" from the highest down; "" in their own order."""
        return self.cleaned_data.get("sort") or ""

    @property
    def sort_in_cursor(self) -> list[str]:
        return [self.sort] if self.sort else []

    @property
    def chosen_fields(self) -> tuple[str, ...]:
        """Return the fields asked for; none where a row is given whole."""
        return self.cleaned_data.get("fields") or ()

    @property
    def states(self) -> list[str]:
        return list(self.cleaned_data.get("state") or ())

    @property
    def limit(self) -> int:
        return self.cleaned_data["limit"] or self.usual

    @property
    def position(self) -> paging.Position | None:
        place: paging.Position | None = self.cleaned_data["cursor"]
        return place

    def scope(self, **more: Any) -> Scope:
        """Choose the scope; what is left out of files is left out here (publish)."""
        chosen = self.cleaned_data
        return Scope(
            platform=chosen.get("platform") or "",
            region=chosen.get("region") or "",
            group=chosen.get("group") or "",
            q=chosen.get("q") or "",
            kinds=tuple(chosen.get("kind") or ()),
            actors=tuple(chosen.get("actor") or ()),
            publish=True,
            **more,
        )


class ActorsField(files.ActorsField):
    def clean(self, value: Any) -> tuple[str, ...]:
        if len(value or []) > MOST_LINES:
            raise forms.ValidationError(_("at most %(most)s can be named."), params={"most": MOST_LINES})
        return super().clean(value)


class ScopeForm(ReadForm):
    """Whom an answer is about."""

    platform = files.OneField(platform_choices)
    kind = files.SomeField(ActorKind.choices)
    region = forms.CharField(required=False, max_length=80)
    group = forms.CharField(required=False, max_length=80)
    actor = ActorsField()
    q = forms.CharField(required=False, max_length=100)


class ApiActorsForm(ScopeForm):
    order = (int,)


class AccountsForm(ScopeForm):
    order = (int,)


class AnyForm(ReadForm):
    """A list without parameters of its own, in order of its rows' numbers."""

    order = (int,)


class Period(ReadForm):
    """Adds `from` and `to`."""

    def __init__(self, query: QueryDict, **more: Any) -> None:
        super().__init__(query, **more)
        self.fields["from"] = ApiDayField(first=True)
        self.fields["to"] = ApiDayField()

    def clean(self) -> None:
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if first and last and first > last:
            self.add_error("from", gettext("the date is later than “to”."))

    @property
    def first(self) -> date | None:
        first: date | None = self.cleaned_data["from"]
        return first

    @property
    def last(self) -> date | None:
        last: date | None = self.cleaned_data["to"]
        return last

    def instants(self) -> tuple[datetime | None, datetime | None]:
        """Return the period as instants: from the first one of `from` to the last one of `to`, in Almaty."""
        zone = timezone.get_default_timezone()
        first = datetime.combine(self.first, time.min, zone) if self.first else None
        return first, datetime.combine(self.last, time.max, zone) if self.last else None


class ApiSnapshotsForm(Period, ScopeForm):
    order = (int, date, int)  # account, day, span
    account = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)


class LinesForm(Period, ScopeForm):
    """What is reckoned from all lines of a scope: no more of them than a chart has."""

    order = (int, str)  # place, and whose it is

    def check_values(self) -> Mapping[str, Any]:
        chosen = super().check_values()
        if (many := line_count(self.scope())) > MOST_LINES:
            sentence = gettext(
                "This would be %(lines)s lines, and at most %(most)s are compared at once: choose a platform, a group "
                "or actors."
            )
            raise BadParameters({"actor": [sentence % {"lines": many, "most": MOST_LINES}]})
        return chosen

    @property
    def until(self) -> date:
        """Return the last day; today in Almaty where none is named."""
        return self.last or timezone.localdate()


class TrendsForm(LinesForm):
    most = 50
    usual = 20
    rows = files.OneField(files.ROWS)

    def scope(self, **more: Any) -> Scope:
        return super().scope(rows=self.cleaned_data["rows"] or "actors", **more)


class ApiStandingsForm(files.TwoDays, ScopeForm):
    order = (int, str)
    on = ApiDayField()
    since = ApiSinceField()
    rows = files.OneField(files.ROWS)
    fresh = YesField()
    reference = ActorsField()

    def scope(self, **more: Any) -> Scope:
        chosen = self.cleaned_data
        return super().scope(rows=chosen["rows"] or "actors", fresh=chosen["fresh"], **more)

    @property
    def reference_slug(self) -> str:
        return "".join(self.cleaned_data["reference"][:1])


class ValuesForm(Period):
    order = (date, int, int)  # day, span, id
    platform = files.OneField(platform_choices)
    geo = forms.CharField(required=False, max_length=20)
    segment = forms.CharField(required=False, max_length=80)


class ClaimsForm(ReadForm):
    order = (int,)
    platform = files.OneField(platform_choices)
    actor = ActorsField()


class ApiEventsForm(Period):
    order = (date, int)


class CorrectionsForm(Period, ScopeForm):
    order = (int,)


def not_text(name: str, values: list[str]) -> str:
    """Return a sentence where a parameter holds nothing, or what no database takes for text."""
    if "\0" in name or any("\0" in value for value in values):
        return unusable(quote_name(name), gettext("it holds a character that is not text."))
    if not all(value.strip() for value in values):
        return unusable(quote_name(name), gettext("it is empty; leave it out."))
    return ""


def unusable(name: str, why: Any) -> str:
    return gettext("The parameter “%(name)s” cannot be used: %(why)s") % {"name": name, "why": why}


def quote_name(name: str) -> str:
    """Return a name as a message may quote it."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name[:60])
