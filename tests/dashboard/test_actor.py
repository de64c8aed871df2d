"""An actor's page: totals, rank, neighbours, what happened, what may come, what is unusual."""

import re
from datetime import timedelta

import pytest
from django.core.paginator import Paginator

from apps.dashboard import reads
from apps.snapshots.models import Snapshot, Span
from tests.builders import make_account, make_actor, make_snapshot, make_snapshots

pytestmark = pytest.mark.django_db


def page_of(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("\u00a0", " ").split()).replace(" </td>", "</td>")


def daily(slug, today, start, pace, days=120, **fields):
    account = make_account(slug, **fields)
    counts = {today - timedelta(days=days - 1 - day): start + day * pace for day in range(days)}
    make_snapshots(account, counts)
    return account


def test_all_accounts_together_are_called_follows(client, today):
    actor = make_actor("body")
    for platform, now in [("facebook", 150), ("telegram", 1_200)]:
        make_snapshots(make_account(actor, platform=platform), {today - timedelta(days=7): 100, today: now})
    page = page_of(client, "/en/actors/body/")
    assert "All platforms together (follows)" in page
    assert '<td class="n">1,350</td>' in page
    assert '<td class="n">+1,150</td>' in page
    make_actor("single")
    assert "All platforms together" not in page_of(client, "/en/actors/single/")


def test_the_rank_and_five_neighbours_on_either_side(client, today):
    for number in range(15):
        make_snapshots(make_account(f"a{number:02}"), {today: 1000 - 10 * number})
    page = page_of(client, "/en/actors/a07/")
    assert "On Facebook: rank 8 of 15, with 930 followers" in page
    assert "a02 en</a>" in page
    assert "a12 en</a>" in page
    assert "a01 en</a>" not in page
    assert "a13 en</a>" not in page
    assert '<td class="n">+50</td>' in page
    assert "−50" in page
    assert 'href="/en/compare/?near=a07&amp;platform=facebook"' in page


def test_who_has_no_count_is_no_neighbour(client, today):
    make_snapshot(make_account("one"), today, 10)
    make_account("never-read")
    assert "never-read en" not in page_of(client, "/en/actors/one/")


def test_pinned_peers_take_the_neighbours_place(client, today):
    for number in range(3):
        make_snapshot(make_account(f"a{number}"), today, 100 - number)
    actor = make_account("body").actor
    make_snapshot(actor.accounts.get(), today, 50)
    peer = make_account("peer").actor
    make_snapshot(peer.accounts.get(), today, 20)
    actor.peers.add(peer)
    page = page_of(client, "/en/actors/body/")
    assert "Among its peers on Facebook" in page
    assert "peer en</a>" in page
    assert "a0 en</a>" not in page


def test_rank_over_time_has_words_and_a_table(client, today):
    make_snapshots(make_account("one"), {today - timedelta(days=400): 10, today: 90})
    make_snapshots(make_account("two"), {today - timedelta(days=400): 50, today: 60})
    page = page_of(client, "/en/actors/one/")
    assert re.search(r"Facebook: rank 1 of 2 \(.+\); earlier 2 of 2 \(.+\)\.", page)
    assert 'id="rank-figure-data"' in page
    assert "The same ranks as a table" in page


def test_overtakes_and_milestones_are_told(client, table2, today):
    page = page_of(client, "/en/actors/president/")
    assert "President overtook Abenov on Facebook between 2017 and 2022." in page
    assert "Facebook: passed 50,000 between 2017 and 2022." in page


def test_a_projection_is_a_range_with_its_caveat(client, today):
    daily("slow", today, 9_000, 1)
    daily("behind", today, 5_000, 30)
    page = page_of(client, "/en/actors/behind/")
    assert "Could catch up with slow en " in page
    assert "Facebook: 10,000 may be reached about " in page
    assert "This only continues the pace of the last year" in page
    assert "Catching up with" not in page


def test_why_nothing_is_projected(client, table2):
    page = page_of(client, "/en/actors/labor/")
    assert (
        "there is no forecast for the next round number, because there are counts for fewer than 30 days of the last year."
        in page
    )
    assert "Catching up with Abenov: no forecast, because there are counts for fewer than 30 days" in page


def test_unusual_days_are_listed_and_ringed(client, today):
    account = daily("body", today, 10_000, 2, days=60)
    day = today - timedelta(days=20)
    account.snapshots.filter(day__gte=day).update(followers=8_000)
    page = page_of(client, "/en/actors/body/")
    assert "Unusual days" in page
    assert "−2,076 in one day." in page
    assert '"symbol":"circle-open"' in page
    daily("calm", today, 10_000, 2, days=60)
    assert "Unusual days" not in page_of(client, "/en/actors/calm/")


def test_the_range_of_the_chart_is_a_link(client, today):
    daily("body", today, 10, 1)
    page = page_of(client, "/en/actors/body/?from=30d")
    assert 'href="?from=1y#trend-title">1 year</a>' in page
    assert 'href="?from=30d#trend-title" aria-current="true">30 days</a>' in page
    assert f'"{(today - timedelta(days=30)).isoformat()}"' in page
    assert f'"{(today - timedelta(days=31)).isoformat()}", null' not in page


@pytest.mark.parametrize("query", ["", "?platform=facebook&from=1y"])
def test_cost_does_not_grow(client, count_queries, today, query):
    actor = make_actor("body")
    make_snapshots(make_account(actor), {today - timedelta(days=day): 1000 + day for day in range(40)})
    make_snapshots(make_account(actor, platform="x"), {today: 5})

    def add(number):
        make_snapshots(
            make_account(f"more{number}"), {today - timedelta(days=5): 500, today: 900 + 20 * number}
        )

    for number in range(8):  # the last of them have overtaken it
        add(number)
    few = count_queries(f"/en/actors/body/{query}")
    for number in range(8, 20):
        add(number)
    assert count_queries(f"/en/actors/body/{query}") == few


def test_the_history_of_several_accounts_is_one(today, django_assert_num_queries):
    actor = make_actor("body")
    for offset, platform in enumerate(["facebook", "x", "x"]):
        account = make_account(actor, platform)
        make_snapshots(account, {today - timedelta(days=2 * day + offset): 9 for day in range(40)})
        make_snapshots(account, {today.replace(month=1, day=1): 8}, span=Span.YEAR)
    order = ("-day", "-span", "account__platform", "pk")
    for platform, accounts in [("", actor.accounts.all()), ("x", actor.accounts.filter(platform="x"))]:
        whole = list(Snapshot.objects.filter(account__in=accounts).order_by(*order))
        found = Paginator(reads.History(actor, platform), 25)
        assert found.count == len(whole)
        assert [one for page in found for one in page] == whole
    with django_assert_num_queries(4):
        assert {one.account.platform and one.source.key for one in reads.History(actor, "")[30:50]}
