from datetime import date

import pytest

from apps.exports.filenames import filename
from apps.exports.negotiation import accepts_gzip

NOTHING = {"platform": "", "kind": [], "region": "", "group": "", "actor": (), "q": "", "preset": ""}


def test_many_actors_are_counted_and_a_long_name_is_cut():
    name = filename(
        "snapshots", NOTHING | {"actor": ("a", "b", "c", "d"), "q": "ә" * 300}, date(2026, 11, 22), ".csv"
    )
    assert name.startswith("kzmedia-snapshots-4-actors-ә")
    assert len(name) == 120 + len("-2026-11-22.csv")
    few = filename("snapshots", NOTHING | {"actor": ("a", "b", "c")}, date(2026, 11, 22), ".csv")
    assert few == "kzmedia-snapshots-a-b-c-2026-11-22.csv"


def test_what_a_search_holds_cannot_break_the_name():
    name = filename("snapshots", NOTHING | {"q": '../a"\r\nb/..'}, date(2026, 11, 22), ".csv")
    assert name == "kzmedia-snapshots-a-b-2026-11-22.csv"


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        ("gzip", True), ("gzip, deflate, br", True), ("GZIP;q=0.5", True), ("*", True), ("br, *;q=0.1", True),
        ("", False), ("identity", False), ("gzip;q=0", False), ("gzip;q=0, *", False), ("br", False), ("gzip;q=x", False),
    ],
)  # fmt: skip
def test_gzip_is_given_to_whoever_asks(header, asked):
    assert accepts_gzip(header) is asked
