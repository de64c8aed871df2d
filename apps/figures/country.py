"""Figures about the country as pages show them: numbers as their sources print them, sentences, a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Final

from django.utils.translation import gettext

from apps.context.models import IndicatorValue
from apps.figures import formats
from apps.figures.country_topics import OTHER, Order, Shape, Topic
from apps.registry.models import Source
from apps.registry.texts import in_language, is_known
from apps.snapshots.models import Span
from apps.snapshots.rules import SpanWord

SPAN_WORDS: Final[dict[int, SpanWord]] = {Span.YEAR: "year", Span.MONTH: "month", Span.DAY: "day"}
MINUTES: Final = "minutes per day"
PEOPLE: Final = "people"
NAMED_FIRST: Final = 3  # of the bars in a sentence
LINE_FROM: Final = 3  # points; fewer are single figures
REPOSITORY: Final = "Public repository"  # where a file lay says less than whose it is


@dataclass(frozen=True)
class IndicatorLine:
    """Figures of one indicator in one measure, oldest first: of one source, or of several that count alike."""

    name: str
    values: tuple[IndicatorValue, ...]

    @property
    def is_joined(self) -> bool:
        return len(self.values) > 1


@dataclass(frozen=True)
class TableRow:
    """A value in the table beside a chart, all in the page's language."""

    when: str
    what: str
    number: str
    unit: str
    source: str
    source_url: str
    place: str
    note: str
    note_is_english: bool


def write_number(value: IndicatorValue) -> str:
    """Write a value with as many decimals as its source prints, its bound in words: 26.30%, more than 7,000,000."""
    return formats.bounded(write_bare(value), value.bound)


def write_bare(value: IndicatorValue) -> str:
    """Write a value without its bound: 85.9%, 6 h 49 min, 39,000."""
    unit = value.indicator.unit
    if unit == MINUTES:
        hours, minutes = divmod(int(value.value), 60)
        if hours:
            return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
        return gettext("%(minutes)s min") % {"minutes": minutes}
    number = write_decimal(value.value, value.decimals)
    if unit.startswith("percent"):
        return number + ("%" if formats.language() == "en" else formats.NO_BREAK + "%")
    return number


def write_decimal(number: Decimal, decimals: int) -> str:
    """Group by thousands and keep the empty decimals that the source prints: 11.00."""
    text = f"{number:,.{decimals}f}"
    if formats.language() != "en":
        text = text.replace(",", formats.NO_BREAK).replace(".", ",")
    return text.replace("-", formats.MINUS)


def write_unit(value: IndicatorValue) -> str:
    """Return the unit in words, where the number does not carry it."""
    unit = value.indicator.unit
    return "" if unit == MINUTES or unit == "percent" else in_language(unit, formats.language())


def write_time(value: IndicatorValue) -> str:
    return formats.span(value.day, SPAN_WORDS[value.span])


def name_source(source: Source) -> str:
    """Name a source as briefly as a chart has room for: surnames or publisher, and the year."""
    if source.authors:
        people = [person.strip() for person in source.authors.split(";")]
        surnames = [person.rsplit(". ", 1)[-1].rsplit(".", 1)[-1].strip() or person for person in people]
        name = (
            " & ".join(surnames) if len(surnames) < 3 else gettext("%(name)s et al.") % {"name": surnames[0]}
        )
    elif source.container and not source.container.startswith(REPOSITORY):
        name = source.container.split(",")[0]
    else:
        name = in_language(source.title, formats.language())
    return f"{name} {source.year}" if source.year and str(source.year) not in name else name


def sort_key(value: IndicatorValue) -> tuple[date, int]:
    """Order values by the middle of the time they speak for."""
    return find_middle(value), value.pk or 0


def find_middle(value: IndicatorValue) -> date:
    """Return the day in the middle of a value's year or month: where it stands on a time axis."""
    return value.day + timedelta(days={Span.YEAR: 182, Span.MONTH: 14}.get(Span(value.span), 0))


def build_lines(topic: Topic, values: Iterable[IndicatorValue]) -> list[IndicatorLine]:
    """Sort the drawn values into lines; measures are never mixed in one, nor sources that may count differently."""
    drawn = [value for value in values if topic.draws(value)]
    by_line: dict[tuple[object, ...], list[IndicatorValue]] = {}
    for value in sorted(drawn, key=sort_key):
        measure = (value.indicator_id, value.platform, value.segment)
        key = measure if topic.is_one_measure else (*measure, value.source_id)
        by_line.setdefault(key, []).append(value)
    several = len({value.indicator_id for value in drawn}) > 1
    measures = len({value.segment for value in drawn}) > 1
    return [
        IndicatorLine(name_line(topic, line[0], with_label=several, with_measure=measures), tuple(line))
        for line in by_line.values()
    ]


def name_line(topic: Topic, value: IndicatorValue, *, with_label: bool, with_measure: bool) -> str:
    parts = [formats.platform_name(value.platform)] if value.platform else []
    if with_label:
        parts.append(value.indicator.label(formats.language()))
    if with_measure and value.segment:
        parts.append(in_language(value.segment, formats.language()))
    if not topic.is_one_measure:
        parts.append(name_source(value.source))
    return ", ".join(parts)


def name_bar(topic: Topic, value: IndicatorValue, values: Sequence[IndicatorValue]) -> str:
    """Name a bar by what tells it from the others: indicator, platform, measure, date, and the source if need be."""
    code = formats.language()
    parts = [formats.platform_name(value.platform)] if value.platform else []
    if len({(other.day, other.span) for other in values}) > 1:
        parts.append(write_time(value))
    if len({other.indicator_id for other in values}) > 1:
        label = value.indicator.label(code)
        parts.append(label[:1].lower() + label[1:] if parts else label)
    if value.segment and len({other.segment for other in values}) > 1:
        parts.append(in_language(value.segment, code))
    same = [
        other
        for other in values
        if measure_of(other) == measure_of(value) and other.indicator_id == value.indicator_id
    ]
    if len(same) > 1:
        parts.append(name_source(value.source))
    name = ", ".join(parts) or value.indicator.label(code)
    return name[:1].upper() + name[1:]


def measure_of(value: IndicatorValue) -> tuple[date, str, str]:
    return value.day, value.platform, value.segment


def order_bars(topic: Topic, values: Iterable[IndicatorValue]) -> list[IndicatorValue]:
    """Order the drawn values as bars; those of one name stand together, oldest first."""
    drawn = [value for value in values if topic.draws(value)]
    if topic.order == Order.TIME:
        return sorted(drawn, key=sort_key)
    if topic.order == Order.NAME:
        return sorted(drawn, key=lambda value: (value.platform, value.segment, value.indicator.key))
    largest: dict[tuple[str, str], Decimal] = {}
    for value in drawn:
        name = (value.platform, value.segment)
        largest[name] = max(largest.get(name, value.value), value.value)
    return sorted(
        drawn,
        key=lambda value: (-largest[value.platform, value.segment], value.platform, value.segment, *sort_key(value)),
    )  # fmt: skip


def build_sentences(topic: Topic, values: Sequence[IndicatorValue]) -> list[str]:
    """Say what the chart shows."""
    if topic.key == OTHER.key:
        return []
    if topic.shape == Shape.BARS:
        return say_bars(topic, values)
    return [sentence for line in build_lines(topic, values) if (sentence := say_line(line))]


def say_line(line: IndicatorLine) -> str:
    """Say a line's first and last figure; nothing of single figures, which the table has."""
    first, last = line.values[0], line.values[-1]
    if not line.is_joined:
        return ""
    return gettext("%(name)s: %(first)s (%(then)s), %(last)s (%(now)s).") % {
        "name": line.name,
        "first": write_number(first),
        "then": write_time(first),
        "last": write_number(last),
        "now": write_time(last),
    }


def say_bars(topic: Topic, values: Sequence[IndicatorValue]) -> list[str]:
    """Say the first bars of each date, newest date first, at most two dates."""
    drawn = order_bars(topic, values)
    times = sorted({(value.day, value.span) for value in drawn}, reverse=True)
    if topic.order == Order.TIME and len(drawn) > 1:
        # From the first to the newest of one measure: authors of posts are no users.
        same = [value for value in drawn if is_same_measure(value, drawn[-1])]
        ends = same[:1] + same[1:][-1:]
        head = drawn[-1].indicator.label(formats.language())
        return [list_items(head, [(write_time(value), value) for value in ends])]
    said = []
    for time in times[:2]:
        items = [value for value in drawn if (value.day, value.span) == time]
        if topic.order == Order.SIZE:
            items = sorted(items, key=lambda value: -value.value)[:NAMED_FIRST]
        named = [(name_bar(topic, value, items), value) for value in items]
        said.append(list_items(write_time(items[0]), named))
    return said


def list_items(head: str, items: Sequence[tuple[str, IndicatorValue]]) -> str:
    """Write “January 2022: Instagram 11,750,000, TikTok 7,260,000.”"""
    listed = "; ".join(f"{name} {formats.DASH} {write_amount(value)}" for name, value in items)
    return gettext("%(head)s: %(items)s.") % {"head": head[:1].upper() + head[1:], "items": listed}


def write_amount(value: IndicatorValue) -> str:
    """Write a value with the unit that a reader would not guess: thousand tenge, and not people or a share."""
    unit = write_unit(value)
    is_plain = value.indicator.unit == PEOPLE or value.indicator.unit.startswith("percent")
    return write_number(value) if is_plain or not unit else f"{write_number(value)} {unit}"


def is_same_measure(one: IndicatorValue, other: IndicatorValue) -> bool:
    return (one.indicator_id, one.geo, one.platform, one.segment) == (
        *(other.indicator_id, other.geo, other.platform, other.segment),
    )


def say_differences(values: Sequence[IndicatorValue]) -> list[str]:
    """Name the figures of one measure and time in which sources disagree, with each source's own."""
    by_time: dict[tuple[object, ...], list[IndicatorValue]] = {}
    for value in sorted(values, key=sort_key):
        key = (value.indicator_id, value.geo, value.platform, value.segment, value.day, value.span)
        by_time.setdefault(key, []).append(value)
    said = []
    for group in by_time.values():
        if all(agree(one, other) for one, other in combinations(group, 2)):
            continue
        listed = "; ".join(f"{write_number(value)} ({name_source(value.source)})" for value in group)
        head = ", ".join([group[0].indicator.label(formats.language()), write_time(group[0])])
        said.append(gettext("%(head)s: %(items)s.") % {"head": head, "items": listed})
    return said


def agree(one: IndicatorValue, other: IndicatorValue) -> bool:
    """Tell whether two figures can both be right: equal as coarsely as the coarser is written, or within a bound."""
    for bounded, free in ((one, other), (other, one)):
        if bounded.bound == ">" and free.value > bounded.value:
            return True
        if bounded.bound == "<" and free.value < bounded.value:
            return True
    step = max(find_step(one), find_step(other))
    return round(one.value / step) == round(other.value / step)


def find_step(value: IndicatorValue) -> Decimal:
    """Return what the last written figure counts: 0.1 of 34.3, a million of 14,000,000."""
    if value.decimals or not value.value:
        return Decimal(1).scaleb(-value.decimals)
    digits = str(int(value.value))
    return Decimal(1).scaleb(len(digits) - len(digits.rstrip("0")))


def build_table(topic: Topic, values: Iterable[IndicatorValue]) -> list[TableRow]:
    """Return every value of a topic, drawn or not, newest first, as the table under the chart shows it."""
    code = formats.language()
    rows = sorted(values, key=sort_key, reverse=True)
    return [
        TableRow(
            when=write_time(value),
            what=describe(value),
            number=write_number(value),
            unit=write_unit(value),
            source=name_source(value.source),
            source_url=value.source.url,
            place=in_language(value.locator, code),
            note=in_language(value.note, code),
            note_is_english=not is_known(value.note, code),
        )
        for value in rows
    ]


def describe(value: IndicatorValue) -> str:
    """Name what a value measures: indicator, platform and measure."""
    code = formats.language()
    parts = [value.indicator.label(code)]
    parts += [formats.platform_name(value.platform)] if value.platform else []
    parts += [in_language(value.segment, code)] if value.segment else []
    return ", ".join(parts)
