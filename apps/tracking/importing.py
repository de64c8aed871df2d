"""Counts that people bring as CSV files: the columns that the reference dataset and imports share."""

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.common.tables import Row
from apps.tracking.models import Bound, Precision, Snapshot, Span, State
from apps.tracking.recording import day_of


def read_count(row: Row) -> Snapshot:
    """What the row says of an account, not saved: day, span, state, followers, bound, locator, note.

    The span follows from how much of the date is given. What cannot be read is noted with the row.
    """
    dated = row.when("observed", required=True)
    state = row.one_of("state", State.values)
    followers = row.whole("followers")
    made = Snapshot(
        state=state,
        followers=followers,
        bound=row.one_of("bound", Bound.values, required=False) or Bound.EXACTLY,
        precision=Precision.PRINTED,
        locator=row.text("locator"),
        note=row.text("note"),
    )
    if dated:
        made.day, made.span = dated[0], Span(dated[1])
        if made.day > day_of(timezone.now()):
            row.wrong("observed", _("This day is yet to come."))
    _check_number(row, made)
    row.check(made, "followers", "locator")
    return made


def _check_number(row: Row, made: Snapshot) -> None:
    """A number belongs to `counted` and to nothing else; a bound keeps the wording it was read from."""
    if made.state == State.COUNTED:
        row.whole("followers", required=True)
        if made.bound != Bound.EXACTLY and not made.note:
            row.wrong(
                "note", _("Write the source's own wording here: “more than 40,000”, “about 64 thousand”.")
            )
        return
    if not made.state:
        return
    if made.followers is not None:
        row.wrong("followers", _("Only a row whose state is “counted” has a number."))
    if made.bound != Bound.EXACTLY:
        row.wrong("bound", _("Only a row whose state is “counted” has a bound."))
