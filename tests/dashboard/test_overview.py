"""What the overview says before anything is clicked, and what it weighs."""

import gzip
import re

import pytest
from django.http import QueryDict

from apps.exports.forms import StandingsForm
from tests.builders import make_account, make_snapshot

pytestmark = pytest.mark.django_db

OVERVIEW_AT_MOST = 30 * 1024  # bytes of compressed HTML


def text_of(response):
    return response.content.decode()


def test_the_figure_and_the_table_are_one_click_from_a_file(client, table2):
    page = text_of(client.get("/en/"))
    for file in [
        "/export/standings.csv?group=abenov-vs-agencies&amp;platform=facebook&amp;on=2022-12-31&amp;since=2017-12-31&amp;lang=en",
        "/export/standings.csv?platform=facebook&amp;since=1y&amp;reference=abenov&amp;lang=en",
    ]:
        assert file in page
        assert StandingsForm(QueryDict(file.replace("&amp;", "&").partition("?")[2])).problems() == []


def test_the_figure_has_its_table_twin_without_a_script(client, table2):
    twin = (
        text_of(client.get("/en/?platform=youtube"))
        .partition('<details class="twin">')[2]
        .partition("</details>")[0]
    )
    words = " ".join(re.sub(r"<[^>]+>", " ", twin).split())
    assert "Followers, earlier" in words
    assert re.search(r"2 1 President 31,000 .* 76,000 .* \+45,000 \+12,000", words)
    assert "9,600" in words
    assert "page does not exist" in words


def test_the_newest_count_is_dated_where_nothing_is_collected(client, table2):
    assert "newest count: 2022" in text_of(client.get("/en/"))


def test_rounded_stands_only_beside_rounded_counts(client, today):
    make_snapshot(make_account("printed-in-full"), today, 25_173, precision="printed")
    assert "rounded</small>" not in text_of(client.get("/en/?platform=facebook"))
    make_snapshot(make_account("printed-roundly"), today, 64_000, precision="printed")
    assert text_of(client.get("/en/?platform=facebook")).count("rounded</small>") == 1


def test_the_page_is_small(client, table2, today):
    for number in range(30):
        make_snapshot(make_account(f"actor-with-a-long-slug-{number}"), today, 1000 + number)
    assert len(gzip.compress(client.get("/kk/").content, 6)) <= OVERVIEW_AT_MOST
