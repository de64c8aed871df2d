"""The standings table: its columns, their order, one page of its rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext

from apps.dashboard.forms import StandingsForm
from apps.dashboard.reads import alphabet_key
from apps.figures import labels
from apps.figures.formats import followers_title, language
from apps.standings.league_totals import Window
from apps.standings.types import Change, League, Row

ROWS_PER_PAGE: Final = 50
ON_PHONES: Final = (
    "rank",
    "name",
    "followers",
    "change",
    "gap",
)  # the rest does not fit without scrolling sideways


@dataclass(frozen=True)
class SortableHead:
    """A head that sorts. `order` is aria-sort's word, empty where the table is not in this column's order."""

    key: str
    title: str
    href: str
    order: str
    is_number: bool

    @property
    def is_on_phones(self) -> bool:
        return self.key in ON_PHONES


def beyond_rounding(row: Row) -> Change | None:
    change = row.change
    return change if change and not change.within_rounding else None


# The value a column sorts by; None where the row has none.
READERS: Final[dict[str, Callable[[Row], Any]]] = {
    "rank": lambda row: row.rank,
    "name": lambda row: alphabet_key(row.name(language())),
    "moved": lambda row: row.rank_change,
    "followers": lambda row: row.now.followers if row.now else None,
    "change": lambda row: change.absolute if (change := beyond_rounding(row)) else None,
    "percent": lambda row: change.percent if (change := beyond_rounding(row)) else None,
    "day": lambda row: row.now.last_day if row.now else None,
    "gap": lambda row: row.gap,
    "share": lambda row: row.share_percent,
    "reach": lambda row: row.reach.percent if row.reach else None,
}


def window_of(form: StandingsForm) -> Window:
    """Return which rows page_of() will show."""
    start = (form.value("page", 1) - 1) * ROWS_PER_PAGE
    return Window(form.value("sort", "rank"), start, start + ROWS_PER_PAGE)


def sort_rows(rows: Sequence[Row], sort: str) -> list[Row]:
    """Sort rows by a column, "-" before it for falling; those without a value last, ties in order of rank."""
    if sort == "rank":  # as they come
        return list(rows)
    read = READERS[sort.lstrip("-")]
    found = [(read(row), row) for row in rows]
    having = [pair for pair in found if pair[0] is not None]
    having.sort(key=itemgetter(0), reverse=sort.startswith("-"))
    return [row for _, row in having] + [row for value, row in found if value is None]


def titles(form: StandingsForm, league: League) -> list[tuple[str, Any, bool]]:
    """Return the columns this league can fill: key, title, whether it holds numbers."""
    platform = form.value("platform", "")
    compared = league.since is not None
    shown: list[tuple[str, Any, bool, bool]] = [
        ("rank", gettext("Rank"), True, True),
        ("moved", gettext("Rank change"), True, compared),
        ("name", gettext("Name"), False, True),
        ("followers", followers_title(platform), True, True),
        ("day", gettext("As of"), False, True),
        ("change", gettext("Change"), True, compared),
        ("percent", gettext("Percent"), True, compared),
        ("gap", gap_title(league), True, league.reference is not None),
        ("share", gettext("Share"), True, True),
        ("reach", gettext("Reach"), True, league.has_reach),
    ]
    return [(key, title, number) for key, title, number, fits in shown if fits]


def gap_title(league: League) -> str:
    name = labels.short(league.reference.name(language())) if league.reference else ""
    return gettext("Gap to %(name)s") % {"name": name}


def columns(form: StandingsForm, league: League) -> list[SortableHead]:
    """Return the heads as links: a second click turns the order round."""
    sort = form.value("sort", "rank")
    made = []
    for key, title, number in titles(form, league):
        falling_first = number and key not in ("rank",)
        first = "-" + key if falling_first else key
        turned = first.lstrip("-") if first.startswith("-") else "-" + first
        href = "?" + form.query(sort=turned if sort == first else first, page=None)
        order = {key: "ascending", "-" + key: "descending"}.get(sort, "")
        made.append(SortableHead(key, str(title), href, order, number))
    return made


def page_of(league: League, form: StandingsForm) -> Page[Row]:
    """Return the rows to show; a page beyond the last is the last."""
    sort = form.value("sort", "rank")
    rows = league.rows_by(sort)
    if rows is None:
        rows = sort_rows(league.rows, sort)
    return Paginator(rows, ROWS_PER_PAGE).get_page(form.value("page", 1))
