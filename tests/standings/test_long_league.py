"""A league of which only the rows that are shown are read says what the whole one says, row by row."""

from datetime import date, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from apps.dashboard.tables import sort_rows
from apps.registry.models import Account, Actor
from apps.standings import as_of, league, long_league, scopes, summaries
from apps.standings.league_totals import SORTS, Window
from apps.standings.models import Summary
from apps.standings.types import Scope
from tests.builders import make_account, make_actor, make_snapshot
from tests.standings.test_as_of import NEAR, TODAY, WRITES, looks, write
from tests.standings.test_oracle import stored, worlds

pytestmark = pytest.mark.django_db

OF_ALL = ("on", "since", "counted", "counted_then", "states", "last_known", "total", "total_bound", "is_period", "new",
          "dropped", "compared", "newest", "sources", "has_reach", "has_open_ranks")  # fmt: skip
OF_A_ROW = ("actor_id", "actor_slug", "name_en", "kind", "platform", "account_id", "handle", "now", "then", "rank",
            "rank_then", "change", "gap", "times", "share_percent", "reach", "is_reference", "accounts", "nothing_new",
            "unread", "rank_of", "rank_then_of", "rank_is_open", "rank_then_is_open", "rank_change", "left_out",
            "gap_bound", "share_bound", "state")  # fmt: skip


def cells(row):
    return row and {name: getattr(row, name) for name in OF_A_ROW}


def of(question, window=Window(stop=3)):  # noqa: B008 it never changes
    return long_league.long_league(question, window, lambda: league._whole(question))


@looks
@given(
    worlds(most=5),
    WRITES,
    st.sampled_from(NEAR),
    st.one_of(st.none(), st.sampled_from(NEAR)),
    st.fixed_dictionaries({"platform": st.sampled_from(["", "facebook"]), "fresh": st.booleans()}),
    st.sampled_from(["", "actor-0", "actor-1"]),
    st.booleans(),
    st.sampled_from([sign + name for name in SORTS for sign in ("", "-")]),
)
def test_it_says_what_the_whole_one_says(
    monkeypatch, settings, world, writes, on, since, scope, reference, is_period, sort
):
    settings.YOUTUBE_TERMS = "30d"  # bars what a source has
    monkeypatch.setattr(as_of.timezone, "localdate", lambda: TODAY)
    with stored(world):
        accounts = list(Account.objects.order_by("pk").values_list("pk", flat=True))
        for one in writes if accounts else []:
            write(one[0], accounts, *one[1:])
        actors = list(Actor.objects.order_by("slug").values_list("pk", flat=True))
        if len(actors) > 2:
            Actor.objects.filter(pk=actors[1]).update(succeeds=actors[0])
        question = long_league.Question(Scope(**scope), on, since, reference, is_period)
        whole, long = league._whole(question), of(question)
        assert {name: getattr(long, name) for name in OF_ALL} == {
            name: getattr(whole, name) for name in OF_ALL
        }
        assert cells(long.reference) == cells(whole.reference)
        assert [cells(row) for row in long.rows[:]] == [cells(row) for row in whole.rows]
        assert [cells(long.rows[at]) for at in range(len(long.rows))] == [cells(row) for row in whole.rows]
        if since:
            mine, theirs = long.clear_gain, whole.clear_gain
            assert (mine and (mine.actor_id, mine.change)) == (theirs and (theirs.actor_id, theirs.change))
            assert long.samples == whole.samples
        assert [row.actor_id for row in long.absent] == [row.actor_id for row in whole.absent][:4]
        slugs = [row.actor_slug for row in whole.rows]
        for at, slug in enumerate(slugs):
            around = of(question, Window(stop=0, around=slug, beside=1))
            assert around.place_of(slug) == at
            assert [row.actor_slug for row in around.rows[max(at - 1, 0) : at + 2]] == slugs[
                max(at - 1, 0) : at + 2
            ]
        in_order = [row.actor_slug for row in sort_rows(whole.rows, sort)]
        rows = of(question, Window(sort, 1, 3)).rows_by(sort)[1:]
        assert [row.actor_slug for row in rows] == in_order[1:]


@pytest.mark.parametrize("slugs", [("old", "new"), ("new", "old")])
@pytest.mark.parametrize("counts", [(5, 9), (9, 5)])
def test_of_a_reference_and_its_successor_the_one_ahead_is_measured_from(slugs, counts):
    """What was handed on is the reference's in both lines, whichever actor was written down first."""
    actors = {slug: make_actor(slug) for slug in slugs}
    Actor.objects.filter(slug="new").update(succeeds=actors["old"])
    make_snapshot(make_account(actors["old"], "facebook"), "2022-03-01", 3)
    make_snapshot(make_account(actors["old"], "telegram"), "2022-03-01", counts[0])
    make_snapshot(make_account(actors["new"], "facebook"), "2022-03-01", counts[1])
    question = long_league.Question(Scope(), date(2022, 3, 1), date(2022, 2, 1), "old", False)
    whole, long = league._whole(question), of(question)
    assert sum(row.is_reference for row in whole.rows) == 2
    assert cells(long.reference) == cells(whole.reference)
    assert [cells(row) for row in long.rows[:]] == [cells(row) for row in whole.rows]


def test_thousands_of_accounts_are_reckoned_by_the_database(monkeypatch):
    for name, followers in (("one", 7), ("two", 9), ("three", 8)):
        make_snapshot(make_account(name), "2022-03-01", followers)
    scope = Scope(platform=Account.objects.first().platform)
    asked = scope, date(2022, 3, 1), date(2022, 2, 1)
    assert not isinstance(league.league(*asked), long_league.LongLeague)
    monkeypatch.setattr(league, "count_accounts", lambda: league.LONG + 1)
    long = league.league(*asked)
    assert isinstance(long, long_league.LongLeague)
    assert [row.now.followers for row in long.rows] == [9, 8, 7]
    few = Scope(platform=scope.platform, actors=("one",))
    assert not isinstance(league.league(few, *asked[1:]), long_league.LongLeague)
    apart = Scope(platform=scope.platform, rows="accounts")
    assert not isinstance(league.league(apart, *asked[1:]), long_league.LongLeague)


def test_accounts_are_counted_by_the_statistics():
    make_account("one")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tracking_account")
    assert scopes._count_accounts(-1) == 1


def test_what_is_kept_is_never_stale():
    account = make_account("one")
    make_snapshot(account, "2022-03-01", 7)
    made = []

    def recall(month=date(2022, 3, 1)):
        return summaries.recall("a question", month, lambda: made.append(1) or [[len(made)]])

    assert (recall(), recall()) == ([[1]], [[1]])
    make_snapshot(account, "2022-04-01", 8)  # after all that the answer is made of
    assert recall() == [[1]]
    make_snapshot(account, "2022-02-01", 6)  # an older count speaks for later months
    assert (recall(), recall()) == ([[2]], [[2]])
    Actor.objects.update(name_en="another name")
    assert recall() == [[3]]
    assert summaries.recall("another", date(2022, 3, 1), lambda: [[9]]) == [[9]]
    Summary.objects.update(made_at=Summary.objects.first().made_at - summaries.KEPT - timedelta(hours=1))
    assert summaries.recall("a third", date(2022, 3, 1), lambda: [[9]]) == [[9]]
    assert Summary.objects.count() == 1
