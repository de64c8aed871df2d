"""Whatever is read, drawn, cited or taken away bears the ledger's newest number, and may be read from other sites."""

import gzip
import io
import zipfile
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from apps.dashboard import freezing
from apps.figures import pictures
from apps.ledger import reads, sealing
from apps.registry.models import Account
from tests import reference
from tests.builders import make_snapshot

pytestmark = pytest.mark.django_db(transaction=True)
GROUP = "abenov-vs-agencies"
PAGES = (
    *(
        "",
        "standings/?platform=facebook&on=2022",
        "standings/?view=bars&platform=facebook&since=2017&on=2022",
    ),
    *(
        "groups/",
        f"groups/{GROUP}/",
        "actors/",
        "actors/abenov/",
        "compare/?actor=abenov&actor=ministry-defense",
    ),
    *(
        "context/",
        "context/events/",
        "check/",
        "corrections/",
        "corrections/ask/?actor=abenov",
        "data/",
        "data/ledger/",
    ),
    *("editions/", "search/?q=abenov", "method/", "status/", "data/api/", "accounts/login/"),
)
PACKED = ("zip", "xlsx")
FILES = (
    *(f"/export/{table}.{ending}" for table in ("snapshots", "standings") for ending in ("csv", "json", *PACKED, "parquet")),
    *(f"/export/trend.{ending}?group={GROUP}" for ending in ("csv", "json", *PACKED, "parquet")),
    *(f"/export/indicators.{ending}" for ending in ("csv", "json", *PACKED, "parquet")),
    *("/export/snapshots.csv?preset=excel&lang=ru", "/data/package.zip", "/data/ledger/ledger.txt.gz"),
)  # fmt: skip
TEXTS = (
    *("/feeds/site.atom", "/feeds/corrections.atom", "/feeds/ledger.atom", "/feeds/actors/abenov.atom"),
    *(f"/feeds/groups/{GROUP}.atom", "/data/catalog.jsonld", "/data/ledger/ledger.json"),
    *(
        f"/data/package/{name}"
        for name in ("datapackage.json", "CITATION.cff", "datacite.json", "datacite.xml")
    ),
)
OEMBED = (
    f"/en/groups/{GROUP}/",
    f"/embed/groups/{GROUP}",
    "/kk/actors/abenov/",
    "/ru/standings/?platform=facebook&on=2022",
)
CHARTS = (
    *(
        "overview",
        "standings?platform=facebook&on=2022",
        f"groups/{GROUP}",
        "actors/abenov",
        "actors/abenov/ranks",
    ),
    "compare?actor=abenov&actor=ministry-defense&platform=facebook",
)
API = (
    "actors",
    "accounts",
    "groups",
    "snapshots",
    "standings",
    "trends?actor=abenov",
    "events",
    "claims",
    "sources",
    *("corrections", "indicators", "indicators/population/values", "milestones", f"overtakes?group={GROUP}"),
    *("actors/abenov", f"groups/{GROUP}", "", "schema/"),
)


@pytest.fixture
def label(settings, tmp_path, monkeypatch):
    """The number of a site with the reference data."""
    monkeypatch.setattr(pictures, "request_picture", lambda key, make: b"<svg/>")
    reference.load()
    sealing.seal()
    return reads.newest_label()


def body(answer) -> bytes:
    return b"".join(answer) if answer.streaming else answer.content


def test_pages_and_frames_print_it(label, client):
    lacking = []
    for number, path in enumerate(PAGES):
        for language in ("kk", "ru", "en")[number % 3 :][:1]:
            answer = client.get(f"/{language}/{path}")
            assert answer.status_code == 200, path
            if label not in answer.content.decode():
                lacking.append(path)
    for chart in CHARTS:
        answer = client.get(f"/embed/{chart}")
        assert answer.status_code == 200, chart
        if label not in answer.content.decode():
            lacking.append(f"embed {chart}")
    assert lacking == []


def inside(path: str, content: bytes) -> bytes:
    """Return what a file says where it can say more than rows."""
    if path.partition("?")[0].endswith((".zip", ".xlsx")):
        with zipfile.ZipFile(io.BytesIO(content)) as whole:
            return b"".join(whole.read(name) for name in whole.namelist() if not name.startswith("data/"))
    return gzip.decompress(content) if path.endswith(".gz") else content


def test_files_feeds_and_rows_carry_it_and_answer_across_origins(label, client):
    lacking, shut = [], []
    described = [
        f"/oembed?{urlencode({'url': f'http://testserver{one}', 'format': form})}"
        for one in OEMBED
        for form in ("json", "xml")
    ]
    for path in (*FILES, *TEXTS, *described, *(f"/api/v1/{one}" for one in API)):
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.content[:200])
        content = inside(path, body(answer))
        is_bare = (
            "csv" in path or "/api/" in path or path.endswith(".gz")
        )  # nothing but rows: a header or the name says it
        told = f"{answer.headers.get('X-Ledger')} {answer.headers.get('Content-Disposition')}"
        if label not in (told if is_bare else content.decode(errors="replace")):
            lacking.append(path)
        if answer.headers.get("Access-Control-Allow-Origin") != "*":
            shut.append(path)
    assert (lacking, shut) == ([], [])


def test_pictures_tell_it(label, client):
    for chart in CHARTS:
        path, _mark, query = chart.partition("?")
        answer = client.get(f"/picture/{path}.json?{query}")
        assert answer.status_code == 200, (chart, answer.content)
        assert answer.json()["ledger"] == label, chart


def test_an_edition_and_its_citation_keep_that_of_their_day(label, client):
    edition = freezing.freeze(f"groups/{GROUP}", "")
    for path in (
        f"/en/editions/{edition.key}/",
        f"/export/editions/{edition.key}.csv",
        f"/export/editions/{edition.key}.zip",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        told = inside(path, body(answer)).decode(errors="replace")
        assert label in (answer.headers["X-Ledger"] if path.endswith(".csv") else told), path
    csv = f"/export/editions/{edition.key}.csv"
    etag = client.get(csv)["ETag"]
    again = client.get(csv, headers={"if-none-match": etag})
    assert (again.status_code, again["ETag"], "immutable" in again["Cache-Control"]) == (304, etag, True)
    sealing.seal(timezone.now() + timedelta(days=1))
    assert reads.newest_label() != label
    oembed = f"/oembed?{urlencode({'url': f'http://testserver/en/editions/{edition.key}/'})}"
    for path in (f"/embed/editions/{edition.key}", f"/picture/editions/{edition.key}.json", oembed):
        assert label in client.get(path).content.decode(), path
    label = reads.newest_label()
    assert client.get("/feeds/site.atom").content.decode().count(f"ledger {label}") == 1


@pytest.mark.parametrize("name", ["ledger.json", "ledger.txt.gz", "1.json", "1.txt.gz"])
def test_who_has_the_ledger_is_not_sent_it_again(label, client, name):
    first = client.get(f"/data/ledger/{name}")
    assert body(first)
    asked = {"if-none-match": first["ETag"]}
    again = client.get(f"/data/ledger/{name}", headers=asked)
    assert (again.status_code, again.content, again["ETag"], again["Cache-Control"]) == (
        304,
        b"",
        first["ETag"],
        first["Cache-Control"],
    )
    assert again["Access-Control-Allow-Origin"] == "*"
    make_snapshot(
        Account.objects.first(), "2015", 5, recorded_at=timezone.now()
    )  # the next night takes it in
    after = client.get(f"/data/ledger/{name}", headers=asked)
    assert after.status_code == (200 if name == "ledger.txt.gz" else 304)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/feeds/actors/nobody.atom",
            "/data/ledger/99.json",
            "/data/package/nothing",
            "/data/package-1999-01.zip",
        ),
        *("/export/editions/none.csv", "/export/editions/none.zip", "/export/snapshots.csv?platform=none"),
        *(
            "/picture/nothing.json",
            "/picture/overview.svg?width=1",
            "/oembed",
            "/api/v1/nothing",
            "/data/catalog.jsonld?a=1",
        ),
    ],
)
def test_pages_of_other_sites_can_read_what_is_wrong(client, db, path):
    answer = client.get(path)
    assert (answer.status_code in (400, 404), answer.headers.get("Access-Control-Allow-Origin")) == (
        True,
        "*",
    )
