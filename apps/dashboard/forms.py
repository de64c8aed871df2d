"""Query forms of the pages. Every parameter is checked; a wrong one is left out, and the page says so."""

from contextvars import ContextVar
from copy import deepcopy
from datetime import date, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.common.day_fields import SINCE, DayField, SinceField
from apps.context.models import Event
from apps.figures import formats
from apps.registry.models import Actor, ActorKind, Group, platform_choices
from apps.registry.search import actors_named
from apps.standings.types import Scope

EARLIEST = date(1990, 1, 1)
LATEST_AHEAD = timedelta(days=1)  # the day has begun in the east of us
SINCE_NAMES = (("7d", _("7 days")), ("30d", _("30 days")), ("1y", _("1 year")))
RANGES = {
    "30d": timedelta(days=30),
    "1y": timedelta(days=365),
    "2y": timedelta(days=730),
    "5y": timedelta(days=1826),
}
RANGE_NAMES = (
    ("30d", _("30 days")),
    ("1y", _("1 year")),
    ("2y", _("2 years")),
    ("5y", _("5 years")),
    ("", _("All")),
)
SORTS = ("rank", "name", "moved", "followers", "change", "percent", "day", "gap", "share", "reach")


class PageDayField(DayField):
    """A day as everywhere, not before there were platforms and not after tomorrow."""

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if (
            isinstance(day, date)
            and not EARLIEST <= day <= timezone.localdate().replace(month=12, day=31) + LATEST_AHEAD
        ):
            raise forms.ValidationError(_("This date is out of range."))
        return day


class PageSinceField(SinceField, PageDayField):
    """Such a day, or so long before the day shown."""


class FromField(PageDayField):
    """A day as everywhere, or so long before the last day: 30d, 1y, 2y, 5y. Gives a day or a stretch of time."""

    def clean(self, value: Any) -> Any:
        return RANGES.get(str(value or "")) or super().clean(value)


# Whether the page that is being made says that something of its address was left out.
is_left_out: ContextVar[bool] = ContextVar("is_left_out", default=False)


class QueryForm(forms.Form):
    """A form read from an address. `problems` says what was left out; `query` writes the shortest address."""

    more_fields: ClassVar[dict[str, forms.Field]] = {}  # whose names Python keeps for itself

    def __init__(self, query: QueryDict, **kwargs: Any) -> None:
        super().__init__(query, **kwargs)
        self.given = query
        self.problems: list[str] = []
        self.refusals: list[str] = []  # the same where nothing is left out, and nothing shown
        self.wrong: dict[str, str] = {}  # field -> what is wrong with it, to stand beside it
        self.fields |= deepcopy(self.more_fields)
        self.add_fields()
        self.full_clean()
        self.values: dict[str, Any] = self.cleaned_data
        for name in self.errors:
            if name in self.fields:
                self.wrong[name] = " ".join(str(error) for error in self.errors[name])
                self._leave_out(name)

    @classmethod
    def canonical(cls, query: QueryDict) -> tuple[list[tuple[str, str]], bool]:
        """Return the parameters a cached page depends on, each in one spelling, and whether all of them may be cached.

        Parameters that the page does not know are left out, and so is all but the last of one that it takes once. Asks
        no database: whether a group or an actor exists is seen when the page is made.
        """
        pairs, is_valid = [], True
        known: dict[str, forms.Field] = {**cls.base_fields, **cls.more_fields}
        for name in query:
            if name not in known:
                continue
            field, values = known[name], query.getlist(name)
            if not isinstance(field.widget, forms.MultipleHiddenInput):
                values = values[-1:]
            for value in values:
                spelt, is_one = _spelt(field, value.strip())
                is_valid = is_valid and is_one
                pairs += [(name, spelt)] if spelt else []
        return pairs, is_valid

    def add_fields(self) -> None:
        """Change fields by what this form alone knows."""

    def _leave_out(self, name: str) -> None:
        is_left_out.set(True)
        wrong = ", ".join(self.given.getlist(name))[:60]
        self.problems.append(
            gettext("“%(value)s” is not valid for “%(name)s” and has been ignored.")
            % {"value": wrong, "name": self.fields[name].label or name}
        )
        self.refusals.append(
            gettext("“%(value)s” is not a value of “%(name)s”.") % {"value": wrong, "name": name}
        )
        understood = self.given.copy()
        del understood[name]
        self.data = self.given = understood
        self.values[name] = self.fields[name].clean([] if name == "actor" else "")

    def value(self, name: str, default: Any = None) -> Any:
        return self.values.get(name) or default

    def query(self, **changes: Any) -> str:
        """Return the address's query with changes: only what was understood and is not empty, in the form's order."""
        pairs: list[tuple[str, str]] = []
        for name in self.fields:
            given = changes[name] if name in changes else self.given.getlist(name)
            values = given if isinstance(given, list) else [given]
            pairs += [(name, str(value)) for value in values if value not in (None, "")]
        return urlencode(pairs)


def _spelt(field: forms.Field, value: str) -> tuple[str, bool]:
    """Return the one spelling of a value, and whether the field takes it."""
    if isinstance(field.widget, forms.MultipleHiddenInput):
        return value, True
    try:
        cleaned = field.clean(value)
    except forms.ValidationError:
        return value, False
    if isinstance(field, forms.BooleanField):
        return ("1" if cleaned else ""), True
    return (str(cleaned) if isinstance(field, forms.IntegerField) and cleaned is not None else value), True


def since_choices() -> list[tuple[str, Any]]:
    this_year = timezone.localdate().year
    years = [(str(year), str(year)) for year in range(this_year - 1, this_year - 13, -1)]
    return [("", "—"), *SINCE_NAMES, *years]


class StandingsForm(QueryForm):
    platform = forms.ChoiceField(
        label=_("Platform"),
        required=False,
        choices=lambda: [("", _("All platforms")), *platform_choices()],
    )
    kind = forms.ChoiceField(
        label=_("Type"), required=False, choices=lambda: [("", _("All types")), *ActorKind.choices]
    )
    group = forms.CharField(label=_("Group"), required=False, max_length=80, widget=forms.Select)
    q = forms.CharField(label=_("Name"), required=False, max_length=100)
    on = PageDayField(label=_("On"), widget=forms.DateInput(attrs={"type": "date"}))
    since = PageSinceField(label=_("Compared with"), widget=forms.Select)
    rows = forms.ChoiceField(
        label=_("Rows"),
        required=False,
        choices=[("", _("Actors")), ("actors", _("Actors")), ("accounts", _("Accounts"))],
        widget=forms.Select(choices=[("", _("Actors")), ("accounts", _("Accounts"))]),
    )
    fresh = forms.BooleanField(label=_("Only counts from the last 30 days"), required=False)
    view = forms.ChoiceField(
        required=False, choices=[("", ""), ("table", "table"), ("bars", "bars"), ("bump", "bump")]
    )
    sort = forms.ChoiceField(
        required=False, choices=[(sign + name, name) for name in ("", *SORTS) for sign in ("", "-")]
    )
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000)
    highlight = forms.SlugField(required=False, max_length=80)

    def __init__(self, query: QueryDict, **kwargs: Any) -> None:
        self.groups: dict[str, Group] = {group.slug: group for group in Group.objects.public().order_by("pk")}
        super().__init__(query, **kwargs)

    def clean_group(self) -> str:
        slug: str = self.cleaned_data["group"]
        if slug and slug not in self.groups:
            raise forms.ValidationError(_("There is no such group."))
        return slug

    @property
    def group_choices(self) -> list[tuple[str, str]]:
        code = formats.language()
        return [(slug, group.title(code)) for slug, group in self.groups.items()]

    @property
    def view_options(self) -> list[tuple[Any, str, bool]]:
        """Return the pictures of the standings: name, address, whether it is the one shown. Accounts have no bump
        chart."""
        here = self.value("view") or "table"
        names = [("table", _("Table")), ("bars", _("Bars")), ("bump", _("Ranks over time"))]
        if self.value("rows") == "accounts":
            names.pop()
        return [
            (name, "?" + self.query(view="" if view == "table" else view, page=None), view == here)
            for view, name in names
        ]

    @property
    def day(self) -> date:
        day: date = self.value("on", timezone.localdate())
        return day

    @property
    def is_period(self) -> bool:
        """Say whether `since` names a period and not a day."""
        return isinstance(self.value("since"), timedelta)

    @property
    def since_day(self) -> date | None:
        """Return the day to compare with; none where it is not before the day shown."""
        given = self.value("since")
        if isinstance(given, timedelta):
            return self.day - given
        since: date | None = given
        return since if since and since < self.day else None

    def scope(self) -> Scope:
        return Scope(
            platform=self.value("platform", ""),
            kinds=(self.value("kind"),) if self.value("kind") else (),
            group=self.value("group", ""),
            q=self.value("q", ""),
            rows=self.value("rows", "actors"),
            fresh=self.value("fresh", False),
        )

    @property
    def chosen(self) -> str:
        """Return in one line what the table shows, for where the form is folded."""
        parts = [formats.platform_name(self.value("platform", ""))]
        if group := self.groups.get(self.value("group", "")):
            parts.append(group.title(formats.language()))
        if kind := self.value("kind"):
            parts.append(str(ActorKind(kind).label))
        if q := self.value("q"):
            parts.append(formats.quote(q))
        parts.append(formats.day(self.day))
        if since := self.since_day:
            parts.append(gettext("compared with %(day)s") % {"day": formats.day(since)})
        if self.value("rows") == "accounts":
            parts.append(gettext("Accounts"))
        if self.value("fresh"):
            parts.append(str(self.fields["fresh"].label))
        return " · ".join(parts)

    @property
    def since_chosen(self) -> str:
        return str(self.data.get("since", ""))

    def since_options(self) -> list[tuple[str, Any]]:
        """Return the options of the select; a date from the address is one of them."""
        given = self.since_chosen
        choices = since_choices()
        if given in dict(choices):
            return choices
        day = self.value("since")
        return [*choices, (given, formats.day(day) if isinstance(day, date) else given)]


class EventKindField(forms.ChoiceField):
    """The kind of events that a chart shows; "1" and "0", which the chart's own button writes, choose none."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Events"),
            required=False,
            choices=[("", ""), ("0", "0"), ("1", "1"), *Event.Category.choices],
        )

    def clean(self, value: Any) -> str:
        chosen: str = super().clean(value)
        return chosen if chosen in Event.Category.values else ""


class GroupForm(QueryForm):
    since = PageDayField(label=_("First date"))
    on = PageDayField(label=_("Second date"))
    view = forms.ChoiceField(required=False, choices=[("", ""), ("slope", "slope"), ("line", "line")])
    scale = forms.ChoiceField(required=False, choices=[("", ""), ("linear", "linear"), ("log", "log")])
    highlight = forms.SlugField(required=False, max_length=80)
    events = EventKindField()


class OverviewForm(QueryForm):
    platform = forms.ChoiceField(
        label=_("Platform"), required=False, choices=lambda: [("", ""), *platform_choices()]
    )
    view = forms.ChoiceField(required=False, choices=[("", ""), ("slope", "slope"), ("line", "line")])
    scale = forms.ChoiceField(required=False, choices=[("", ""), ("linear", "linear"), ("log", "log")])
    events = EventKindField()

    def platform_options(self, chosen: str) -> list[tuple[str, str, bool]]:
        """Return every platform's code and name, and whether it is the one shown."""
        return [(code, name, code == chosen) for code, name in platform_choices()]


class ActorForm(QueryForm):
    platform = forms.ChoiceField(
        label=_("Platform"), required=False, choices=lambda: [("", _("All platforms")), *platform_choices()]
    )
    scale = forms.ChoiceField(required=False, choices=[("", ""), ("linear", "linear"), ("log", "log")])
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000)
    events = EventKindField()
    more_fields: ClassVar[dict[str, forms.Field]] = {
        "from": FromField(first=True, label=_("From")),
        "to": PageDayField(label=_("To")),
    }

    @property
    def range_options(self) -> list[tuple[Any, str, bool]]:
        """Return the stretches of time a chart can show: name, address, whether it is the one shown."""
        here = self.given.get("from", "") if self.value("from") else ""
        return [
            (name, "?" + self.query(**{"from": key, "to": None, "page": None}), key == here)
            for key, name in RANGE_NAMES
        ]


class ActorsForm(QueryForm):
    q = forms.CharField(label=_("Name"), required=False, max_length=100)
    kind = forms.ChoiceField(
        label=_("Type"), required=False, choices=lambda: [("", _("All types")), *ActorKind.choices]
    )
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000)

    @property
    def chosen(self) -> str:
        """Return in one line which actors are listed, for where the form is folded."""
        kind, q = self.value("kind"), self.value("q")
        parts = [str(ActorKind(kind).label) if kind else gettext("All types")]
        return " · ".join([*parts, formats.quote(q)] if q else parts)


class SearchForm(QueryForm):
    q = forms.CharField(label=_("Name"), required=False, max_length=100)


class PageForm(QueryForm):
    page = forms.IntegerField(label=_("Page"), required=False, min_value=1, max_value=100_000)


class MeForm(QueryForm):
    """Which of one's own bodies, on which platform, compared with which day."""

    actor = forms.ChoiceField(label=_("Organisation"), required=False)
    platform = forms.ChoiceField(
        label=_("Platform"), required=False, choices=lambda: [("", ""), *platform_choices()]
    )
    since = forms.ChoiceField(
        label=_("Compared with"), required=False, choices=[("", _("my last visit")), *SINCE_NAMES]
    )

    def __init__(self, query: QueryDict, actors: list[str]) -> None:
        self.actors = actors
        super().__init__(query)

    def add_fields(self) -> None:
        field = self.fields["actor"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 declared above
        field.choices = [("", ""), *((slug, slug) for slug in self.actors)]

    def since_day(self, today: date, visit: date) -> date:
        """Return the day to compare with: so long ago as chosen, else that of the last visit."""
        stretch = SINCE.get(self.value("since", ""))
        return today - stretch if stretch else visit


class PeerForm(forms.Form):
    """A name that a press officer types to pin another actor to the comparison."""

    name = forms.CharField(label=_("Add by name"), max_length=100)

    def clean_name(self) -> Actor:
        typed: str = self.cleaned_data["name"]
        likest = actors_named(typed, formats.language(), 1)
        if not likest:
            raise forms.ValidationError(_("We track nobody under such a name."))
        return likest[0]


class EventsForm(QueryForm):
    kind = forms.ChoiceField(label=_("Type"), required=False, choices=[("", ""), *Event.Category.choices])
