"""Query form of the chart builder, and its shortest address."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.context.models import Event
from apps.dashboard.forms import RANGE_NAMES, RANGES, FromField, PageDayField, QueryForm
from apps.figures import formats
from apps.registry.models import Actor, Group, OldSlug, platform_choices
from apps.standings.comparison import View

ACTORS_AT_MOST: Final = 14  # as many as a chart draws
SLUG: Final = re.compile(r"[-\w]+", re.ASCII)
ALL: Final = "all"
BASED: Final = (View.CHANGE, View.PERCENT, View.INDEX)
VIEWS: Final = (
    (View.FOLLOWERS, _("Followers")),
    (View.CHANGE, _("Change")),
    (View.PERCENT, _("Percent")),
    (View.INDEX, _("Index")),
    (View.SHARE, _("Share")),
    (View.GAP, _("Gap")),
)


class SlugsField(forms.Field):
    """Slugs, each once, in the order given."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        return list(dict.fromkeys(slug[:80] for slug in value or [] if slug.strip()))


@dataclass(frozen=True)
class Option:
    """A choice as a link."""

    name: Any
    href: str
    is_current: bool
    note: str = ""


class CompareForm(QueryForm):
    group = forms.CharField(label=_("Group"), required=False, max_length=80)
    actor = SlugsField(label=_("Actor"), required=False)
    platform = forms.ChoiceField(
        label=_("Platform"),
        required=False,
        choices=lambda: [("", ""), (ALL, _("All platforms")), *platform_choices()],
    )
    rows = forms.ChoiceField(
        label=_("Lines"),
        required=False,
        choices=[("", _("Actors")), ("actors", _("Actors")), ("accounts", _("Accounts"))],
        widget=forms.Select(choices=[("", _("Actors")), ("accounts", _("Accounts"))]),
    )
    view = forms.ChoiceField(label=_("View"), required=False, choices=[("", ""), *VIEWS])
    reference = forms.SlugField(label=_("Measured against"), required=False, max_length=80)
    highlight = forms.SlugField(label=_("Highlighted"), required=False, max_length=80)
    base = PageDayField(first=True, label=_("Base date"))
    scale = forms.ChoiceField(
        label=_("Scale"), required=False, choices=[("", ""), ("linear", "linear"), ("log", "log")]
    )
    events = forms.ChoiceField(
        label=_("Events"), required=False, choices=[("", ""), ("0", "0"), ("1", "1"), *Event.Category.choices]
    )
    q = forms.CharField(label=_("Add by name"), required=False, max_length=100)
    more_fields: ClassVar[dict[str, forms.Field]] = {
        "from": FromField(first=True, label=_("From")),
        "to": PageDayField(label=_("To")),
    }

    def __init__(self, query: QueryDict, **kwargs: Any) -> None:
        self.groups: dict[str, Group] = {group.slug: group for group in Group.objects.public().order_by("pk")}
        filled = QueryDict(mutable=True)  # a form sends its empty fields too
        for name, values in query.lists():
            filled.setlist(name, [value for value in values if value.strip()])
        self._reckoned: tuple[date | None, dict[str, Any]] | None = None
        self.usual_base: date | None = None  # what the chart starts from unasked; known once it is reckoned
        super().__init__(filled, **kwargs)
        self.actors = self._actors()
        first, last = self.value("from"), self.last
        if isinstance(first, date) and first > last:
            self.problems.append(gettext("The first date is after the last one; both have been left out."))
            self.refusals.append(gettext("The first date is after the last one."))
            self.values["from"] = self.values["to"] = None
        for name in ("reference", "highlight"):
            if self.value(name) and self.value(name) not in {actor.slug for actor in self.actors}:
                self._leave_out(name)

    def clean_group(self) -> str:
        slug: str = self.cleaned_data["group"]
        if slug and slug not in self.groups:
            raise forms.ValidationError(_("There is no such group."))
        return slug

    def _actors(self) -> list[Actor]:
        """Return the picked actors in the order given, else the members of the group."""
        slugs: list[str] = self.values["actor"]
        found = self._find_actors([slug for slug in slugs if SLUG.fullmatch(slug)])
        if unknown := [slug for slug in slugs if slug not in found]:
            wrong = {"value": ", ".join(unknown)[:60]}
            self.problems.append(gettext("“%(value)s” is not tracked here, so it is not shown.") % wrong)
            self.refusals.append(gettext("There is no actor “%(value)s”.") % wrong)
        chosen = list({found[slug].pk: found[slug] for slug in slugs if slug in found}.values())
        if len(chosen) > ACTORS_AT_MOST:
            self.problems.append(
                gettext("A chart can show up to %(most)s actors; the others are not shown.")
                % {"most": ACTORS_AT_MOST}
            )
            self.refusals.append(gettext("A chart has room for %(most)s actors.") % {"most": ACTORS_AT_MOST})
        chosen = chosen[:ACTORS_AT_MOST]
        self.values["actor"] = [actor.slug for actor in chosen]
        if chosen or not self.group_shown:
            return chosen
        return list(self.group_shown.members.filter(hidden=False).order_by("sort_en", "pk"))

    def _find_actors(self, slugs: list[str]) -> dict[str, Actor]:
        """Return the public actors by slug, present or earlier."""
        if not slugs:
            return {}
        found = {actor.slug: actor for actor in Actor.objects.public().filter(slug__in=slugs)}
        missing = [slug for slug in slugs if slug not in found]
        if missing:
            moved = OldSlug.objects.filter(slug__in=missing, actor__hidden=False).select_related("actor")
            found |= {old.slug: old.actor for old in moved}
        return found

    @property
    def group_shown(self) -> Group | None:
        """Return the group that is shown: one from the address, or, where nobody is picked, the first with a
        reference."""
        if self.values.get("actor"):
            return None
        return self.groups.get(self.value("group", "")) or self.opening_group

    @cached_property
    def opening_group(self) -> Group | None:
        """Return the group that the page opens with."""
        return next((one for one in self.groups.values() if one.platform and one.reference_id), None)

    @property
    def view_shown(self) -> View:
        return View(self.value("view", View.FOLLOWERS))

    @property
    def reference_slug(self) -> str:
        """Return whom the gap is measured to: asked for, else the group's reference, else the first picked."""
        return str(self.value("reference") or self.usual_reference)

    @property
    def usual_reference(self) -> str:
        if self.group_shown:
            reference = self.group_shown.reference_id
            return next((actor.slug for actor in self.actors if actor.pk == reference), "")
        return self.actors[0].slug if self.actors else ""

    @property
    def default_platform(self) -> str:
        return self.group_shown.platform if self.group_shown else ""

    @property
    def platform_shown(self) -> str:
        """Return the platform's code; "" for all."""
        asked = self.value("platform") or self.default_platform
        return "" if asked == ALL else asked

    @property
    def last(self) -> date:
        last: date = self.value("to", timezone.localdate())
        return last

    @property
    def first(self) -> date | None:
        """Return the first day; None is all there is."""
        given = self.value("from")
        if isinstance(given, timedelta):
            return self.last - given
        first: date | None = given
        return first

    @property
    def scale_shown(self) -> str:
        return "log" if self.value("scale") == "log" and self.has_log else "linear"

    @property
    def has_log(self) -> bool:
        return self.view_shown in (View.FOLLOWERS, View.INDEX)

    @property
    def has_events(self) -> bool:
        return bool(self.value("events") != "0")

    @property
    def event_kind(self) -> str:
        """Return the kind of events that the chart shows; "" for all."""
        kind: str = self.value("events", "")
        return kind if kind in Event.Category.values else ""

    def address(self, **changes: Any) -> str:
        """Return the shortest query of this state with changes: what is as it would be anyway is left out."""
        state = {**self._state(), **changes}
        pairs: list[tuple[str, str]] = []
        for name, given in state.items():
            values = given if isinstance(given, list) else [given]
            pairs += [(name, str(value)) for value in values if value not in (None, "")]
        return urlencode(pairs)

    def _state(self) -> dict[str, Any]:
        """Return the parameters of the address as understood; cached once the usual base is known, as all links share
        them."""
        if self._reckoned is None or self._reckoned[0] != self.usual_base:
            self._reckoned = (self.usual_base, self._reckon())
        return self._reckoned[1]

    def _reckon(self) -> dict[str, Any]:
        return {
            "group": self.value("group")
            if self.group_shown and self.group_shown != self.opening_group
            else "",
            "actor": self.values["actor"],
            "platform": self.given_platform(),
            "rows": "accounts" if self.value("rows") == "accounts" else "",
            "view": "" if self.view_shown == View.FOLLOWERS else self.view_shown,
            "reference": "" if self.value("reference") == self.usual_reference else self.value("reference"),
            "highlight": self.value("highlight"),
            "base": self._read_base(),
            "scale": "log" if self.scale_shown == "log" else "",
            "events": self.event_kind if self.has_events else "0",
            "from": day_text(self.value("from"), self.data.get("from")),
            "to": day_text(self.value("to"), self.data.get("to")),
            "q": self.value("q"),
        }

    def _read_base(self) -> str:
        if not self.has_base or self.value("base") == self.usual_base:
            return ""
        return day_text(self.value("base"), self.data.get("base"))

    @property
    def from_stretch(self) -> str:
        """Return 30d, 1y or 5y where the range is one of them, else ""."""
        given = self.data.get("from", "")
        return given if given in RANGES and self.value("from") else ""

    def given_platform(self) -> str:
        asked: str = self.value("platform", "")
        return "" if asked == (self.default_platform or ALL) else asked

    @property
    def chosen(self) -> str:
        """Return in one line what the chart shows, for where the controls are folded."""
        count = len(self.actors)
        parts = [
            self.group_shown.title(formats.language())
            if self.group_shown
            else ngettext("%(count)s actor", "%(count)s actors", count) % {"count": formats.number(count)},
            formats.platform_name(self.platform_shown),
        ]
        if self.value("rows") == "accounts":
            parts.append(gettext("Accounts"))
        if self.first:
            parts.append(f"{formats.day(self.first)} – {formats.day(self.last)}")
        elif self.value("to"):
            parts.append(gettext("up to %(day)s") % {"day": formats.day(self.last)})
        return " · ".join(parts)

    @property
    def followers_link(self) -> str:
        """Return the address of the same lines as followers, which can always be drawn."""
        return self.link(view="", base="")

    @property
    def view_options(self) -> list[Option]:
        here = self.view_shown
        return [
            Option(name, self.link(view="" if view == View.FOLLOWERS else view), view == here)
            for view, name in VIEWS
        ]

    @property
    def range_options(self) -> list[Option]:
        here = self.data.get("from", "") if self.value("from") else ""
        return [
            Option(name, self.link(**{"from": key, "to": ""}), key == here and not self.value("to"))
            for key, name in RANGE_NAMES
        ]

    @property
    def event_options(self) -> list[Option]:
        """Return the kinds of events as links: all of them, then each alone."""
        kinds = [("", _("All events")), *Event.Category.choices]
        here = self.event_kind if self.has_events else None
        return [Option(name, self.link(events=kind), kind == here) for kind, name in kinds]

    @property
    def platform_choices(self) -> list[tuple[str, Any]]:
        return [(ALL, _("All platforms")), *platform_choices()]

    @property
    def platform_chosen(self) -> str:
        return self.platform_shown or ALL

    @cached_property
    def actor_choices(self) -> list[tuple[str, str]]:
        code = formats.language()
        return [(actor.slug, actor.name(code)) for actor in self.actors]

    def link(self, **changes: Any) -> str:
        query = self.address(**{"q": "", **changes})
        return f"?{query}" if query else "?"

    def with_actor(self, slug: str) -> str:
        """Return the address of this comparison and one more actor: a group becomes its members."""
        return self.link(
            actor=[*(actor.slug for actor in self.actors), slug], group="", **self._own_platform()
        )

    def without_actor(self, slug: str) -> str:
        rest = [actor.slug for actor in self.actors if actor.slug != slug]
        gone = {name: "" for name in ("reference", "highlight") if self.value(name) == slug}
        return self.link(actor=rest, group="", **gone, **self._own_platform())

    def hidden(self, *own: str) -> list[tuple[str, str]]:
        """Return the state as hidden inputs of a form that has its own inputs for some of it."""
        return [pair for pair in parse_qsl(self.address(q="")) if pair[0] not in own]

    @property
    def hidden_of_search(self) -> list[tuple[str, str]]:
        return self.hidden("q")

    @property
    def hidden_of_options(self) -> list[tuple[str, str]]:
        return self.hidden("q", "platform", "rows", "base", "from", "to", "reference", "highlight")

    @property
    def has_base(self) -> bool:
        return self.view_shown in BASED

    @property
    def base_input(self) -> str:
        """Return the id of the date input that a base line on the chart belongs to."""
        return "c-base" if self.has_base else ""

    @property
    def lacks_log(self) -> bool:
        return not self.has_log

    @property
    def lacks_events(self) -> bool:
        return not self.has_events

    @property
    def group_options(self) -> list[Option]:
        """Return every group as a link that shows it in this view."""
        left = {"actor": [], "platform": "", "reference": "", "highlight": ""}
        here = self.group_shown
        return [
            Option(
                group.title(formats.language()),
                self.link(**left, group="" if group == self.opening_group else slug),
                group == here,
            )
            for slug, group in self.groups.items()
        ]

    def _own_platform(self) -> dict[str, str]:
        return {"platform": self.platform_shown}


def day_text(day: Any, given: str | None) -> str:
    """Return a date as it was given, which may be a year or a stretch of time."""
    return given or "" if day else ""
