"""What trusted collectors outside send: a verdict for each row, twice the same changes nothing, all or nothing."""

import json
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.api import writing
from apps.api.models import ApiToken
from apps.registry.models import Source
from apps.snapshots.models import Doubt, Snapshot
from tests.api.conftest import V1
from tests.builders import make_account, make_snapshot, make_source

pytestmark = pytest.mark.django_db

DAY = "2026-11-20"


@pytest.fixture
def account():
    return make_account("alice", "vk", handle="Alice", platform_id="-77")


def row(**fields):
    return {"platform": "vk", "handle": "alice", "day": DAY, "followers": 1000, "observed_at": f"{DAY}T13:00:00Z", **fields}  # fmt: skip


def rows_of(account):
    return list(account.snapshots.values_list("day", "followers", "state"))


def test_a_reading_is_recorded_under_the_token(account, send, get):
    assert send(row()) == ["new"]
    kept = account.snapshots.get()
    assert (kept.followers, kept.day, kept.observed_at) == (1000, date(2026, 11, 20), datetime(2026, 11, 20, 13, tzinfo=UTC))  # fmt: skip
    token = ApiToken.objects.get()
    assert kept.source.key == f"token-{token.prefix[4:]}"
    assert "Almaty office" in kept.source.title
    assert get("snapshots/")["results"][0]["source"] == kept.source.key


def test_the_same_again_changes_nothing(account, send):
    send(row(), row(day="2017-01-01", span="year", followers=5, observed_at=None, precision="printed"))
    before = list(Snapshot.objects.values())
    assert send(row(), row(day="2017-01-01", span="year", followers=5, observed_at=None, precision="printed")) == ["same", "same"]  # fmt: skip
    assert list(Snapshot.objects.values()) == before


@pytest.mark.parametrize(
    "named",
    [
        {"handle": "ALICE"},
        {"handle": None, "platform_id": "-77"},
        {"handle": None, "platform": None, "account": True},
    ],
)
def test_ways_to_name_an_account(account, send, named):
    fields = {name: account.pk if value is True else value for name, value in {**row(), **named}.items() if value is not None}  # fmt: skip
    assert send(fields) == ["new"]


def test_what_becomes_of_what_stands_already(account, send):
    send(row())
    later, earlier = f"{DAY}T15:00:00Z", f"{DAY}T10:00:00Z"
    assert send(row(followers=1100, observed_at=earlier)) == ["conflict"]
    assert send(row(followers=1200, observed_at=later)) == ["changed"]
    assert send(row(followers=1300, observed_at=None)) == ["conflict"]
    assert send(row(state="hidden", followers=None, observed_at=f"{DAY}T16:00:00Z")) == ["conflict"]
    assert rows_of(account) == [(date(2026, 11, 20), 1200, "counted")]


def test_an_editors_row_is_never_overwritten(account, send, collector):
    make_snapshot(account, DAY, 900, edited_by=collector, observed_at=datetime(2026, 11, 20, 9, tzinfo=UTC))
    assert send(row(), row(observed_at=None)) == ["conflict", "conflict"]
    assert rows_of(account) == [(date(2026, 11, 20), 900, "counted")]


def test_a_count_too_strange_waits_for_an_editor(account, send):
    make_snapshot(account, "2026-11-19", 100_000)
    assert send(row(followers=1000)) == ["held"]
    assert send(row(followers=1000)) == ["held"]
    assert Doubt.objects.count() == 1
    assert not account.snapshots.filter(day=DAY).exists()


BAD = {
    "account": row(handle="nobody"),
    "day": row(day="2099-01-01", observed_at=None),
    "observed_at": row(observed_at="2026-11-21T13:00:00Z"),
    "followers": row(followers=None),
    "source": row(source="nothing"),
}


def test_a_row_with_a_mistake_is_told_and_the_others_are_recorded(account, send):
    answer = [send(one) for one in BAD.values()]
    assert answer == [["error"]] * len(BAD)
    assert rows_of(account) == []
    assert send(BAD["account"], row(), BAD["day"]) == ["error", "new", "error"]


@pytest.mark.parametrize("field", BAD)
def test_the_reason_names_the_field(account, key, field):
    response = post(key, BAD[field])
    (told,) = response.json()["rows"]
    assert [reason["field"] for reason in told["reasons"]] == [field]
    assert told["reasons"][0]["message"].endswith(".")


def post(key, *rows, **more):
    return Client().post(
        f"{V1}snapshots/",
        json.dumps({"rows": list(rows), **more}),
        content_type="application/json",
        headers={"authorization": f"Bearer {key}"},
    )


SHAPELESS = [
    {"day": DAY, "state": "absent"}, {"day": "2022"}, {}, 5, None, {"day": DAY, "platform": "myspace"},
    {"day": DAY, "followers": -1}, {"day": DAY, "followers": 2**63}, {"day": DAY, "followers": 1.5},
    {"day": DAY, "handle": "a\0"}, {"day": DAY, "note": "\ud800"}, {"day": DAY, "likes": 5},
    {"day": DAY, "observed_at": "2026-11-20T13:00:00"}, {"day": DAY, "observed_at": "0001-01-01T00:00:00Z"},
    {"day": DAY, "account": 10**30}, {"day": DAY, "handle": ""}, {"day": DAY, "span": "week"},
]  # fmt: skip


@pytest.mark.parametrize("bad", SHAPELESS)
def test_a_body_of_the_wrong_shape_records_nothing(account, send, bad):
    error = send(row(), bad, status=400)["error"]
    assert all(name.startswith("rows.1") for name in error["fields"]), error
    assert rows_of(account) == []


@pytest.mark.parametrize(
    "body", [{"rows": []}, {}, {"rows": [{}] * 1001}, {"rows": 5}, {"rows": [row()], "x": 1}]
)
def test_a_body_is_a_list_of_at_most_a_thousand_rows(key, body):
    response = Client().post(
        f"{V1}snapshots/",
        json.dumps(body),
        content_type="application/json",
        headers={"authorization": f"Bearer {key}"},
    )
    assert response.status_code == 400


def test_trying_writes_nothing(account, send):
    assert send(row(), dry_run=True) == ["new"]
    assert rows_of(account) == []
    assert not Source.objects.filter(key__startswith="token-").exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_half_written(account, key, monkeypatch):
    """Readings are recorded first; when the printed figures after them break, they are gone too."""

    def broken(readings):
        raise RuntimeError("power cut")

    monkeypatch.setattr(writing, "publish", broken)
    with pytest.raises(RuntimeError):
        post(key, row(), row(day="2017-01-01", span="year", observed_at=None))
    assert rows_of(account) == []


def test_a_platforms_terms_travel_with_its_counts(send):
    account = make_account("bob", "x", handle="bob")
    sent = {"platform": "x", "handle": "bob", "day": DAY, "followers": 7, "observed_at": f"{DAY}T13:00:00Z"}
    assert send(sent) == ["error"]
    assert send(sent | {"source": "api-vk"}) == ["error"]
    assert send(sent | {"source": "api-x"}) == ["new"]
    kept = account.snapshots.get()
    assert kept.source.key == "api-x"
    assert "token-" in kept.note


def test_sources_that_no_program_may_name(account, send):
    make_source("manual", "manual"), make_source("token-other", "import")
    assert send(row(source="manual")) == send(row(source="token-other")) == ["error"]
    make_source("book", "publication")
    assert send(row(source="book")) == ["new"]


def test_somebody_signed_in_writes_as_an_editor(account, collector):
    client = Client()
    client.force_login(collector)
    sent = json.dumps({"rows": [row()]})
    response = client.post(f"{V1}snapshots/", sent, content_type="application/json")
    assert response.json()["rows"][0]["verdict"] == "new"
    kept = account.snapshots.get()
    assert (kept.source.key, kept.edited_by) == ("manual", collector)


def test_cost_does_not_grow(send, key):
    def cost(count):
        accounts = [make_account("", "vk") for _ in range(count)]
        sent = [row(handle=one.handle) for one in accounts]
        with CaptureQueriesContext(connection) as queries:
            assert send(*sent) == ["new"] * count
        return len(queries)

    make_source("x")
    cost(1)
    assert cost(1) == cost(30)
