"""docs/api.md and the page of the document say what is so; the examples run."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from apps.api.models import Scope
from apps.api.schema import FAILURES, document
from apps.api.sent import VERDICTS
from apps.snapshots.models import Snapshot

PLACE = Path(__file__).resolve().parents[2]
TEXT = (PLACE / "docs" / "api.md").read_text()


def test_every_address_error_and_verdict_is_told():
    told = TEXT.replace("SLUG", "{slug}").replace("ID/", "{id}/").replace("KEY", "{key}")
    for path in document()["paths"]:
        assert f"`{path.removeprefix('/api/v1').lstrip('/')}/`" in told or path == "/api/v1"
    for status, (_name, _text, code, _headers) in FAILURES.items():
        assert f"| {status} | `{code}` |" in TEXT
    for verdict in VERDICTS:
        assert f"| `{verdict}` |" in TEXT
    for scope in Scope:
        assert f"`{scope.value}`" in TEXT


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")
def test_the_examples_run(reference, key, live_server):
    """Each block of shell commands, against a running server."""
    blocks = [
        block.replace("http://localhost:8000", live_server.url)
        for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    ]
    account = Snapshot.objects.filter(account__platform="facebook").first().account_id
    answers = []
    for block in blocks:
        script = block.replace('"account": 1', f'"account": {account}')
        done = subprocess.run(  # noqa: S603 our own examples
            [shutil.which("bash"), "-euc", script], capture_output=True, text=True, timeout=20, check=True,
            env={"TOKEN": key, "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}, cwd=PLACE,
        )  # fmt: skip
        answers.append(done.stdout)
    assert len(blocks) == 5
    assert answers[0].count('"left_out"') == 2
    assert '"slug":"abenov"' in answers[0]
    assert answers[1].startswith("day,actor,followers\n2")
    assert '"followers": 64000' in answers[2]
    assert answers[3].strip() == "304"
    assert '"verdict":"new"' in answers[4]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_page_holds_every_address_and_runs_no_script_of_its_own(client, settings, language):
    assert client.get("/api/v1/docs/", headers={"accept-language": language}).url == f"/{language}/data/api/"
    page = client.get(f"/{language}/data/api/").content.decode()
    for path in document()["paths"]:
        assert f" {path}</code>" in page
    for shape in document()["components"]["schemas"]:
        assert f'id="shape-{shape}"' in page
    links = set(re.findall(r'href="#(shape-[^"]+)"', page))
    assert all(f'id="{link}"' in page for link in links)
    data = '<script type="application/ld+json">'  # for search engines; no browser runs it
    scripts = [
        script
        for script in re.findall(r"<script[^>]*>.*?</script>", page, re.S)
        if not script.startswith(data)
    ]
    assert all(
        re.fullmatch(r'<script src="/static/js/forms\.[\w.]*js" defer></script>', one) for one in scripts
    )
    assert "style=" not in page
    strange = [
        link
        for link in re.findall(r'(?:src|href)="([^"]+)"', page)
        if not link.startswith(("/", "#", "http://testserver/", settings.SITE_URL))
    ]
    assert strange == []


@pytest.mark.django_db
def test_the_data_page_leads_to_it(client):
    assert 'href="/en/data/api/"' in client.get("/en/data/").content.decode()
