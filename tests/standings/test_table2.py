"""The published table the product began with: six actors on Facebook, 2017 and 2022 (Koshkenov & Moldabayev 2022)."""

from datetime import date

import pytest

from apps.standings.league import league
from apps.standings.types import Scope

pytestmark = pytest.mark.django_db

ON, SINCE = date(2022, 12, 31), date(2017, 12, 31)


@pytest.fixture
def table(table2):
    standings = league(Scope(platform="facebook", group="abenov-vs-agencies"), ON, SINCE)
    return standings, {row.actor_slug: row for row in standings.rows}


def test_changes(table):
    changes = {
        slug: row.change and (row.change.absolute, round(row.change.percent, 1))
        for slug, row in table[1].items()
    }
    assert changes == {
        "abenov": (25_000, 64.1),
        "president-press-office": (45_000, 145.2),
        "prime-minister-website": (36_400, 195.7),
        "prosecutor-general": (11_300, 96.6),
        "ministry-defense": None,
        "ministry-labor": (9_430, 1_654.4),
    }
    assert not any(row.change.within_rounding for row in table[1].values() if row.change)
    assert {row.change.bound for row in table[1].values() if row.change} == {"="}


def test_compound_yearly_growth_is_a_range_between_years(table):
    change = table[1]["abenov"].change
    assert (round(change.yearly_low, 1), round(change.yearly_high, 1)) == (8.6, 13.2)


def test_ranks(table):
    standings, rows = table
    assert (standings.counted_then, standings.counted) == (6, 5)
    assert [(row.rank, row.actor_slug) for row in standings.rows] == [
        (1, "president-press-office"),
        (2, "abenov"),
        (3, "prime-minister-website"),
        (4, "prosecutor-general"),
        (5, "ministry-labor"),
        (None, "ministry-defense"),
    ]
    assert {slug: row.rank_then for slug, row in rows.items()} == {
        "abenov": 1,
        "president-press-office": 2,
        "prime-minister-website": 3,
        "prosecutor-general": 4,
        "ministry-defense": 5,
        "ministry-labor": 6,
    }
    assert rows["abenov"].rank_change == -1
    assert standings.states == {"absent": 1}


def test_the_ministry_of_defense_is_absent_and_keeps_its_2017_count(table):
    row = table[1]["ministry-defense"]
    assert (row.now.state, row.now.followers, row.now.day, row.now.span) == (
        "absent",
        None,
        date(2022, 1, 1),
        "year",
    )
    assert (row.then.followers, row.then.day, row.then.span) == (9_600, date(2017, 1, 1), "year")


def test_gap_and_times_to_the_reference(table):
    standings, rows = table
    assert standings.reference.actor_slug == "abenov"
    assert (rows["president-press-office"].gap, round(rows["president-press-office"].times, 2)) == (
        12_000,
        1.19,
    )
    assert (rows["abenov"].gap, rows["abenov"].times) == (0, 1.0)
    assert (rows["ministry-defense"].gap, rows["ministry-defense"].times) == (None, None)


def test_state_bodies_on_the_constant_sample(table):
    everyone, state_bodies = table[0].samples
    assert (state_bodies.kind, state_bodies.then, state_bodies.now) == ("state_body", 61_870, 164_000)
    assert (state_bodies.counted, state_bodies.of) == (4, 5)
    assert (state_bodies.median_then, state_bodies.median_now) == (15_150, 39_000)
    assert (state_bodies.change.absolute, round(state_bodies.change.percent, 1)) == (102_130, 165.1)
    # The reference is what the others are measured by: without it all kinds are the state bodies.
    assert (everyone.kind, everyone.then, everyone.now) == ("", 61_870, 164_000)


def test_share_is_of_the_counted_total(table):
    standings, rows = table
    assert standings.total == 228_000
    assert round(rows["abenov"].share_percent, 2) == 28.07
    assert rows["ministry-defense"].share_percent is None


def test_reach_says_its_measure_date_and_source(table):
    reach = table[1]["abenov"].reach
    assert (round(reach.percent, 1), reach.audience, reach.segment) == (2.8, 2_300_000, "advertising reach")
    assert (reach.day, reach.span, reach.source, reach.locator) == (
        date(2022, 1, 1),
        "month",
        "koshkenov2022",
        "Section 3.1",
    )


def test_values_carry_their_precision_and_age(table):
    now = table[1]["abenov"].now
    assert (now.precision, now.step, now.source, now.parts) == ("printed", 1_000, "koshkenov2022", 1)
    assert (now.age_days, now.is_fresh) == (0, True)
    assert table[0].last_known == 0
