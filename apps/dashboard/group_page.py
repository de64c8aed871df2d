"""Pieces of pages that need more than one read: a group's figure, its table, its claims; an actor's accounts."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext

from apps.collecting import adapters
from apps.context.models import Claim
from apps.dashboard import links, reads
from apps.dashboard.chart_tables import lines_drawn
from apps.dashboard.forms import QueryForm
from apps.figures import formats, lines, passes, sentences
from apps.figures.charts import Figure
from apps.figures.slope import choose_rows as slope_rows
from apps.figures.slope import lines_of, slope
from apps.registry.models import Account, Actor, ActorKind, Group
from apps.standings import overtakes, trends
from apps.standings.league import league
from apps.standings.types import Change, League, Reading, Row, Scope, Trend, Value

HAPPENED_AT_MOST = 6
LOOKED_AT = 10  # rows of the standings: those that the overview shows


@dataclass(frozen=True)
class GroupPanel:
    """A group on two dates: the numbers, the figure and the words for it."""

    group: Group
    scope: Scope
    league: League
    figure: Figure
    view: str  # slope or line
    scale: str
    sentences: list[str]
    events: list[lines.Mark]
    event_kind: str = ""  # the kind that the chart shows; "" for all
    trend: Trend | None = None  # of the line view

    @property
    def newest(self) -> Reading | None:
        """Return the newest reading that it shows."""
        return self.trend.newest if self.trend else self.league.newest

    @property
    def has_counts(self) -> bool:
        return bool(self.league.counted or self.league.counted_then)

    @property
    def description(self) -> str:
        return sentences.description(self.sentences)

    @property
    def exports(self) -> dict[str, str]:
        """Return the figure's rows as files: this group on these two dates."""
        dates = {"on": self.league.on.isoformat(), "since": (self.league.since or self.league.on).isoformat()}
        return links.exports("standings", None, group=self.group.slug, platform=self.group.platform, **dates)


def of_group(group: Group, form: QueryForm, *, freeze: bool = False) -> GroupPanel:
    """Return the group on the dates of the address, else on the first and last that it holds.

    freeze: without what may not stand in an edition.
    """
    first, last = reads.two_dates(group) or (timezone.localdate() - timedelta(days=365), timezone.localdate())
    on = form.value("on", last)
    since = min(form.value("since", first), on)
    scope = Scope(platform=group.platform, group=group.slug, freeze=freeze)
    standing = league(scope, on, since, group.reference.slug if group.reference else "")
    focus = form.value("highlight") or leader(standing)
    view = form.value("view") or ("slope" if is_comparable(standing) else "line")
    events: list[lines.Mark] = []
    trend: Trend | None = None
    if view == "line":
        trend = trends.trend(scope, since.replace(month=1, day=1), on)
        events = marks(trend, form.value("events", ""))
        figure = lines.lines(trend, focus=focus, events=events)
    else:
        figure = slope(standing, focus=focus)
    return GroupPanel(
        group=group,
        scope=scope,
        league=standing,
        figure=figure,
        view=view,
        scale=form.value("scale", "linear"),
        sentences=[*sentences.summary(standing, group.platform), *not_drawn(standing, trend)],
        events=events,
        event_kind=form.value("events", "") if trend else "",
        trend=trend,
    )


def not_drawn(standing: League, trend: Trend | None) -> list[str]:
    """Say how many of the group's lines are drawn, where there is no room for all."""
    rest = lines_drawn(trend) if trend else sentences.not_drawn(len(slope_rows(standing)), lines_of(standing))
    return [f"{rest}."] if rest else []


def is_comparable(standing: League) -> bool:
    """Tell whether anybody is counted on both dates; a slope chart of nobody would be empty."""
    return any(row.change is not None for row in standing.rows)


def leader(standing: League) -> str:
    """Return the first of the ranks that is not the reference: the figure's focus where none is asked for."""
    first = standing.rows[:2]  # the reference is one of them at most
    return next((row.actor_slug for row in first if row.rank and not row.is_reference), "")


def marks(trend: Trend, kind: str = "") -> list[lines.Mark]:
    """Return the events within the days the trend's points cover, and where its lines change hands; oldest first.

    kind: one of Event.Category; events of every kind where it is empty. Lines change hands whatever the kind.
    """
    covered = lines.find_reach(trend)
    if covered is None:
        return []
    first, last = covered
    code = formats.language()
    events = [
        lines.Mark(event.starts, event.ends, event.title(code))
        for event in reads.events_between(first, last, kind)
    ]
    handed = {
        (one.day, sentences.handover(one, series)) for series in trend.series for one in series.handovers
    }
    marked = [lines.Mark(day, None, title) for day, title in sorted(handed)]
    return sorted([*events, *marked], key=lambda mark: mark.first)


@dataclass(frozen=True)
class SourcedRow:
    """A row of the group's table and the snapshots behind its two values, the earlier one's first."""

    row: Row
    snapshots: list[reads.Behind]


def with_sources(panel: GroupPanel) -> list[SourcedRow]:
    behind = reads.snapshots_behind(panel.league, panel.group.platform)
    return [
        SourcedRow(
            row,
            [*reads.behind(behind, row.actor_id, row.then), *reads.behind(behind, row.actor_id, row.now)],
        )
        for row in panel.league.rows
    ]


def samples(panel: GroupPanel) -> list[str]:
    """Return the totals of those counted on both dates: all but the reference, then per kind where there are several."""
    made = panel.league.samples
    written = [sentences.sample(item) for item in made[:1]]
    if len(made) > 2:
        written += [sentences.sample(item, str(ActorKind(item.kind).label)) for item in made[1:]]
    return [text for text in [*written, sentences.say_left_out(panel.league)] if text]


@dataclass(frozen=True)
class CheckedClaim:
    claim: Claim
    says: str  # what was published
    gives: str  # what the recorded numbers give


def claims(panel: GroupPanel) -> list[CheckedClaim]:
    """Return the published comparisons among the group's actors beside the recorded numbers."""
    rows = {row.actor_id: row for row in panel.league.rows}
    found = [
        (claim, rows[claim.actor_id], rows[claim.comparator_id])
        for claim in reads.claims_among(rows, panel.group.platform)
    ]
    return [
        CheckedClaim(claim, says(claim, one, other), gives(one.now, other.now)) for claim, one, other in found
    ]


def says(claim: Claim, one: Row, other: Row) -> str:
    code = formats.language()
    names = {"actor": one.name(code), "comparator": other.name(code)}
    if claim.times is not None:
        return gettext("%(actor)s has %(times)s times as many followers as %(comparator)s.") % {
            **names,
            "times": formats.number(float(claim.times), 2),
        }
    if claim.relation == Claim.Relation.FEWER:
        return gettext("%(actor)s has fewer than %(comparator)s.") % names
    return gettext("%(actor)s has more than %(comparator)s.") % names


def claim_words(claim: Claim) -> str:
    """Return the published claim in the words that the claim check reads."""
    if claim.times is not None:
        return gettext("%(times)s times as many") % {"times": formats.number(float(claim.times), 2)}
    return gettext("fewer") if claim.relation == Claim.Relation.FEWER else gettext("more")


def gives(value: Value | None, other: Value | None) -> str:
    if value is None or other is None or not value.followers or not other.followers:
        return gettext("not enough data")
    return gettext("%(first)s (%(first_date)s) to %(second)s (%(second_date)s): %(times)s") % {
        "first": formats.value(value),
        "first_date": formats.when(value),
        "second": formats.value(other),
        "second_date": formats.when(other),
        "times": formats.times(value.followers / other.followers),
    }


def recent_overtakes(standing: League, platform: str, panel: GroupPanel | None) -> list[str]:
    """Return sentences on who passed whom among the first of the standings, newest first; where nobody did, in the
    main group.

    Pairs grow with the square of the lines and every day of each is read, so the number of lines is capped.
    """
    actors = tuple(row.actor_slug for row in standing.rows[:LOOKED_AT] if row.rank is not None)
    first = standing.since or standing.on
    found = overtakes.within(Scope(platform=platform, actors=actors), first, standing.on) if actors else []
    if not found and panel and panel.league.since:
        found = overtakes.within(panel.scope, panel.league.since.replace(month=1, day=1), panel.league.on)
    newest = sorted(found, key=lambda item: (item.by, item.after), reverse=True)
    slugs = {slug for item in newest for slug in (item.winner, item.loser)}
    names = {one.slug: one.name(formats.language()) for one in Actor.objects.filter(slug__in=slugs)}
    return passes.overtakes(newest, names)[:HAPPENED_AT_MOST]


@dataclass(frozen=True)
class AccountLine:
    """An account of an actor with its newest value and its changes over 7, 30 and 365 days."""

    account: Account
    url: str
    now: Value | None
    changes: list[Change | None]


STRETCHES = (7, 30, 365)


def accounts(actor: Actor, today: date) -> list[AccountLine]:
    scope = Scope(actors=(actor.slug,), rows="accounts")
    leagues = [league(scope, today, today - timedelta(days=days), is_period=True) for days in STRETCHES]
    rows = [{row.account_id: row for row in standing.rows} for standing in leagues]
    return [
        AccountLine(
            account,
            adapters.url(account),
            rows[0][account.pk].now if account.pk in rows[0] else None,
            [by_account[account.pk].change if account.pk in by_account else None for by_account in rows],
        )
        for account in actor.accounts.order_by("platform", "pk")
    ]
