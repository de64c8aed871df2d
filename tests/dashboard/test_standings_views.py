"""The standings as bars and as ranks over time."""

from datetime import timedelta

import pytest

from tests.builders import make_account, make_actor, make_snapshot, make_snapshots

pytestmark = pytest.mark.django_db


def page_of(client, query):
    response = client.get(f"/en/standings/?{query}")
    assert response.status_code == 200
    return response.content.decode().replace("\u00a0", " ")


def test_bars_stand_over_the_same_table(client, table2):
    page = page_of(client, "platform=facebook&view=bars&on=2022")
    assert '"orientation":"h"' in page
    assert "1. President" in page
    assert 'view=bars#view" aria-current="true">Bars' in page
    assert '<tr class="reference">' in page_of(client, "group=abenov-vs-agencies&view=bars")
    assert page.count('scope="row"') == 4


def test_ranks_over_time_in_a_chart_words_and_a_table(client, today):
    for slug, then, now in [("riser", 10, 90), ("leader", 100, 120), ("faller", 50, 60)]:
        make_snapshots(make_account(slug), {today - timedelta(days=30): then, today: now})
    page = page_of(client, "view=bump&since=30d")
    assert 'id="standings-figure-data"' in page
    assert "Biggest climb since" in page
    assert "riser en, from rank 3 to rank 2." in page
    assert "The same ranks as a table" in page


def test_whom_the_page_highlights_is_among_the_lines(client, today):
    for number in range(20):
        make_snapshot(make_account(f"a{number:02}"), today - timedelta(days=3), 100 - number)
    assert '"a19 en"' not in page_of(client, "view=bump")
    assert '"name":"a19 en"' in page_of(client, "view=bump&highlight=a19")


def test_the_table_is_what_opens_and_accounts_have_no_bump(client, table2):
    assert "standings-figure" not in page_of(client, "platform=facebook")
    page = page_of(client, "platform=facebook&rows=accounts&view=bump")
    assert "standings-figure" not in page
    assert "Ranks over time" not in page


@pytest.mark.parametrize("view", ["bars", "bump", "cube"])
def test_nothing_to_show_is_no_error(client, view):
    make_actor("nobody")
    assert "standings-figure" not in page_of(client, f"view={view}&q=zzz")


@pytest.mark.parametrize("view", ["bars", "bump"])
def test_cost_does_not_grow(client, count_queries, today, view):
    def add(number):
        make_snapshots(make_account(f"more{number}"), {"2022": 200, today: 300 - number})

    add(0)
    add(1)
    few = count_queries(f"/en/standings/?view={view}")
    for number in range(2, 20):
        add(number)
    assert count_queries(f"/en/standings/?view={view}") == few
