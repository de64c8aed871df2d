"""What is answered: right numbers, none that may not be given out, pages without gaps, a cost that does not grow."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from apps.api.schema import document
from apps.context.models import Claim, Event, Indicator, IndicatorValue
from apps.registry.models import HandleChange, OldSlug
from apps.snapshots.models import Correction, Snapshot
from apps.standings.league import league
from apps.standings.types import Scope
from tests.api.conftest import V1
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_snapshots, make_source

pytestmark = pytest.mark.django_db

LISTS = [
    "actors/", "accounts/", "groups/", "snapshots/", "standings/?since=1y", "standings/?rows=accounts", "trends/",
    "overtakes/", "milestones/", "corrections/", "indicators/", "indicators/i/values/", "events/", "claims/", "sources/",
]  # fmt: skip


@pytest.fixture
def world(django_user_model):
    """Provide a little of everything."""

    def grow(first, count):
        editor, _ = django_user_model.objects.get_or_create(username="e")
        for number in range(first, first + count):
            account = make_account(f"a{number}", "vk", platform_id=f"-{number}")
            make_snapshots(account, {"2026-11-01": 100 + number, "2026-11-02": 300 - number, "2026-10": None})
            HandleChange.objects.create(
                account=account, old=f"o{number}", new="n", noticed_at=datetime.now(UTC)
            )
            Correction.objects.create(
                snapshot=Snapshot.objects.filter(account=account).first(),
                old={"state": "counted", "followers": 5, "bound": "=", "precision": "exact"},
                new={"state": "hidden", "followers": None, "bound": "=", "precision": "exact"},
                reason="r", by=editor, at=datetime.now(UTC),
            )  # fmt: skip
            group = make_group(f"g{number}", [account.actor], account.actor)
            group.source = make_source(f"s{number}")
            group.save()
            indicator, _ = Indicator.objects.get_or_create(key="i", defaults={"label_en": "I", "unit": "u"})
            IndicatorValue.objects.create(
                indicator=indicator, geo=f"G{number}", day="2022-01-01", value=5, source=make_source()
            )
            Indicator.objects.create(key=f"i{number}", label_en="I", unit="u")
            Event.objects.create(key=f"e{number}", starts="2019-01-01", title_en="E", source=make_source())
            Claim.objects.create(
                actor=account.actor, comparator=account.actor, platform="vk", relation="more",
                source=make_source(f"s{number}"),
            )  # fmt: skip

    grow(0, 2)
    return grow


@pytest.mark.parametrize("address", LISTS)
def test_cost_does_not_grow(client, world, address):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(V1 + address).status_code == 200
        return len(queries)

    cost()
    few = cost()
    world(2, 4)
    assert cost() == few <= 10


@pytest.mark.parametrize("address", LISTS)
def test_pages_of_one_row_make_the_whole(client, world, whole, address):
    world(2, 3)
    joined = address + ("&" if "?" in address else "?")
    everything = client.get(V1 + joined + "limit=50").json()
    assert everything["next"] is None
    assert len(everything["results"]) > 3
    assert whole(joined + "limit=1") == whole(joined + "limit=2") == everything["results"]


def shape_of(address):
    """Return the schema of the answer in the document of the interface."""
    path = (V1 + address.partition("?")[0].replace("indicators/i/", "indicators/{key}/")).rstrip("/")
    content = document()["paths"][path]["get"]["responses"]["200"]["content"]
    return content["application/json"]["schema"]["$ref"]


@pytest.mark.parametrize("address", LISTS)
def test_answers_hold_exactly_what_the_document_says(client, world, address):
    """Every field that is described is there, and no other."""
    answer = client.get(V1 + address).json()
    whole = Resource(contents=closed(document()), specification=DRAFT202012)
    registry = Registry().with_resource("urn:v1", whole)
    Draft202012Validator({"$ref": "urn:v1" + shape_of(address)}, registry=registry).validate(answer)


def closed(part):
    """Return the document with every shape closed to fields that it does not name."""
    if isinstance(part, list):
        return [closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    shut = {name: closed(one) for name, one in part.items()}
    if part.get("type") == "object" and "properties" in part:
        shut["additionalProperties"] = False
        shut["required"] = list(part["properties"])  # where no fields are chosen
    return shut


def test_the_published_table(reference, get):
    answer = get("standings/?group=abenov-vs-agencies&platform=facebook&on=2022&since=2017")
    assert (answer["on"], answer["since"], answer["counted"], answer["counted_then"]) == ("2022-12-31", "2017-12-31", 5, 6)  # fmt: skip
    assert answer["uncounted"] == {"absent": 1}
    assert answer["reference"] == "abenov"
    rows = {row["actor"]: row for row in answer["results"]}
    abenov = rows["abenov"]
    assert (abenov["rank"], abenov["rank_then"], abenov["rank_change"]) == (2, 1, -1)
    assert abenov["change"]["absolute"] == 25000
    assert abenov["change"]["percent"] == 64.1026
    assert (abenov["now"]["day"], abenov["now"]["span"], abenov["now"]["precision"]) == ("2022-01-01", "year", "printed")  # fmt: skip
    assert abenov["now"]["sources"] == ["koshkenov2022"]
    gone = rows["ministry-defense"]
    assert (gone["rank"], gone["now"]["state"], gone["now"]["followers"]) == (None, "absent", None)


def test_the_same_numbers_as_standings(world, get):
    found = league(Scope(platform="vk", publish=True), date(2026, 11, 5), date(2026, 11, 1))
    answer = get("standings/?platform=vk&on=2026-11-05&since=2026-11-01")
    told = [(row["rank"], row["actor"], row["now"]["followers"], row["gap"]) for row in answer["results"]]
    assert told == [(row.rank, row.actor_slug, row.now.followers, row.gap) for row in found.rows]
    assert answer["total"] == found.total


def test_snapshots_in_order_and_in_the_days_asked_for(world, get):
    rows = get("snapshots/?actor=a1&from=2026-11&to=2026-11-01")["results"]
    assert [(row["day"], row["followers"]) for row in rows] == [("2026-11-01", 101)]
    rows = get("snapshots/?actor=a0&actor=a1")["results"]
    places = [(row["account"], row["day"]) for row in rows]
    assert places == sorted(places)
    assert len(places) == 6
    absent = rows[0]
    assert (absent["day"], absent["span"], absent["state"], absent["followers"]) == ("2026-10-01", "month", "absent", None)  # fmt: skip


def test_one_account_of_snapshots(world, get):
    account = Snapshot.objects.order_by("-account_id").first().account_id
    rows = get(f"snapshots/?account={account}")["results"]
    assert {row["account"] for row in rows} == {account}


def test_an_earlier_slug_is_understood(world, get):
    OldSlug.objects.create(slug="before", actor=make_actor("after"))
    assert get("actors/before/")["slug"] == "after"


def test_hidden_actors_are_nowhere(world, client, get):
    hidden = make_account(make_actor("secret", hidden=True, name_en="Secret"), "vk")
    shown = make_account(make_actor("open", succeeds=hidden.actor), "vk")
    shown.actor.peers.add(hidden.actor)
    make_snapshots(hidden, {"2026-11-01": 5000, "2026-11-02": 1})
    make_snapshots(shown, {"2026-11-01": 50, "2026-11-02": 5001})
    make_group("both", [hidden.actor, shown.actor], hidden.actor)
    for address in LISTS:
        assert "secret" not in client.get(V1 + address).content.decode().lower(), address
    get("actors/secret/", 404)
    get(f"accounts/{hidden.pk}/", 404)
    get("snapshots/?actor=secret", 400)
    assert get(f"snapshots/?account={hidden.pk}")["results"] == []


@pytest.fixture
def bound(settings):
    """Provide one count from X's own interface, one from print; X's terms forbid to give the first one out."""
    settings.YOUTUBE_TERMS, settings.X_TERMS = "approved", "standard"
    read = make_account("read", "x")
    make_snapshots(read, {"2026-11-01": 50, "2026-11-02": 5001}, source=make_source("api-x"))
    other = make_account("other", "x")
    make_snapshots(other, {"2026-11-01": 100, "2026-11-02": 700}, source=make_source("book", "publication"))
    return read


def test_what_terms_forbid_is_left_out_and_said(bound, get, django_user_model):
    Correction.objects.create(
        snapshot=bound.snapshots.first(), old={"followers": 5}, new={}, reason="r",
        by=django_user_model.objects.create_user("e"), at=datetime.now(UTC),
    )  # fmt: skip
    for address in ("snapshots/", "standings/", "trends/", "overtakes/", "milestones/", "corrections/"):
        answer = get(address)
        assert answer["left_out"] == ["x"], address
        assert "5001" not in str(answer)
    assert {row["actor"] for row in get("snapshots/")["results"]} == {"other"}
    assert [row["actor"] for row in get("standings/?on=2026-11-05")["results"] if row["now"]] == ["other"]
    assert get("corrections/")["results"] == []


@pytest.mark.parametrize(("key", "overtakes"), [("api-x", 0), ("book", 1)])
def test_an_overtake_that_only_forbidden_counts_show_is_not_told(get, settings, key, overtakes):
    """Level when the period begins: that one was below before, only counts say that may not be given out."""
    settings.YOUTUBE_TERMS, settings.X_TERMS = "approved", "standard"
    one, other, book = (
        make_account("one", "x"),
        make_account("other", "x"),
        make_source("book", "publication"),
    )
    make_snapshots(one, {"2026-11-01": 50}, source=make_source(key))
    make_snapshots(one, {"2026-11-02": 100, "2026-11-03": 200}, source=book)
    make_snapshots(other, {"2026-11-01": 100, "2026-11-02": 100, "2026-11-03": 100}, source=book)
    found = get("overtakes/?from=2026-11-03")["results"]
    assert [row["winner"] for row in found] == ["one"] * overtakes


def test_events_that_touch_the_days(get):
    Event.objects.create(key="long", starts="2019-01-01", ends="2021-01-01", title_en="Long")
    Event.objects.create(key="short", starts="2019-06-01", title_en="Short")
    assert [row["key"] for row in get("events/?from=2020")["results"]] == ["long"]
    assert [row["key"] for row in get("events/?to=2019-02")["results"]] == ["long"]


def test_values_of_an_indicator(get):
    indicator = Indicator.objects.create(key="users", label_en="Users", unit="people")
    for geo, day in (("KZ", "2022-01-01"), ("World", "2021-01-01")):
        IndicatorValue.objects.create(indicator=indicator, geo=geo, day=day, value=5, source=make_source())
    assert [row["geo"] for row in get("indicators/users/values/")["results"]] == ["World", "KZ"]
    assert [row["geo"] for row in get("indicators/users/values/?geo=KZ")["results"]] == ["KZ"]
    get("indicators/nothing/values/", 404)


def test_names_in_the_language_asked_for(get):
    make_actor("a", name_kk="Қазақша")
    assert get("actors/a/?lang=kk")["name"] == "Қазақша"
    assert get("actors/a/")["name"] == "a en"


def test_rows_that_come_between_two_pages_shift_nothing(client, get):
    for slug in ("a", "b", "c"):
        make_snapshot(make_account(slug), "2026-11-01", 5)
    first = get("standings/?limit=1&on=2026-11-02")
    make_snapshot(make_account("aa"), "2026-11-01", 500)
    seen = [row["actor"] for row in first["results"]] + [
        row["actor"] for row in client.get(first["next"]).json()["results"]
    ]
    assert len(set(seen)) == len(seen)


def test_more_lines_than_a_chart_has(get, monkeypatch):
    monkeypatch.setattr("apps.api.forms.MOST_LINES", 1)
    make_account("a"), make_account("b")
    for address in ("trends/", "overtakes/", "milestones/"):
        assert "2" in get(address, 400)["error"]["fields"]["actor"][0]


def test_the_index_leads_everywhere(client, reference):
    lists = client.get("/api/v1/").json()["addresses"]
    documented = {
        f"{path}/"
        for path, ways in document()["paths"].items()
        if "{" not in path and path != "/api/v1" and "get" in ways
    }
    assert {f"/api/v1/{one['name']}/" for one in lists} == documented | {"/api/v1/schema/", "/api/v1/docs/"}
    assert {client.get(one["address"]).status_code for one in lists if one["name"] != "docs"} == {200}


@pytest.mark.parametrize("name", ["utm_source", "fbclid", "gclid", "yclid"])
def test_what_tells_where_a_reader_came_from_is_passed_over(client, name):
    assert client.get(f"/api/v1/standings/?{name}=x").status_code == 200
    assert client.get(f"/api/v1/standings/?{name}").status_code == 200
    answer = client.get("/api/v1/standings/?utmsource=x")
    assert (answer.status_code, "utmsource" in answer.content.decode()) == (400, True)
