"""Ranks over time in words, and as the table beside a bump chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext

from apps.figures import formats
from apps.standings.ranks import Ranked


@dataclass(frozen=True)
class RankLine:
    head: str  # the name
    actor_slug: str
    cells: tuple[str, ...]  # a rank for each day, "" where there was no count
    platform: str = ""
    ranks: tuple[int | None, ...] = ()  # the same as numbers


@dataclass(frozen=True)
class RankTable:
    days: tuple[str, ...]
    rows: tuple[RankLine, ...]
    on: tuple[date, ...] = ()


def table(ranked: Sequence[Ranked], on: Sequence[date], apart: bool = False) -> RankTable:
    """Return a row for each line, a column for each day."""
    rows = []
    for line in ranked:
        ranks = {place.day: place.rank for place in line.places}
        name = formats.platform_name(line.platform) if apart else line.name(formats.language())
        cells = tuple(formats.number(ranks[day]) if day in ranks else "" for day in on)
        numbers = tuple(ranks.get(day) for day in on)
        rows.append(RankLine(name, line.actor_slug, cells, line.platform, numbers))
    return RankTable(tuple(formats.day(day) for day in on), tuple(rows), tuple(on))


def summary(ranked: Sequence[Ranked], on: Sequence[date]) -> list[str]:
    """Say who is first, and who has risen most between the first and the last of the days."""
    written = [first(ranked, on[-1]), riser(ranked, on)]
    return [text for text in written if text] or [
        gettext("No counts have been recorded for this selection yet.")
    ]


def constancy(on: Sequence[date]) -> str:
    """Say among whom the ranks are, so that nobody takes them for those of the table."""
    return gettext(
        "Ranks among those with a count on both %(first)s and %(last)s, over the same accounts."
    ) % {
        "first": formats.day(on[0]),
        "last": formats.day(on[-1]),
    }


def first(ranked: Sequence[Ranked], on: date) -> str:
    names = [
        line.name(formats.language())
        for line in ranked
        if line.places[-1].day == on and line.places[-1].rank == 1
    ]
    if not names:
        return ""
    return gettext("First on %(day)s: %(names)s.") % {"day": formats.day(on), "names": "; ".join(names)}


def riser(ranked: Sequence[Ranked], on: Sequence[date]) -> str:
    found = []
    for line in ranked:
        ranks = {place.day: place.rank for place in line.places}
        if on[0] in ranks and on[-1] in ranks and ranks[on[0]] > ranks[on[-1]]:
            found.append((ranks[on[0]] - ranks[on[-1]], line, ranks[on[0]], ranks[on[-1]]))
    if not found:
        return ""
    _, line, before, now = max(found, key=lambda one: one[0])
    return gettext("Biggest climb since %(day)s: %(name)s, from rank %(before)s to rank %(now)s.") % {
        "day": formats.day(on[0]),
        "name": line.name(formats.language()),
        "before": formats.number(before),
        "now": formats.number(now),
    }


def own(ranked: Sequence[Ranked]) -> list[str]:
    """Say one actor's ranks on its platforms, a sentence each."""
    written = []
    for line in ranked:
        newest, oldest = line.places[-1], line.places[0]
        said = {
            "platform": formats.platform_name(line.platform),
            "rank": formats.number(newest.rank),
            "before": formats.number(oldest.rank),
            "day": formats.day(oldest.day),
        }
        if oldest.rank == newest.rank:
            written.append(gettext("%(platform)s: rank %(rank)s, as on %(day)s.") % said)
        else:
            written.append(gettext("%(platform)s: rank %(rank)s; on %(day)s it was %(before)s.") % said)
    return written
