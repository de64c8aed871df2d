"""Any write of what the standings are made of changes the number that answers are kept under."""

from datetime import date

import pytest

from apps.registry.models import Account, Actor
from apps.snapshots.models import Snapshot
from apps.standings import cache_version
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_snapshots

pytestmark = pytest.mark.django_db

DAY = date(2026, 1, 31)


@pytest.mark.parametrize(
    "write",
    [
        lambda: make_snapshot(Account.objects.first(), "2026-02-15", 5),
        lambda: Snapshot.objects.filter(day=DAY).update(followers=50),
        lambda: Snapshot.objects.filter(day=DAY).update(day=date(2026, 6, 1)),
        lambda: Snapshot.objects.filter(day=DAY).delete(),
        lambda: Actor.objects.filter(slug="a").update(hidden=True),
        lambda: Actor.objects.filter(slug="a").update(kind="party"),
        lambda: Actor.objects.filter(slug="a").update(began=DAY),
        lambda: Actor.objects.filter(slug="a").update(ended=DAY),
        lambda: Account.objects.filter(actor__slug="a").update(platform="x"),
        lambda: make_group("g", [Actor.objects.get(slug="a")]),
        lambda: make_actor("b", succeeds=Actor.objects.get(slug="a")),
    ],
    ids=[
        "import",
        "correction",
        "moved",
        "removed",
        "hidden",
        "kind",
        "began",
        "ended",
        "platform",
        "group",
        "heir",
    ],
)
def test_no_answer_is_kept_over_a_write(write):
    make_snapshots(make_account("a"), {DAY: 2, date(2026, 3, 20): 3})
    before = cache_version.of_pages()
    write()
    assert cache_version.of_pages() != before
