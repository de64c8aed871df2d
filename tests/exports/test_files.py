"""The same rows as a workbook, a JSON document and a ZIP."""

import csv
import io
import json
import re
import zipfile
from datetime import date, datetime

import pytest
from frictionless import Package, validate
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from apps.exports import workbook
from apps.exports.columns import SNAPSHOTS, STANDINGS
from apps.registry.models import Account, Actor, Source
from apps.snapshots.models import Snapshot
from tests.builders import make_account, make_actor, make_snapshot, make_snapshots, make_source
from tests.exports.reading import body, get, rows

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
DAY = "2026-11-20"
FILES = [
    "snapshots.{}?",
    f"standings.{{}}?on={DAY}&since=2022&",
    f"trend.{{}}?to={DAY}&",
    f"trend.{{}}?to={DAY}&layout=wide&",
]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two():
    """Make an actor of a year, a month and days; another with a rounded count, and one that is gone."""
    book = make_source("book", "publication", title="A book", licence="CC BY 4.0")
    first = make_account(
        make_actor("abenov", "blogger", name_en="Abenov, “M”", name_ru="Абенов", name_kk="Әбенов")
    )
    make_snapshot(first, "2017", 39000, source=book, bound=">", locator="p. 7", note="more than; 39")
    make_snapshot(first, "2022-05", 64000, source=book)
    make_snapshots(
        first, {"2026-11-19": 64100, DAY: 64250}, observed_at=datetime.fromisoformat("2026-11-20T12:30:15Z")
    )
    make_snapshots(make_account("labor"), {"2022-05-01": 570, DAY: 500})
    make_snapshot(make_account("gone"), "2022")


def sheet(address, name="Data"):
    return CalamineWorkbook.from_filelike(io.BytesIO(body(address))).get_sheet_by_name(name).to_python()


def unpacked(address):
    with zipfile.ZipFile(io.BytesIO(body(address))) as bundle:
        assert bundle.testzip() is None
        return {name: bundle.read(name) for name in bundle.namelist()}


# The workbook


def test_numbers_are_numbers_and_dates_are_dates_in_a_workbook(two):
    header, year, month, *days = sheet("snapshots.xlsx?actor=abenov")
    assert header == [column.name for column in SNAPSHOTS]
    first = dict(zip(header, year, strict=True))
    assert (first["day"], first["span"], first["followers"]) == (date(2017, 1, 1), "year", 39000)
    assert (first["actor_name"], first["bound"], first["note"]) == ("Abenov, “M”", ">", "more than; 39")
    assert dict(zip(header, month, strict=True))["day"] == date(2022, 5, 1)
    newest = dict(zip(header, days[-1], strict=True))
    assert newest["observed_at"] == datetime(2026, 11, 20, 12, 30, 15)  # noqa: DTZ001 a sheet knows no zone
    assert isinstance(newest["followers"], float)


def test_a_year_is_shown_as_a_year_and_the_head_stays(two):
    content = zipfile.ZipFile(io.BytesIO(body("snapshots.xlsx?actor=abenov")))
    page, styles = content.read(workbook.SHEET).decode(), content.read("xl/styles.xml").decode()
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in page
    used = [int(number) for number in re.findall(r'<c r="A[2-5]" s="(\d)"', page)]
    shown = dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]+)"', styles))
    cells = re.findall(r'<xf numFmtId="(\d+)"', styles.partition("<cellXfs")[2])
    assert [shown[cells[number]] for number in used] == [
        "yyyy",
        "yyyy\\-mm",
        "yyyy\\-mm\\-dd",
        "yyyy\\-mm\\-dd",
    ] or [shown[cells[number]] for number in used] == ["yyyy", "yyyy-mm", "yyyy-mm-dd", "yyyy-mm-dd"]


@pytest.mark.parametrize("file", FILES)
def test_a_workbook_has_the_rows_of_the_csv(two, file):
    response, _content = get(file.format("xlsx"))
    plain = list(csv.reader(io.StringIO(body(file.format("csv")).decode())))
    page = sheet(file.format("xlsx"))
    if "layout=wide" in file:  # the sheet shows the first day of a year as the year
        plain = [plain[0], *([f"{row[0]}-01-01"[:10], *row[1:]] for row in plain[1:])]
    assert response.headers["X-Row-Count"] == str(len(page) - 1) == str(len(plain) - 1)
    assert [[as_text(cell) for cell in row] for row in page] == [
        [same(cell) for cell in row] for row in plain
    ]


def as_text(cell):
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return f"{cell:g}" if cell != int(cell) else str(int(cell))
    return f"{cell:%Y-%m-%dT%H:%M:%SZ}" if isinstance(cell, datetime) else str(cell)


def same(cell):
    return f"{float(cell):g}" if re.fullmatch(r"-?\d+\.\d+", cell) else cell


def test_a_sheet_that_would_be_cut_is_refused_beforehand(two, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 5)
    for method in ("get", "head"):
        response, _content = get("snapshots.xlsx", method=method)
        assert response.status_code == 400
        assert "X-Row-Count" not in response.headers
    assert get("snapshots.xlsx")[1].decode().startswith("A sheet of Excel holds 5 rows")
    assert len(sheet("snapshots.xlsx?actor=abenov")) == 5
    monkeypatch.setattr(workbook, "MOST_ROWS", int(get("snapshots.csv", method="head")[0]["X-Row-Count"]))
    assert get("snapshots.xlsx")[0].status_code == 200


def test_a_text_longer_than_a_cell_says_that_it_is_cut(two):
    Snapshot.objects.filter(note__startswith="more").update(note="<" * 40_000)
    (note,) = [row[-1] for row in sheet("snapshots.xlsx") if row[-1].startswith("<")]
    assert note == "<" * 16_000 + workbook.CUT
    assert workbook.text("<" * 16_000) == "<" * 16_000
    assert "<" * 40_000 in body("snapshots.csv").decode()


# No text of Unicode holds U+FFFE and U+FFFF; the reader here leaves what Excel writes for them as it is.
letters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffe\uffff")
spiky = st.sampled_from(
    [
        *FORMULA_STARTS,
        '"',
        "'",
        "\n",
        "_x0041_",
        "x0041_",
        "&lt;",
        "]]>",
        "http://a.b",
        "007",
        "\x01",
        " ",
        "Ә",
    ]
)


def texts(longest):
    short = st.one_of(st.text(letters, max_size=longest), st.lists(spiky, max_size=6).map("".join))
    return short.filter(lambda text: len(text) <= longest)


@given(
    slug=texts(80), name=texts(200), handle=texts(255), source=texts(60), locator=texts(200), note=texts(300)
)
@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_text_is_only_text_in_workbook_and_json(
    transactional_db, slug, name, handle, source, locator, note
):
    if not Snapshot.objects.exists():
        make_snapshot(make_account(), "2022", 1)
    Actor.objects.update(slug=slug, name_en=name)
    Account.objects.update(handle=handle)
    Source.objects.update(key=source)
    Snapshot.objects.update(locator=locator, note=note)
    written = {
        "actor_slug": slug, "actor_name": name, "handle": handle, "source": source, "locator": locator, "note": note
    }  # fmt: skip
    (told,) = json.loads(body("snapshots.json"))["rows"]
    assert {key: told[key] for key in written} == {key: text or None for key, text in written.items()}
    content = body("snapshots.xlsx")
    page = zipfile.ZipFile(io.BytesIO(content)).read(workbook.SHEET).decode()
    assert "<f>" not in page
    assert "<hyperlink" not in page
    header, row = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Data").to_python()
    found = dict(zip(header, row, strict=True))
    assert {key: found[key] for key in written} == written


# JSON


@pytest.mark.parametrize("file", FILES)
def test_json_has_the_rows_of_the_csv(two, file):
    told = json.loads(body(file.format("json")))
    plain = rows(file.format("csv"))
    as_csv = [
        {
            key: "" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell)
            for key, cell in row.items()
        }
        for row in told["rows"]
    ]
    assert as_csv == plain
    assert [column["name"] for column in told["metadata"]["columns"]] == list(plain[0])
    assert told["metadata"]["row_count"] == len(plain)


def test_json_keeps_kinds_and_tells_what_it_is(two):
    told = json.loads(body("snapshots.json?actor=abenov"))
    first = told["rows"][0]
    assert (first["followers"], first["observed_at"], first["account_id"]) == (
        39000,
        None,
        Account.objects.get(actor__slug="abenov").pk,
    )
    about = told["metadata"]
    assert about["chosen"] == {"actor": "abenov"}
    assert about["address"] == "http://testserver/export/snapshots.json?actor=abenov"
    assert {source["key"]: source["licence"] for source in about["sources"]} == {
        "book": "CC BY 4.0",
        "test-source": None,
    }
    (day, *_others) = about["columns"]
    assert day["type"] == "date"
    assert len({*day["description"].values()}) == 3
    standings = json.loads(body(f"standings.json?on={DAY}&since=2022"))
    assert [column["name"] for column in standings["metadata"]["columns"]] == [
        column.name for column in STANDINGS
    ]
    assert standings["rows"][0]["within_rounding"] is False


def test_json_of_nothing_is_whole():
    assert json.loads(body("snapshots.json"))["rows"] == []
    assert sheet("snapshots.xlsx") == [[column.name for column in SNAPSHOTS]]


# The ZIP


@pytest.mark.parametrize("file", FILES)
def test_a_bundle_is_a_valid_data_package(two, file, tmp_path):
    parts = unpacked(file.format("zip"))
    assert list(parts) == ["README.md", "metadata.json", "data.csv", "datapackage.json"]
    assert parts["data.csv"] == body(file.format("csv"))
    for name, content in parts.items():
        (tmp_path / name).write_bytes(content)
    report = validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])
    package = Package(str(tmp_path / "datapackage.json"))
    assert len(package.get_resource("data").read_rows()) == len(rows(file.format("csv")))
    (tmp_path / "data.csv").write_bytes(parts["data.csv"].replace(b"64250", b"64251"))
    assert not validate(str(tmp_path / "datapackage.json")).valid


def test_the_readme_says_what_when_how_to_cite_and_each_licence(two):
    parts = unpacked("snapshots.zip?platform=facebook&lang=en")
    readme = parts["README.md"].decode()
    address = "http://testserver/export/snapshots.zip?platform=facebook&lang=en"
    for said in ("All records (platform: facebook)", address, "http://testserver/en/method/", "Rows: 7",
                 "Licence: CC BY 4.0", "test-source: Source test-source. Licence: states none", "@misc{kzmedia-",
                 "- followers: Followers, subscribers or members"):  # fmt: skip
        assert said in readme
    about = json.loads(parts["metadata.json"])
    assert about["citation"]["en"] in readme
    assert {*about["citation"]} == {"kk", "ru", "en", "bibtex"}


@pytest.mark.parametrize("file", ["snapshots", "standings", "trend"])
def test_what_terms_forbid_is_left_out_and_every_file_says_so(file, settings):
    settings.YOUTUBE_TERMS, settings.X_TERMS = "approved", "standard"
    make_snapshot(make_account("secret", "x"), DAY, 5, source=make_source("api-x", title="X API"))
    make_snapshot(make_account("open", "x"), DAY, 7, source=make_source("book", "publication"))
    about = json.loads(body(f"{file}.json"))
    counts = [row["followers"] for row in about["rows"] if row["followers"]]
    assert counts == [7]
    assert [one["platform"] for one in about["metadata"]["left_out"]] == ["x"]
    assert "X API are shown but not given out" in about["metadata"]["left_out"][0]["why"]["en"]
    parts = unpacked(f"{file}.zip")
    assert "X API are shown but not given out" in parts["README.md"].decode()
    assert json.loads(parts["metadata.json"])["left_out"] == about["metadata"]["left_out"]
    assert any("X API are shown but not given out" in row[0] for row in sheet(f"{file}.xlsx", "About"))
    for ending in ("csv", "xlsx", "json", "zip"):
        assert get(f"{file}.{ending}")[0].headers["X-Left-Out"] == "x"


# All


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json", "zip"])
@pytest.mark.parametrize("table", ["snapshots", "standings", "trend"])
def test_names_and_headers(two, table, ending):
    response, _content = get(f"{table}.{ending}?platform=facebook")
    assert re.search(
        rf'filename="kzmedia-{table}-facebook-\d{{4}}-\d\d-\d\d\.{ending}"',
        response.headers["Content-Disposition"],
    )
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in response.headers
    assert int(response.headers["X-Row-Count"]) > 1


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json", "zip"])
@pytest.mark.parametrize("table", ["snapshots", "standings", "trend"])
def test_asking_again_costs_nothing_until_something_is_written(two, table, ending):
    first, _content = get(f"{table}.{ending}")
    tag = first.headers["ETag"]
    again, content = get(f"{table}.{ending}", **{"If-None-Match": tag})
    assert (again.status_code, content) == (304, b"")
    assert again.headers["ETag"] == tag
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    make_snapshot(make_account("new"), DAY, 5)
    after, _content = get(f"{table}.{ending}", **{"If-None-Match": tag})
    assert after.status_code == 200
    assert after.headers["ETag"] != tag


@pytest.mark.parametrize("ending", ["xlsx", "json", "zip"])
def test_only_the_csv_has_a_preset(ending):
    response, content = get(f"snapshots.{ending}?preset=excel")
    assert response.status_code == 400
    assert b"preset" in content
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("file", "newest"),
    [("standings.json?on=2026", "2022"), ("trend.json?to=2026", "2022"), ("snapshots.json", "2022")],
)
def test_a_file_of_numbers_of_2022_is_not_cited_with_today(file, newest):
    make_snapshots(make_account("a"), {"2017": 1, "2022": 2})
    told = json.loads(body(file))["metadata"]
    assert told["numbers_of"] == newest
    assert "Data as of 2022." in told["citation"]["en"]


def test_texts_that_come_with_a_wide_file_describe_that_file():
    make_snapshots(make_account(make_actor("a", name_en="A")), {"2022": 2, "2022-06-01": 3})
    with zipfile.ZipFile(io.BytesIO(body("trend.zip?layout=wide&to=2022"))) as bundle:
        readme = bundle.read("README.md").decode()
        package = json.loads(bundle.read("datapackage.json"))
        assert bundle.read("data.csv") == b"day,A\n2022,2\n2022-06-01,3\n"
    assert "only a bound is known" in readme
    assert "and span says so" not in readme
    day, line = package["resources"][0]["schema"]["fields"]
    assert (day["type"], line["type"]) == ("string", "integer")
    assert "2022-06" in day["description"]


def test_a_wide_workbook_shows_years_months_and_days_as_they_are():
    make_snapshots(make_account(make_actor("a", name_en="A")), {"2022": 2, "2022-06": 4, "2022-06-05": 3})
    content = body("trend.xlsx?layout=wide&to=2022")
    _head, *lines = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Data").to_python()
    assert [line[0] for line in lines] == [date(2022, 1, 1), date(2022, 6, 1), date(2022, 6, 5)]
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        styles = re.findall(r'<c r="A\d" s="(\d+)"', book.read("xl/worksheets/sheet1.xml").decode())
    assert len(set(styles[-3:])) == 3, "yyyy, yyyy-mm and yyyy-mm-dd"
