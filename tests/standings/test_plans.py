"""Of many accounts the statements look few up one by one, on a grown database: as many as were not read on the day."""

import json
from datetime import date, timedelta
from itertools import product

import pytest
from django.db import connection

from apps.intake.management.commands.synthesise import synthesise
from apps.snapshots.models import Snapshot
from apps.standings import as_of, scopes, states, unusual
from apps.standings.league_statement import statement
from apps.standings.types import Scope

ACCOUNTS, DAYS = 2000, 12
LAST = date(2026, 11, 20)
TODAY = LAST + timedelta(days=1)  # of which nothing is read yet


@pytest.fixture
def grown(db, monkeypatch):
    monkeypatch.setattr(as_of.timezone, "localdate", lambda: TODAY)
    synthesise(ACCOUNTS, LAST - timedelta(days=DAYS - 1), LAST)


def look_ups(sql, parameters):
    """How many times the statement went down into the snapshots."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", parameters
        )  # the product's own words
        plan = cursor.fetchone()[0]
    if isinstance(plan, str):
        plan = json.loads(plan)

    def below(node):
        own = node["Actual Loops"] if node.get("Relation Name") == "tracking_snapshot" else 0
        return own + sum(map(below, node.get("Plans", ())))

    return below(plan[0]["Plan"])


ASKED = [(TODAY, LAST - timedelta(days=7)), (LAST, LAST - timedelta(days=2)), (TODAY, None)]


def test_a_league_of_many_looks_few_up(grown):
    """One database for all questions, as it takes longer to fill than to ask."""
    for (on, since), platform, rows in product(ASKED, ("facebook", ""), ("actors", "accounts")):
        among = Snapshot.objects.filter(account__platform=platform) if platform else Snapshot.objects
        every = ACCOUNTS // (4 if platform else 1)
        days = [day for day in (on, since) if day and day < TODAY]
        without = sum(every - among.filter(day=day, span=3).count() for day in days)
        made = statement(Scope(platform=platform, rows=rows), on, since, "")
        assert look_ups(*made) <= without + len(days) + every // 20, (on, since, platform, rows)
        few = Scope(platform=platform, rows=rows, actors=("synthetic-1", "synthetic-2"))
        assert look_ups(*statement(few, on, since, "")) <= 32, (on, since, platform, rows)


def statements_of(question):
    """Return what a function asks of the database: pairs of SQL and parameters."""
    asked = []

    def keep(execute, sql, parameters, many, context):
        asked.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(keep):
        question()
    return asked


def test_a_day_of_many_looks_few_up(grown):
    scope = Scope(platform="facebook")
    of_day = Snapshot.objects.filter(account__platform="facebook", day=LAST, span=3).count()
    for question, most in (
        (lambda: unusual.within(scope, LAST, LAST), 5),
        (lambda: unusual.among(scope, LAST, LAST, lambda one: one.change > 0), 2 * of_day + 5),
        (lambda: states.turns(scope, LAST, LAST), of_day + 5),
    ):
        assert sum(look_ups(*asked) for asked in statements_of(question)) <= most


def test_the_planner_does_not_take_the_barred_for_all_there_are(grown):
    """Nearly all snapshots are of one source: that a source may be barred must not leave none."""
    readable = scopes.readable(Scope(platform="facebook"))
    assert readable
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT FROM tracking_snapshot s WHERE true{readable}")
        plan = cursor.fetchone()[0]
    if isinstance(plan, str):
        plan = json.loads(plan)
    assert plan[0]["Plan"]["Plan Rows"] > Snapshot.objects.count() / 4
