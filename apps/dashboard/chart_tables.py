"""The data beside a chart: its table, its day, its sources, and its rows for a file."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext

from apps.exports import editions, statements
from apps.exports import trend as trend_files
from apps.exports.trend import Cell
from apps.figures import formats, sentences, twins
from apps.figures.lines import choose_lines
from apps.figures.moves import RankTable
from apps.registry.models import Source
from apps.snapshots.rules import last_day
from apps.standings.comparison import View
from apps.standings.comparison import view as viewed
from apps.standings.types import League, Row, Scope, Trend, Value

ROWS_AT_MOST: Final = 60  # of the table beside a chart


@dataclass(frozen=True)
class Table:
    """The same numbers in words and figures of the page's language."""

    columns: list[str]
    rows: list[list[str]]
    is_thinned: bool = False


def of_twin(twin: twins.Twin) -> Table:
    return Table(
        [gettext("Date"), *twin.columns], [[row.head, *row.cells] for row in twin.rows], twin.is_thinned
    )


def of_trend(trend: Trend) -> Table:
    return of_twin(twins.twin(viewed(trend, View.FOLLOWERS, None), View.FOLLOWERS))


def of_ranks(table: RankTable) -> Table:
    return Table([gettext("Name"), *table.days], [[row.head, *row.cells] for row in table.rows])


def two_dates(standing: League, platform: str) -> Table:
    """Return a row for each actor: what it had then and has now, each with its date, and the change."""
    title = formats.followers_title(platform)
    columns = [
        gettext("Name"),
        gettext("%(followers_title)s, earlier") % {"followers_title": title},
        gettext("%(followers_title)s, later") % {"followers_title": title},
        gettext("Change"),
    ]
    rows = [
        [
            row.name(formats.language()),
            with_date(row.then),
            with_date(row.now),
            formats.change(row.change),
        ]
        for row in standing.rows[:ROWS_AT_MOST]
    ]
    return Table(columns, rows, len(standing.rows) > ROWS_AT_MOST)


def one_date(standing: League, scope: Scope) -> Table:
    columns = [gettext("Rank"), gettext("Name"), formats.followers_title(scope.platform), gettext("As of")]
    ranked = [row for row in standing.rows[:ROWS_AT_MOST] if row.rank is not None]
    rows = [
        [
            formats.number(row.rank or 0) + ("?" if row.rank_is_open else ""),
            row.name(formats.language())
            + (f" ({formats.platform_name(row.platform)})" if scope.rows == "accounts" else ""),
            formats.value(row.now),
            formats.when(row.now) if row.now else "",
        ]
        for row in ranked
    ]
    return Table(columns, rows, standing.counted > ROWS_AT_MOST)


def with_date(value: Value | None) -> str:
    return f"{formats.value(value)} ({formats.when(value)})" if value else ""


# When, and where from


def newest(standing: League) -> str:
    days = [row.now for row in standing.rows if row.now and row.now.followers is not None]
    value = max(days, key=lambda one: one.last_day, default=None)
    return formats.when(value) if value else ""


def newest_of_trend(trend: Trend) -> str:
    points = [point for series in trend.series for point in series.points]
    point = max(points, key=lambda one: last_day(one.day, one.span), default=None)
    return formats.span(point.day, point.span) if point else ""


def trend_sources(trend: Trend) -> list[str]:
    """Return the keys of the sources behind the lines that are drawn, one for each number."""
    drawn = choose_lines(trend)
    return [key for series in drawn for point in series.points for key in point.source.split()]


def row_sources(rows: Iterable[Row], *, then: bool) -> list[str]:
    """Return the keys of the sources behind the rows that are drawn. then: their earlier counts are drawn too."""
    values = [value for row in rows for value in ((row.now, row.then) if then else (row.now,)) if value]
    return [key for value in values for key in value.source.split()]


def lines_drawn(trend: Trend) -> str:
    """Say how many of a trend's lines are drawn, where there is no room for all."""
    lines = [series for series in trend.series if series.points]
    return sentences.not_drawn(len([series for series in choose_lines(trend) if series.points]), len(lines))


def titles(keys: Iterable[str]) -> list[str]:
    """Return the sources' titles, that of most numbers first."""
    often: dict[str, int] = {}
    for key in keys:
        often[key] = often.get(key, 0) + 1
    found = dict(Source.objects.filter(key__in=often).values_list("key", "title"))
    return [found[key] for key in sorted(often, key=lambda key: (-often[key], key)) if key in found]


# Rows for files


def trend_rows(trend: Trend) -> list[list[Cell]]:
    series = sorted(trend.series, key=lambda line: (line.actor_slug, line.platform, line.account_id or 0))
    return trend_files.long_table(series, "en")


def standing_rows(scope: Scope, standing: League) -> list[list[Cell]]:
    reference = standing.reference.actor_slug if standing.reference else ""
    return editions.table(
        statements.standings(
            scope, standing.on, standing.since, reference, "en", is_period=standing.is_period
        )
    )


def rank_rows(table: RankTable) -> list[list[Cell]]:
    """Return a row for each rank, in long form."""
    rows: list[list[Cell]] = [["day", "actor_slug", "actor_name", "platform", "rank"]]
    for line in table.rows:
        ranked = zip(table.on, line.ranks, strict=True)
        rows += [
            [day.isoformat(), line.actor_slug, line.head, line.platform, rank]
            for day, rank in ranked
            if rank is not None
        ]
    return rows
