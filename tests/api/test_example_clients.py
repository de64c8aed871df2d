"""The clients that docs/clients offers read a live site to its end, and tell what it refuses."""

import csv
import importlib.util
import io
import shutil
import subprocess

import pytest
from django.conf import settings as django_settings

from apps.snapshots.models import Snapshot
from tests import reference

PLACE = django_settings.BASE_DIR / "docs" / "clients"
LONGEST = 60  # lines
PLENTY = dict.fromkeys(("ANONYMOUS", "SIGNED_IN", "WRITES"), "100000/minute")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(live_server, settings):
    settings.API_RATES = PLENTY
    reference.load()
    return live_server.url


@pytest.fixture
def client_module():
    described = importlib.util.spec_from_file_location("kzmedia_client", PLACE / "kzmedia_client.py")
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["kzmedia_client.py", "kzmedia_client.R"])
def test_they_are_short(name):
    lines = (PLACE / name).read_text().splitlines()
    assert len(lines) <= LONGEST
    assert max(map(len, lines)) <= 120
    assert name in (django_settings.BASE_DIR / "docs" / "api.md").read_text()


def test_python_reads_all_pages_and_single_rows(site, client_module):
    found = list(client_module.rows(site, "snapshots", limit=7, fields="account,day,followers"))
    wanted = Snapshot.objects.count()
    assert len(found) == len({(row["account"], row["day"]) for row in found}) == wanted > 40
    (then, now) = client_module.rows(site, "snapshots", actor=["abenov"], platform="facebook", sort="day")
    assert (then["followers"], now["followers"]) == (39_000, 64_000)
    assert client_module.row(site, "actors", "abenov")["slug"] == "abenov"
    table = client_module.get(f"{site}/api/v1/snapshots/?actor=abenov&platform=facebook", accept="text/csv")
    assert len(list(csv.DictReader(io.StringIO(table)))) == 2


def test_python_is_told_which_parameter_is_refused(site, client_module):
    with pytest.raises(client_module.Refused, match="sort"):
        list(client_module.rows(site, "snapshots", sort="beauty"))


def test_python_waits_as_long_as_it_is_asked_to(site, client_module, monkeypatch, settings):
    settings.API_RATES = dict.fromkeys(PLENTY, "1/minute")
    waited = []

    def sleep(seconds):
        waited.append(seconds)
        settings.API_RATES = PLENTY

    monkeypatch.setattr(client_module.time, "sleep", sleep)
    assert len(list(client_module.rows(site, "groups", limit=1))) > 1
    assert len(waited) == 1
    assert 0 < waited[0] <= 60


RSCRIPT = shutil.which("Rscript") or ""


def has_jsonlite() -> bool:
    words = [RSCRIPT, "-e", "library(jsonlite)"]
    return bool(RSCRIPT) and subprocess.run(words, capture_output=True, check=False).returncode == 0  # noqa: S603


@pytest.mark.skipif(not has_jsonlite(), reason="R with jsonlite is not here")
def test_r_reads_all_pages_and_stops_where_it_is_refused(site):
    def run(*words):
        return subprocess.run(  # noqa: S603
            [RSCRIPT, "--vanilla", PLACE / "kzmedia_client.R", site, *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    done = run("snapshots", "limit=20", "fields=account,day,followers,note")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert (done.returncode, len(rows)) == (0, Snapshot.objects.count()), done.stderr
    counts = {row["followers"] for row in rows}
    assert {
        str(one) for one in Snapshot.objects.exclude(followers=None).values_list("followers", flat=True)
    } == counts - {""}
    refused = run("snapshots", "sort=beauty")
    assert refused.returncode != 0
    assert "400" in refused.stderr
