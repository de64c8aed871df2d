"""The examples of docs/method.md are run as they stand there."""

import doctest
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import pytest

from apps.standings import changes, claim_check, milestones, overtakes, precision, projection
from apps.standings.comparison import View, view
from apps.standings.league import league
from apps.standings.trends import trend
from apps.standings.types import Point, Scope, Series
from tests.builders import make_account, make_actor, make_snapshots

METHOD = Path(__file__).parents[2] / "docs" / "method.md"
ON, SINCE = date(2022, 12, 31), date(2017, 12, 31)
TABLE = Scope(platform="facebook", group="abenov-vs-agencies")


def row(slug, on=ON, platform="facebook"):
    scope = Scope(platform=platform, actors=(slug, "press-office")) if not platform else TABLE
    return next(row for row in league(scope, on, SINCE).rows if row.actor_slug == slug)


def line(slug):
    return next(series for series in trend(TABLE, None, ON).series if series.actor_slug == slug)


def index(slug):
    return next(
        drawn.values for drawn in view(trend(TABLE, None, ON), View.INDEX) if drawn.series.actor_slug == slug
    )


def passed(slug):
    return [one for one in milestones.within(TABLE, date(2017, 1, 1), ON) if one.actor_slug == slug]


def days(first, counts):
    points = [Point(first + timedelta(days=n), "day", count, "counted") for n, count in enumerate(counts)]
    return Series("a", "a", "a", "a", "party", "facebook", 1, "a", tuple(points))


def test_the_examples_give_what_the_page_says(table2):
    press_office = make_actor("press-office")
    make_snapshots(make_account(press_office), {"2017": 5_000, "2022": 76_000})
    make_snapshots(make_account(press_office, "x"), {"2022": 20_000})
    akimat = make_actor("akimat")
    make_snapshots(make_account(akimat), {"2022": 300})
    make_snapshots(make_account(akimat, "instagram"), {"2022": None}, state="hidden")
    make_snapshots(make_account(akimat, "x"), {"2022": None})
    education = make_actor("education")
    make_snapshots(make_account(education), {"2021-06-01": 200, "2022-12-01": 310})
    successor = make_account(make_actor("enlightenment", succeeds=education))
    make_snapshots(successor, {"2022-06-01": 50, "2023-06-01": 500})
    names = {
        **{
            module.__name__.rsplit(".", 1)[1]: module
            for module in (changes, claim_check, overtakes, precision, projection)
        },
        **{one.__name__: one for one in (row, line, index, passed, days, median, date, league, trend, Scope)},
        "standings": league(TABLE, ON, SINCE),
    }
    text = METHOD.read_text().replace("```", "")
    examples = doctest.DocTestParser().get_doctest(text, names, METHOD.name, str(METHOD), 0)
    report: list[str] = []
    failed, run = doctest.DocTestRunner().run(examples, out=report.append)
    assert run > 30
    assert not failed, "".join(report)


@pytest.mark.parametrize(
    "word", ["Overtakes", "Reach", "Projection", "Milestones", "Unusual days", "Checking a claim", "Rank"]
)
def test_every_number_has_its_example(word):
    section = METHOD.read_text().split(f"\n## {word}\n")[1].split("\n## ")[0]
    assert ">>>" in section
