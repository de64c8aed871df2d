"""Editions: the same bytes whatever becomes of the live data; and a journalist's path from page to numbers."""

import csv
import gzip
import hashlib
import io
import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError
from django.test import Client

from apps.common import rates
from apps.dashboard import freezing
from apps.dashboard.management.commands import freeze
from apps.exports import editions, tasks
from apps.exports.models import Edition
from apps.registry.models import Membership
from apps.snapshots.models import Bound, Precision, Snapshot, State
from apps.snapshots.recording import correct
from tests.builders import make_account, make_actor, make_snapshot, make_snapshots, make_source

pytestmark = pytest.mark.django_db

ADDRESS = "/en/compare/?actor=abenov&actor=president&platform=facebook"


@pytest.fixture
def dataset_place(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return tmp_path / "editions"


def frozen(client, path="compare", query="actor=abenov&actor=president&platform=facebook"):
    """Return the address of a new edition, made by the button."""
    response = client.post("/en/editions/freeze/", {"path": path, "query": query})
    assert response.status_code == 302, response.content
    return response["Location"]


def bytes_of(client, address):
    """Return everything that an edition gives out."""
    key = address.strip("/").rpartition("/")[2]
    page = client.get(address).content
    # signed-in readers have a token in the page, everybody has the day of the last update at its foot
    page = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"|Last update: [^<]+', b"", page)
    frame = client.get(f"/embed/editions/{key}?lang=kk").content
    return page, frame, client.get(f"/export/editions/{key}.csv").content


def wide(client, page):
    """Return the wide CSV that a page links to, as rows."""
    address = unescape(re.search(r'href="(/export/trend\.csv\?[^"]*layout=wide[^"]*)"', page)[1])
    return list(csv.DictReader(io.StringIO(client.get(address).content.decode())))


def drawn(page):
    """Return what the chart of a page draws: name, year and count."""
    found = re.search(r'<script id="\w+-figure-data" type="application/json">(.*?)</script>', page, re.DOTALL)
    figure = json.loads(found[1])
    return {
        (name, day[:4], value)
        for trace in figure["data"]
        for day, value, said in zip(trace["x"], trace["y"], trace.get("hovertext", ()), strict=False)
        for name in ("Abenov", "President")
        if value is not None and name in said
    }


def test_a_journalist_gets_from_the_page_to_the_numbers_and_they_hold(client, table2, django_user_model):
    page = client.get(ADDRESS, follow=True).content.decode()
    rows = wide(client, page)
    assert [row["day"] for row in rows] == ["2017", "2022"]
    in_file = {
        (name, row["day"][:4], int(value))
        for row in rows
        for name, value in row.items()
        if name != "day" and value
    }
    assert in_file == {("Abenov", "2017", 39000), ("Abenov", "2022", 64000), ("President", "2017", 31000), ("President", "2022", 76000)}  # fmt: skip
    assert drawn(page) == in_file

    officer = django_user_model.objects.create_user("officer")
    Membership.objects.create(user=officer, actor=table2.members.first())
    signed_in = Client()
    signed_in.force_login(officer)
    address = frozen(signed_in)
    before = bytes_of(client, address)
    snapshot = Snapshot.objects.get(followers=39000)
    correct(
        snapshot,
        state=State.COUNTED,
        followers=39500,
        bound=Bound.EXACTLY,
        precision=Precision.PRINTED,
        reason="misread",
        by=officer,
    )
    live = client.get(ADDRESS, follow=True).content.decode()
    assert "39500" in str(wide(client, live))
    assert bytes_of(client, address) == before
    assert b"39000" in before[2]
    assert b"39500" not in before[2]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("compare", "view=share"), ("overview", ""), ("groups/abenov-vs-agencies", "view=line"),
        ("standings", "platform=facebook&since=2017"), ("standings", "view=bump"), ("actors/abenov", ""), ("actors/abenov/ranks", ""),
    ],
)  # fmt: skip
def test_every_chart_can_be_frozen(client, table2, path, query):
    made = freezing.freeze(path, query)
    content = client.get(f"/export/editions/{made.key}.csv")
    assert hashlib.sha256(content.content).hexdigest() == made.checksum == content["X-SHA256"]
    assert content.content.count(b"\n") - 1 == made.row_count == int(content["X-Row-Count"]) > 0
    assert "immutable" in content["Cache-Control"]
    for language in ("kk", "ru", "en"):
        page = client.get(f"/{language}/editions/{made.key}/").content.decode()
        assert made.checksum in page
        assert "@misc{" in page
        assert page.count(f"/editions/{made.key}/") >= 4  # cited in three languages and BibTeX
        assert client.get(f"/embed/editions/{made.key}?lang={language}").status_code == 200
    assert client.get(f"/embed/{path}?edition={made.key}").status_code == 200
    other = "overview" if path != "overview" else "compare"
    assert client.get(f"/embed/{other}?edition={made.key}").status_code == 404


def test_the_same_chart_is_frozen_once(client, table2):
    one = freezing.freeze("compare", "view=followers&utm_source=x")
    assert freezing.freeze("compare", "").pk == one.pk
    make_snapshot(table2.members.first().accounts.get(), "2025", 5)
    assert freezing.freeze("compare", "").pk != one.pk


def test_the_database_refuses_to_change_or_remove(table2):
    made = freezing.freeze("compare", "")
    for attempt in (
        lambda: Edition.objects.update(data=b"x"),
        lambda: Edition.objects.filter(pk=made.pk).delete(),
        lambda: made.save(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    assert editions.verify(Edition.objects.get())


def tamper(**columns):
    """Change an edition as somebody might who has the database in his hands."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE exports_edition DISABLE TRIGGER exports_final")
        Edition.objects.update(**columns)
        cursor.execute("ALTER TABLE exports_edition ENABLE TRIGGER exports_final")


@pytest.mark.parametrize("column", ["data", "content"])
def test_tampering_is_noticed(client, table2, column):
    made = freezing.freeze("compare", "")
    call_command("freeze", "--verify", stdout=io.StringIO())
    was = gzip.decompress(bytes(getattr(made, column)))
    tamper(**{column: gzip.compress(was.replace(b"39000", b"93000"))})
    assert not editions.verify(Edition.objects.get())
    with pytest.raises(CommandError, match="1 of the editions"):
        call_command("freeze", "--verify", stdout=io.StringIO())
    page = client.get(f"/en/editions/{made.key}/").content.decode()
    assert "the checksum does not match" in page
    shown = re.sub(r"<[^>]+>", "", page.partition("<main")[2].partition("SHA-256")[0])
    assert "93" not in shown.replace(made.key, "")  # which may hold any digits
    if column == "data":
        assert client.get(f"/export/editions/{made.key}.csv").status_code == 500
    else:
        assert client.get(f"/embed/editions/{made.key}").status_code == 404
    tamper(**{column: b"no gzip"})
    assert client.get(f"/en/editions/{made.key}/").status_code == 200


@pytest.mark.parametrize(("youtube", "stays"), [("30d", False), ("approved", False), ("", False)])
def test_what_may_not_be_kept_or_given_out_is_in_no_edition(
    client, settings, dataset_place, youtube, stays, transactional_db
):
    """Neither what may not be given out (X), nor what may be kept for some time only (YouTube, whatever was chosen)."""
    settings.YOUTUBE_TERMS, settings.X_TERMS = youtube, "standard"
    for platform, followers in (("youtube", 777_123), ("x", 777_456)):
        source = make_source(f"api-{platform}")
        make_snapshot(
            make_account(make_actor(f"of-{platform}"), platform), "2026-11-20", followers, source=source
        )
    account = make_account(make_actor("printed"), "youtube")
    make_snapshot(account, "2026-11-20", 777_789, source=make_source("book", "publication"))
    made = freezing.freeze("compare", "actor=of-youtube&actor=of-x&actor=printed")
    rows = editions.csv(made).decode()
    kept = str(editions.content(made))
    for text in (rows, kept.replace("\xa0", "").replace(",", "")):
        assert ("777123" in text) is stays
        assert "777456" not in text
        assert "777789" in text
    assert made.left_out == ["x", "youtube"]
    assert "forbid to give out or to keep" in client.get(f"/en/editions/{made.key}/").content.decode()
    whole = editions.freeze_dataset()
    content = gzip.decompress((dataset_place / whole.file).read_bytes()).decode()
    assert ("777123" in content, "777456" in content, "777789" in content) == (stays, False, True)
    response = client.get(f"/export/editions/{whole.key}.csv.gz")
    assert response.getvalue() == (dataset_place / whole.file).read_bytes()
    assert response["X-Left-Out"] == "x, youtube"


@pytest.mark.django_db(transaction=True)
def test_the_dataset_is_frozen_once_a_month(client, table2, dataset_place):
    tasks.freeze_dataset()
    made = Edition.objects.get()
    assert made.key == f"{datetime.now(UTC) + timedelta(hours=5):%Y-%m}-dataset"
    response = client.get(f"/export/editions/{made.key}.csv.gz")
    packed = response.getvalue()
    content = gzip.decompress(packed)
    assert hashlib.sha256(content).hexdigest() == made.checksum
    assert content == client.get("/export/snapshots.csv").getvalue()
    assert made.row_count == Snapshot.objects.count()
    Snapshot.objects.filter(followers=39000).update(followers=1)
    tasks.freeze_dataset()
    assert Edition.objects.count() == 1
    assert client.get(f"/export/editions/{made.key}.csv.gz").getvalue() == packed
    later = editions.freeze_dataset(made.made_at + timedelta(days=40))
    assert later.checksum != made.checksum
    for page in ("/kk/editions/", "/ru/data/"):
        assert made.key in client.get(page).content.decode()
    (dataset_place / made.file).write_bytes(gzip.compress(content.replace(b"39000", b"39001")))
    assert not editions.verify(made)
    (dataset_place / made.file).unlink()
    assert client.get(f"/export/editions/{made.key}.csv.gz").status_code == 503
    assert "does not match" in client.get(f"/en/editions/{made.key}/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_freezing_everything_says_how_far_it_is(monkeypatch, dataset_place):
    make_snapshots(make_account("a"), {"2017": 1, "2022": 2})
    monkeypatch.setattr(freeze, "SECONDS", 0)
    said, done = io.StringIO(), io.StringIO()
    call_command("freeze", "--dataset", stderr=said, stdout=done)
    assert said.getvalue().splitlines()[-1] == "2 rows so far"
    assert ": 2 rows, " in done.getvalue()


def test_who_works_for_a_body_may_freeze_so_often_a_day(client, table2, django_user_model, monkeypatch):
    officer = django_user_model.objects.create_user("officer")
    client.force_login(officer)
    Membership.objects.create(user=officer, actor=table2.members.first())
    monkeypatch.setattr(freezing, "A_DAY", 1)
    assert client.post("/en/editions/freeze/", {"path": "actors/nobody", "query": ""}).status_code == 404
    assert client.get(frozen(client, "compare", "")).status_code == 200
    assert frozen(client, "compare", "view=gap") == "/en/editions/"
    assert Edition.objects.count() == 1


def test_every_reader_may_freeze_what_is_seen_within_limits(client, table2, monkeypatch, settings):
    settings.PAGE_RATES = {**settings.PAGE_RATES, "FREEZE": "2/day"}
    waits = iter([0, 0, 5])
    asked = []
    monkeypatch.setattr(rates, "seconds_to_wait", lambda *given: asked.append(given) or next(waits))
    page = client.get(ADDRESS).content.decode()
    link = unescape(re.search(r'href="(/en/editions/freeze/\?[^"]*)" rel="nofollow"', page)[1])
    assert 'name="path" value="compare"' in client.get(link).content.decode()
    assert not Edition.objects.exists()  # a link that is followed makes none
    assert client.get(frozen(client)).status_code == 200
    assert Edition.objects.get().made_by == freezing.READER
    monkeypatch.setattr(freezing, "READERS_A_DAY", 1)
    for _ in range(2):  # all readers together have had theirs; then this network
        refused = client.post("/en/editions/freeze/", {"path": "compare", "query": "view=gap"})
        assert refused.status_code == 429
        assert "Please try again tomorrow" in refused.content.decode()
        monkeypatch.setattr(freezing, "READERS_A_DAY", 9)
    assert asked == [("2/day", "freeze", "127.0.0.0/24")] * 3
    assert Edition.objects.count() == 1


def test_the_list_costs_the_same_however_long(client, table2, count_queries):
    freezing.freeze("compare", "")
    few = count_queries("/en/editions/")
    for view in ("change", "percent", "index", "gap"):
        freezing.freeze("compare", f"view={view}")
    assert count_queries("/en/editions/") == few
    assert client.get("/en/editions/none/").status_code == 404
    assert client.get("/export/editions/none.csv").status_code == 404


def test_the_command_freezes_what_an_address_shows(client, table2):
    said = io.StringIO()
    for address in (ADDRESS, "/kk/compare/?actor=abenov&actor=president&platform=facebook", "/embed/compare?actor=abenov&actor=president&platform=facebook&lang=ru"):  # fmt: skip
        call_command("freeze", address, stdout=said)
    assert len(set(said.getvalue().splitlines())) == 1
    with pytest.raises(CommandError, match="no chart"):
        call_command("freeze", "/en/method/")


def test_editions_cannot_be_emptied(db):
    with (
        pytest.raises(DatabaseError, match="never emptied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE exports_edition")
