"""What we gave out comes back: every file of our own is read with all its rows "same"."""

import io
from datetime import UTC, datetime

import pytest

from apps.intake import imports
from apps.intake.answers import Answers
from apps.registry.models import Account
from apps.snapshots.models import Snapshot
from tests import reference
from tests.builders import make_account, make_snapshot, make_source
from tests.exports.reading import body

# Exports read by a connection of their own, so the rows must be committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def recorded(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    reference.load()
    source = make_source("reading")
    account = Account.objects.get(actor__slug="ministry-labor", platform="facebook")
    instant = datetime(2026, 5, 1, 23, 5, 9, tzinfo=UTC)
    make_snapshot(account, "2026-05-02", 65123, source=source, observed_at=instant)
    make_snapshot(
        account,
        "2026-05-03",
        65000,
        source=source,
        precision="abbrev",
        bound=">",
        note='- «более 65 тыс.», "now"',
    )
    make_snapshot(account, "2026-05-04", source=source)
    make_snapshot(account, "2026-06", 66000, source=source, precision="3sf", locator="p. 1; = 2")
    make_snapshot(make_account("numbered", "vk", "club1"), "2026-05-02", 7, source=source, note="+7")


def come_back(content, name, answers=None):
    before = list(Snapshot.objects.order_by("pk").values())
    batch = imports.receive(io.BytesIO(content), name, source=make_source("brought"))
    imports.check(batch, answers=answers)
    assert batch.stage == "checked", batch.refused
    counts = dict(batch.counts)
    imports.write(batch)
    assert list(Snapshot.objects.order_by("pk").values()) == before
    return counts, [row.problem for row in batch.rows.exclude(problem="")]


@pytest.mark.parametrize(
    "address",
    [
        "snapshots.csv",
        "snapshots.csv?preset=excel",
        "snapshots.csv?preset=excel&lang=ru",
        "snapshots.xlsx",
        "snapshots.json",
    ],
)
def test_everything_recorded(address):
    counts, problems = come_back(body(address), address.partition("?")[0])
    assert problems == []
    assert counts == {"same": Snapshot.objects.count()}


@pytest.mark.parametrize(
    "address",
    [
        "trend.csv?",
        "trend.xlsx?",
        "trend.json?",
        "trend.csv?layout=wide&",
        "trend.xlsx?layout=wide&",
        "trend.csv?layout=wide&preset=excel&",
    ],
)
def test_the_lines_of_a_chart(address):
    chart = f"{address}platform=facebook&group=abenov-vs-agencies"
    counts, problems = come_back(body(chart), address.partition("?")[0], Answers(platform="facebook"))
    assert problems == []
    assert counts.keys() == {"same"}
    assert counts["same"] > 5
