"""A body's standing in three sentences: its place, who passed whom, and whether the gap is closing.

The page "my standing" and the digests say the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext, ngettext

from apps.figures import formats, labels, lines, mine, sentences
from apps.figures.charts import Figure
from apps.standings import trends
from apps.standings.types import FRESH_DAYS, Overtake, Row, Scope, Value

PASSES_AT_MOST = 3
SOON = timedelta(days=60)  # after the day a period begins on, which then says when well enough
SHORTEST_CHART = timedelta(days=30)  # a line of a few days since the last visit shows nothing


@dataclass(frozen=True)
class Answer:
    place: str
    passes: str
    gap: str
    age: str  # said where the count is old, else ""

    @property
    def sentences(self) -> list[str]:
        return [sentence for sentence in (self.place, self.passes, self.gap, self.age) if sentence]


def answer(standing: mine.Standing) -> Answer:
    place = mine.rank(standing.own, standing.league, standing.platform)
    return Answer(
        place=" ".join(filter(None, [place, mine.say_move(standing.own)])),
        passes=passes(standing),
        gap=gap(standing),
        age=age(standing.own),
    )


def passes(standing: mine.Standing) -> str:
    """Return whom the body passed after the day and who passed it, as far as that still holds.

    That nobody did is said only where both days have a count of their own.
    """
    names = {row.actor_slug: labels.short(row.name(formats.language())) for row in standing.rows}
    if len(names) < 2:
        return ""
    newest: dict[str, Overtake] = {}  # the other -> the last time that one of the two passed
    for one in standing.overtakes:
        newest.setdefault(one.loser if one.winner == standing.actor.slug else one.winner, one)
    day = formats.day(standing.since)
    # Of what may have been before the day already, and of a single one that came long after it, the days are told.
    surely = {
        slug: one
        for slug, one in newest.items()
        if one.after >= standing.since and (len(newest) > 1 or one.after <= standing.since + SOON)
    }
    texts = [sentences.overtake(one, names) for slug, one in newest.items() if slug not in surely]
    if by := [names[slug] for slug, one in surely.items() if one.loser == standing.actor.slug]:
        texts.append(
            ngettext(
                "After %(day)s, overtaken by: %(names)s.", "After %(day)s, overtaken by: %(names)s.", len(by)
            )
            % {"day": day, "names": join_list(by)}
        )
    if passed := [names[slug] for slug, one in surely.items() if one.winner == standing.actor.slug]:
        texts.append(
            ngettext(
                "After %(day)s, overtook: %(names)s.", "After %(day)s, overtook: %(names)s.", len(passed)
            )
            % {"day": day, "names": join_list(passed)}
        )
    if texts:
        return " ".join(texts)
    own = standing.own
    if own is None or own.change is None or own.change.nothing_new:
        return ""
    return gettext("No overtake has been recorded after %(day)s among those in the table.") % {"day": day}


def join_list(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    shown = ", ".join(names[:PASSES_AT_MOST])
    more = len(names) - PASSES_AT_MOST
    if more <= 0:
        return shown
    return gettext("%(names)s and %(count)s more") % {"names": shown, "count": formats.number(more)}


def neighbours(standing: mine.Standing) -> tuple[Row | None, Row | None]:
    """Return the next above and the next below among those that have a rank."""
    ranked = [row for row in standing.rows if row.rank is not None]
    place = next((place for place, row in enumerate(ranked) if row.actor_slug == standing.actor.slug), None)
    if place is None:
        return None, None
    above = ranked[place - 1] if place else None
    below = ranked[place + 1] if place + 1 < len(ranked) else None
    return above, below


def gap(standing: mine.Standing) -> str:
    """Return how far the next above is ahead, now and then, and whether that is closing; of a first, the next below."""
    own = standing.own
    above, below = neighbours(standing)
    if own is None:
        return ""
    if above is not None:
        text = mine.behind(own, above, standing.platform)
        return f"{text} {say_gap_trend(own, above)}".strip() if text else ""
    if below is not None and (distance := sentences.gap_text(own.now, below.now, standing.platform)):
        text = gettext("Next below: %(name)s, %(gap)s behind.") % {
            "name": labels.short(below.name(formats.language())),
            "gap": distance,
        }
        return f"{text} {say_growth(own, below)}".strip()
    return ""


def say_gap_trend(own: Row, above: Row) -> str:
    """Return whether the gap to the next above is smaller than it was, "" where rounding leaves that open."""
    match course(above, own):
        case -1:
            return gettext("The gap is closing.")
        case 1:
            return gettext("The gap is growing.")
        case 0:
            return gettext("The gap has hardly changed.")
    return ""


def say_growth(own: Row, below: Row) -> str:
    """Return whether the lead over the next below is larger than it was."""
    match course(own, below):
        case -1:
            return gettext("The lead is shrinking.")
        case 1:
            return gettext("The lead is growing.")
        case 0:
            return gettext("The lead has hardly changed.")
    return ""


def course(ahead: Row, behind: Row) -> int | None:
    """Return -1 where the distance has become smaller, 1 larger, 0 about the same; None where it cannot be told.

    All four counts must be known, none of them a bound; who is ahead now was so then.
    """
    values = [ahead.now, behind.now, ahead.then, behind.then]
    counts = [
        value.followers for value in values if value and value.followers is not None and value.bound == "="
    ]
    if (
        len(counts) < 4
        or not mine.is_comparable(ahead, behind)
        or (ahead.then, behind.then) == (ahead.now, behind.now)
    ):
        return None
    now, then = counts[0] - counts[1], counts[2] - counts[3]
    if then < 0 or now < 0:
        return None
    leeway = sum(leeway_of(value) for value in values if value)
    if abs(now - then) <= leeway:
        return 0
    return 1 if now > then else -1


def leeway_of(value: Value) -> int:
    """Return by how many followers rounding may have changed the count."""
    return 0 if value.precision == "exact" else value.step


def age(own: Row | None) -> str:
    """Return a warning where the newest count is older than FRESH_DAYS."""
    if own is None or own.now is None or own.now.followers is None or own.now.is_fresh:
        return ""
    return ngettext(
        "The latest count is more than %(days)s day old.",
        "The latest count is more than %(days)s days old.",
        FRESH_DAYS,
    ) % {"days": formats.number(FRESH_DAYS)}


def chart(standing: mine.Standing, today: date) -> Figure | None:
    """Return a small chart of the body and its two neighbours; None where nothing can be drawn."""
    slugs: Sequence[str] = [standing.actor.slug]
    slugs = [*slugs, *(row.actor_slug for row in neighbours(standing) if row)]
    first = min(standing.since, today - SHORTEST_CHART)
    trend = trends.trend(Scope(platform=standing.platform, actors=tuple(slugs)), first, today)
    if not any(series.points for series in trend.series):
        return None
    return lines.lines(trend, focus=standing.actor.slug, is_small=True)
