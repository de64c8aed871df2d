"""Ranks over time in words, and as the table beside a bump chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext

from apps.figures import formats, labels
from apps.figures.sentences import open_ranks_note
from apps.standings.ranks import Place, Ranked


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
        places = {place.day: place for place in line.places}
        name = formats.platform_name(line.platform) if apart else labels.short(line.name(formats.language()))
        cells = tuple(rank(places[day]) if day in places else "" for day in on)
        numbers = tuple(places[day].rank if day in places else None for day in on)
        rows.append(RankLine(name, line.actor_slug, cells, line.platform, numbers))
    return RankTable(tuple(formats.day(day) for day in on), tuple(rows), tuple(on))


def rank(place: Place) -> str:
    """Write a rank, with a mark where the record leaves it open."""
    return formats.number(place.rank) + ("?" if place.is_open else "")


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


def note_open(ranked: Sequence[Ranked]) -> list[str]:
    """Return what the mark beside a rank means; nothing where none is open."""
    return [open_ranks_note()] if any(place.is_open for line in ranked for place in line.places) else []


def first(ranked: Sequence[Ranked], on: date) -> str:
    """Say who is first on a day, or that the record leaves it open."""
    leading = [line for line in ranked if line.places[-1].day == on and line.places[-1].rank == 1]
    said = {"day": formats.day(on), "names": "; ".join(line.name(formats.language()) for line in leading)}
    if not leading:
        return ""
    if any(line.places[-1].is_open for line in leading):
        return (
            gettext(
                "Who was first on %(day)s is open: a bound, rounding or a missing account leaves open who had more."
            )
            % said
        )
    return gettext("First on %(day)s: %(names)s.") % said


def riser(ranked: Sequence[Ranked], on: Sequence[date]) -> str:
    """Say who has risen most of the lines; nothing where two have alike, or an open rank may have risen more."""
    found = []
    for line in ranked:
        places = {place.day: place for place in line.places}
        before, now = places.get(on[0]), places.get(on[-1])
        if before is None or now is None:
            continue
        if before.is_open or now.is_open:
            return ""
        if before.rank > now.rank:
            found.append((before.rank - now.rank, line, before, now))
    if not found:
        return ""
    rise, line, before, now = max(found, key=lambda one: one[0])
    if sum(one[0] == rise for one in found) > 1:
        return ""
    said = {
        "day": formats.day(on[0]),
        "name": labels.short(line.name(formats.language())),
        "before": formats.number(before.rank),
        "now": formats.number(now.rank),
    }
    if len(ranked) < now.of:
        return (
            gettext(
                "Biggest climb of those shown since %(day)s: %(name)s, from rank %(before)s to rank %(now)s."
            )
            % said
        )
    return gettext("Biggest climb since %(day)s: %(name)s, from rank %(before)s to rank %(now)s.") % said


def own(ranked: Sequence[Ranked]) -> list[str]:
    """Say one actor's ranks on its platforms, a sentence each; every rank with its day and how many it is among."""
    written = []
    for line in ranked:
        newest, oldest = line.places[-1], line.places[0]
        said = {
            "platform": formats.platform_name(line.platform),
            "rank": rank(newest),
            "of": formats.number(newest.of),
            "day": formats.day(newest.day),
            "before": rank(oldest),
            "before_of": formats.number(oldest.of),
            "then": formats.day(oldest.day),
        }
        if newest.day == oldest.day:
            text = gettext("%(platform)s: rank %(rank)s of %(of)s (%(day)s).")
        else:
            text = gettext(
                "%(platform)s: rank %(rank)s of %(of)s (%(day)s); earlier %(before)s of %(before_of)s (%(then)s)."
            )
        written.append(text % said)
    return written
