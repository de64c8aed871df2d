"""What others' programs say of the documents that others read: nothing. `make setup-dev` installs them, as far as they can be had."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from django.conf import settings
from django.utils import timezone

from apps.api.schema import document
from apps.exports import package
from tests import reference
from tests.runtime.processes import clean_env

PACKAGES = settings.BASE_DIR / ".venv-validators"
NODE = settings.BASE_DIR / "tools" / "validators"
with_packages = pytest.mark.skipif(
    not PACKAGES.is_dir(),
    reason="requirements-validators.txt is not installed: `make setup-dev` does it where PyPI is reached",
)
with_node = pytest.mark.skipif(
    not (NODE / "node_modules").is_dir() or not shutil.which("node"),
    reason="Redocly and Spectral are not installed: `make setup-dev` does it where npm is and its registry is reached",
)


def run(*words, path="", folder=settings.BASE_DIR):
    env = clean_env(
        PYTHONPATH=f"{path}:{PACKAGES}:{settings.BASE_DIR}",
        SPECTRAL_DISABLE_UPDATE_CHECK="1",
        REDOCLY_TELEMETRY="off",
    )
    done = subprocess.run(  # noqa: S603 our own words
        words, env=env, cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def openapi(tmp_path_factory):
    file = tmp_path_factory.mktemp("document") / "openapi.json"
    file.write_text(json.dumps(document()))
    return file


@with_node
@pytest.mark.parametrize(
    "words",
    [
        ("node_modules/.bin/redocly", "lint", "--format=stylish"),
        ("node_modules/.bin/spectral", "lint", "--ruleset", "spectral.json", "--fail-severity", "warn"),
    ],
    ids=["redocly", "spectral"],
)
def test_the_document_of_the_interface_is_as_they_want_it(openapi, words):
    code, told = run("node", *words, str(openapi), folder=NODE)
    assert code == 0, told


@with_node
def test_they_would_see_a_fault(openapi, tmp_path):
    broken = json.loads(openapi.read_text())
    broken["paths"]["/api/v1/actors"]["get"]["parameters"][0]["in"] = "nowhere"
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(broken))
    assert run("node", "node_modules/.bin/redocly", "lint", str(file), folder=NODE)[0] == 1


PAGES = ("actors/abenov/",)
BROKEN = {
    "broken.cff": "cff-version: 1.2.0\ntitle: x\n",
    "datacite-broken.json": '{"titles": []}',
    "datacite-broken.xml": '<resource xmlns="http://datacite.org/schema/kernel-4"><titles/></resource>',
    "broken.jsonld": '{"@graph": [{"@type": "Dataset", "name": "x", "followers": 5}]}',
}


@with_packages
@pytest.mark.django_db
def test_citation_datacite_and_linked_data_are_valid_and_a_fault_is_named(client, tmp_path, settings):
    reference.load()
    day = timezone.localdate()
    for licence in ("", "CC-BY-4.0"):
        settings.DATA_LICENSE = licence
        (tmp_path / f"CITATION{licence}.cff").write_text(package.citation(day, "12-1a2b3c4d5e6f"))
        described = package.datacite(day, "12-1a2b3c4d5e6f")
        (tmp_path / f"datacite{licence}.json").write_text(json.dumps(described))
        (tmp_path / f"datacite{licence}.xml").write_bytes(package.datacite_xml(described))
        for number, page in enumerate(PAGES):
            content = client.get(f"/ru/{page}").content.decode()
            (told,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', content, re.DOTALL)
            (tmp_path / f"page{number}{licence}.jsonld").write_text(told)
    for name, content in BROKEN.items():
        (tmp_path / name).write_text(content)
    code, told = run(sys.executable, "-m", "tests.validating", str(tmp_path))
    named = {line.partition(": ")[0] for line in told.splitlines() if re.match(r"\S+\.\w+: ", line)}
    assert (code, named) == (0, set(BROKEN)), told


@with_packages
@pytest.mark.django_db(transaction=True)
def test_a_client_that_is_made_from_the_document_walks_everything(openapi, tmp_path, live_server, settings):
    settings.API_RATES = dict.fromkeys(("ANONYMOUS", "SIGNED_IN", "WRITES"), "100000/minute")
    reference.load()
    choices = tmp_path / "choices.yaml"
    choices.write_text("post_hooks: []\n")
    code, told = run(
        sys.executable, "-m", "openapi_python_client", "generate", "--path", str(openapi), "--config", str(choices),
        "--meta", "none", "--output-path", str(tmp_path / "kzclient"),
    )  # fmt: skip
    assert code == 0, told
    assert "WARNING" not in told
    code, told = run(sys.executable, "-m", "tests.client_walk", live_server.url, path=tmp_path)
    assert code == 0, told
    counts = json.loads(told)
    reading = [methods["get"]["operationId"] for methods in document()["paths"].values() if "get" in methods]
    assert len(counts) == len(reading)
    assert counts["snapshots_list"] > 40
    assert counts["actors_list"] > 50
    assert all(count > 0 for name, count in counts.items() if name != "corrections_list"), counts
