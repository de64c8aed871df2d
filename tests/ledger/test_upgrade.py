"""A newer version goes on with the chain of an older one, and checks what was taken from it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from apps.ledger import parts, reads, verification
from apps.ledger.models import Part, Seal
from apps.snapshots.models import Snapshot
from tests.ledger.conftest import night, record, seal
from tools import verify

NEWEST, LOST = "8-93d5825e4b32", "5-9f692a0e4efc"
OLD = Path(__file__).parent / "data"


def migrate(name: str) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([("ledger", name)])


@pytest.mark.django_db(transaction=True)
def test_an_upgraded_database_keeps_its_chain(world):
    """From the first form of the tables, in which a part did not have the hashes of what is gone beside it."""
    late = {"observed_at": datetime(2026, 1, 3, 18, 59, tzinfo=UTC), "followers": 2003}
    Snapshot.objects.filter(account=world[0], day=date(2026, 1, 3)).update(
        **late, recorded_at=datetime(2026, 1, 4, 5, tzinfo=UTC)
    )
    (second,) = seal("2026-01-05")
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes("ledger")[0][1]
    migrate("0001_ledger")
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(has_gone ORDER BY seal_id) FROM ledger_part")
        assert cursor.fetchone() == ([False, True],)
    migrate(newest)
    assert [bool(part.gone) for part in Part.objects.order_by("seal_id")] == [False, True]
    row = ("facebook:77", "2026-01-03", "day")
    assert b"\t2003\t" in parts.standing(parts.these([row]))[row].line
    record(world[1], date(2026, 1, 5), 3)
    (third,) = seal("2026-01-06")
    assert (third.number, third.parsed.before) == (3, second.head)
    report = verification.check(night("2026-01-06"), known=[second.label])
    assert (report.problems, report.notes, report.numbers) == ([], [], 3)


@pytest.mark.django_db(transaction=True)
def test_what_was_dropped_before_an_upgrade_is_named_after_it(world):
    Snapshot.objects.filter(account=world[0], day=date(2026, 1, 2)).delete()
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes("ledger")[0][1]
    migrate("0001_ledger")
    migrate(newest)
    assert any("2026-01-02" in problem for problem in verification.check(night("2026-01-05")).problems)
    assert b"".join(reads.packed())
    assert Seal.objects.count() == 1


def test_files_that_were_taken_from_the_first_version_are_checked(capsys):
    """A key that was exchanged, a merger, a correction, a removal, a database that was restored: the form of each line,
    leaf, node, header and signature is for ever."""
    files = [str(OLD / name) for name in ("ledger-1.txt.gz", "snapshots-1.csv")]
    code = verify.main([*files, "--whole", "--known", NEWEST])
    told = capsys.readouterr().out
    assert code == 0, told
    assert "The chain holds: " in told
    assert "was restored to what it was at number" in told
    assert NEWEST in told
    assert (
        verify.main([*files, "--known", LOST]) == 1
    )  # published, and the database was restored to before it
