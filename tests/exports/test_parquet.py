"""Parquet holds what the CSV holds, each column of its own kind."""

import io
import json
import re
from datetime import UTC, date, datetime

import pyarrow
import pytest
from django.conf import settings
from pyarrow import parquet as files

from apps.exports import columns, copying, parquet
from tests.builders import make_account, make_actor, make_snapshot
from tests.exports.reading import body, rows

pytestmark = pytest.mark.django_db(transaction=True)


def table(address):
    return files.read_table(io.BytesIO(body(address)))


@pytest.fixture
def counted():
    account = make_account(make_actor("ministry"), handle="007")
    make_snapshot(account, "2017", 39_000, bound=">", note='a "word",\nand a line')
    make_snapshot(account, "2022-05-01", 64_000, observed_at=datetime(2022, 5, 1, 9, 30, 5, tzinfo=UTC))
    make_snapshot(account, "2022-05-02", None)
    return account


def test_the_rows_are_those_of_the_csv(counted):
    found = table("snapshots.parquet").to_pylist()
    plain = rows("snapshots.csv")
    assert [str(row["day"]) for row in found] == [row["day"] for row in plain]
    assert [row["followers"] for row in found] == [39_000, 64_000, None]
    assert [row["note"] for row in found] == ['a "word",\nand a line', None, None]
    assert found[0]["handle"] == "007"
    assert found[1]["observed_at"] == datetime(2022, 5, 1, 9, 30, 5, tzinfo=UTC)
    assert found[1]["day"] == date(2022, 5, 1)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("day", "date32[day]"),
        ("followers", "int64"),
        ("observed_at", "timestamp[ms, tz=UTC]"),
        ("handle", "string"),
    ],
)
def test_columns_have_their_kinds(counted, name, kind):
    assert str(table("snapshots.parquet").schema.field(name).type) == kind


def test_an_empty_file_has_its_columns(db):
    found = table("snapshots.parquet")
    assert (found.num_rows, found.column_names) == (0, [column.name for column in columns.SNAPSHOTS])


@pytest.mark.parametrize(
    "address", ["standings.parquet", "trend.parquet?platform=facebook", "trend.parquet?platform=facebook&layout=wide", "indicators.parquet"]
)  # fmt: skip
def test_every_table_can_be_had(counted, address):
    plain = rows(address.replace(".parquet", ".csv"))
    found = table(address)
    assert found.num_rows == len(plain)
    if plain:
        assert found.column_names == list(plain[0])


def test_what_it_is_stands_in_it(counted):
    told = json.loads(table("snapshots.parquet").schema.metadata[b"kzmedia"])
    assert told["citation"]["en"].startswith("KZMedia (")


def test_many_rows_are_several_groups(monkeypatch):
    """And none is smaller than it has to be: readers open each by itself."""
    monkeypatch.setattr(parquet, "BLOCK", 1 << 12)
    monkeypatch.setattr(parquet, "GROUP", 500)
    chosen = columns.columns_of("name number:integer")
    csv = [b"name,number\n", *(f"a{number},{number}\n".encode() for number in range(2000))]
    content = b"".join(parquet.pack(chosen, csv, b"{}"))
    told = files.ParquetFile(io.BytesIO(content)).metadata
    sizes = [told.row_group(number).num_rows for number in range(told.num_row_groups)]
    assert len(sizes) >= 3
    assert all(500 <= size < 1500 for size in sizes[:-1])
    assert pyarrow.compute.sum(files.read_table(io.BytesIO(content))["number"]).as_py() == sum(range(2000))
    assert copying.PLAIN.delimiter == ","


def test_texts_have_a_dictionary_and_numbers_have_none():
    """Else the file is nearly twice as large."""
    chosen = columns.columns_of("name number:integer")
    content = b"".join(parquet.pack(chosen, [b"name,number\na,1\na,2\n"], b"{}"))
    group = files.ParquetFile(io.BytesIO(content)).metadata.row_group(0)
    assert ["RLE_DICTIONARY" in group.column(at).encodings for at in range(2)] == [True, False]


def test_pyarrow_is_loaded_where_a_file_is_made_and_not_before():
    """It takes 60 MB, and most processes never make one."""
    modules = list((settings.BASE_DIR / "apps").rglob("*.py"))
    assert len(modules) > 300
    early = [path.name for path in modules if re.search(r"^(import|from) pyarrow", path.read_text(), re.M)]
    assert early == []
