"""What the standings table shows: its columns, their order, one page of its rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext

from apps.dashboard.forms import StandingsForm
from apps.dashboard.reads import alphabet_key
from apps.figures.formats import followers_title, language
from apps.standings.types import League, Row

ROWS_PER_PAGE: Final = 50


@dataclass(frozen=True)
class Column:
    """A head that sorts. `order` is aria-sort's word, empty where the table is not in this column's order."""

    key: str
    title: str
    href: str
    order: str
    is_number: bool


def pick(row: Row, key: str) -> Any:
    """The value a column sorts by; None where the row has none."""
    change = row.change if row.change and not row.change.within_rounding else None
    readers: dict[str, Callable[[], Any]] = {
        "rank": lambda: row.rank,
        "name": lambda: alphabet_key(row.name(language())),
        "moved": lambda: row.rank_change,
        "followers": lambda: row.now.followers if row.now else None,
        "change": lambda: change.absolute if change else None,
        "percent": lambda: change.percent if change else None,
        "day": lambda: row.now.last_day if row.now else None,
        "gap": lambda: row.gap,
        "share": lambda: row.share_percent,
        "reach": lambda: row.reach.percent if row.reach else None,
    }
    return readers[key]()


def ordered(rows: Sequence[Row], sort: str) -> list[Row]:
    """Rows by a column, "-" before it for falling; those without a value last, ties in order of rank."""
    key = sort.lstrip("-")
    having = [row for row in rows if pick(row, key) is not None]
    lacking = [row for row in rows if pick(row, key) is None]
    return sorted(having, key=lambda row: pick(row, key), reverse=sort.startswith("-")) + lacking


def titles(form: StandingsForm, league: League) -> list[tuple[str, Any, bool]]:
    """The columns this league can fill: key, title, whether it holds numbers."""
    platform = form.value("platform", "")
    compared = league.since is not None
    shown: list[tuple[str, Any, bool, bool]] = [
        ("rank", gettext("Rank"), True, True),
        ("moved", gettext("Places"), True, compared),
        ("name", gettext("Name"), False, True),
        ("followers", followers_title(platform), True, True),
        ("day", gettext("As of"), False, True),
        ("change", gettext("Change"), True, compared),
        ("percent", gettext("Percent"), True, compared),
        ("gap", gap_title(league), True, league.reference is not None),
        ("share", gettext("Share"), True, True),
        ("reach", gettext("Reach"), True, any(row.reach for row in league.rows)),
    ]
    return [(key, title, number) for key, title, number, fits in shown if fits]


def gap_title(league: League) -> str:
    name = league.reference.name(language()) if league.reference else ""
    return gettext("Gap to: %(name)s") % {"name": name}


def columns(form: StandingsForm, league: League) -> list[Column]:
    """The heads as links: a second click turns the order round."""
    sort = form.value("sort", "rank")
    made = []
    for key, title, number in titles(form, league):
        falling_first = number and key not in ("rank",)
        first = "-" + key if falling_first else key
        turned = first.lstrip("-") if first.startswith("-") else "-" + first
        href = "?" + form.query(sort=turned if sort == first else first, page=None)
        order = {key: "ascending", "-" + key: "descending"}.get(sort, "")
        made.append(Column(key, str(title), href, order, number))
    return made


def page_of(league: League, form: StandingsForm) -> Page[Row]:
    """The rows to show; a page beyond the last is the last."""
    rows = ordered(league.rows, form.value("sort", "rank"))
    return Paginator(rows, ROWS_PER_PAGE).get_page(form.value("page", 1))
