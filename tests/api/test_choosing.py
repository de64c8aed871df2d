"""Sorting, states, fields, CSV and NDJSON by Accept, and the headers that lead on."""

import csv
import io
import json
from datetime import date

import pytest

from apps.api.schema import document
from apps.registry.models import Account
from apps.snapshots.models import Snapshot
from tests.api.conftest import V1
from tests.builders import make_account, make_actor, make_snapshot

pytestmark = pytest.mark.django_db
LISTS = [
    f"{path.removeprefix(V1)}/"
    for path, methods in document()["paths"].items()
    if "get" in methods
    and any(one["name"] == "fields" for one in methods["get"]["parameters"])
    and "{" not in path
]


def parameter(path, name):
    told = document()["paths"][(V1 + path).rstrip("/")]["get"]["parameters"]
    return next((one["schema"] for one in told if one["name"] == name), None)


SORTED = [path for path in LISTS if parameter(path, "sort")]


def follow(client, address):
    """Return the rows of a list two at a time, by its Link headers."""
    rows = []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content
        rows += answer.json()["results"]
        links = dict(reversed(one.strip().split("; ")) for one in answer["Link"].split(","))
        address = links.get('rel="next"', "").strip("<>")
        assert len(rows) < 500, "pages without an end"
    return rows


def value_at(row, path):
    for name in path.split("."):
        row = row and row[name]
    return row


@pytest.mark.parametrize("path", SORTED)
def test_a_list_is_sorted_whole_whatever_the_page(client, reference, path):
    limited = f"{V1}{path}?limit=40"
    plain = sorted(map(json.dumps, follow(client, limited)))
    for sort in parameter(path, "sort")["enum"]:
        rows = follow(client, f"{limited}&sort={sort}")
        assert sorted(map(json.dumps, rows)) == plain
        values = [value_at(row, sort.removeprefix("-")) for row in rows]
        known = [value for value in values if value is not None]
        assert values[: len(known)] == known  # none of it last
        if sort.removeprefix("-") != "name":
            assert known == sorted(known, reverse=sort.startswith("-"))


def test_names_sort_as_the_alphabet_of_the_language(client, db):
    for name in ("Ягода", "Әлия", "Бота"):
        make_actor(name_kk=name)
    rows = client.get(f"{V1}actors/?lang=kk&sort=name").json()["results"]
    assert [row["name"] for row in rows] == ["Әлия", "Бота", "Ягода"]


def test_newest_snapshots_first_whatever_the_scope(client, db):
    accounts = [make_account(f"a{number}") for number in range(3)]
    for account in accounts:
        for day in (1, 2, 3):
            make_snapshot(account, date(2026, 11, day), 100 * day)
    for scope in (
        "",
        f"&actor={accounts[0].actor.slug}&actor={accounts[2].actor.slug}",
        f"&account={accounts[1].pk}",
    ):
        rows = follow(client, f"{V1}snapshots/?sort=-day&limit=2{scope}")
        plain = follow(client, f"{V1}snapshots/?limit=2{scope}")
        assert rows == sorted(plain, key=lambda row: (row["day"], row["account"]), reverse=True)


@pytest.mark.parametrize(
    ("address", "name", "value"),
    [
        ("actors/?sort=wikidata", "sort", "wikidata"),
        ("actors/?sort=--slug", "sort", "-slug"),
        ("trends/?sort=actor", "sort", "sort"),
        ("snapshots/?sort=followers", "sort", "followers"),
        ("actors/?fields=slug,salary", "fields", "salary"),
        ("actors/?fields=slug,,name", "fields", ""),
        ("snapshots/?fields=day&fields=span,salary", "fields", "salary"),
        ("snapshots/?state=dead", "state", "dead"),
        ("accounts/?state=counted", "state", "counted"),
        ("actors/?state=active", "state", "state"),
    ],
)
def test_what_is_not_known_is_refused_by_name(client, reference, address, name, value):
    answer = client.get(V1 + address)
    error = answer.json()["error"]
    assert (answer.status_code, list(error["fields"])) == (400, [name])
    assert value in error["message"]


def test_a_cursor_belongs_to_its_order(client, reference):
    onward = client.get(f"{V1}actors/?sort=slug&limit=1").json()["next"]
    assert client.get(onward).status_code == 200
    for other in ("sort=-slug", "sort=kind", ""):
        assert client.get(onward.replace("sort=slug", other)).status_code == 400


def test_states(client, db):
    account = make_account("a")
    make_snapshot(account, date(2026, 11, 1), 5)
    make_snapshot(account, date(2026, 11, 2), None, state="hidden")
    paused = make_account("b")
    Account.objects.filter(pk=paused.pk).update(state="paused")

    def days(query):
        return [row["day"] for row in client.get(f"{V1}snapshots/?{query}").json()["results"]]

    assert days("state=hidden") == days("state=hidden&sort=day") == ["2026-11-02"]
    assert days("state=hidden&state=counted") == ["2026-11-01", "2026-11-02"]
    assert [row["id"] for row in client.get(f"{V1}accounts/?state=paused").json()["results"]] == [paused.pk]
    standings = client.get(f"{V1}standings/?state=unknown&on=2026-11-02").json()
    assert [row["actor"] for row in standings["results"]] == [paused.actor.slug]


@pytest.mark.parametrize("path", LISTS)
def test_fields_are_those_asked_for_in_their_order(client, reference, path):
    names = parameter(path, "fields")["items"]["enum"][:3][::-1]
    whole = client.get(f"{V1}{path}?limit=3").json()["results"]
    rows = client.get(f"{V1}{path}?limit=3&fields={','.join(names)}").json()["results"]
    assert [list(row) for row in rows] == [names] * len(whole)
    assert rows == [{name: row[name] for name in names} for row in whole]


def test_fields_of_one(client, reference):
    assert client.get(f"{V1}actors/abenov/?fields=kind&fields=slug,kind").json() == {
        "kind": "blogger",
        "slug": "abenov",
    }
    assert client.get(f"{V1}actors/abenov/?fields=kind,slug").content == b'{"kind":"blogger","slug":"abenov"}'


@pytest.mark.parametrize("path", LISTS)
def test_csv_and_ndjson_hold_the_same_rows(client, reference, path):
    answer = client.get(f"{V1}{path}?limit=3")
    rows = answer.json()["results"]
    lines = client.get(f"{V1}{path}?limit=3", headers={"accept": "application/x-ndjson"})
    assert lines["Content-Type"].startswith("application/x-ndjson")
    assert [json.loads(line) for line in lines.content.splitlines()] == rows
    table = client.get(f"{V1}{path}?limit=3", headers={"accept": "text/csv"})
    assert table["Content-Type"] == "text/csv; charset=utf-8"
    read = list(csv.DictReader(io.StringIO(table.content.decode())))
    assert len(read) == len(rows)
    for line, row in zip(read, rows, strict=True):
        for head, cell in line.items():
            value = value_at(row, head)
            if value is None or type(value) in (str, int):
                assert cell == ("" if value is None else str(value))
    assert "Accept" in table["Vary"]
    assert len({one["ETag"] for one in (answer, lines, table)}) == 3
    assert table["Link"] == answer["Link"]


def test_the_columns_of_a_csv_do_not_hang_on_its_rows(client, reference):
    def head(query):
        return (
            client.get(f"{V1}standings/?{query}", headers={"accept": "text/csv"})
            .content.decode()
            .split("\n")[0]
        )

    assert head("limit=1") == head("platform=ok")
    assert head("fields=actor,reach") == "actor,reach.percent,reach.audience,reach.segment,reach.day,reach.span,reach.source,reach.locator,reach.bound"  # fmt: skip


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv, application/json;q=0.5", "text/csv"),
        ("application/json;q=0.5, */*;q=0.1", "application/json"),
        ("text/*", "text/csv"),
        ("*/*", "application/json"),
        ("text/html, application/x-ndjson;q=0.1", "application/x-ndjson"),
    ],
)
def test_accept_is_obeyed_with_its_weights(client, accept, kind):
    assert client.get(f"{V1}actors/", headers={"accept": accept})["Content-Type"].split(";")[0] == kind


def test_an_error_is_json_whatever_was_asked_for(client):
    answer = client.get(f"{V1}actors/?limit=0", headers={"accept": "text/csv"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/json")
    assert answer.json()["error"]["code"] == "bad_request"
    assert client.get(f"{V1}schema/", headers={"accept": "text/csv"}).status_code == 406


def test_how_much_is_left_is_told(client, settings):
    settings.API_RATES = {"ANONYMOUS": "3/minute;100/hour", "SIGNED_IN": "9/minute", "WRITES": "9/minute"}
    told = [client.get(f"{V1}groups/") for _ in range(4)]
    assert [one["RateLimit-Remaining"] for one in told] == ["2", "1", "0", "0"]
    assert [one.status_code for one in told] == [200, 200, 200, 429]
    for one in told:
        assert (one["RateLimit-Limit"], one["RateLimit-Policy"]) == ("3", "3;w=60, 100;w=3600")
        assert 0 < int(one["RateLimit-Reset"]) <= 60
        assert "RateLimit-Remaining" in one["Access-Control-Expose-Headers"]


def test_links_lead_to_the_first_page_the_next_and_the_document(client, reference):
    link = client.get(f"{V1}actors/?limit=1&sort=slug")["Link"]
    assert '<http://testserver/api/v1/actors/?limit=1&sort=slug>; rel="first"' in link
    assert '<http://testserver/api/v1/schema/>; rel="service-desc"' in link
    assert 'rel="next"' in link
    assert Snapshot.objects.exists()
    assert 'rel="next"' not in client.get(f"{V1}snapshots/?limit=1000")["Link"]
