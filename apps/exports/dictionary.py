"""The meaning of every column of the files, for pages and for a file's metadata. docs/exports.md says the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.exports.columns import SNAPSHOTS, STANDINGS, Column, ColumnKind
from apps.exports.indicators import INDICATORS

KINDS: dict[ColumnKind, str | Promise] = {
    ColumnKind.TEXT: _("text"),
    ColumnKind.INTEGER: _("whole number"),
    ColumnKind.DECIMAL: _("number"),
    ColumnKind.BOOLEAN: _("true or false"),
    ColumnKind.TIME: _("day, month or year"),
    ColumnKind.DAY: _("date"),
    ColumnKind.INSTANT: _("date and time, UTC"),
}

SHARED: dict[str, str | Promise] = {
    "day": _("The calendar day in Almaty; of a month or a year its first day."),
    "span": _("What the number speaks for: day, month or year."),
    "actor_slug": _("The actor's key; it is the same in every language."),
    "actor_name": _("The actor's name in the language of lang, in English where there is none."),
    "kind": _(
        "The kind of the actor: state_body, agency, akimat, parliament, official, mission, party, movement, association, company, blogger or media."
    ),
    "platform": _("The platform; empty where accounts of several platforms are summed."),
    "handle": _("The account's name on the platform today, as text; empty where it is not known."),
    "account_id": _("Our own number of the account; it never changes."),
    "state": _("counted, hidden, absent (the page does not exist), suspended or private."),
    "bound": _(
        "= as counted, > more than, < less than, ~ about; empty where nothing is counted. A sum that lacks an account is >."
    ),
    "followers": _("Followers, subscribers or members; only where the state is counted."),
    "precision": _(
        "exact; 3sf: rounded down to three figures; abbrev: such as 76K; printed: as a publication gives it."
    ),
    "source": _("The key of the source that the number comes from."),
}
ONLY_SNAPSHOTS: dict[str, str | Promise] = {
    "observed_at": _("The instant of the reading, where one is known."),
    "locator": _("The place in the source: a table, a page, an address."),
    "note": _("The wording of the source, or a remark."),
}
ONLY_STANDINGS: dict[str, str | Promise] = {
    "rank": _("One plus the number of those who have more; equal counts share it."),
    "rank_then": _("The rank on the earlier day that since names."),
    "followers_then": _("The count as of the earlier day."),
    "day_then": _("The day of that earlier count."),
    "span_then": _("What that earlier count speaks for."),
    "change": _(
        "The later count minus the earlier one, over the accounts that are counted on both days; with since as a period (7d, 30d, 1y) only where the earlier reading is near its beginning."
    ),
    "change_percent": _("The change as a percentage of the earlier count; empty from 0."),
    "yearly_growth_percent_low": _("Compound growth a year; between months or years, the least it can be."),
    "yearly_growth_percent_high": _("Compound growth a year; between months or years, the most it can be."),
    "within_rounding": _("true where the change is smaller than the rounding of the two counts."),
    "gap_to_reference": _("The count minus that of the reference actor."),
    "times_reference": _("The count divided by that of the reference actor."),
    "share_percent": _("The share in all that is counted in these rows."),
    "reach_percent": _("The share in the platform's audience in Kazakhstan."),
    "parts": _("How many accounts are counted in the number."),
    "of": _(
        "How many accounts are there on the day: counted, hidden or private. Where parts is fewer, the count is a lower bound."
    ),
    "parts_then": _("The same of the earlier count."),
    "of_then": _("The same of the earlier count."),
    "first_day": _("The day of the oldest reading in the number; of a month or a year its first day."),
    "first_day_then": _("The same of the earlier count."),
    "rank_of": _("How many the rank is among."),
    "rank_then_of": _("How many the earlier rank is among."),
    "rank_is_open": _("true where a bound, rounding or a missing account leaves open who has more."),
    "last_day": _("The day of the newest reading in the number; of a month or a year its first day."),
    "last_day_then": _("The same of the earlier count."),
    "rank_change": _(
        "Places gained among those counted on both days, over the same accounts; negative where they are lost."
    ),
    "bound_then": _("The bound of the earlier count."),
    "precision_then": _("The precision of the earlier count."),
    "rank_then_is_open": _("The same as rank_is_open of the earlier rank."),
    "change_bound": _(
        "= the change itself, > at least, < at most, ~ about; from the bounds of both counts. The percentage has the same."
    ),
    "change_parts": _("How many accounts the change is of: those that are counted on both days."),
    "change_since": _("The day of the oldest reading that the change starts from."),
    "change_since_span": _("What that reading speaks for: day, month or year."),
    "change_until": _("The day of the newest reading that the change leads to."),
    "change_until_span": _("What that reading speaks for: day, month or year."),
    "gap_bound": _(
        "= the gap itself, > at least, < at most, ~ about; from the bounds of both counts. times_reference has the same."
    ),
    "share_bound": _(
        "= the share itself, > at least, < at most, ~ about; from the bounds of the count and of all others."
    ),
    "reach_bound": _(
        "= the share itself, > at least, < at most, ~ about; from the bounds of the count and of the audience."
    ),
}

ONLY_INDICATORS: dict[str, str | Promise] = {
    "indicator": _("The key of the figure; it is the same in every language."),
    "label": _("What the figure is, in the language of lang."),
    "unit": _("The unit of the value: people, percent, minutes per day, thousand tenge."),
    "geo": _("KZ, or World."),
    "segment": _("The measure or the group of people; values of different measures cannot be compared."),
    "value": _("The value, with as many decimals as its source prints."),
}


@dataclass(frozen=True)
class ColumnEntry:
    """A column as the page shows it."""

    name: str
    kind: str | Promise
    means: str | Promise


LINE = _(
    "Followers of this line at that time, subscribers or members; empty where nothing was recorded or only a bound is known."
)
LINE_IN_DETAIL = _("Followers of this line at that time, subscribers or members; read it with its bound.")
WIDE_DAY = _("The calendar day in Almaty, a whole month as 2022-06 or a whole year as 2022.")


def means(name: str) -> str | Promise:
    """Say what a column holds."""
    return {**SHARED, **ONLY_SNAPSHOTS, **ONLY_STANDINGS, **ONLY_INDICATORS}[name]


def means_wide(column: Column, *, details: bool) -> str | Promise:
    """Say what a column of a wide file holds. details: a bound and a precision stand beside each line."""
    if column.kind == ColumnKind.TIME:
        return WIDE_DAY
    if column.kind == ColumnKind.TEXT:
        return SHARED["bound" if column.name.endswith(": bound") else "precision"]
    return LINE_IN_DETAIL if details else LINE


def snapshots() -> list[ColumnEntry]:
    return _entries(SNAPSHOTS, SHARED | ONLY_SNAPSHOTS)


def standings() -> list[ColumnEntry]:
    return _entries(STANDINGS, SHARED | ONLY_STANDINGS)


def indicators() -> list[ColumnEntry]:
    return _entries(INDICATORS, SHARED | ONLY_SNAPSHOTS | ONLY_INDICATORS)


def _entries(columns: Sequence[Column], words: dict[str, str | Promise]) -> list[ColumnEntry]:
    return [ColumnEntry(column.name, KINDS[column.kind], words[column.name]) for column in columns]
