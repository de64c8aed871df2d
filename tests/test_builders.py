from datetime import date

import pytest

from apps.snapshots.models import Snapshot, Span, State
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_snapshots, snapshot

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("observed", "day", "span"),
    [
        ("2022", date(2022, 1, 1), Span.YEAR),
        ("2022-05", date(2022, 5, 1), Span.MONTH),
        ("2022-05-09", date(2022, 5, 9), Span.DAY),
    ],
)
def test_a_snapshot_speaks_for_the_span_that_is_written(observed, day, span):
    made = snapshot(make_account(), observed, 5)
    assert (made.day, made.span) == (day, span)


def test_what_is_built_is_stored():
    account = make_account("a", "telegram")
    make_snapshot(account, "2022", 7)
    make_snapshots(account, {"2023": 8, "2023-02-01": None})
    assert [row.state for row in Snapshot.objects.all()] == [State.COUNTED, State.COUNTED, State.ABSENT]
    assert make_group("g", [account.actor], make_actor("b")).members.get() == account.actor
