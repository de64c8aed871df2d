"""What a platform's terms do not let us give out is in no file, and the file says so."""

from datetime import date

import pytest

from apps.standings.league import league
from apps.standings.trends import trend
from apps.standings.types import Scope
from tests.builders import make_account, make_snapshot, make_source
from tests.exports.reading import get, rows

pytestmark = pytest.mark.django_db(transaction=True)
DAY = "2026-11-20"


@pytest.fixture
def counts():
    """Make one count of YouTube's and one of X's API, and a printed one of each."""
    for platform in ("youtube", "x"):
        make_snapshot(
            make_account(f"{platform}-api", platform), DAY, 5, source=make_source(f"api-{platform}")
        )
        make_snapshot(
            make_account(f"{platform}-book", platform), DAY, 7, source=make_source("book", "publication")
        )


def slugs(file):
    """Return the actors that the file has values of, and what it says is left out."""
    response, _content = get(f"{file}.csv")
    return {row["actor_slug"] for row in rows(f"{file}.csv")}, response.headers.get("X-Left-Out", "")


@pytest.mark.parametrize("file", ["snapshots", "trend"])
@pytest.mark.parametrize(
    ("youtube", "left_out"),
    [("30d", {"youtube", "x"}), ("approved", {"x"})],
)
def test_api_counts_that_may_not_be_given_out_are_in_no_file(
    client, counts, settings, file, youtube, left_out
):
    settings.YOUTUBE_TERMS, settings.X_TERMS = youtube, "standard"
    there, said = slugs(file)
    everybody = {"youtube-api", "youtube-book", "x-api", "x-book"}
    assert there == everybody - {f"{platform}-api" for platform in left_out}
    assert said == ", ".join(sorted(left_out))


def test_thirty_days_of_youtube_stand_in_no_rank_and_no_line(counts, settings):
    settings.YOUTUBE_TERMS, settings.X_TERMS = "30d", "standard"
    day = date.fromisoformat(DAY)
    ranked = {row.actor_slug for row in league(Scope(), day).rows if row.rank}
    assert ranked == {"youtube-book", "x-api", "x-book"}
    drawn = {line.actor_slug for line in trend(Scope(), None, day).series if line.points}
    assert drawn == ranked


def test_approved_counts_are_ranked(counts, settings):
    settings.YOUTUBE_TERMS, settings.X_TERMS = "approved", "standard"
    assert {row.actor_slug for row in league(Scope(), date.fromisoformat(DAY)).rows if row.rank} >= {
        "youtube-api"
    }


def test_standings_as_a_file_leave_them_out_too(counts, settings):
    settings.YOUTUBE_TERMS, settings.X_TERMS = "approved", "standard"
    ranked = {row["actor_slug"] for row in rows(f"standings.csv?on={DAY}") if row["rank"]}
    assert ranked == {"youtube-api", "youtube-book", "x-book"}
