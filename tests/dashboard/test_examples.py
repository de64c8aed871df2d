"""The examples of the data page do what they say, against a server that answers."""

import csv
import html
import io
import re
import shutil
import subprocess
import urllib.error
import urllib.request

import pytest

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def examples(live_server, table2):
    """Provide the code of each example by its heading, with the running server's own address in it."""
    with urllib.request.urlopen(f"{live_server.url}/en/data/") as answer:  # noqa: S310 our own server
        page = answer.read().decode()
    found = re.findall(r"<h3>([^<]+)</h3>(?:(?!<h3>).)*?<pre><code>(.*?)</code></pre>", page, re.DOTALL)
    return {title: html.unescape(code) for title, code in found}


def read(address):
    with urllib.request.urlopen(address) as answer:  # noqa: S310 our own server
        return list(csv.DictReader(io.StringIO(answer.read().decode(), newline="")))


def test_python_without_anything_installed(examples, capsys):
    made = {}
    exec(examples["Python, nothing installed"], made)  # noqa: S102 the page's own words
    assert made["snapshots"] == read(
        re.search(r'urlopen\("([^"]+)"', examples["Python, nothing installed"])[1]
    )
    assert capsys.readouterr().out == "8 Abenov 64000\n"


def test_pandas(examples):
    code = compile(examples["Python, pandas"], "pandas", "exec")
    pytest.importorskip("pandas")
    made = {}
    exec(code, made)  # noqa: S102 the page's own words
    assert len(made["snapshots"]) == 8


def test_r(examples, tmp_path):
    assert examples["R"].startswith("snapshots <- read.csv(")
    if not (binary := shutil.which("Rscript")):
        pytest.skip("R is not installed here")
    script = tmp_path / "example.R"
    script.write_text(examples["R"] + "\nstopifnot(nrow(snapshots) == 8)\n")
    subprocess.run([binary, str(script)], check=True)  # noqa: S603 the page's own words


def test_google_sheets_and_power_query_read_plain_tables(examples):
    wide = read(re.fullmatch(r'=IMPORTDATA\("([^"]+)"\)', examples["Google Sheets"])[1])
    assert next(iter(wide[0])) == "day"
    address, column = re.search(
        r'Web.Contents\("([^"]+)"\).*\{"(\w+)", Int64.Type\}', examples["Excel Power Query"], re.DOTALL
    ).groups()
    standings = read(address)
    assert all(re.fullmatch(r"\d*", row[column]) for row in standings)


def test_the_address_for_datawrapper_and_flourish_is_stable_and_open_to_other_sites(live_server, examples):
    address = re.search(r'"([^"]+)"', examples["Google Sheets"])[1]
    assert "layout=wide" in address
    with urllib.request.urlopen(address) as first:  # noqa: S310 our own server
        assert first.headers["Access-Control-Allow-Origin"] == "*"
        tag = first.headers["ETag"]
    again = urllib.request.Request(address, headers={"If-None-Match": tag})  # noqa: S310 our own server
    with pytest.raises(urllib.error.HTTPError) as unchanged:
        urllib.request.urlopen(again)  # noqa: S310 our own server
    with unchanged.value as answer:
        assert answer.code == 304
