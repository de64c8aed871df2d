"""Every chart of the pages by its address: for pictures, frames on other sites, link previews and editions.

A chart's path is the page's own without language: overview, standings, compare, groups/<slug>, actors/<slug> and
actors/<slug>/ranks. Its query is the page's; what is no parameter of the page, and what is as it would be anyway, is
left out, so that a chart has one address.
"""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from django.http import QueryDict
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import get_language_from_path, gettext, override

from apps.dashboard import actor_page, comparison, group_page, reads, standings_charts
from apps.dashboard.chart_tables import (
    Table,
    lines_drawn,
    newest,
    newest_of_trend,
    of_ranks,
    of_trend,
    of_twin,
    one_date,
    rank_rows,
    row_sources,
    standing_rows,
    titles,
    trend_rows,
    trend_sources,
    two_dates,
)
from apps.dashboard.compare_form import CompareForm
from apps.dashboard.forms import ActorForm, GroupForm, OverviewForm, QueryForm, StandingsForm
from apps.dashboard.refusals import NoChart as NoChart
from apps.dashboard.refusals import refuse_gone, refuse_lenient
from apps.exports.trend import Cell
from apps.figures import bars, formats, lines, sentences, slope
from apps.figures.charts import Figure
from apps.registry.models import Actor, ActorKind, Group, OldSlug
from apps.standings import trends, unusual
from apps.standings.league import league
from apps.standings.types import Scope, Trend

PATH: Final = re.compile(r"(overview|standings|compare)|(actors|groups)/([-\w]{1,80})(/ranks)?", re.ASCII)
EMBED: Final = "/embed/"
PICTURE: Final = "/picture/"


@dataclass(frozen=True)
class Address:
    """Where a chart is found. `query` is the shortest that shows it."""

    path: str
    query: str = ""

    def embed(self, **more: str) -> str:
        return self._at(EMBED + self.path, more)

    def picture(self, ending: str, **more: str) -> str:
        return self._at(self.picture_path(ending), more)

    def picture_path(self, ending: str) -> str:
        return f"{PICTURE}{self.path}.{ending}"

    @property
    def page(self) -> str:
        """Return the page that shows it, in the active language."""
        kind, _slash, rest = self.path.partition("/")
        slug, _slash, part = rest.partition("/")
        names = {"actors": "actor", "groups": "group", "editions": "edition"}
        found = reverse(f"dashboard:{names.get(kind, kind)}", args=[slug] if slug else [])
        place = "#ranks-title" if part else ""
        return found + (f"?{self.query}" if self.query else "") + place

    def _at(self, path: str, more: dict[str, str]) -> str:
        query = "&".join(
            part for part in (self.query, urlencode({"lang": formats.language(), **more})) if part
        )
        return f"{path}?{query}"


@dataclass(frozen=True)
class Chart:
    """What is shown of a chart, in one language. Plain values: an edition keeps them as JSON."""

    title: str
    sentences: list[str]
    figure: Figure
    table: Table
    as_of: str  # the newest day it speaks of, as the language writes it
    sources: list[str]
    events: list[str]
    scale: str = "linear"
    has_events: bool = True
    card: Figure | None = None  # what a preview of a link has room for; None: the figure itself
    drawn: str = ""  # how many of its lines are drawn, where there is no room for all

    @property
    def description(self) -> str:
        return sentences.description(self.sentences)

    @property
    def sentence(self) -> str:
        return self.sentences[0] if self.sentences else ""

    @property
    def dated(self) -> str:
        """Say of when it is, and what is not drawn: printed on every picture and frame."""
        day = gettext("As of %(day)s") % {"day": self.as_of} if self.as_of else ""
        return " · ".join(part for part in (day, self.drawn) if part)

    @property
    def sourced(self) -> str:
        """Name all sources of what is drawn."""
        return gettext("Source: %(sources)s") % {"sources": "; ".join(self.sources)} if self.sources else ""

    def dump(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def load(cls, kept: dict[str, Any]) -> "Chart":
        return cls(**{**kept, "table": Table(**kept["table"])})


@dataclass(frozen=True)
class Made:
    """A chart, and the rows it is drawn from as a table for a file."""

    chart: Chart
    rows: Callable[[], list[list[Cell]]]


@dataclass(frozen=True)
class ChartRequest:
    """A chart that was found, not made yet. `make(True)`: without what may not stand in an edition.

    Making it raises NoChart where nothing is recorded.
    """

    address: Address
    make: Callable[[bool], Made]


def find_chart(path: str, query: QueryDict) -> ChartRequest:
    """Return the chart at this path. Raises NoChart."""
    matched = PATH.fullmatch(path)
    if matched is None:
        raise NoChart(path)
    whole, kind, slug, ranks = matched.groups()
    if whole:
        return {"overview": overview, "standings": standings, "compare": compare}[whole](query)
    if kind == "groups" and not ranks:
        return group(slug, query)
    if kind == "actors":
        return actor(slug, query, "ranks" if ranks else "")
    raise NoChart(path)


def of_page(path: str, query: QueryDict) -> ChartRequest:
    """Return the chart of a page, by the page's path with its language. Raises NoChart."""
    try:
        with override(get_language_from_path(path) or formats.language()):  # only its own prefix is resolved
            match = resolve(path)
    except Resolver404:
        raise NoChart(path) from None
    if match.app_name != "dashboard":
        raise NoChart(path)
    slug = match.kwargs.get("slug", "")
    paths = {"actor": f"actors/{slug}", "group": f"groups/{slug}"}
    return find_chart(paths.get(match.url_name or "", match.url_name or ""), query)


def overview(query: QueryDict) -> ChartRequest:
    main = reads.main_group()
    if main is None:
        raise NoChart("overview")
    form = OverviewForm(query)
    refuse_lenient(form, query)
    return ChartRequest(overview_address(form), lambda freeze: of_panel(panel(main, form, freeze)))


def overview_address(form: OverviewForm) -> Address:
    return Address("overview", form.query(platform=None))


def group(slug: str, query: QueryDict) -> ChartRequest:
    found = Group.objects.public().select_related("reference", "source").filter(slug=slug).first()
    if found is None:
        raise NoChart(slug)
    form = GroupForm(query)
    refuse_lenient(form, query)
    return ChartRequest(group_address(slug, form), lambda freeze: of_panel(panel(found, form, freeze)))


def group_address(slug: str, form: GroupForm) -> Address:
    return Address(f"groups/{slug}", form.query())


def panel(group: Group, form: QueryForm, freeze: bool) -> group_page.GroupPanel:
    made = group_page.of_group(group, form, freeze=freeze)
    if not made.has_counts:
        raise NoChart(group.slug)
    return made


def of_panel(made: group_page.GroupPanel) -> Made:
    standing, trend = made.league, made.trend
    chart = Chart(
        title=made.group.title(formats.language()),
        sentences=made.sentences,
        figure=made.figure,
        table=of_trend(trend) if trend else two_dates(standing, made.group.platform),
        as_of=newest_of_trend(trend) if trend else newest(standing),
        sources=titles(
            trend_sources(trend) if trend else row_sources(slope.choose_rows(standing), then=True)
        ),
        events=[f"{mark.title}, {mark.first.year}" for mark in made.events],
        scale=made.scale,
        drawn=lines_drawn(trend)
        if trend
        else sentences.not_drawn(len(slope.choose_rows(standing)), slope.lines_of(standing)),
    )
    if trend:
        return Made(chart, lambda: trend_rows(trend))
    return Made(chart, lambda: standing_rows(made.scope, standing))


def standings(query: QueryDict) -> ChartRequest:
    form = StandingsForm(query)
    refuse_lenient(form, query)
    if form.value("since") and form.since_day is None:
        raise NoChart(gettext("The first date is not before the second one."))
    view = standings_view(form)
    return ChartRequest(standings_address(form), lambda freeze: of_standings(form, view, freeze))


def standings_view(form: StandingsForm) -> str:
    """Return the view of the standings' picture, bump or bars; bars where the page opens with its table."""
    return "bump" if form.value("view") == "bump" and form.value("rows") != "accounts" else "bars"


def standings_address(form: StandingsForm) -> Address:
    return Address("standings", form.query(view=standings_view(form), sort=None, page=None))


def of_standings(form: StandingsForm, view: str, freeze: bool) -> Made:
    scope = replace(form.scope(), freeze=freeze)
    standing = league(scope, form.day, form.since_day, is_period=form.is_period)
    ladder = standings_charts.of(form, standing, view, freeze=freeze)
    if ladder is None:
        raise NoChart("standings")
    slugs = {line.actor_slug for line in ladder.table.rows} if ladder.table else set()
    drawn = (
        [row for row in standing.rows if row.actor_slug in slugs]
        if slugs
        else list(bars.ranked_rows(standing))
    )
    title = standings_title(form)
    table = of_ranks(ladder.table) if ladder.table else one_date(standing, scope)
    if ladder.table:
        title = gettext("%(title)s: ranks over time") % {"title": title}
    chart = Chart(
        title=title,
        sentences=ladder.sentences,
        figure=ladder.figure,
        table=table,
        as_of=ladder.table.days[-1] if ladder.table else newest(standing),
        sources=titles(row_sources(drawn, then=False)),
        events=[],
        drawn=sentences.not_drawn(len(drawn), standing.counted),
        card=None if freeze else ladder.card,
    )
    if ladder.table:
        kept = ladder.table
        return Made(chart, lambda: rank_rows(kept))
    return Made(chart, lambda: standing_rows(scope, standing))


def standings_title(form: StandingsForm) -> str:
    """Return whose ranks these are: the group's or the platform's, with the filters that narrow them."""
    group = form.groups.get(form.value("group", ""))
    platform = form.value("platform", "")
    if group:
        title = group.title(formats.language())
    elif platform:
        title = gettext("Standings on %(platform)s") % {"platform": formats.platform_name(platform)}
    else:
        title = gettext("Standings")
    kind, asked = form.value("kind", ""), form.value("q", "")
    filters = [str(ActorKind(kind).label)] if kind else []
    return " · ".join([title, *filters, *([formats.quote(asked)] if asked else [])])


def actor(slug: str, query: QueryDict, part: str) -> ChartRequest:
    refuse_gone([slug])
    found = Actor.objects.public().filter(slug=slug).first()
    if found is None:
        old = OldSlug.objects.filter(slug=slug, actor__hidden=False).select_related("actor").first()
        if old is None:
            raise NoChart(slug)
        found = old.actor
    form = ActorForm(query)
    refuse_lenient(form, query)
    make = of_actor_ranks if part else of_actor
    return ChartRequest(actor_address(found, form, part), lambda freeze: make(found, form, freeze))


def actor_address(actor: Actor, form: ActorForm, part: str = "") -> Address:
    path = f"actors/{actor.slug}" + (f"/{part}" if part else "")
    return Address(path, form.query(page=None, **({"scale": None} if part else {})))


def actor_days(form: ActorForm) -> tuple[date | None, date]:
    """Return the first day, None for all there is, and the last that an actor's page shows."""
    last: date = form.value("to", timezone.localdate())
    given = form.value("from")
    first: date | None = last - given if isinstance(given, timedelta) else given
    return (None if first and first > last else first), last


def actor_trend(actor: Actor, form: ActorForm, *, freeze: bool = False) -> Trend:
    """Return the trend that an actor's page shows of these days."""
    first, last = actor_days(form)
    return trends.trend(
        Scope(actors=(actor.slug,), platform=form.value("platform", ""), freeze=freeze), first, last
    )


def of_actor(actor: Actor, form: ActorForm, freeze: bool) -> Made:
    trend = actor_trend(actor, form, freeze=freeze)
    if not any(series.points for series in trend.series):
        raise NoChart(actor.slug)
    today, platform = timezone.localdate(), form.value("platform", "")
    days = unusual.within(
        Scope(actors=(actor.slug,), platform=platform, freeze=freeze), today - actor_page.YEAR, today
    )
    events = group_page.marks(trend, form.value("events", ""))
    marked = {(one.account_id, one.day) for one in days.single}
    name = actor.name(formats.language())
    chart = Chart(
        title=f"{name} ({formats.platform_name(platform)})" if platform else name,
        sentences=sentences.trend(trend),
        figure=lines.lines(trend, focus=actor.slug, events=events, unusual=marked),
        table=of_trend(trend),
        as_of=newest_of_trend(trend),
        sources=titles(trend_sources(trend)),
        events=[f"{mark.title}, {mark.first.year}" for mark in events],
        scale=form.value("scale", "linear"),
        drawn=lines_drawn(trend),
    )
    return Made(chart, lambda: trend_rows(trend))


def of_actor_ranks(actor: Actor, form: ActorForm, freeze: bool) -> Made:
    trend = actor_trend(actor, form, freeze=freeze)
    today = timezone.localdate()
    where, since = actor_page.main_platform(
        group_page.accounts(actor, today), trend, form.value("platform", ""), today
    )
    found = actor_page.rank_chart(actor, where, since, today, freeze=freeze) if where else None
    if found is None:
        raise NoChart(actor.slug)
    chart = Chart(
        title=gettext("%(name)s: rank over time (%(platform)s)")
        % {"name": actor.name(formats.language()), "platform": formats.platform_name(where)},
        sentences=found.sentences,
        figure=found.figure,
        table=of_ranks(found.table),
        as_of=found.table.days[-1],
        sources=titles(trend_sources(trend)),
        events=[],
    )
    return Made(chart, lambda: rank_rows(found.table))


def compare(query: QueryDict) -> ChartRequest:
    form = CompareForm(query)
    refuse_lenient(form, query)

    def make(freeze: bool) -> Made:
        made = comparison.of(form, freeze=freeze)
        if not made.has_points:
            raise NoChart("compare")
        twin = made.table
        chart = Chart(
            title=made.title,
            sentences=made.sentences,
            figure=made.figure,
            table=of_twin(twin),
            as_of=newest_of_trend(made.trend),
            sources=titles(trend_sources(made.trend)),
            events=[f"{mark.title}, {mark.first.year}" for mark in made.events],
            scale=form.scale_shown,
            has_events=form.has_events,
            drawn=lines_drawn(made.trend),
        )
        return Made(chart, lambda: trend_rows(made.trend))

    return ChartRequest(compare_address(form), make)


def compare_address(form: CompareForm) -> Address:
    return Address("compare", form.address(q=""))


def same_query(query: str) -> QueryDict:
    """Return a query as a form reads it."""
    found = QueryDict(mutable=True)
    for name, value in parse_qsl(query):
        found.appendlist(name, value)
    return found
