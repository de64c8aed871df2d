"""Which accounts the database looks at again: days out of order or twice, counts that move by more than 30 %."""

from datetime import date
from io import BytesIO

import pytest

from apps.intake import imports
from apps.intake.rows import Staged
from apps.intake.series_check import SeriesCheck
from apps.registry.models import Source
from apps.snapshots.models import Snapshot
from tests.builders import make_account, make_snapshot


def rows(*counts, account=1, kind=""):
    return [
        Staged(line, account_id=account, day=date(2024, 1, day), followers=count, kind=kind)
        for line, (day, count) in enumerate(counts, 2)
    ]


@pytest.mark.parametrize(
    ("counts", "is_unsure"),
    [
        ([(1, 1000), (2, 1300), (3, 1000)], False),  # 30 % up, 23 % down
        ([(1, 1000), (2, 1301)], True),
        ([(2, 1301), (1, 1000)], True),  # the newest first: the older is what it is held against
        ([(2, 1300), (1, 1000)], False),
        ([(1, 1000), (2, 699)], True),
        ([(1, 0), (2, 1)], True),
        ([(1, 5), (1, 5)], True),  # a day twice
        ([(1, 5), (2, 5), (1, 5)], True),  # and not one after the other
        ([(3, 5), (2, 5), (4, 5)], True),
        ([(1, 1000), (2, None), (3, 1301)], True),  # a state between two counts
        ([(1, None), (2, 5)], False),
    ],
)
def test_an_account_is_unsure(counts, is_unsure):
    series = SeriesCheck()
    series.add(rows(*counts))
    assert series.unsure == ({1} if is_unsure else set())
    assert series.accounts == [1]


def test_blocks_and_accounts_do_not_mix():
    series = SeriesCheck()
    series.add(
        [*rows((1, 5)), *rows((1, 900), account=2), *rows((1, 7), account=-1), *rows((1, 9), kind="error")]
    )
    series.add([*rows((2, 5)), *rows((2, 90), account=2), *rows((2, 7), account=-1)])
    assert series.unsure == {2}
    assert sorted(series.accounts) == [1, 2]


@pytest.mark.django_db
def test_what_others_record_after_the_look_is_kept_and_the_rest_is_written():
    account = make_account("ministry", "telegram", "ministry_kz")
    source = Source.objects.create(key="list", kind=Source.Kind.IMPORT, title="List")
    file = BytesIO(
        b"day,platform,handle,followers\n2024-01-01,telegram,ministry_kz,1000\n2024-01-02,telegram,ministry_kz,1010\n"
    )
    batch = imports.receive(file, "counts.csv", source=source)
    imports.check(batch)
    make_snapshot(account, date(2024, 1, 1), 999)
    imports.write(batch)
    assert batch.counts["new"] == 1
    assert batch.counts["conflict"] == 1
    assert list(Snapshot.objects.order_by("day").values_list("followers", flat=True)) == [999, 1010]
