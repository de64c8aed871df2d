import pytest

from tests.builders import make_account, make_actor, make_group, make_snapshot
from tests.exports.reading import get

pytestmark = pytest.mark.django_db

ANY = ["platform=myspace", "kind=king", "kind=blogger&kind=king", "group=none", "actor=none", "region=Mars"]
ANY += ["q=%21%21", "q=a&q=b", "platform=x&platform=vk", "lang=de", "preset=word", "platfrom=x", "q=a%00b"]
SNAPSHOTS = ["from=2022-13", "from=yesterday", "to=2022-02-30", "from=2022&to=2021", "state=alive"]
SNAPSHOTS += ["on=2022", "since=2017", "from=20220531", "to=2022-W01-1", "fresh=1", "from=0000"]
STANDINGS = [
    "on=2022-02-30",
    "since=2022&on=2022",
    "since=9d",
    "rows=groups",
    "fresh=perhaps",
    "reference=none",
]
STANDINGS += ["from=2022", "to=2022", "state=counted"]


@pytest.mark.parametrize("query", ANY + SNAPSHOTS)
def test_a_wrong_value_of_snapshots_is_refused_by_name(query):
    refused("snapshots.csv", query)


@pytest.mark.parametrize("query", ANY + STANDINGS)
def test_a_wrong_value_of_standings_is_refused_by_name(query):
    refused("standings.csv", query)


def refused(file, query):
    response, content = get(f"{file}?{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert f"“{query.partition('=')[0]}”" in content.decode()
    assert "Content-Disposition" not in response


def test_every_wrong_value_has_its_own_sentence():
    _response, content = get("snapshots.csv?platform=myspace&lang=en&to=2022-31")
    assert content.decode() == (
        "The parameter “platform” cannot be used: “myspace” is not one of the values known here.\n"
        "The parameter “to” cannot be used: “2022-31” is not a date such as 2022-05-31, 2022-05 or 2022.\n"
    )


@pytest.mark.django_db(transaction=True)  # the files are copied over a connection of their own
@pytest.mark.parametrize(
    ("text", "last", "next_day"),
    [
        ("2024-02", "2024-02-29", "2024-03-01"),
        ("2023-02", "2023-02-28", "2023-03-01"),
        ("2022-04", "2022-04-30", "2022-05-01"),
        ("2022-12", "2022-12-31", "2023-01-01"),
        ("2024", "2024-12-31", "2025-01-01"),
    ],
)
def test_a_month_or_a_year_stands_for_its_last_day(text, last, next_day):
    account = make_account()
    make_snapshot(account, last, 11)
    make_snapshot(account, next_day, 12)
    for query in (f"snapshots.csv?to={text}", f"standings.csv?on={text}", f"trend.csv?to={text}"):
        content = get(query)[1].decode()
        assert last in content, query
        assert next_day not in content, query


@pytest.mark.parametrize("file", ["snapshots.csv", "standings.csv"])
def test_a_hidden_actor_is_as_unknown_as_one_that_never_was(file):
    make_snapshot(make_account(make_actor("secret", hidden=True, region="Hidden Valley")), "2022", 2)
    hidden, never = get(f"{file}?actor=secret")[1], get(f"{file}?actor=nobody")[1]
    assert hidden.replace(b"secret", b"nobody") == never
    assert get(f"{file}?region=Hidden+Valley")[0].status_code == 400


@pytest.mark.parametrize("name", ["utm_source", "utm_anything", "fbclid", "gclid", "yclid"])
def test_what_tells_where_a_reader_came_from_is_passed_over(name):
    make_snapshot(make_account("a"), "2022", 5)
    response, content = get(f"trend.csv?actor=a&to=2022&{name}=x")
    assert (response.status_code, content) == (200, get("trend.csv?actor=a&to=2022")[1])
    assert name not in get(f"trend.json?actor=a&to=2022&{name}=x")[1].decode()


@pytest.mark.parametrize(
    "address",
    ["snapshots.csv", "standings.json", "trend.csv?layout=wide", "editions/none.csv", "indicators.csv"],
)
def test_the_preflight_of_other_sites_is_answered(address):
    response, content = get(address, "options", origin="https://example.org")
    assert (response.status_code, content) == (204, b"")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "GET" in response["Access-Control-Allow-Methods"]
    assert get(address, "post")[0].status_code == 405


PLAIN = [
    "/export/editions/none.csv", "/data/package.zip", "/data/package-2026-11.zip", "/data/package/datapackage.json",
    "/data/ledger/ledger.json", "/data/ledger/ledger.txt.gz", "/data/ledger/1.json", "/data/ledger/1.txt.gz",
    "/data/ledger/verify.py", "/data/catalog.jsonld",
]  # fmt: skip
FEEDS = ["site", "corrections", "ledger", "actors/a", "groups/g"]


@pytest.mark.parametrize("address", [*PLAIN, *(f"/feeds/{name}.atom" for name in FEEDS)])
def test_what_has_no_such_parameter_names_it(client, address):
    response = client.get(f"{address}?platfrom=x")
    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (400, "*")
    assert response.content.decode() == "There is no parameter “platfrom”.\n"
    assert client.get(f"{address}?{'%00' * 99}=x").content.decode().count("\ufffd") == 60


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_has_a_language_and_passes_over_what_follows_readers(client, name):
    account = make_account("a")
    make_group("g", [account.actor])
    plain = client.get(f"/feeds/{name}.atom?lang=ru")
    followed = client.get(f"/feeds/{name}.atom?lang=ru&utm_source=mail&fbclid=1&gclid=2&yclid=3&v=4&_=5")
    assert (
        (followed.status_code, followed.content) == (plain.status_code, plain.content) == (200, plain.content)
    )
    wrong = client.get(f"/feeds/{name}.atom?lang=de")
    assert (wrong.status_code, wrong.content.decode()) == (
        400,
        "The parameter “lang” cannot be used: “de” is not one of the values known here.\n",
    )
