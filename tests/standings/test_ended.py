"""Standings of a day know only bodies that were there; history stays."""

from datetime import date

import pytest

from apps.standings import ranks, trends
from apps.standings.league import league
from apps.standings.types import Scope
from tests.builders import make_account, make_actor, make_snapshots

pytestmark = pytest.mark.django_db


def slugs(on):
    return [row.actor_slug for row in league(Scope(platform="facebook"), on).rows]


@pytest.mark.parametrize(
    ("ended", "span", "last_there", "first_gone"),
    [
        (date(2022, 6, 11), 3, date(2022, 6, 10), date(2022, 6, 11)),
        (date(2022, 6, 1), 2, date(2022, 6, 30), date(2022, 7, 1)),
        (date(2022, 1, 1), 1, date(2022, 12, 31), date(2023, 1, 1)),
    ],
)
def test_a_body_is_there_until_it_ends(ended, span, last_there, first_gone):
    old = make_actor("old", ended=ended, ended_span=span)
    make_snapshots(make_account(old), {date(2021, 5, 1): 50})
    make_snapshots(make_account("other"), {date(2021, 5, 1): 40})
    assert slugs(last_there) == ["old", "other"]
    assert slugs(first_gone) == ["other"]
    trend = trends.trend(Scope(actors=("old",)), date(2021, 1, 1), first_gone)
    assert [point.followers for series in trend.series for point in series.points] == [50]


@pytest.mark.parametrize(
    ("began", "span", "last_absent"),
    [
        (date(2022, 6, 11), 3, date(2022, 6, 10)),
        (date(2022, 6, 1), 2, date(2022, 5, 31)),
        (date(2022, 1, 1), 1, date(2021, 12, 31)),
    ],
)
@pytest.mark.parametrize("rows", ["actors", "accounts"])
def test_a_body_is_there_from_its_beginning(rows, began, span, last_absent):
    make_snapshots(make_account("other"), {date(2021, 5, 1): 40})
    make_snapshots(
        make_account(make_actor("new", began=began, began_span=span)), {date(2021, 5, 1): 50, began: 51}
    )
    make_account(make_actor("unread", began=began, began_span=span))
    scope = Scope(platform="facebook", rows=rows)
    assert [row.actor_slug for row in league(scope, last_absent).rows] == ["other"]
    now = league(scope, began, last_absent)
    assert {row.actor_slug: (row.rank, row.rank_then, row.is_new) for row in now.rows} == {
        "new": (1, None, True),
        "other": (2, 1, False),
        "unread": (None, None, False),
    }
    assert (now.new, now.counted_then) == (1, 1)
    places = ranks.ranks(scope, [last_absent, began])
    assert {line.actor_slug: [place.rank for place in line.places] for line in places} == {
        "new": [1],
        "other": [1, 2],
    }


ENDED = date(2022, 6, 11)


@pytest.fixture
def closed_body():
    """A body that ended on 11 June 2022; its page is still read after that day."""
    old = make_actor("old", kind="party", ended=ENDED, ended_span=3)
    make_snapshots(
        make_account(old), {date(2022, 6, 1): 50, date(2022, 6, 10): 55, ENDED: 56, date(2022, 7, 1): 99}
    )
    make_snapshots(make_account("other"), {date(2022, 6, 1): 40, date(2022, 7, 1): 41})


def test_a_body_is_ranked_until_it_ends(closed_body):
    found = ranks.ranks(Scope(platform="facebook"), [date(2022, 6, 10), ENDED])
    places = {line.actor_slug: [(place.day, place.rank) for place in line.places] for line in found}
    assert places == {"old": [(date(2022, 6, 10), 1)], "other": [(date(2022, 6, 10), 2), (ENDED, 1)]}


def test_a_line_goes_as_far_as_its_body(closed_body):
    trend = trends.trend(Scope(actors=("old",)), date(2022, 1, 1), date(2022, 12, 31))
    assert [point.followers for line in trend.series for point in line.points] == [50, 55]
