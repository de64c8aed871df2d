"""One data package of everything, which its own description and other people's programs can check."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
import yaml
from frictionless import Package
from pyarrow import parquet

from apps.common import file_store
from apps.context.models import Claim, Event, Indicator, IndicatorValue
from apps.exports import package
from apps.registry.models import HandleChange, Succession
from tests.builders import make_account, make_actor, make_group, make_snapshot, make_source

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def world():
    source = make_source("book", "publication")
    actors = [make_actor("ministry", source=source), make_actor("blogger", kind="blogger"), make_actor("old")]
    account = make_account(actors[0], handle="ministry")
    make_snapshot(account, "2017", 39_000, source=source, bound=">", note="a, b")
    make_snapshot(account, "2022-05-01", 64_000, source=source)
    secret = make_account(make_actor("secret", hidden=True))
    make_snapshot(secret, "2022-05-01", 1, source=source)
    HandleChange.objects.create(
        account=account, old="a", new="ministry", noticed_at=datetime(2022, 1, 1, tzinfo=UTC)
    )
    make_group("bodies", actors[:2], reference=actors[1])
    Succession.objects.create(
        before=actors[2], after=actors[0], relation="renamed", day="2022-01-01", source=source
    )
    Event.objects.create(key="e", starts="2019-01-01", title_en="E", source=source)
    indicator = Indicator.objects.create(key="people", label_en="People", unit="people")
    IndicatorValue.objects.create(indicator=indicator, geo="KZ", day="2022-01-01", value="5.5", source=source)
    Claim.objects.create(
        actor=actors[1], comparator=actors[0], platform="facebook", relation="more", source=source
    )


def unpacked(folder):
    with zipfile.ZipFile(package.make()) as content:
        content.extractall(folder)
    return folder


def test_the_package_is_valid_with_keys_and_references(world, tmp_path):
    folder = unpacked(tmp_path / "package")
    report = Package(str(folder / "datapackage.json")).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "note"])
    told = json.loads((folder / "datapackage.json").read_text())
    counts = {one["name"]: one["row_count"] for one in told["resources"]}
    assert counts["snapshots"] == 2
    assert all(count > 0 for name, count in counts.items() if name != "corrections")
    for one in told["resources"]:
        assert parquet.read_table(folder / one["parquet"]).num_rows == one["row_count"]


def test_a_broken_reference_is_seen(world, tmp_path):
    folder = unpacked(tmp_path / "package")
    file = folder / "data" / "snapshots.csv"
    file.write_text(file.read_text().replace("book", "nowhere"))
    assert not Package(str(folder / "datapackage.json")).validate().valid


def test_hidden_actors_are_in_no_table(world, tmp_path):
    for file in (unpacked(tmp_path / "package") / "data").glob("*.csv"):
        assert "secret" not in file.read_text(), file.name


def test_the_snapshots_are_those_of_the_export(world, client):
    with zipfile.ZipFile(package.make()) as content:
        own = content.read("data/snapshots.csv")
    assert own == b"".join(client.get("/export/snapshots.csv").streaming_content)


def test_without_a_licence_it_says_so(world, settings):
    settings.DATA_LICENSE = ""
    told = package.descriptor([], datetime.now(UTC).date(), "")
    assert "licenses" not in told
    assert "has not chosen a licence" in told["licence_note"]


@pytest.mark.parametrize("licence", ["CC-BY-4.0", "CC0-1.0"])
def test_the_chosen_licence_is_everywhere(settings, licence):
    settings.DATA_LICENSE = licence
    day = datetime(2026, 12, 1, tzinfo=UTC).date()
    assert package.descriptor([], day, "")["licenses"][0]["name"] == licence
    cited = yaml.safe_load(package.citation(day, "1-abc"))
    assert (cited["license"], cited["cff-version"], cited["type"]) == (licence, "1.2.0", "dataset")
    told = package.datacite(day, "1-abc")
    assert told["rightsList"][0]["rightsIdentifier"] == licence
    root = ElementTree.fromstring(package.datacite_xml(told))  # noqa: S314 our own
    assert root.find(".//{*}rights").get("rightsIdentifier") == licence
    assert root.findtext("{*}publicationYear") == "2026"


def test_a_month_keeps_its_first(world, client):
    day = datetime(2026, 12, 1, tzinfo=UTC).date()
    package.make(day)
    first = file_store.place_of(package.of_month("2026-12")).read_bytes()
    make_actor("later")
    package.make(day.replace(day=2))
    assert file_store.place_of(package.of_month("2026-12")).read_bytes() == first
    assert (package.place() / package.NAME).read_bytes() != first
    assert client.get("/data/package-2026-12.zip").getvalue() == first
    assert client.get("/data/package-2025-12.zip").status_code == 404


def test_it_has_one_address_and_is_made_where_there_is_none(world, client):
    content = b"".join(client.get("/data/package.zip").streaming_content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        actors = list(csv.DictReader(io.StringIO(archive.read("data/actors.csv").decode())))
    assert [row["slug"] for row in actors] == ["blogger", "ministry", "old"]
    for name in ("datapackage.json", "CITATION.cff", "datacite.json", "datacite.xml"):
        assert client.get(f"/data/package/{name}").status_code == 200
    assert client.get("/data/package/README.md").status_code == 404


@pytest.mark.parametrize("name", ["package.zip", "package/datapackage.json", "package/CITATION.cff"])
def test_who_has_the_package_of_today_is_not_sent_it_again(client, world, name):
    first = client.get(f"/data/{name}")
    assert b"".join(first)
    for asked in ({"if-none-match": first["ETag"]}, {"if-modified-since": first["Last-Modified"]}):
        again = client.get(f"/data/{name}", headers=asked)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        assert again["Access-Control-Allow-Origin"] == "*"
    assert b"".join(client.get(f"/data/{name}", headers={"if-none-match": '"another"'}))
