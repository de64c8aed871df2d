"""Where files stop to count, to seek their sources and to trust their size: on each side of each limit."""

from datetime import date

import pytest

from apps.exports import about, counting, packing
from apps.exports.statements import Period, snapshots
from apps.standings.types import Reading, Scope
from tests.builders import make_account, make_snapshot, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    """Three rows of one source; another source has none."""
    account = make_account("abenov")
    make_source("unused")
    make_snapshot(account, "2021", 1, source=make_source("used"))
    make_snapshot(account, "2022-12-31", 2, source=make_source("used"))
    make_snapshot(account, "2022", 3, source=make_source("used"))
    return snapshots(Scope(), Period(), (), "en")


def test_sources_are_sought_up_to_the_limit_and_all_named_beyond(rows, monkeypatch):
    monkeypatch.setattr(about, "ASKED_UP_TO", 3)
    assert [source.key for source in about.sources_of(rows, 3)] == ["used"]
    for more in (4, None):
        assert {"used", "unused"} <= {source.key for source in about.sources_of(rows, more)}


def test_the_newest_reading_is_sought_up_to_the_limit(rows, monkeypatch):
    monkeypatch.setattr(about, "ASKED_UP_TO", 3)
    assert about.newest_of(rows, 3) == Reading(
        date(2022, 12, 31), "day"
    )  # the narrowest of those that end then
    assert about.newest_of(rows, 4) is None
    assert about.newest_of(rows, None) is None


def test_rows_are_counted_up_to_the_limit_and_guessed_beyond(rows, monkeypatch):
    monkeypatch.setattr(counting, "FAR_MORE", 1_000_000)
    monkeypatch.setattr(counting, "COUNTED_UP_TO", 3)
    assert counting.of(rows) == (3, True)
    monkeypatch.setattr(counting, "COUNTED_UP_TO", 2)
    guess, is_exact = counting.of(rows)
    assert guess >= 3
    assert not is_exact


def test_a_guess_far_beyond_the_limit_is_not_counted(rows, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(counting, "COUNTED_UP_TO", 0)
    monkeypatch.setattr(counting, "FAR_MORE", 0)
    with django_assert_num_queries(1):
        assert not counting.of(rows)[1]


@pytest.mark.parametrize(
    ("rows", "is_large"), [(packing.LARGE, False), (packing.LARGE + 1, True), (None, True)]
)
def test_a_zip_knows_that_it_may_be_large(rows, is_large, monkeypatch):
    asked = []
    monkeypatch.setattr(packing, "pack", lambda parts, *, large: asked.append(large) or iter(()))
    described = type("About", (), {"row_count": rows})()
    assert list(packing.bundle(described, [], lambda: 0)) == []
    assert asked == [is_large]
