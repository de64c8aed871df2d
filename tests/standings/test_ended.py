"""Standings of a day know only bodies that were there; history stays."""

from datetime import date

import pytest

from apps.standings import trends
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
