"""The chart builder's result: numbers, figure, words, table and files of one comparison."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils.translation import gettext

from apps.dashboard import downloads, group_page
from apps.dashboard.chart_tables import lines_drawn
from apps.dashboard.compare_form import BASED, VIEWS, CompareForm, Option
from apps.dashboard.downloads import File
from apps.dashboard.lineage import say_times
from apps.dashboard.links import exports
from apps.figures import answers, comparing, formats, labels, lines, sentences, style, twins
from apps.figures.areas import areas
from apps.figures.charts import Figure
from apps.registry.models import Actor
from apps.standings import comparison, trends
from apps.standings.comparison import Drawn, View
from apps.standings.league import league
from apps.standings.league_totals import Window
from apps.standings.shares import Moment, shares
from apps.standings.types import Scope, Series, Trend

NEAREST = 5


# The names of app.css for what style.py colours.
HUES = {
    style.REFERENCE: "reference",
    style.FOCUS: "focus",
    **{colour: f"picked-{place}" for place, colour in enumerate(style.PICKED, 1)},
}


@dataclass(frozen=True)
class Chosen:
    """An actor in the comparison."""

    actor: Actor
    hue: str
    without: str  # the address that leaves it out


@dataclass(frozen=True)
class Comparison:
    """What the page shows below the builder."""

    form: CompareForm
    trend: Trend
    drawn: tuple[Drawn, ...]  # not in the share view
    base: date | None  # only in views that start from a day
    events: list[lines.Mark]
    moments: tuple[Moment, ...]  # only in the share view
    focus: str
    picked: tuple[str, ...]

    @property
    def has_points(self) -> bool:
        return any(series.points for series in self.trend.series)

    @property
    def why_blank(self) -> str:
        """Return why this view of counts that are there cannot be drawn; "" where it can."""
        if not self.has_points:
            return gettext("Nothing is recorded in these days.")
        if self.form.view_shown == View.SHARE:
            if len(self.form.actors) < 2:
                return gettext("A share is that of one among several: add another actor.")
            return "" if self.moments else gettext("There is no day on which all of them are counted.")
        if any(number is not None for one in self.drawn for number in one.values):
            return ""
        return gettext(
            "None of the lines has a count on or before the day that this view starts from. Choose a later day, or look at the followers."
        )

    @cached_property
    def figure(self) -> Figure:
        if self.form.view_shown == View.SHARE:
            return areas(self.trend, self.moments, self.focus, self.picked, self.events)
        return lines.lines(
            self.trend, self.focus, self.picked, self.events, self.drawn, self.form.view_shown, self.base
        )

    @cached_property
    def sentences(self) -> list[str]:
        told = comparing.summary(self.trend, self.drawn, self.form.view_shown, self.base, self.moments)
        rest = lines_drawn(self.trend)
        return [*told, f"{rest}."] if rest else told

    @property
    def description(self) -> str:
        return sentences.description(self.sentences)

    @cached_property
    def table(self) -> twins.Twin:
        if self.form.view_shown == View.SHARE:
            return twins.of_shares(self.trend, self.moments)
        return twins.twin(self.drawn, self.form.view_shown)

    @cached_property
    def chosen(self) -> list["Chosen"]:
        """Return the actors of the comparison, each with its colour and the address without it."""
        reference = next((series.actor_slug for series in self.trend.series if series.is_reference), "")
        slugs = [actor.slug for actor in self.form.actors]
        colours = style.colours(slugs, reference, self.focus, self.picked)
        return [
            Chosen(actor, HUES.get(colours[actor.slug], "other"), self.form.without_actor(actor.slug))
            for actor in self.form.actors
        ]

    @cached_property
    def title(self) -> str:
        """Return the title over a picture of the chart."""
        view = str(dict(VIEWS)[self.form.view_shown])
        platform = formats.platform_name(self.form.platform_shown)
        if self.form.group_shown:
            return f"{self.form.group_shown.title(formats.language())}: {view} ({platform})"
        return f"{view} ({platform})"

    @property
    def page_title(self) -> str:
        """Return the title with whom the chart compares, as a tab and a citation have it."""
        if self.form.group_shown:
            return self.title
        names = [labels.short(actor.name(formats.language())) for actor in self.form.actors]
        return f"{answers.join_list(names)}: {self.title}"

    @property
    def without_points(self) -> list[Series]:
        """Return the lines that nothing was recorded for in these days."""
        return [series for series in self.trend.series if not series.points]

    @cached_property
    def files(self) -> list[File]:
        """Return the chart's lines long and wide, and everything recorded of its actors."""
        form = self.form
        scope = Scope(
            platform=form.platform_shown,
            group=form.group_shown.slug if form.group_shown else "",
            actors=() if form.group_shown else tuple(actor.slug for actor in form.actors),
        )
        parameters = {
            **downloads.actor_parameters(scope),
            "from": form.first.isoformat() if form.first else "",
            "to": form.last.isoformat() if form.value("to") else "",
            "rows": "accounts" if form.value("rows") == "accounts" else "",
        }
        long = downloads.rows_of_file(self.trend)
        days = {(point.day, point.span) for series in self.trend.series for point in series.points}
        return [
            downloads.page_file(exports("trend", None, **parameters), long),
            downloads.page_file(
                exports("trend", None, **parameters, layout="wide"),
                None if long is None else len(days),
                gettext("What is shown, a column for each line"),
            ),
            downloads.everything(scope),
        ]


def of(form: CompareForm, *, freeze: bool = False) -> Comparison:
    """Return the comparison that the address asks for. freeze: without what may not stand in an edition."""
    scope = Scope(
        platform=form.platform_shown,
        actors=tuple(actor.slug for actor in form.actors),
        rows="accounts" if form.value("rows") == "accounts" else "actors",
        freeze=freeze,
    )
    if not form.actors:
        empty = Trend(form.last, form.last, trends.resolution(form.last, form.last))
        return Comparison(form, empty, (), None, [], (), "", ())
    trend = trends.trend(scope, form.first, form.last, form.reference_slug)
    view = form.view_shown
    form.usual_base = comparison.common_base(trend)
    base = (form.value("base") or form.usual_base) if view in BASED else None
    focus, picked = pick_colours(trend, form)
    return Comparison(
        form=form,
        trend=trend,
        drawn=() if view == View.SHARE else comparison.view(trend, view, base),
        base=base,
        events=group_page.marks(trend, form.event_kind),
        moments=shares(trend) if view == View.SHARE else (),
        focus=focus,
        picked=picked,
    )


def pick_colours(trend: Trend, form: CompareForm) -> tuple[str, tuple[str, ...]]:
    """Return who is drawn in the focus colour, and the four that take the other hues; with more lines all others are
    grey."""
    newest = {series.actor_slug: 0 for series in trend.series}
    for series in trend.series:
        newest[series.actor_slug] = max(newest[series.actor_slug], lines.newest(series))
    reference = next((series.actor_slug for series in trend.series if series.is_reference), "")
    order = [slug for slug in sorted(newest, key=lambda slug: -newest[slug]) if slug != reference]
    if form.values["actor"]:  # an order that somebody chose outlives a day's counts
        order = [actor.slug for actor in form.actors if actor.slug in newest and actor.slug != reference]
    focus = form.value("highlight") or next(iter(order), "")
    return focus, tuple(slug for slug in order if slug != focus)[:4]


def nearest(actor: Actor, platform: str, on: date) -> tuple[str, list[str]]:
    """Return the platform and the actor with those nearest to it in rank there, in order of rank; the actor first.

    Without a platform it is the one where the actor has most.
    """
    if not platform:
        own = league(Scope(actors=(actor.slug,), rows="accounts"), on)
        counted = [row for row in own.rows if row.now and row.now.followers is not None]
        best = max(counted, key=lambda row: row.now.followers or 0 if row.now else 0, default=None)
        platform = best.platform if best else ""
    window = Window(stop=0, around=actor.slug, beside=NEAREST)
    among = league(Scope(platform=platform), on, window=window)
    place = among.place_of(actor.slug)
    if place is None or among.rows[place].rank is None:
        return platform, [actor.slug]
    near = range(max(place - NEAREST, 0), min(place + NEAREST + 1, among.counted))
    around = sorted(near, key=lambda one: (abs(one - place), one))[1 : NEAREST + 1]
    return platform, [actor.slug, *(among.rows[one].actor_slug for one in sorted(around))]


def search_links(form: CompareForm, actors: list[Actor]) -> list[Option]:
    """Search results as links that add them; those already there are marked."""
    here = {actor.slug for actor in form.actors}
    return [
        Option(
            actor.name(formats.language()),
            form.with_actor(actor.slug),
            actor.slug in here,
            say_times(actor) if actor.ended else "",
        )
        for actor in actors
    ]
