"""One printed count of a CSV that must be without a mistake: how the reference dataset is read."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from apps.common.tables import FIRST_YEAR, LAST_YEAR, Row
from apps.snapshots.models import Bound, Precision, Snapshot, Span, State
from apps.snapshots.recording import Reading, day_of
from apps.snapshots.rules import value_problems
from apps.snapshots.words import VALUE_PROBLEMS

SPANS = {span.word: span for span in Span}


def read_count(row: Row) -> Snapshot:
    """Return the row's count of an account, not saved. What cannot be read is noted with the row.

    Read are day, span, state, followers, bound, precision (as printed, unless given), observed_at, locator, note.
    """
    followers = row.whole("followers")
    made = Snapshot(
        state=row.one_of("state", State.values) if row.has("state") else State.COUNTED,
        followers=followers,
        bound=row.one_of("bound", Bound.values, required=False) or Bound.EXACTLY,
        precision=row.one_of("precision", Precision.values, required=False) or Precision.PRINTED,
        observed_at=_instant(row),
        locator=row.text("locator"),
        note=row.text("note"),
    )
    column = "day" if row.has("day") else "observed"
    dated = _day_and_span(row) if row.has("day") else row.when("observed", required=True)
    if dated:
        made.day, made.span = dated[0], Span(dated[1])
        if made.day > day_of(timezone.now()):
            row.wrong(column, _("This day is yet to come."))
        if made.observed_at and (made.span != Span.DAY or day_of(made.observed_at) != made.day):
            row.wrong("observed_at", _("This instant is not on that day in Almaty."))
    _check_number(row, made)
    row.check(made, "followers", "locator")
    return made


def to_reading(count: Snapshot, account_id: int, source_id: int) -> Reading:
    """Return the Reading to record for a count of `read_count`."""
    return Reading(
        account_id=account_id,
        day=count.day,
        span=Span(count.span),
        state=State(count.state),
        followers=count.followers,
        bound=Bound(count.bound),
        precision=Precision(count.precision),
        observed_at=count.observed_at,
        source_id=source_id,
        locator=count.locator,
        note=count.note,
    )


def _day_and_span(row: Row) -> tuple[date, int] | None:
    """Return the two columns of our own export: the first day of the span, and the word for the span."""
    dated = row.when("day", required=True)
    span = SPANS.get(row.one_of("span", SPANS)) if row.has("span") else Span.DAY
    if dated is None or span is None:
        return None
    day = dated[0]
    first = day.replace(month=1, day=1) if span == Span.YEAR else day.replace(day=1)
    if dated[1] != Span.DAY or (span != Span.DAY and day != first):
        row.wrong("day", _("Write the first day of the span: 2017-01-01 for a year, 2017-06-01 for a month."))
        return None
    return day, span


def _instant(row: Row) -> datetime | None:
    cell = row.text("observed_at")
    if not cell:
        return None
    instant = _read_instant(cell)
    if instant is None:
        row.wrong("observed_at", _("Write the instant with its offset: 2026-01-31T18:05:00Z."))
    return instant


def _read_instant(text: str) -> datetime | None:
    """Return an instant with its offset, such as 2026-01-31T18:05:00Z; None for anything else."""
    try:
        instant = parse_datetime(text)
    except ValueError:
        return None
    # The first and the last instants there are have no day in another zone.
    if instant is None or timezone.is_naive(instant) or not FIRST_YEAR <= instant.year <= LAST_YEAR:
        return None
    return instant


def _check_number(row: Row, made: Snapshot) -> None:
    """Check that there is a number where the state is `counted`, and only there."""
    if made.state == State.COUNTED:
        row.whole("followers", required=True)
        return
    if not made.state:
        return
    for column, code in value_problems(made.state, made.followers, made.bound):
        row.wrong(column, str(VALUE_PROBLEMS[code]))
