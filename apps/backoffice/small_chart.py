"""Draw an account's counts small, for the pages where one of them is decided or corrected."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from apps.figures import formats
from apps.registry.models import Account
from apps.snapshots.models import Span
from apps.snapshots.rules import last_day

WIDTH, HEIGHT = 480, 140  # of the drawing, in its own units
LEFT, TOP, RIGHT, BOTTOM = 8, 20, 472, 116  # where counts are drawn
SHOWN = 60  # the newest counts
LATELY, ENOUGH = 366, 5  # days; where so many counts are of them, older ones are left out


@dataclass(frozen=True)
class Mark:
    """A count: a dot, or a line over the month or year that it speaks for."""

    left: float
    right: float
    y: float
    words: str
    is_strange: bool = False

    @property
    def is_day(self) -> bool:
        return self.left == self.right


@dataclass(frozen=True)
class SmallChart:
    marks: tuple[Mark, ...]
    path: str  # points of the line through the marks that are not strange
    highest: str
    first: str
    last: str
    width: int = WIDTH
    height: int = HEIGHT
    base: int = BOTTOM


@dataclass(frozen=True)
class CountPoint:
    day: date
    span: Span
    followers: int
    is_strange: bool = False

    @property
    def until(self) -> date:
        return last_day(self.day, self.span.word)  # type: ignore[arg-type]  # one of the three

    @property
    def words(self) -> str:
        when = formats.span(self.day, self.span.word)  # type: ignore[arg-type]
        return f"{when}: {formats.number(self.followers)}"


def of_account(
    account: Account, *, strange: tuple[date, int] | None = None, snapshot: int = 0
) -> SmallChart | None:
    """Return the drawing of the account's newest counts; None where there are fewer than two.

    strange: the day and the count that is asked about, where it is not recorded; snapshot: the key of the one that is.
    """
    newest = account.snapshots.exclude(followers=None).order_by("-day", "-span")[:SHOWN]
    counts = [CountPoint(row.day, Span(row.span), row.followers or 0, row.pk == snapshot) for row in newest]
    lately = [count for count in counts if (counts[0].until - count.day).days <= LATELY]
    if len(lately) >= ENOUGH:  # a year says more of a jump than ten
        counts = lately
    if strange:
        counts.append(CountPoint(strange[0], Span.DAY, max(strange[1], 0), is_strange=True))
    return draw(counts)


def draw(counts: Iterable[CountPoint]) -> SmallChart | None:
    """Return the drawing of these counts on a scale that begins at zero; None where there are fewer than two."""
    ordered = sorted(counts, key=lambda count: (count.day, count.until))
    if len(ordered) < 2:
        return None
    first, last = ordered[0].day, max(count.until for count in ordered)
    days = max((last - first).days, 1)
    highest = max(*(count.followers for count in ordered), 1)

    def across(day: date) -> float:
        return round(LEFT + (RIGHT - LEFT) * (day - first).days / days, 1)

    marks = tuple(
        Mark(
            across(count.day),
            across(count.until),
            round(BOTTOM - (BOTTOM - TOP) * count.followers / highest, 1),
            count.words,
            count.is_strange,
        )
        for count in ordered
    )
    path = " ".join(f"{(mark.left + mark.right) / 2:.1f},{mark.y}" for mark in marks if not mark.is_strange)
    return SmallChart(marks, path, formats.number(highest), formats.day(first), formats.day(last))
