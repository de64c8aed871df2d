"""Every public page: found, not found, wrong parameters, and a cost that does not grow."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from apps.registry.models import OldSlug
from apps.snapshots.models import Correction
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_snapshots

PAGES = ["overview", "standings", "groups", "actors", "method", "status"]

pytestmark = pytest.mark.django_db


def text_of(response):
    return response.content.decode()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_page_opens_without_any_data(client, page, language):
    with translation.override(language):
        address = reverse(f"dashboard:{page}")
    assert address.startswith(f"/{language}/")
    response = client.get(address)
    assert response.status_code == 200
    assert f'<html lang="{language}">' in text_of(response)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_takes_a_post(client, page):
    assert client.post(reverse(f"dashboard:{page}")).status_code == 405


@pytest.mark.parametrize(
    "address", ["/en/actors/nobody/", "/en/groups/nothing/", "/en/nowhere/", "/ru/actors/nobody/"]
)
def test_not_found_is_a_page_of_ours(client, address):
    response = client.get(address)
    assert response.status_code == 404
    assert "KZMedia" in text_of(response)


@pytest.mark.parametrize(
    ("accepts", "leads_to"), [("kk", "/kk/"), ("ru,en;q=0.5", "/ru/"), ("fr", "/en/"), ("", "/en/")]
)
def test_without_a_language_the_best_one_is_chosen(client, accepts, leads_to):
    response = client.get("/", headers={"accept-language": accepts})
    assert response.status_code == 302
    assert response["Location"] == leads_to


def test_language_switch_keeps_page_and_query(client):
    page = text_of(client.get("/en/standings/?platform=x"))
    assert 'href="/kk/standings/?platform=x"' in page
    assert 'href="/ru/standings/?platform=x"' in page
    assert page.index("/kk/standings/") < page.index("/ru/standings/")


def test_policy_forbids_inline_scripts_and_pages_have_none(client, table2):
    response = client.get("/en/")
    assert "'unsafe-inline'" not in response["Content-Security-Policy"]
    page = text_of(response)
    assert " style=" not in page
    assert "<style" not in page
    assert page.count("<script") == page.count("<script src=") + page.count(
        '<script type="application/ld+json"'
    ) + page.count('type="application/json"')


@pytest.mark.parametrize("page", ["overview", "standings", "actors"])
@pytest.mark.parametrize(
    "query",
    [
        "platform=myspace&kind=king&group=nobody&on=yesterday&since=soon&rows=columns&fresh=perhaps",
        "sort=height&page=-1&view=cube&scale=cubic&highlight=%00&q=%F0%9F%98%80",
        "on=9999-99-99&since=0000&page=99999999999999999999",
        "on=2022-02-30&since=-1d&platform=facebook&platform=x",
        "q=%25&kind=%27%3B--",
    ],
)
def test_wrong_parameters_are_never_an_error(client, table2, page, query):
    assert client.get(reverse(f"dashboard:{page}") + "?" + query).status_code == 200


@pytest.mark.parametrize(
    "query", ["since=x&on=y&view=z&scale=9&highlight=%3C", "since=2030&on=2016", "on=1990"]
)
def test_wrong_parameters_of_group_and_actor(client, table2, query):
    assert client.get(f"/en/groups/abenov-vs-agencies/?{query}").status_code == 200
    assert client.get(f"/en/actors/abenov/?{query}&from=2030&to=2010&page=x").status_code == 200


def test_a_wrong_parameter_is_left_out_and_said(client, table2):
    page = text_of(client.get("/en/standings/?platform=myspace&kind=blogger"))
    assert "“myspace” is not valid for “Platform” and has been ignored." in page
    assert ">Abenov</a>" in page
    assert ">President</a>" not in page


def test_sort_links_carry_only_what_was_understood(client, table2):
    page = text_of(client.get("/en/standings/?platform=facebook&kind=king"))
    assert 'href="?platform=facebook&amp;sort=-followers"' in page
    assert f'<link rel="canonical" href="{settings.SITE_URL}/en/standings/?platform=facebook">' in page


def test_overview_shows_the_table_alive(client, table2):
    page = text_of(client.get("/en/"))
    assert (
        "On Facebook, President leads Abenov by 12,000 followers (2022); in 2017, Abenov was 8,000 ahead."
        in page
    )
    assert "Defense: the page did not exist in 2022." in page
    assert "President overtook Abenov on Facebook between 2017 and 2022." in page
    assert 'id="group-figure-data"' in page


@pytest.mark.parametrize("view", ["slope", "line"])
def test_group_page_has_both_dates_and_the_sources(client, table2, view):
    page = text_of(client.get(f"/en/groups/abenov-vs-agencies/?view={view}"))
    for shown in ["39,000", "64,000", "+25,000", "+64.1%", "+8.6 to +13.2%", "×1.19", "page does not exist"]:
        assert shown in page
    assert "31,570 → 86,000" in page
    assert "(2 of 3 have a count on both dates)" in page
    assert "Not in the total, because a count is missing on at least one date: Defense." in page
    assert "Source test-source" in page
    assert "/export/standings.csv?group=abenov-vs-agencies&amp;platform=facebook" in page


@pytest.mark.parametrize(
    "address", ["/en/", "/en/groups/abenov-vs-agencies/?view=line", "/en/actors/abenov/"]
)
def test_a_chart_says_in_words_what_it_shows(client, table2, address):
    page = re.sub(r'(?s)<div class="answer-box">.*?</div>', "", text_of(client.get(address)))
    words, *others = re.findall(r'role="img" aria-label="([^"]+)"', page)
    assert all("rank" in other for other in others)
    assert "64,000" in words or "12,000" in words
    assert "The table below the chart holds the same numbers." in words


def test_an_actor_says_its_newest_count_once(client):
    make_snapshots(make_account(make_actor("one"), platform="x"), {"2022": 94800}, precision="printed")
    page = text_of(client.get("/en/actors/one/")).replace("\u00a0", " ")
    assert "On X: rank 1 of 1, with 94,800 followers (2022)." in page
    assert "(2022). X: 94,800 followers" not in page


def test_a_date_to_compare_with_is_shown_as_dates_are(client, table2):
    page = text_of(client.get("/en/standings/?since=2017-12-30")).replace("\u00a0", " ")
    assert '<option value="2017-12-30" selected>30 Dec 2017</option>' in page


def test_group_dates_follow_the_address(client, table2):
    page = text_of(client.get("/en/groups/abenov-vs-agencies/?on=2017&since=2016"))
    assert "On Facebook, Abenov leads President by 8,000 followers (2017)." in page


def test_group_with_one_date_opens_with_the_line(client):
    account = make_account("only", platform="youtube")
    make_snapshot(account, "2024-06", 1_000_000, bound=">")
    make_group("one-date", [account.actor], platform="youtube")
    page = text_of(client.get("/en/groups/one-date/"))
    assert 'view=line#figure" aria-current="true"' in page
    assert "more than 1,000,000" in page


def test_empty_group(client):
    make_group("empty", platform="x")
    assert "No count has been recorded for this group yet." in text_of(client.get("/en/groups/empty/"))


def test_group_dates_need_half_of_the_members(client, table2):
    account = table2.reference.accounts.get()
    make_snapshot(account, "2016", 100)
    page = text_of(client.get("/en/groups/abenov-vs-agencies/"))
    assert "in 2017, Abenov was 8,000 ahead" in page


def test_standings_rows_and_sum_line(client, table2):
    page = text_of(client.get("/en/standings/?group=abenov-vs-agencies&platform=facebook&on=2022&since=2017"))
    assert "3 with a count · 1 page that does not exist" in page
    assert page.index(">President</a>") < page.index(">Abenov</a>") < page.index(">Labor</a>")
    assert "up 1" in page
    assert 'aria-sort="ascending"' in page


def test_standings_sorted_by_name_falling(client, table2):
    page = text_of(client.get("/en/standings/?sort=-name"))
    assert page.index(">President</a>") < page.index(">Labor</a>") < page.index(">Abenov</a>")


def test_standings_download_has_the_same_filters(client, table2):
    page = text_of(client.get("/en/standings/?platform=facebook&kind=blogger&sort=-change&page=1"))
    assert "/export/standings.csv?platform=facebook&amp;kind=blogger&amp;lang=en" in page
    assert "preset=excel" in page


def test_old_values_are_marked_last_known(client, table2, today):
    make_snapshot(make_account("fresh"), today, 5)
    page = text_of(client.get("/en/standings/?platform=facebook"))
    assert "3 of 4 counts are more than 30 days old." in page
    assert page.count('class="stale"') == 3
    assert ">Abenov</a>" not in text_of(client.get("/en/standings/?platform=facebook&fresh=1"))


def test_nothing_matches(client, table2):
    assert "Nothing matches these filters." in text_of(client.get("/en/standings/?q=zzzz"))
    assert "Nobody is tracked under this name." in text_of(client.get("/en/actors/?q=zzzz"))


def test_standings_are_cut_into_pages(client, today):
    for number in range(51):
        make_snapshot(make_account(f"a{number:02}"), today, 1000 - number)
    first = text_of(client.get("/en/standings/"))
    assert ">a49 en</a>" in first
    assert ">a50 en</a>" not in first
    assert ">a50 en</a>" in text_of(client.get("/en/standings/?page=2"))
    assert ">a50 en</a>" in text_of(client.get("/en/standings/?page=77"))


def test_search_folds_kazakh_letters(client):
    make_actor("qoghamdyq", name_kk="Қоғамдық")
    assert "/en/actors/qoghamdyq/" in text_of(client.get("/en/actors/?q=когамдык"))


def test_hidden_actors_are_nowhere(client, table2):
    table2.members.filter(slug="president").update(hidden=True)
    assert client.get("/en/actors/president/").status_code == 404
    for address in ["/en/", "/en/standings/", "/en/actors/", "/en/groups/abenov-vs-agencies/"]:
        assert "President" not in text_of(client.get(address))


def test_a_hidden_reference_does_not_open_the_overview(client, table2):
    table2.members.filter(slug="abenov").update(hidden=True)
    assert "Abenov" not in text_of(client.get("/en/")).replace("Abenov and agencies", "")


def test_old_slug_leads_on_with_its_query(client, table2):
    OldSlug.objects.create(slug="murat", actor=table2.reference)
    response = client.get("/en/actors/murat/?from=2017")
    assert response.status_code == 301
    assert response["Location"] == "/en/actors/abenov/?from=2017"


def test_old_slug_of_a_hidden_actor_is_not_found(client):
    OldSlug.objects.create(slug="gone", actor=make_actor("now", hidden=True))
    assert client.get("/en/actors/gone/").status_code == 404


def test_actor_page_tells_everything_recorded(client, django_user_model, today):
    before = make_actor("before")
    account = make_account(make_actor("now", succeeds=before), platform="telegram", handle="ministry")
    make_snapshots(
        account, {today - timedelta(days=7): 1000, today - timedelta(days=1): 1500}, note="By hand"
    )
    Correction.objects.create(
        snapshot=account.snapshots.first(),
        old={"state": "counted", "followers": 10, "bound": "="},
        new={"state": "counted", "followers": 1000, "bound": "="},
        reason="A slip of the pen",
        by=django_user_model.objects.create_user("editor"),
        at=timezone.now(),
    )
    page = text_of(client.get("/en/actors/now/"))
    assert "/en/actors/before/" in page
    assert "1,500 subscribers" in page
    assert "+500" in page
    assert "By hand" in page
    assert "10 → 1,000. A slip of the pen" in page
    assert 'href="https://t.me/ministry"' in page
    assert "/en/actors/now/" in text_of(client.get("/en/actors/before/"))


def test_actor_without_anything(client):
    make_actor("new")
    assert "Nothing has been recorded of this actor yet." in text_of(client.get("/en/actors/new/"))


def test_names_are_escaped(client, today):
    make_snapshot(make_account(make_actor("x", name_en="<script>alert(1)</script>")), today, 5)
    for address in ["/en/", "/en/standings/", "/en/actors/", "/en/actors/x/"]:
        assert "<script>alert" not in text_of(client.get(address))


@pytest.mark.parametrize(
    "address",
    [
        "/en/",
        "/en/?view=line",
        "/en/standings/?platform=facebook&since=30d",
        "/en/groups/",
        "/en/groups/abenov-vs-agencies/",
        "/en/groups/abenov-vs-agencies/?view=line",
        "/en/actors/",
        "/en/actors/abenov/",
        "/en/status/",
    ],
)
def test_cost_does_not_grow(client, count_queries, table2, today, address):
    def add(number):
        actor = make_actor(f"more{number}")
        table2.members.add(actor)
        make_snapshots(make_account(actor), {"2017": 100 + number, "2022": 200, today: 300 - number})
        make_snapshots(make_account(table2.reference, platform="x"), {f"20{10 + number}": 5, today: 7})
        make_group(f"group{number}", [actor])

    add(0)
    add(1)
    few = count_queries(address)
    for number in range(2, 20):
        add(number)
    assert count_queries(address) <= few
