"""Values as of a day, taken together, are those of the statement of before, row by row."""

import os
from datetime import date, timedelta
from itertools import combinations

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.registry.models import Account, Actor
from apps.snapshots import latest
from apps.snapshots.models import LatestDifference, LatestSnapshot, Snapshot, Span
from apps.standings import as_of, overtakes
from apps.standings.league_lines import LeagueLine
from apps.standings.league_statement import csv_statement, statement
from apps.standings.types import Scope
from tests.builders import RECORDED, make_account, make_snapshot, make_source
from tests.standings.test_oracle import stored, worlds

pytestmark = pytest.mark.django_db

TODAY = date(2022, 3, 3)
NEAR = [TODAY + timedelta(days=days) for days in (-62, -31, -30, -2, -1, 0, 1, 2)] + [date(2022, 1, 1)]
looks = settings(
    max_examples=int(os.environ.get("ORACLE_EXAMPLES", "12")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)  # fmt: skip
# What is done to the record after it was made: which account (and which other), the day, the span, the count.
WRITES = st.lists(
    st.tuples(
        st.sampled_from(["read", "read", "late", "state", "correct", "remove", "merge", "source", "empty"]),
        st.integers(0, 20),
        st.integers(0, 20),
        st.sampled_from(NEAR),
        st.sampled_from(["day", "day", "day", "month", "year"]),
        st.integers(0, 50),
    ),
    max_size=8,
)


def write(what, accounts, one, other, day, span, count):
    account, beside = accounts[one % len(accounts)], accounts[other % len(accounts)]
    begins = {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[span]
    rows = Snapshot.objects.filter(account=account)
    if what in ("read", "late", "state"):
        Snapshot.objects.bulk_create(
            [
                Snapshot(
                    account_id=account,
                    day=begins - timedelta(days=40) if what == "late" and span == "day" else begins,
                    span=Span[span.upper()],
                    state="hidden" if what == "state" else "counted",
                    followers=None if what == "state" else count,
                    source=make_source("one" if count % 2 else "two"),
                    recorded_at=RECORDED,
                )
            ],
            ignore_conflicts=True,
        )
    elif what == "correct":
        rows.filter(state="counted", day__lte=day).update(followers=count, note="corrected")
    elif what == "remove":
        rows.filter(day__gte=day).delete()
    elif what == "merge" and account != beside:
        taken = set(Snapshot.objects.filter(account=beside).values_list("day", "span"))
        moved = [row.pk for row in rows if (row.day, row.span) not in taken]
        Snapshot.objects.filter(pk__in=moved).update(account=beside)
        rows.delete()
    elif what == "source":
        rows.update(source=make_source("api-youtube"))
    elif what == "empty" and count == 0:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE tracking_snapshot CASCADE")


def found(made):
    with connection.cursor() as cursor:
        cursor.execute(*made)
        return cursor.fetchall()


def before(side, day, columns, *, readable, only="true"):
    return as_of.one_by_one(side, f"date '{day}'", columns, readable=readable, only=only)


def both(monkeypatch, question):
    """The rows by the product's statements, and by those of before."""
    now = question()
    with monkeypatch.context() as patch:
        patch.setattr(as_of, "together", before)
        return now, question()


@looks
@given(
    worlds(),
    WRITES,
    st.sampled_from(NEAR),
    st.one_of(st.none(), st.sampled_from(NEAR)),
    st.fixed_dictionaries(
        {
            "platform": st.sampled_from(["", "facebook"]),
            "rows": st.sampled_from(["actors", "accounts"]),
            "fresh": st.booleans(),
        }
    ),
    st.sampled_from(["", "actor-0"]),
)
def test_every_row_is_that_of_the_statement_of_before(
    monkeypatch, settings, world, writes, on, since, scope, reference
):
    settings.YOUTUBE_TERMS = "30d"  # bars what a source has
    monkeypatch.setattr(as_of.timezone, "localdate", lambda: TODAY)
    with stored(world):
        accounts = list(Account.objects.order_by("pk").values_list("pk", flat=True))
        for one in writes if accounts else []:
            write(one[0], accounts, *one[1:])
        slugs = list(Actor.objects.order_by("slug").values_list("pk", flat=True))
        if len(slugs) > 2:
            Actor.objects.filter(pk=slugs[1]).update(succeeds=slugs[0])
        asked = Scope(**scope)
        now, as_before = both(monkeypatch, lambda: found(statement(asked, on, since, reference)))
        assert now == as_before
        now, as_before = both(monkeypatch, lambda: found(csv_statement(asked, on, since, reference, "en")))
        assert now == as_before
        assert latest.check() == []
        assert LatestSnapshot.objects.count() == Snapshot.objects.values("account").distinct().count()


@pytest.mark.parametrize("day", [TODAY, TODAY - timedelta(days=1)])
def test_a_latest_that_differs_is_not_read(monkeypatch, day):
    monkeypatch.setattr(as_of.timezone, "localdate", lambda: TODAY)
    account = make_account("one")
    make_snapshot(account, str(day), 7)

    def followers():
        lines = found(statement(Scope(platform=account.platform), TODAY, None, ""))
        return [LeagueLine._make(line).n_followers for line in lines]

    assert followers() == [7]
    LatestSnapshot.objects.update(followers=8)
    assert followers() == [8]  # nothing has noticed it yet
    assert latest.check() == [account.pk]
    assert followers() == [7]
    assert LatestDifference.objects.count() == 1
    assert latest.rebuild() == 1
    assert (followers(), latest.check()) == ([7], [])


@looks
@given(worlds(), WRITES, st.sampled_from(NEAR), st.sampled_from([0, 0, 1, 3, 40]))
def test_passings_among_the_near_are_those_among_all_pairs(monkeypatch, world, writes, last, days):
    first = last - timedelta(days=days)
    with stored(world):
        accounts = list(Account.objects.order_by("pk").values_list("pk", flat=True))
        for one in writes if accounts else []:
            write(one[0], accounts, *one[1:])
        now = overtakes.within(Scope(), first, last)
        with monkeypatch.context() as patch:
            patch.setattr(overtakes, "_near", lambda lines, first: combinations(lines, 2))
            assert now == overtakes.within(Scope(), first, last)
