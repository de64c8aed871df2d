"""Summaries of figures in whole sentences. Names stand in the nominative in every language: templates are written so.

Each function gives one sentence, or "" where the numbers do not carry one. Nothing is claimed that precision forbids.
"""

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext, ngettext, pgettext

from apps.figures import formats, labels
from apps.standings import changes
from apps.standings.types import (
    ConstantSample,
    Handover,
    League,
    Overtake,
    Point,
    Row,
    Series,
    Trend,
    Value,
)

GONE_AT_MOST: Final = 3
ABOUT_AT_LEAST: Final = 10  # followers that "about" may be off by, however few they are


def summary(league: League, platform: str) -> list[str]:
    """Return the league in a few sentences: who leads, the biggest gain, whose page is gone."""
    written = [leads(league, platform), open_lead(league), gain(league), *say_gone(league)]
    return [sentence for sentence in written if sentence]


def lead(league: League, platform: str) -> str:
    """Say who leads, and where somebody else may."""
    return " ".join(filter(None, (leads(league, platform), open_lead(league))))


def open_lead(league: League) -> str:
    """Say that the first of the ranks may not be first, where it leads the one it is set against beyond doubt; else empty."""
    pair = first_and_reference(league)
    if pair is None or not pair[0].rank_is_open or not gap_text(pair[0].now, pair[1].now, ""):
        return ""
    return gettext("Who is first is open: a bound, rounding or a missing account leaves open who has more.")


def leads(league: League, platform: str) -> str:
    """Say who leads, by how much over the reference (or the second), and how that stood then."""
    pair = first_and_reference(league)
    if pair is None:
        return only(league, platform)
    ahead, behind = pair
    gap = gap_text(ahead.now, behind.now, platform)
    said = {
        "platform": within(platform),
        "leader": labels.short(ahead.name(formats.language())),
        "other": labels.short(behind.name(formats.language())),
        "gap": gap,
        "when": dates(ahead.now, behind.now),
    }
    if not gap and not (is_exact(ahead.now) and is_exact(behind.now)):
        return (
            gettext(
                "On %(platform)s, we cannot tell whether %(leader)s or %(other)s leads: at least one of the two counts is only “more than”, “less than” or “about” (%(when)s)."
            )
            % said
        )
    if not gap and is_same_count(ahead.now, behind.now):
        return (
            gettext("On %(platform)s, %(leader)s and %(other)s have the same recorded count (%(when)s).")
            % said
        )
    if not gap:
        return (
            gettext(
                "On %(platform)s, %(leader)s and %(other)s are too close to call: the difference is smaller than the rounding of their counts (%(when)s)."
            )
            % said
        )
    is_same = (ahead.then, behind.then) == (ahead.now, behind.now) or dates(ahead.then, behind.then) == said[
        "when"
    ]
    before = "" if is_same else gap_text(ahead.then, behind.then, "")
    if not before or ahead.then is None or behind.then is None:
        return gettext("On %(platform)s, %(leader)s leads %(other)s by %(gap)s (%(when)s).") % said
    said |= {"gap_then": before, "then": in_dates(ahead.then, behind.then)}
    if (ahead.then.followers or 0) < (behind.then.followers or 0):
        return (
            gettext(
                "On %(platform)s, %(leader)s leads %(other)s by %(gap)s (%(when)s); %(then)s, %(other)s was %(gap_then)s ahead."
            )
            % said
        )
    return (
        gettext(
            "On %(platform)s, %(leader)s leads %(other)s by %(gap)s (%(when)s); %(then)s the lead was %(gap_then)s."
        )
        % said
    )


def is_same_count(one: Value | None, other: Value | None) -> bool:
    """Say whether two counts are known to be equal: rounded ones that look alike may differ."""
    if one is None or other is None:
        return False
    return one.followers == other.followers and one.precision == other.precision == "exact"


def within(platform: str) -> str:
    """Return the platform's name after "on"; of all platforms that their counts are added up, for that is no lead on each."""
    return formats.platform_name(platform) if platform else pgettext("after on", "all platforms together")


def is_exact(value: Value | None) -> bool:
    """Tell whether the count is a number, rounded or not, and no bound."""
    return value is not None and value.bound == "="


def first_and_reference(league: League) -> tuple[Row, Row] | None:
    """Return the first of the ranks and the reference; the second where the first is the reference."""
    ranked = [row for row in league.rows[:2] if row.rank is not None]
    if len(ranked) < 2:
        return None
    first = ranked[0]
    if first.is_reference or league.reference is None or league.reference.rank is None:
        return first, ranked[1]
    return first, league.reference


def only(league: League, platform: str) -> str:
    ranked = [row for row in league.rows[:1] if row.rank is not None]
    if not ranked or ranked[0].now is None or ranked[0].now.followers is None:
        return gettext("No counts have been recorded for this selection yet.")
    row, value = ranked[0], ranked[0].now
    return gettext("%(name)s, %(platform)s: %(followers)s (%(when)s).") % {
        "name": labels.short(row.name(formats.language())),
        "platform": formats.platform_name(platform),
        "followers": formats.followers(value.followers or 0, platform, formats.bound_of(value)),
        "when": formats.when(value),
    }


def gap_text(ahead: Value | None, behind: Value | None, platform: str) -> str:
    """Return how far apart two counts are, as far as their bounds and precision let it be said; else empty.

    With a platform the platform's word for followers is added.
    """
    if ahead is None or behind is None:
        return ""
    low, high = sorted((behind, ahead), key=lambda value: value.followers or 0)
    gap = changes.between(changes.number_of(low), changes.number_of(high))
    if gap is None or gap.within_rounding or not gap.absolute or is_open(low, high, gap.bound):
        return ""
    if platform:
        return formats.followers(gap.absolute, platform, gap.bound)
    return formats.count(gap.absolute, gap.bound)


def is_open(low: Value, high: Value, bound: str) -> bool:
    """Say whether the bounds leave open even which of the two is larger; "about" is taken to be off by no more than a fifth."""
    if bound != "~":
        return bound == "<"
    more, less = high.followers or 0, low.followers or 0
    return "~" not in (low.bound, high.bound) or more - less <= max(more // 5, ABOUT_AT_LEAST)


def dates(*values: Value | None) -> str:
    """Return the dates of some values, each once, in their order: "2022" or "22 Nov 2026, 2022"."""
    shown = dict.fromkeys(formats.when(value) for value in values if value is not None)
    return ", ".join(shown)


def in_dates(first: Value, second: Value) -> str:
    """Write the date once where both speak for the same time (in 2017), else both dates."""
    if formats.when(first) == formats.when(second):
        return formats.in_span(first.day, first.span)
    return gettext("earlier (%(dates)s)") % {"dates": dates(first, second)}


def gain(league: League) -> str:
    """Say who gained most since then, where that is beyond rounding and not open to the bottom."""
    row = league.clear_gain if league.since else None
    change = row.change if row else None
    if row is None or change is None or change.since is None or change.until is None:
        return ""
    return gettext("%(name)s gained the most between %(then)s and %(now)s: %(change)s.") % {
        "then": formats.span(*change.since),
        "now": formats.span(*change.until),
        "name": labels.short(row.name(formats.language())),
        "change": formats.change(row.change),
    }


def say_gone(league: League) -> list[str]:
    """Return a sentence for every page that no longer exists; none where they are many, the sum line counts them."""
    if not 0 < league.states.get("absent", 0) <= GONE_AT_MOST:
        return []
    return [
        gettext("%(name)s: the page did not exist %(when)s.")
        % {
            "when": formats.in_span(row.now.day, row.now.span),
            "name": labels.short(row.name(formats.language())),
        }
        for row in league.absent
        if row.now is not None
    ]


def label_gone(last: Value | Point | None, name: str) -> str:
    """Return the words beside a line that ends: "Ministry of Defense: page does not exist in 2022"."""
    if last is None:
        return gettext("%(name)s: no count since") % {"name": name}
    return gettext("%(name)s: %(state)s %(when)s") % {
        "name": name,
        "state": formats.state(last.state),
        "when": formats.in_span(last.day, last.span),
    }


def sample(item: ConstantSample, kind_name: str = "") -> str:
    """Return the total of those counted on both dates and how many were left out of it."""
    said = {
        "kind": kind_name,
        "then": formats.count(item.then, item.bound_then),
        "now": formats.count(item.now, item.bound_now),
        "counted": formats.number(item.counted),
        "of": formats.number(item.of),
        "change": formats.change_percent(item.change) or formats.change(item.change) or formats.DASH,
    }
    if not item.counted:
        return ""
    if kind_name:
        return (
            gettext("%(kind)s: %(then)s → %(now)s, %(change)s (%(counted)s of %(of)s counted on both dates).")
            % said
        )
    return (
        gettext(
            "Total without the reference: %(then)s → %(now)s, %(change)s (%(counted)s of %(of)s have a count on both dates)."
        )
        % said
    )


def say_left_out(league: League) -> str:
    """Say who is missing from the constant sample."""
    rows = [row for row in league.rows if not row.is_reference and row.change is None]
    if not rows or league.since is None:
        return ""
    here = [row for row in rows if is_counted(row.then) and is_counted(row.now)]
    names = "; ".join(row.name(formats.language()) for row in rows if row not in here)
    others = "; ".join(row.name(formats.language()) for row in here)
    missing = ngettext(
        "Not in the total, because a count is missing on at least one date: %(names)s.",
        "Not in the total, because a count is missing on at least one date: %(names)s.",
        len(rows) - len(here),
    )
    apart = gettext(
        "Not in the total, because other accounts have a count on each of the two dates: %(names)s."
    )
    return " ".join(text % {"names": named} for text, named in ((missing, names), (apart, others)) if named)


def is_counted(value: Value | None) -> bool:
    return value is not None and value.followers is not None


def sum_line(league: League) -> str:
    """Return how many rows are counted, and what the others are."""
    parts = [
        ngettext("%(count)s with a count", "%(count)s with a count", league.counted)
        % {"count": formats.number(league.counted)}
    ]
    words = {
        "hidden": lambda n: ngettext("%(count)s hides its count", "%(count)s hide their count", n),
        "absent": lambda n: ngettext(
            "%(count)s page that does not exist", "%(count)s pages that do not exist", n
        ),
        "suspended": lambda n: ngettext("%(count)s suspended", "%(count)s suspended", n),
        "private": lambda n: ngettext("%(count)s private", "%(count)s private", n),
        "unknown": lambda n: ngettext("%(count)s without a count", "%(count)s without a count", n),
    }
    parts += [
        words[state](amount) % {"count": formats.number(amount)}
        for state, amount in league.states.items()
        if amount and state in words
    ]
    if league.since is not None:
        parts += moves_of(league)
    return " · ".join(parts)


def moves_of(league: League) -> list[str]:
    """Return how many are new and how many dropped out between the two days."""
    written = []
    if league.new:
        written.append(
            ngettext("%(count)s new", "%(count)s new", league.new) % {"count": formats.number(league.new)}
        )
    if league.dropped:
        written.append(
            ngettext("%(count)s dropped out", "%(count)s dropped out", league.dropped)
            % {"count": formats.number(league.dropped)}
        )
    return written


def open_ranks(league: League) -> str:
    """Say what the mark beside a rank means; nothing where none is open."""
    if not league.has_open_ranks:
        return ""
    return open_ranks_note()


def open_ranks_note() -> str:
    """Return what the mark beside a rank means."""
    return gettext(
        "A rank with a question mark is open: a bound, rounding or a missing account leaves open who has more."
    )


def last_known(league: League) -> str:
    """Return how many of the counts are not fresh."""
    if not league.last_known:
        return ""
    return ngettext(
        "%(count)s of %(of)s counts is more than 30 days old.",
        "%(count)s of %(of)s counts are more than 30 days old.",
        league.last_known,
    ) % {"count": formats.number(league.last_known), "of": formats.number(league.counted)}


def trend(item: Trend) -> list[str]:
    """Write one sentence per line: the newest count, and the change since the first one shown."""
    return [sentence for series in item.series if (sentence := progress(series))]


def newest(platform: str, value: Value | Point) -> str:
    """Return the newest count on a platform, without a word of change."""
    return gettext("%(platform)s: %(followers)s (%(when)s).") % {
        "platform": formats.platform_name(platform),
        "followers": formats.followers(value.followers or 0, platform, formats.bound_of(value)),
        "when": formats.span(value.day, value.span),
    }


def progress(series: Series) -> str:
    counted = [point for point in series.points if point.followers is not None]
    said = {
        "platform": formats.platform_name(series.platform),
        "name": labels.short(series.name(formats.language())),
    }
    if not counted:
        return (
            gettext("%(platform)s: no count recorded yet.") % said if not series.points else say_end(series)
        )
    first, last = counted[0], counted[-1]
    said |= {
        "followers": formats.followers(last.followers or 0, series.platform, formats.bound_of(last)),
        "when": formats.span(last.day, last.span),
        "then": formats.span(first.day, first.span),
    }
    change = (last.followers or 0) - (first.followers or 0)
    if first is last or first.bound != "=" or last.bound != "=" or not series.are_comparable(first, last):
        text = newest(series.platform, last)
    elif not first.precision == last.precision == "exact" and abs(change) < first.step + last.step:
        text = (
            gettext("%(platform)s: %(followers)s (%(when)s); since %(then)s, any change is within rounding.")
            % said
        )
    else:
        text = gettext("%(platform)s: %(followers)s (%(when)s), %(change)s since %(then)s.") % {
            **said,
            "then": formats.since_span(first.day, first.span),
            "change": formats.signed(change),
        }
    return " ".join(part for part in (text, *say_handovers(series), say_end(series)) if part)


def say_handovers(series: Series) -> list[str]:
    """Say whose counts are on the line before its own."""
    return [
        gettext("%(platform)s, before %(day)s: the counts are those of %(before)s.")
        % {
            "platform": formats.platform_name(series.platform),
            "day": formats.day(one.day),
            "before": labels.short(one.name(formats.language())),
        }
        for one in series.handovers
    ]


def handover(item: Handover, series: Series) -> str:
    """Return the title of the day a line changes hands."""
    after: Handover | Series = next((one for one in series.handovers if one.day > item.day), series)
    return gettext("%(before)s is followed by %(after)s") % {
        "before": labels.short(item.name(formats.language())),
        "after": labels.short(after.name(formats.language())),
    }


def say_end(series: Series) -> str:
    """Say why the newest point has no number."""
    if not series.points or series.points[-1].followers is not None:
        return ""
    last = series.points[-1]
    return gettext("%(platform)s, %(when)s: %(state)s.") % {
        "platform": formats.platform_name(series.platform),
        "when": formats.span(last.day, last.span),
        "state": formats.state(last.state),
    }


def overtake(item: Overtake, names: dict[str, str]) -> str:
    """Say who passed whom and when, as far as the dates let it be known. `names` maps slugs to names."""
    return gettext("%(winner)s overtook %(loser)s on %(platform)s between %(after)s and %(by)s.") % {
        "platform": formats.platform_name(item.platform),
        "winner": names.get(item.winner, item.winner),
        "loser": names.get(item.loser, item.loser),
        "after": formats.passed_after(item),
        "by": formats.passed_by(item),
    }


def not_drawn(drawn: int, of: int) -> str:
    """Say how many of the lines are drawn, where some are not."""
    if drawn >= of:
        return ""
    return ngettext("%(drawn)s of %(of)s line", "%(drawn)s of %(of)s lines", of) % {
        "drawn": formats.number(drawn),
        "of": formats.number(of),
    }


def description(sentences: Iterable[str]) -> str:
    """Return the text alternative of a chart: its sentences, and where the numbers are."""
    return " ".join([*sentences, gettext("The table below the chart holds the same numbers.")])
