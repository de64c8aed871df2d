from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.context.models import Claim
from apps.snapshots.models import Span
from apps.standings.claims import UncheckedReason, check_claims
from tests.builders import make_account, make_actor, make_snapshot, make_snapshots, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    a, b = make_actor("a"), make_actor("b")
    return make_account(a, "youtube"), make_account(b, "youtube")


def claim(two, relation="times", times=138, day=date(2024, 5, 1), span=Span.DAY):
    return Claim.objects.create(
        actor=two[0].actor,
        comparator=two[1].actor,
        platform="youtube",
        relation=relation,
        times=times if relation == "times" else None,
        day=day,
        span=span,
        source=make_source(f"s{Claim.objects.count()}"),
    )


def test_a_claim_beside_the_recorded_numbers(two):
    make_snapshots(two[0], {"2024-04-30": 1_400, "2024-05-02": 9_000})
    make_snapshots(two[1], {"2024-04-28": 10})
    claim(two)
    (found,) = check_claims()
    assert (found.times, found.why_not, found.agrees) == (140, None, None)
    assert (found.actor, found.comparator, found.on) == (1_400, 10, date(2024, 5, 1))
    assert (found.actor_day, found.comparator_day) == (date(2024, 4, 30), date(2024, 4, 28))


@pytest.mark.parametrize(("relation", "agrees"), [("more", True), ("fewer", False)])
def test_more_and_fewer_agree_or_not(two, relation, agrees):
    make_snapshot(two[0], "2024-05-01", 11)
    make_snapshot(two[1], "2024-05-01", 10)
    claim(two, relation)
    assert check_claims()[0].agrees is agrees


def test_equal_is_neither_more_nor_fewer(two):
    for account in two:
        make_snapshot(account, "2024-05-01", 11)
    claim(two, "more")
    claim(two, "fewer")
    assert [one.agrees for one in check_claims()] == [False, False]


def test_a_claim_about_a_year_is_checked_at_its_end(two):
    for account, count in zip(two, (30, 10), strict=True):
        make_snapshots(account, {"2024-01-01": 1, "2024-12-20": count})
    claim(two, day=date(2024, 1, 1), span=Span.YEAR)
    assert (check_claims()[0].on, check_claims()[0].times) == (date(2024, 12, 31), 3)


@pytest.mark.parametrize(
    ("counts", "day", "why_not"),
    [
        (({}, {}), None, UncheckedReason.NO_DAY),
        (({"2024-05-01": 5}, {}), date(2024, 5, 1), UncheckedReason.NOT_COUNTED),
        (({"2024-05-01": 5}, {"2024-05-01": None}), date(2024, 5, 1), UncheckedReason.NOT_COUNTED),
        (({"2024-05-01": 5}, {"2024-05-02": 5}), date(2024, 5, 1), UncheckedReason.NOT_COUNTED),
        (({"2024-05-01": 5}, {"2024-03-31": 5}), date(2024, 5, 1), UncheckedReason.TOO_OLD),
        (({"2024-05-01": 5}, {"2024-04-01": 5}), date(2024, 5, 1), None),
        (({"2024-05-01": 5}, {"2024-03": 5}), date(2024, 5, 1), UncheckedReason.TOO_OLD),
        (({"2024-05-01": 5}, {"2024-05-01": 0}), date(2024, 5, 1), UncheckedReason.FROM_ZERO),
    ],
)
def test_why_a_claim_cannot_be_checked(two, counts, day, why_not):
    for account, values in zip(two, counts, strict=True):
        make_snapshots(account, values)
    claim(two, day=day)
    (found,) = check_claims()
    assert found.why_not == why_not
    assert (found.times is None) == (why_not is not None)


def test_only_of_those_asked_for_and_never_of_hidden_actors(two):
    claim(two)
    assert len(check_claims("a")) == len(check_claims("b")) == 1
    assert check_claims("c") == []
    two[1].actor.hidden = True
    two[1].actor.save()
    assert check_claims() == []


def test_cost_does_not_grow(two):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            check_claims()
        return len(queries)

    claim(two)
    few = cost()
    for year in range(2010, 2020):
        claim(two, day=date(year, 1, 1))
    assert cost() == few == 2
