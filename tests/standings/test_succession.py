"""Actors that follow one another keep one line, and are never counted twice."""

from datetime import date, timedelta

import pytest

from apps.standings import projection, ranks
from apps.standings.league import league
from apps.standings.trends import trend
from apps.standings.types import Scope
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_snapshots
from tests.standings.test_league import copied

pytestmark = pytest.mark.django_db

BEFORE, AFTER = date(2021, 6, 1), date(2023, 6, 1)
FACEBOOK = Scope(platform="facebook")


@pytest.fixture
def ministries():
    """Make three: the old one is counted until 2023, though the new one is since 1 June 2022; another stands beside
    them."""
    old = make_actor("old")
    new = make_actor("new", succeeds=old)
    make_snapshots(
        make_account(old, handle="old-page"),
        {"2020-06-01": 100, "2021-06-01": 200, "2022-05-31": 300, "2022-07-01": 310, "2023-05-01": 320},
    )
    make_snapshots(make_account(new, handle="new-page"), {"2022-06-01": 50, "2023-06-01": 500})
    make_snapshots(make_account("beside"), {"2020-06-01": 250, "2021-06-01": 250, "2023-06-01": 250})
    return old, new


def counts(series):
    return [(str(point.day), point.followers) for point in series.points]


def line(slug, scope=FACEBOOK, first=None, last=AFTER, reference=""):
    return next(one for one in trend(scope, first, last, reference).series if one.actor_slug == slug)


def standing(scope=FACEBOOK, on=AFTER, since=BEFORE, reference=""):
    return {row.actor_slug: row for row in league(scope, on, since, reference).rows}


def test_the_line_goes_on_from_page_to_page(ministries):
    found = trend(FACEBOOK, None, AFTER).series
    assert [one.actor_slug for one in found] == ["beside", "new"]
    assert counts(found[1]) == [
        ("2020-06-01", 100),
        ("2021-06-01", 200),
        ("2022-05-31", 300),
        ("2022-06-01", 50),
        ("2023-06-01", 500),
    ]
    [handover] = found[1].handovers
    assert (str(handover.day), handover.actor_slug, handover.handle) == ("2022-06-01", "old", "old-page")
    assert found[1].handle == "new-page"


def test_a_line_that_begins_after_the_change_tells_nothing_of_it(ministries):
    found = line("new", first=date(2022, 6, 1))
    assert (counts(found)[0], found.handovers) == (("2022-06-01", 50), ())


def test_up_to_a_day_before_the_change_the_one_before_has_its_own_line(ministries):
    assert counts(line("old", last=date(2022, 5, 31)))[-1] == ("2022-05-31", 300)
    assert line("new", last=date(2022, 5, 31)).points == ()


def test_who_is_asked_for_without_its_successor_stands_for_itself(ministries):
    scope = Scope(platform="facebook", actors=("old",))
    assert counts(line("old", scope))[-1] == ("2023-05-01", 320)
    assert standing(scope)["old"].now.followers == 320


def test_a_successor_alone_begins_with_the_one_before(ministries):
    scope = Scope(platform="facebook", actors=("new",))
    assert counts(line("new", scope))[0] == ("2020-06-01", 100)
    assert standing(scope)["new"].then.followers == 200


def test_a_league_counts_one_of_the_two(ministries):
    rows = standing()
    assert set(rows) == {"new", "beside"}
    new = rows["new"]
    assert (new.now.followers, new.then.followers, new.change.absolute) == (500, 200, 300)
    assert (new.rank, new.rank_then, new.accounts, new.handle) == (1, 2, 1, "new-page")
    then = standing(on=BEFORE, since=date(2020, 6, 1))
    assert then["old"].now.followers == 200
    assert then["new"].now is None
    assert then["old"].rank == 2


def test_on_the_day_of_the_change_the_new_one_is_counted(ministries):
    rows = standing(on=date(2022, 6, 1), since=date(2022, 5, 31))
    assert (rows["new"].now.followers, rows["new"].then.followers) == (50, 300)
    assert "old" not in rows
    assert "old" in standing(on=date(2022, 5, 31))


def test_the_file_of_the_league_is_the_same(ministries):
    _, rows = copied(FACEBOOK, AFTER, BEFORE)
    assert [(row["actor_slug"], row["followers"], row["followers_then"], row["change"]) for row in rows] == [
        ("new", "500", "200", "300"),
        ("beside", "250", "250", "0"),
    ]


def test_accounts_are_each_for_themselves_but_the_old_one_is_not_ranked(ministries):
    rows = league(Scope(platform="facebook", rows="accounts"), AFTER, BEFORE).rows
    assert [(row.actor_slug, row.rank, row.then and row.then.followers) for row in rows] == [
        ("new", 1, None),
        ("beside", 2, 250),
    ]
    assert league(Scope(platform="facebook", rows="accounts"), AFTER, BEFORE).counted_then == 2


def test_a_reference_that_was_succeeded_is_measured_by_its_successor(ministries):
    old, _ = ministries
    make_group("g", reference=old, members=[*ministries])
    scope = Scope(platform="facebook", group="g")
    assert standing(scope)["new"].is_reference
    assert line("new", scope).is_reference


def test_where_the_successor_is_not_the_old_one_stays(ministries):
    old, _ = ministries
    make_snapshots(make_account(old, "x"), {"2021-06-01": 10})
    rows = standing(Scope())
    assert (rows["old"].now.followers, rows["new"].now.followers, rows["new"].change.absolute) == (
        10,
        500,
        300,
    )


def test_an_account_that_only_the_new_one_has_is_left_out_of_its_change(ministries):
    _, new = ministries
    make_snapshots(make_account(new, "x"), {"2023-06-01": 7})
    row = standing(Scope())["new"]
    assert (row.now.followers, row.then.followers, row.change.absolute, row.accounts) == (507, 200, 300, 2)
    assert [part.platform for part in row.left_out] == ["x"]


def test_whom_several_follow_is_continued_by_none(ministries):
    old, _ = ministries
    make_snapshots(make_account(make_actor("third", succeeds=old)), {"2022-06-01": 5})
    assert set(standing()) == {"old", "new", "third", "beside"}
    assert line("new").handovers == ()


def test_a_hidden_actor_neither_follows_nor_is_followed(ministries):
    old, new = ministries
    type(new).objects.filter(pk=new.pk).update(hidden=True)
    assert set(standing()) == {"old", "beside"}
    type(new).objects.filter(pk=new.pk).update(hidden=False)
    type(old).objects.filter(pk=old.pk).update(hidden=True)
    assert standing()["new"].then is None
    assert counts(line("new"))[0] == ("2022-06-01", 50)


def test_three_in_a_row(ministries):
    _, new = ministries
    third = make_actor("third", succeeds=new)
    make_snapshots(make_account(third), {"2023-01-01": 70, "2023-06-01": 80})
    found = line("third")
    assert [count for _, count in counts(found)] == [100, 200, 300, 50, 70, 80]
    assert [(str(one.day), one.actor_slug) for one in found.handovers] == [
        ("2022-06-01", "old"),
        ("2023-01-01", "new"),
    ]
    rows = standing()
    assert set(rows) == {"third", "beside"}
    assert rows["third"].then.followers == 200
    assert standing(since=date(2022, 6, 2))["third"].then.followers == 50
    assert counts(line("third", Scope(platform="facebook", actors=("third",)))) == counts(found)


def test_a_state_of_the_new_page_before_it_is_counted_does_not_break_the_line(ministries):
    _, new = ministries
    make_snapshot(new.accounts.get(), "2022-01-01", state="absent")
    assert [count for _, count in counts(line("new"))][:4] == [100, 200, 300, 50]


def test_whole_years(db):
    old = make_actor("old")
    make_snapshots(make_account(old), {"2017": 100, "2022": 120})
    make_snapshots(make_account(make_actor("new", succeeds=old)), {"2022": 90})
    assert counts(line("new")) == [("2017-01-01", 100), ("2022-01-01", 90)]


def test_ranks_over_time_are_of_the_line(ministries):
    found = {one.actor_slug: one for one in ranks.ranks(FACEBOOK, [BEFORE, AFTER])}
    assert set(found) == {"new", "beside"}
    assert [(place.rank, place.followers) for place in found["new"].places] == [(2, 200), (1, 500)]


def test_the_line_changes_hands_on_the_first_day_of_the_new_page(ministries):
    eve, day = date(2022, 5, 31), date(2022, 6, 1)
    (new,) = [one for one in ranks.ranks(FACEBOOK, [eve, day, AFTER]) if one.actor_slug == "new"]
    assert [(place.followers, place.rank) for place in new.places] == [(300, 1), (50, 2), (500, 1)]
    assert [standing(since=since)["new"].then.followers for since in (eve, day)] == [300, 50]


def test_a_projection_looks_at_the_new_page_alone():
    old = make_actor("old")
    days = [date(2023, 3, 1) + timedelta(days=n) for n in range(80)]
    make_snapshots(make_account(old), {str(day): 1000 + n for n, day in enumerate(days[:60])})
    make_snapshots(
        make_account(make_actor("new", succeeds=old)), {str(day): 1100 + n for n, day in enumerate(days[60:])}
    )
    assert projection.to_milestone(line("new"), AFTER).why_not.value == "too_few_days"
