from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.http import QueryDict

from apps.exports import copying
from apps.exports.forms import SnapshotsForm
from apps.ledger import reads, sealing, verification
from tests.builders import make_account, make_actor, make_snapshot, make_source


@pytest.fixture(autouse=True)
def _own_key(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def night(day: str) -> datetime:
    """The instant at which the nightly job seals the day before."""
    return datetime.fromisoformat(f"{day}T20:15:00+00:00") - timedelta(days=1)


def seal(day: str):
    return sealing.seal(night(day))


def problems(day: str) -> list[str]:
    return verification.check(night(day)).problems


@pytest.fixture
def world():
    """Two accounts with three days each and a year, sealed on 2026-01-04."""
    make_source("api-facebook")
    accounts = [
        make_account(make_actor("ministry"), handle="ministry", platform_id="77"),
        make_account(make_actor("blogger", kind="blogger"), handle="Blogger"),
    ]
    for account in accounts:
        make_snapshot(account, "2017", 39_000, precision="printed", note="a\ttab, a \\ and\na line")
        for day in (1, 2, 3):
            record(account, date(2026, 1, day), 1000 + day)
    seal("2026-01-04")
    return accounts


def record(account, day: date, followers: int | None, **fields):
    at = datetime(day.year, day.month, day.day, 14, tzinfo=UTC)
    given = {"observed_at": at, "recorded_at": at, "source": make_source("api-facebook"), **fields}
    return make_snapshot(account, day, followers, **given)


@pytest.fixture
def take_files(tmp_path):
    """Take the ledger and the counts away as files, as the addresses give them out."""

    def take():
        form = SnapshotsForm(QueryDict(""))
        assert form.problems() == []
        statement, kept = form.statement(), (tmp_path / "ledger.txt.gz", tmp_path / "snapshots.csv")
        kept[0].write_bytes(b"".join(reads.packed()))
        copy = f"COPY ({copying.PLAIN.select(statement)}) TO STDOUT WITH ({copying.PLAIN.options})"
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL TIME ZONE 'UTC'")
            with cursor.copy(copy, statement.parameters) as rows:
                kept[1].write_bytes(b"".join(map(bytes, rows)))
        return [str(one) for one in kept]

    return take
