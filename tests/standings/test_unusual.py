from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.registry.models import Account
from apps.standings import unusual
from apps.standings.types import Scope
from tests.builders import make_account, make_snapshots

pytestmark = pytest.mark.django_db

FIRST = date(2026, 1, 1)
LAST = FIRST + timedelta(days=49)


def make(slug, leap_on=None, leap=0, usual=(3, 5, 4, 6), platform="x", begin=10_000, **fields):
    counts, count = {}, begin
    for n in range(50):
        count += usual[n % len(usual)] + (leap if n == leap_on else 0)
        counts[str(FIRST + timedelta(days=n))] = count
    account = make_account(slug, platform)
    make_snapshots(account, counts, **fields)
    return account


def found(first=FIRST, last=LAST):
    return unusual.within(Scope(), first, last)


def test_a_leap_is_unusual_and_says_how_much():
    account = make("a", 20, 400)
    make("b")
    (day,) = found().single
    assert (day.actor_slug, day.account_id, day.day) == ("a", account.pk, FIRST + timedelta(days=20))
    assert day.change == 403
    # Median change 4 or 5, median distance from it about 1.
    assert day.score > 100
    assert found().platforms == ()


@pytest.mark.parametrize(("change", "score"), [(5_189, None), (5_190, 3.5), (-5_190, -3.5), (-5_189, None)])
def test_beyond_three_and_a_half_a_day_is_unusual(change, score):
    # 48 usual changes around 0, half of a distance of 1,000 or more: 0.6745 times 5,190 / 1,000 is 3.5007.
    account, count, counts = make_account("a", "x"), 100_000, {}
    for n in range(50):
        count += change if n == 20 else (-1_000, 0, 1_000)[n % 3]
        counts[str(FIRST + timedelta(days=n))] = count
    make_snapshots(account, counts)
    assert [round(day.score, 1) for day in found().single] == ([score] if score else [])


def test_outside_the_period_it_is_not_told():
    make("a", 20, 400)
    assert found(FIRST + timedelta(days=21)).single == ()
    assert found(FIRST, FIRST + timedelta(days=19)).single == ()
    assert len(found(FIRST + timedelta(days=20)).single) == 1


def test_a_fall_has_a_negative_score():
    make("a", 20, -400)
    assert found().single[0].score < -100


def test_fewer_than_thirty_changes_say_nothing():
    account = make("a", 20, 400)
    account.snapshots.filter(day__gt=FIRST + timedelta(days=29)).delete()
    assert found().single == ()
    make_snapshots(account, {str(FIRST + timedelta(days=n)): 11_000 for n in (30, 31)})
    assert found().single[-1].day == FIRST + timedelta(days=20)


def test_after_a_missing_day_several_days_growth_is_not_one_days():
    account = make("a", 20, 400)
    account.snapshots.filter(day=FIRST + timedelta(days=19)).delete()
    assert found().single == ()


def test_where_most_days_are_alike_the_mean_distance_stands_in():
    make("a", 20, 50, usual=(0,))
    assert [day.change for day in found().single] == [50]
    make("still", usual=(0,))
    assert len(found().single) == 1


def test_within_rounding_nothing_is_unusual():
    make("a", 20, 1_000, usual=(0,), begin=76_000, precision="abbrev")
    assert found().single == ()
    make("b", 20, 3_000, usual=(0,), begin=76_000, precision="abbrev")
    assert [day.actor_slug for day in found().single] == ["b"]


def test_the_same_day_for_many_is_the_platforms():
    for slug in "abc":
        make(slug, 20, -400)
    make("risen", 20, 400)
    make("usual")
    make("elsewhere", 20, -400, platform="vk")
    result = found()
    (day,) = result.platforms
    assert (day.platform, day.day, day.falls, len(day.days), day.of) == (
        "x",
        FIRST + timedelta(days=20),
        True,
        3,
        5,
    )
    assert {day.actor_slug for day in result.single} == {"risen", "elsewhere"}


def test_three_of_many_are_not_a_platform():
    for slug in "abc":
        make(slug, 20, -400)
    for number in range(8):
        make(f"usual-{number}")
    assert found().platforms == ()
    assert len(found().single) == 3


def test_one_statement():
    make("a", 20, 400)
    with CaptureQueriesContext(connection) as queries:
        found()
    assert len(queries) == 1


@pytest.fixture
def many(monkeypatch):
    """Forty accounts of which a sample of twenty is asked: on one day half of them fall, on another one rises."""
    monkeypatch.setattr(unusual, "SAMPLE", 20)
    for number in range(20):
        make(f"purged-{number}", 20, -400)
        make(f"usual-{number}")
    make("risen", 30, 400)


def test_of_many_accounts_a_sample_tells_whether_to_look_at_all(many, monkeypatch):
    whole = found()
    assert [day.day for day in whole.platforms] == [FIRST + timedelta(days=20)]
    asked = []
    score = unusual._scores

    def keep(scope, first, last, accounts=None):
        asked.append(set(accounts))
        return score(scope, first, last, accounts)

    monkeypatch.setattr(unusual, "_scores", keep)
    assert unusual.among(Scope(), FIRST, LAST, lambda one: abs(one.change) > 50) == whole
    assert len(asked[-1]) == 41
    day = FIRST + timedelta(days=30)
    (single,) = unusual.among(Scope(), day, day, lambda one: abs(one.change) > 50).single
    assert single.actor_slug == "risen"
    assert [len(one) for one in asked[-2:]] == [20, 1]  # the sample, and whoever is asked for


def test_single_days_that_nobody_asks_for_are_not_told(many):
    assert unusual.among(Scope(), FIRST, LAST, lambda one: False).single == ()
    assert unusual.among(Scope(), FIRST, LAST, lambda one: False).platforms == found().platforms
    few = FIRST + timedelta(days=31)
    assert unusual.among(Scope(), few, few, lambda one: False) == unusual.Unusual((), ())


def test_a_sample_without_enough_changes_says_nothing(many, monkeypatch):
    """Those who are drawn are too young to be judged: then all are looked at."""
    young = Account.objects.filter(actor__slug__startswith="usual")
    for account in young:
        account.snapshots.exclude(day__range=(FIRST + timedelta(days=19), LAST - timedelta(days=2))).delete()
    drawn = list(young.values_list("pk", flat=True))
    monkeypatch.setattr(unusual.random.Random, "sample", lambda self, accounts, size: drawn[:size])
    day = FIRST + timedelta(days=20)
    last = found(day, LAST)
    assert [one.day for one in last.platforms] == [day]
    assert unusual.among(Scope(), day, LAST, lambda one: one.change > 50) == last
