"""Parts of an actor's page beside its accounts: totals, ranks, neighbours, what happened, what may come."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from apps.dashboard import reads
from apps.dashboard.group_page import STRETCHES, AccountLine
from apps.figures import answers, forecasts, formats, mine, moves, sentences
from apps.figures.bump import bump
from apps.figures.charts import Figure
from apps.registry.models import Actor
from apps.standings import milestones, projection, ranks, trends, unusual
from apps.standings.league import league
from apps.standings.types import Change, Row, Scope, Trend, Value
from apps.standings.unusual import UnusualDay

YEAR = timedelta(days=365)
MOST = 8  # of a list
DAYS_RANKED = 7


@dataclass(frozen=True)
class Total:
    """All accounts together; "follows", as nobody knows who follows several of them."""

    now: Value | None
    changes: list[Change | None]


@dataclass(frozen=True)
class RankChart:
    figure: Figure
    sentences: list[str]
    table: moves.RankTable

    @property
    def description(self) -> str:
        return sentences.description(self.sentences)


@dataclass(frozen=True)
class Portrait:
    total: Total | None  # of several accounts
    platform: str  # on which the neighbours stand
    standing: mine.Standing | None
    answer: answers.Answer | None  # place, overtakes, gap
    chart: Figure | None  # the actor and its two neighbours
    ranks: RankChart | None
    milestones: list[str]
    projections: list[str]
    unusual_days: tuple[UnusualDay, ...]
    unusual: list[str]


def of(actor: Actor, accounts: list[AccountLine], trend: Trend, platform: str, today: date) -> Portrait:
    """Return everything the page shows of the actor on the platform, or on all; neighbours are of its largest
    platform."""
    counted = [line for line in accounts if line.now and line.now.followers is not None]
    where, since = main_platform(accounts, trend, platform, today)
    standing = among(actor, where, today, since) if where else None
    days = unusual.within(Scope(actors=(actor.slug,), platform=platform), today - YEAR, today).single
    return Portrait(
        total=total(actor, today) if len(counted) > 1 else None,
        platform=where,
        standing=standing,
        answer=answers.answer(standing) if standing else None,
        chart=answers.chart(standing, today) if standing else None,
        ranks=rank_chart(actor, where, since, today) if where else None,
        milestones=milestones_passed(trend),
        projections=projections(actor, standing, where, today) if standing else [],
        unusual_days=days,
        unusual=forecasts.unusual(days, MOST),
    )


def main_platform(accounts: list[AccountLine], trend: Trend, platform: str, today: date) -> tuple[str, date]:
    """Return the platform whose ranks the page shows and from which day on; the platform is "" where nothing is
    counted."""
    counted = [line for line in accounts if line.now and line.now.followers is not None]
    own = [line for line in counted if not platform or line.account.platform == platform]
    main = max(own, key=lambda line: (line.now.followers if line.now else 0) or 0, default=None)
    # What was read long ago happened long ago, and has few points.
    is_fresh = any(line.now.is_fresh for line in own if line.now)
    if not is_fresh:
        return main.account.platform if main else "", min(trend.first, today - YEAR)
    # Of a page that is younger than a year nothing can be compared with a year ago.
    began = reads.first_counted(main.account) if main else None
    return main.account.platform if main else "", max(today - YEAR, began or today - YEAR)


def among(actor: Actor, platform: str, today: date, since: date) -> mine.Standing:
    """Compare the actor with all its peers; without peers, with those of its neighbours in rank that have a rank."""
    found = mine.standing(actor, platform, today, since)
    if found.has_peers:
        return found
    ranked = [row for row in found.rows if row.rank is not None or row.actor_slug == actor.slug]
    return replace(found, rows=ranked)


def total(actor: Actor, today: date) -> Total:
    rows = [
        next(
            iter(
                league(Scope(actors=(actor.slug,)), today, today - timedelta(days=days), is_period=True).rows
            ),
            None,
        )
        for days in STRETCHES
    ]
    return Total(rows[0].now if rows[0] else None, [row.change if row else None for row in rows])


def rank_chart(
    actor: Actor, platform: str, since: date, today: date, *, freeze: bool = False
) -> RankChart | None:
    """Ranks on the platform, among everyone there: as of each day every account is looked up."""
    scope = Scope(platform=platform, freeze=freeze)
    on = ranks.reading_days(scope, since, today, DAYS_RANKED, only=actor.slug)
    found = ranks.ranks(scope, on, only=actor.slug, constant=True) if on else []
    if not found:
        return None
    return RankChart(
        bump(found, on, apart=True),
        [*moves.own(found), moves.constancy(on), *moves.note_open(found)],
        moves.table(found, on, apart=True),
    )


def milestones_passed(trend: Trend) -> list[str]:
    """Round numbers that the lines of the chart have passed, newest first."""
    found = [one for series in trend.series for one in milestones.find_milestones(series)]
    found.sort(key=lambda one: (-one.on.toordinal(), -one.number))
    return [forecasts.milestone(one) for one in found[:MOST]]


def projections(actor: Actor, standing: mine.Standing, platform: str, today: date) -> list[str]:
    """Return the next round number, and the next above among those on the page."""
    above = next_above(standing, actor)
    slugs = (actor.slug, above.actor_slug) if above else (actor.slug,)
    year = trends.trend(Scope(actors=slugs, platform=platform), today - YEAR + timedelta(days=1), today)
    lines = {series.actor_slug: series for series in year.series}
    if actor.slug not in lines:
        return []
    own = lines[actor.slug]
    written = [forecasts.to_milestone(projection.to_milestone(own, today), platform)]
    if above and above.actor_slug in lines:
        found = projection.to_line(own, lines[above.actor_slug], today)
        written.append(forecasts.to_line(found, above.name(formats.language())))
    return written


def next_above(standing: mine.Standing, actor: Actor) -> Row | None:
    slugs = [row.actor_slug for row in standing.rows]
    place = slugs.index(actor.slug) if actor.slug in slugs else 0
    return standing.rows[place - 1] if place else None
