"""Other orders of a list than its own: by which columns it sorts, and how its pages follow one another then.

A cursor of such a list names the order that it was made for, so that none is read in another.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple, TypeVar

T = TypeVar("T")
Key = Callable[[Any], Any]


class SortColumn(NamedTuple):
    """A column of the database that is never NULL. In `path` {language} stands for the reader's."""

    path: str
    kind: type


def attribute(path: str) -> Key:
    """Return what reads a value from within a row; None where the row or a part of it has none."""
    first, *rest = path.split(".")

    def read(row: Any) -> Any:
        found = getattr(row, first)
        for name in rest:
            found = found if found is None else getattr(found, name)
        return found

    return read if rest else attrgetter(first)


def in_order(rows: Sequence[T], sort: str, keys: Mapping[str, Key]) -> Sequence[T]:
    """Sort by a column, "-column" from the highest down; rows without a value last, equal ones as they stood."""
    if not sort:
        return rows
    key = keys[sort.removeprefix("-")]
    with_value = [row for row in rows if key(row) is not None]
    without = [row for row in rows if key(row) is None]
    return [*sorted(with_value, key=key, reverse=sort.startswith("-")), *without]


def fields_of(sort: str, columns: Mapping[str, SortColumn], language: str) -> tuple[str, str]:
    """Return the database's columns of an order, the second of which tells any two rows apart."""
    sign = "-" if sort.startswith("-") else ""
    path = columns[sort.removeprefix("-")].path.format(language=language)
    return f"{sign}{path}", f"{sign}pk"


STANDINGS: Final[Mapping[str, Key]] = {
    "rank": attribute("rank"),
    "rank_change": attribute("rank_change"),
    "actor": attribute("actor_slug"),
    "now.followers": attribute("now.followers"),
    "then.followers": attribute("then.followers"),
    "change.absolute": attribute("change.absolute"),
    "change.percent": attribute("change.percent"),
    "gap": attribute("gap"),
    "times": attribute("times"),
    "share_percent": attribute("share_percent"),
    "reach.percent": attribute("reach.percent"),
}
OVERTAKES: Final[Mapping[str, Key]] = {
    "by": attribute("by"),
    "winner": attribute("winner"),
    "loser": attribute("loser"),
}
MILESTONES: Final[Mapping[str, Key]] = {
    "by": attribute("by"),
    "actor": attribute("actor_slug"),
    "number": attribute("number"),
}
