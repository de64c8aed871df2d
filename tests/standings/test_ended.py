"""Standings of a day know only bodies that were there; history stays."""

from datetime import date

import pytest

from apps.registry.models import Actor
from apps.standings import ranks, totals, trends
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


ENDED = date(2022, 6, 11)


@pytest.fixture
def closed_body():
    """A body that ended on 11 June 2022; its page is still read after that day."""
    old = make_actor("old", kind="party", ended=ENDED, ended_span=3)
    make_snapshots(make_account(old), {date(2022, 6, 1): 50, date(2022, 6, 10): 55, date(2022, 7, 1): 99})
    make_snapshots(make_account("other"), {date(2022, 6, 1): 40, date(2022, 7, 1): 41})


def test_a_body_is_ranked_until_it_ends(closed_body):
    found = ranks.ranks(Scope(platform="facebook"), [date(2022, 6, 10), ENDED])
    places = {line.actor_slug: [(place.day, place.rank) for place in line.places] for line in found}
    assert places == {"old": [(date(2022, 6, 10), 1)], "other": [(date(2022, 6, 10), 2), (ENDED, 1)]}


def test_a_line_goes_as_far_as_its_body(closed_body):
    trend = trends.trend(Scope(actors=("old",)), date(2022, 1, 1), date(2022, 12, 31))
    assert [point.followers for line in trend.series for point in line.points] == [50, 55]


def test_a_total_of_a_kind_counts_bodies_until_they_end(closed_body):
    found = totals.by_kind(Scope(platform="facebook"), date(2022, 5, 1), date(2022, 7, 31))
    by_month = {(one.month, one.kind): one.followers for one in found}
    assert by_month == {(date(2022, 6, 1), "state_body"): 40, (date(2022, 7, 1), "state_body"): 41}
    Actor.objects.filter(slug="old").update(ended=date(2022, 7, 15))  # kept sums are made anew
    found = totals.by_kind(Scope(platform="facebook"), date(2022, 5, 1), date(2022, 7, 31))
    assert {(one.month, one.kind) for one in found} >= {(date(2022, 6, 1), "party")}
