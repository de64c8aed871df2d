"""An edition of a chart carries its rows, its picture, what describes it, and proofs that its counts were sealed."""

import io
import json
import zipfile
from datetime import date

import frictionless
import pytest

from apps.dashboard import freezing
from apps.figures import pictures
from apps.figures.pictures import NotDrawn
from apps.ledger.reads import newest_label
from apps.snapshots.models import Snapshot
from tests.ledger.conftest import record, seal
from tools import verify

pytestmark = pytest.mark.django_db
CHARTS = [
    ("compare", "actor=ministry&actor=blogger&platform=facebook"),
    ("actors/ministry", ""),
    ("standings", "platform=facebook&on=2026-01-03"),
]


@pytest.fixture(autouse=True)
def picture(monkeypatch):
    monkeypatch.setattr(pictures, "request_picture", lambda key, make: b"<svg/>")


def unpack(client, edition):
    answer = client.get(f"/export/editions/{edition.key}.zip")
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "*")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as whole:
        return {name: whole.read(name) for name in whole.namelist()}


@pytest.mark.parametrize(("path", "query"), CHARTS)
def test_it_carries_all_that_lets_it_be_checked(world, client, tmp_path, capsys, path, query):
    edition = freezing.freeze(path, query)
    files = unpack(client, edition)
    told = json.loads(files["proof.json"])
    assert told["ledger"] == edition.ledger == newest_label()
    assert len(told["proofs"]) > 1
    (tmp_path / "proof.json").write_bytes(files["proof.json"])
    assert verify.main(["--proof", str(tmp_path / "proof.json")]) == 0
    assert capsys.readouterr().out.count("Sealed in number 1-") == len(told["proofs"])
    for language in ("kk", "ru", "en"):
        assert files[f"picture-{language}.svg"] == b"<svg/>"
        assert json.loads(files["chart.json"])[language]["title"]
    assert f"Ledger {newest_label()}" in files["README.txt"].decode()
    assert newest_label() in files["citation.bib"].decode()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["message"])
    page = client.get(f"/en/editions/{edition.key}/").content.decode()
    assert f'href="/export/editions/{edition.key}.zip"' in page
    assert page.count(newest_label()) > 3


def test_what_is_not_sealed_or_was_changed_has_no_proof(world, client):
    record(world[0], date(2026, 1, 4), 1004)
    Snapshot.objects.filter(account=world[0], day=date(2026, 1, 2)).update(followers=7)
    edition = freezing.freeze("actors/ministry", "")
    lines = [one["line"] for one in json.loads(unpack(client, edition)["proof.json"])["proofs"]]
    days = {line.split("\t")[2] for line in lines}
    assert days == {"2017-01-01", "2026-01-01", "2026-01-03"}
    before = unpack(client, edition)
    seal("2026-01-05")
    assert freezing.freeze("actors/ministry", "").ledger != edition.ledger
    assert unpack(client, edition) == before  # an edition never changes


def test_a_proof_of_another_number_does_not_hold(world, client, tmp_path):
    told = json.loads(unpack(client, freezing.freeze("actors/ministry", ""))["proof.json"])
    told["proofs"][-1]["line"] = told["proofs"][-1]["line"].replace("1003", "1004").replace("39000", "39001")
    (tmp_path / "proof.json").write_text(json.dumps(told))
    assert verify.main(["--proof", str(tmp_path / "proof.json")]) == 1


def test_without_a_picture_it_says_where_one_is(world, client, monkeypatch):
    def refuse(key, make):
        raise NotDrawn("no_browser")

    monkeypatch.setattr(pictures, "request_picture", refuse)
    edition = freezing.freeze("actors/ministry", "")
    files = unpack(client, edition)
    assert not any(name.startswith("picture") for name in files)
    assert f"/picture/editions/{edition.key}.pdf" in files["README.txt"].decode()


def test_changed_bytes_are_not_packed(world, client):
    from tests.dashboard.test_editions import tamper

    edition = freezing.freeze("actors/ministry", "")
    tamper(data=b"x")
    assert client.get(f"/export/editions/{edition.key}.zip").status_code == 500
    assert client.get("/export/editions/nothing.zip").status_code == 404
