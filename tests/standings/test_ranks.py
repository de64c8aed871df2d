"""Ranks over time are those of the standings of each day."""

from datetime import date, timedelta

import pytest

from apps.registry.models import Account
from apps.standings import ranks
from apps.standings.league import league
from apps.standings.types import Scope
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_snapshots
from tests.standings import oracle
from tests.standings.oracle import Acc, Act, Snap, World

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 1)


@pytest.fixture
def three(db):
    """Make three: red is overtaken by blue; grey has two accounts and is hidden for a while on one of them."""
    red, blue, grey = (make_actor(slug) for slug in ("red", "blue", "grey"))
    make_snapshots(make_account(red), {"2026-01-01": 100, "2026-02-10": 90})
    make_snapshots(make_account(blue), {"2026-01-01": 50, "2026-02-01": 95})
    make_snapshots(make_account(grey), {"2025": 30, "2026-02-15": 60})
    make_snapshots(make_account(grey, platform="x"), {"2026-01-15": 31})
    return red, blue, grey


def test_days_are_even_and_hold_both_ends():
    assert ranks.days(FIRST, FIRST) == [FIRST, FIRST]
    assert ranks.days(FIRST, FIRST + timedelta(days=2)) == [FIRST + timedelta(days=day) for day in range(3)]
    many = ranks.days(FIRST, LAST, 7)
    assert (many[0], many[-1], len(many)) == (FIRST, LAST, 7)


@pytest.mark.parametrize("platform", ["", "facebook", "x"])
def test_the_same_as_the_standings_of_each_day(three, platform):
    on = ranks.days(FIRST, LAST, 9)
    found = {line.actor_slug: line.places for line in ranks.ranks(Scope(platform=platform), on)}
    for day in on:
        expected = {
            row.actor_slug: (row.rank, row.now.followers, row.now.is_fresh, row.rank_of, row.rank_is_open)
            for row in league(Scope(platform=platform), day).rows
            if row.rank is not None
        }
        got = {
            slug: (place.rank, place.followers, place.fresh, place.of, place.is_open)
            for slug, places in found.items()
            for place in places
            if place.day == day
        }
        assert got == expected, day


def test_a_rank_is_open_where_an_account_hides_its_count(three):
    """In between too: on a constant sample the account is missing on that day alone."""
    make_snapshot(Account.objects.get(actor=three[2], platform="x"), "2026-01-20", state="hidden")
    make_snapshot(Account.objects.get(actor=three[2], platform="x"), "2026-02-20", 33)
    on = [date(2026, 1, 15), date(2026, 1, 25), LAST]
    open_on = {
        line.actor_slug: [place.is_open for place in line.places]
        for line in ranks.ranks(Scope(), on, constant=True)
    }
    assert open_on == {slug: [False, True, False] for slug in ("red", "blue", "grey")}


def test_ties_share_a_rank_and_the_next_rank_is_left_out():
    """In the league, in its file, over time and by the rule in plain Python; nobody stands third or fifth."""
    counts = {"first": 9, "b-even": 5, "a-even": 5, "d-low": 4, "c-low": 4, "last": 1}
    for slug, followers in counts.items():
        make_snapshot(make_account(slug), FIRST, followers)
    shared = {"first": 1, "a-even": 2, "b-even": 2, "c-low": 4, "d-low": 4, "last": 6}
    assert {
        slug: 1 + sum(other > mine for other in counts.values()) for slug, mine in counts.items()
    } == shared
    rows = league(Scope("facebook"), LAST, LAST).rows
    assert [(row.actor_slug, row.rank, row.rank_then) for row in rows] == [
        (slug, rank, rank) for slug, rank in shared.items()
    ]
    over_time = ranks.ranks(Scope("facebook"), [FIRST, LAST])
    assert [(line.actor_slug, [place.rank for place in line.places]) for line in over_time] == [
        (slug, [rank, rank]) for slug, rank in shared.items()
    ]
    apart = ranks.ranks(Scope(), [LAST], only="d-low")
    assert [place.rank for place in apart[0].places] == [4]
    best = ranks.ranks(Scope("facebook"), [LAST], best=2)
    assert [line.actor_slug for line in best] == ["first", "a-even", "b-even"]
    people = [Act(slug, "state_body", False, [fact(followers)]) for slug, followers in counts.items()]
    plain = oracle.league(World(people), on=LAST, since=LAST)["rows"]
    assert {line["actor"].slug: line["rank"] for line in plain} == shared
    assert {line["actor"].slug: line["rank_then"] for line in plain} == shared


def fact(followers):
    """Return an account of the plain rules, read once."""
    snap = Snap(FIRST, "day", "counted", followers, "=", "exact", "", "test-source")
    return Acc("facebook", [snap])


def test_one_actor_is_ranked_on_each_of_its_platforms(three):
    found = ranks.ranks(Scope(), [FIRST, LAST], only="grey")
    assert [(line.platform, [place.rank for place in line.places]) for line in found] == [
        ("facebook", [3, 3]),
        ("x", [1]),
    ]


def test_only_the_best_and_in_order_of_the_last_day(three):
    assert [line.actor_slug for line in ranks.ranks(Scope("facebook"), [FIRST, LAST], best=2)] == [
        "blue",
        "red",
    ]
    assert [line.actor_slug for line in ranks.ranks(Scope("facebook"), [FIRST], best=1)] == ["red"]


def test_scopes_and_hidden_actors(three):
    red, _, grey = three
    make_group("pair", [red, grey])
    found = ranks.ranks(Scope("facebook", group="pair"), [LAST])
    assert [(line.actor_slug, line.places[0].rank) for line in found] == [("red", 1), ("grey", 2)]
    red.hidden = True
    red.save()
    assert [line.actor_slug for line in ranks.ranks(Scope("facebook"), [LAST])] == ["blue", "grey"]


def test_ranks_stand_on_days_of_readings(three):
    """Never on a sampling day: a value of 2022 is not "as on 12 August 2023"."""
    assert ranks.reading_days(Scope("facebook"), FIRST, LAST) == [
        date(2026, 1, 1), date(2026, 2, 1), date(2026, 2, 10), date(2026, 2, 15)
    ]  # fmt: skip
    assert ranks.reading_days(Scope(), FIRST, LAST, only="red") == [FIRST, date(2026, 2, 10)]
    old = make_account("old", "x")
    make_snapshots(old, {"2017": 3, "2022": 5})
    scope = Scope(platform="x", actors=("old",))
    assert ranks.reading_days(scope, date(2016, 1, 1), date(2023, 8, 12)) == [
        date(2017, 12, 31),
        date(2022, 12, 31),
    ]
    assert ranks.reading_days(scope, date(2023, 1, 1), date(2023, 8, 12)) == [date(2022, 12, 31)]
    assert ranks.reading_days(scope, date(2010, 1, 1), date(2012, 8, 12)) == []


def test_ranks_stand_on_ends_of_months_beyond_a_hundred_days():
    first, end = date(2026, 1, 1), date(2026, 4, 11)  # a hundred days
    make_snapshots(make_account("a"), {first + timedelta(days=n): n for n in range(120)})
    assert len(ranks.reading_days(Scope(), first, end)) == 13
    assert ranks.reading_days(Scope(), first, end + timedelta(days=1)) == [
        first, date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), end + timedelta(days=1)
    ]  # fmt: skip


def test_on_a_constant_sample_nobody_loses_a_place_to_newcomers(three):
    for number in range(5):
        make_snapshot(make_account(f"new-{number}"), LAST, 1000 + number)
    lines = {line.actor_slug: line.places for line in ranks.ranks(Scope("facebook"), [FIRST, LAST])}
    assert [place.rank for place in lines["red"]] == [1, 7]
    lines = {
        line.actor_slug: line.places for line in ranks.ranks(Scope("facebook"), [FIRST, LAST], constant=True)
    }
    assert {slug: [place.rank for place in places] for slug, places in lines.items()} == {
        "red": [1, 2],
        "blue": [2, 1],
        "grey": [3, 3],
    }


def test_on_a_constant_sample_the_same_accounts_are_summed(three):
    (grey,) = [
        line for line in ranks.ranks(Scope(), [FIRST, LAST], constant=True) if line.actor_slug == "grey"
    ]
    assert [place.followers for place in grey.places] == [30, 60], "its page on X began later"
