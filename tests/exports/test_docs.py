from pathlib import Path

import pytest
from django.conf import settings
from django.http import QueryDict

from apps.exports.columns import SNAPSHOTS, STANDINGS
from apps.exports.forms import IGNORED, SnapshotsForm, StandingsForm, TrendForm
from apps.exports.indicators import INDICATORS

DOCS = (Path(settings.BASE_DIR) / "docs" / "exports.md").read_text()


def section(title: str) -> str:
    return DOCS.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize(
    ("title", "columns"),
    [("snapshots.csv", SNAPSHOTS), ("standings.csv", STANDINGS), ("indicators.csv", INDICATORS)],
)
def test_every_column_is_explained_in_its_order(title, columns):
    first_cells = [line.split("|")[1] for line in section(title).splitlines() if line.startswith("| `")]
    named = [name.strip().strip("`") for cell in first_cells for name in cell.split(",")]
    if title == "standings.csv":  # pairs of columns share a line
        assert set(named) == {column.name for column in columns}
    else:
        assert named == [column.name for column in columns]


@pytest.mark.parametrize("form", [SnapshotsForm, StandingsForm, TrendForm])
def test_every_parameter_is_explained(form):
    which = section("Which rows")
    assert [name for name in {*form(QueryDict()).fields, *IGNORED} if f"`{name}`" not in which] == []
