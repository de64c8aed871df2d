"""The chart builder: who is in it, what the address says, what the page says and hands out."""

import re
from datetime import date, timedelta
from urllib.parse import parse_qsl

import pytest
from django.conf import settings
from django.http import QueryDict

from apps.exports.forms import SnapshotsForm, TrendForm
from apps.registry.models import Account, Membership, OldSlug
from tests.builders import make_account, make_actor, make_group, make_snapshots

pytestmark = pytest.mark.django_db

VIEWS = ["followers", "change", "percent", "index", "share", "gap"]


def page_of(client, address):
    """Return the page's text after any redirect to the shortest address."""
    return client.get(address, follow=True).content.decode().replace("\u00a0", " ")


def shortest(client, query):
    response = client.get(f"/en/compare/?{query}", follow=True)
    assert response.status_code == 200
    return response.request["QUERY_STRING"]


def picked(page):
    return re.findall(r'<span class="hue[^>]+></span><a href="/en/actors/([-\w]+)/"', page)


@pytest.fixture
def daily(db, today):
    """Make three bloggers with a hundred days each on YouTube."""
    for place, slug in enumerate(["one", "two", "three"], 1):
        days = {today - timedelta(days=100 - day): 1000 * place + day * place for day in range(100)}
        make_snapshots(make_account(make_actor(slug, "blogger"), platform="youtube"), days)


def test_opens_with_the_main_group(client, table2):
    page = page_of(client, "/en/compare/")
    assert picked(page) == ["abenov", "defense", "labor", "president"]
    assert (
        "On Facebook, President leads Abenov by 12,000 followers (2022) and has not been behind in any count since 2022."
        in page
    )
    assert "President changed the most between 2017 and 2022: +45,000." in page


def test_opens_without_any_data(client, db):
    assert "No counts have been recorded for this selection yet." in page_of(client, "/en/compare/")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_view_has_a_chart_words_and_a_table(client, table2, view, language):
    page = page_of(client, f"/{language}/compare/?view={view}")
    assert 'id="compare-figure-data"' in page
    assert re.search(r'role="img" aria-label="[^"]{40,}"', page)
    assert len(re.findall(r"<tr><th scope=\"row\">\d{4}</th>", page)) == 2


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("percent", "Highest percentage change since 2017: Labor, +1,654% (2022)."),
        ("index", "With 2017 as 100, Labor stands highest: 1,754 (2022)."),
        (
            "share",
            "President has the largest share: 50.7% of 150,000 follows in total (2022), compared with 38.7% (2017).",
        ),
        ("gap", "Closest to Abenov: President, +12,000 (2022)."),
    ],
)
def test_a_view_says_what_it_shows(client, table2, view, said):
    assert said in page_of(client, f"/en/compare/?view={view}")


def test_who_was_counted_alone_had_no_share(client, table2):
    make_snapshots(Account.objects.get(actor__slug="president"), {"2015": 5000}, precision="printed")
    assert "compared with 38.7% (2017)." in page_of(client, "/en/compare/?view=share")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("view=followers&scale=linear&events=1&rows=actors&q=&from=&to=", ""),
        ("platform=facebook&group=abenov-vs-agencies", ""),
        ("reference=abenov&view=gap", "view=gap"),
        ("view=index&base=2017-01-01", "view=index"),
        ("view=index&base=2022-05-01", "view=index&base=2022-05-01"),
        ("view=gap&scale=log&base=2020", "view=gap"),
        ("from=1y&from=&utm_source=mail", "from=1y"),
        ("actor=labor&actor=labor&platform=all", "actor=labor"),
        ("q=++labor+", "q=labor"),
        ("events=0&view=percent", "view=percent&events=0"),
    ],
)
def test_the_address_becomes_its_shortest_form(client, table2, given, kept):
    assert shortest(client, given) == kept
    assert client.get(f"/en/compare/?{kept}").status_code == 200  # and stays there


@pytest.mark.parametrize(
    "query",
    [
        "actor=nobody&actor=%00&view=cube&scale=cubic&events=yes&platform=myspace&rows=columns",
        "from=2030&to=2010",
        "from=soon&to=2022-02-30&base=9999&group=none",
        "reference=nobody&highlight=%3Cscript%3E",
        "near=nobody",
        "near=%00",
        "q=%00%25",
        "actor=" + "&actor=".join(f"a{number}" for number in range(40)),
    ],
)
def test_wrong_parameters_are_never_an_error(client, table2, query):
    assert client.get(f"/en/compare/?{query}", follow=True).status_code == 200


def test_what_is_left_out_is_said(client, table2):
    page = page_of(client, "/en/compare/?actor=labor&actor=nobody&view=cube&from=2023&to=2020")
    assert picked(page) == ["labor"]
    assert "“nobody” is not tracked here, so it is not shown." in page
    assert "“cube” is not valid for “View” and has been ignored." in page
    assert "The first date is after the last one; both have been left out." in page
    assert f'<link rel="canonical" href="{settings.SITE_URL}/en/compare/?actor=labor">' in page


def test_no_more_than_a_chart_can_draw(client, db):
    query = "&".join(f"actor={make_actor(f'a{number}').slug}" for number in range(15))
    page = page_of(client, f"/en/compare/?{query}")
    assert len(picked(page)) == 14
    assert "A chart can show up to 14 actors; the others are not shown." in page


def test_found_names_are_links_that_add(client, table2):
    page = page_of(client, "/en/compare/?q=labor&actor=abenov")
    (link,) = re.findall(r'href="(\?[^"]+)">\+ Labor', page)
    assert parse_qsl(link.replace("&amp;", "&")[1:]) == [("actor", "abenov"), ("actor", "labor")]
    assert "President · already in" in page_of(client, "/en/compare/?q=president").replace("\n", "")


def test_a_link_leaves_one_out_of_a_group(client, table2):
    page = page_of(client, "/en/compare/?view=gap")
    (link,) = [
        one for one in re.findall(r'class="remove" data-swap href="\?([^"]+)"', page) if "labor" not in one
    ]
    query = link.replace("&amp;", "&")
    assert query == "actor=abenov&actor=defense&actor=president&platform=facebook&view=gap"
    assert picked(page_of(client, f"/en/compare/?{query}")) == ["abenov", "defense", "president"]


def test_the_nearest_five(client, today):
    for number in range(9):
        make_snapshots(make_account(f"a{number}"), {today: 1000 - number})
    response = client.get("/en/compare/?near=a0")
    assert response["Location"] == (
        "/en/compare/?actor=a0&actor=a1&actor=a2&actor=a3&actor=a4&actor=a5&platform=facebook&highlight=a0"
    )
    assert "actor=a2&actor=a3&actor=a5" in client.get("/en/compare/?near=a4&view=index")["Location"]
    assert client.get("/en/compare/?near=a4&view=index")["Location"].startswith("/en/compare/?view=index&")


def test_my_body_is_one_click_away(client, table2, django_user_model):
    user = django_user_model.objects.create_user("press")
    Membership.objects.create(user=user, actor=table2.members.get(slug="labor"))
    assert "Labor and the five nearest" not in page_of(client, "/en/compare/")
    client.force_login(user)
    assert "Labor and the five nearest" in page_of(client, "/en/compare/")


def test_hidden_actors_cannot_be_compared(client, table2):
    table2.members.filter(slug="president").update(hidden=True)
    for address in ["/en/compare/", "/en/compare/?actor=president", "/en/compare/?near=president"]:
        assert "President" not in page_of(client, address)


def test_an_old_slug_leads_to_the_actor(client, table2):
    OldSlug.objects.create(slug="murat", actor=table2.reference)
    assert shortest(client, "actor=murat&actor=labor") == "actor=abenov&actor=labor"


def test_ranges_and_their_links(client, daily, today):
    page = page_of(client, "/en/compare/?actor=one&actor=two&from=30d")
    assert f"between {(today - timedelta(days=30)).day} " in page
    assert re.search(r'href="\?actor=one&amp;actor=two&amp;from=1y">1 year', page)
    assert re.search(r'aria-current="true">30 days', page)


def test_a_long_table_is_thinned_and_says_so(client, daily):
    page = page_of(client, "/en/compare/?actor=one&actor=two")
    assert page.count('<tr><th scope="row">') == 50  # every second of a hundred days
    assert "Only some dates are shown; the files have all of them." in page


def test_files_hold_what_is_shown_and_everything(client, daily, today):
    page = page_of(client, "/en/compare/?actor=one&actor=two&from=30d&platform=youtube")
    files = [one.replace("&amp;", "&") for one in re.findall(r'"(/export/[^"]+)"', page)]
    first = (today - timedelta(days=30)).isoformat()
    assert f"/export/trend.csv?actor=one&actor=two&platform=youtube&from={first}&lang=en" in files
    assert "/export/snapshots.csv?actor=one&actor=two&platform=youtube&lang=en" in files
    for file in files:
        path, _, query = file.partition("?")
        form = (TrendForm if "trend" in path else SnapshotsForm)(QueryDict(query))
        assert form.problems() == []


def test_accounts_have_lines_of_their_own(client, today):
    actor = make_actor("two-accounts")
    for handle in ["first-account", "second-account"]:
        make_snapshots(
            make_account(actor, platform="telegram", handle=handle), {today: 5, date(2020, 1, 1): 4}
        )
    page = page_of(client, "/en/compare/?actor=two-accounts&rows=accounts")
    assert "Telegram: first-account" in page
    assert "Telegram: second-account" in page


@pytest.mark.parametrize(
    "query", ["", "?view=share", "?actor=abenov&actor=labor&q=more", "?view=index&base=2022"]
)
def test_cost_does_not_grow(client, count_queries, table2, today, query):
    def add(number):
        actor = make_actor(f"more{number}")
        table2.members.add(actor)
        make_snapshots(make_account(actor), {"2017": 100 + number, "2022": 200, today: 300 - number})
        make_group(f"group{number}", [actor])

    add(0)
    few = count_queries(f"/en/compare/{query}")
    for number in range(1, 15):
        add(number)
    assert count_queries(f"/en/compare/{query}") == few
