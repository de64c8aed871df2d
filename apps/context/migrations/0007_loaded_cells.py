"""Rows get ids of their own, and what the files said of each is remembered.

Until now a row was known by its cells, so that a line which gained a handle became another row. What the release
before this one said stands in shipped_before/: by it an editor's change is told from that release's words.
"""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

from django.db import migrations, models

SHIPPED = Path(__file__).parent / "shipped_before"
# kind: (file, the columns that a row was known by, how its id begins; "" where it keeps its key)
KINDS = {
    "source": ("sources.csv", ("key",), ""),
    "actor": ("actors.csv", ("key",), ""),
    "account": ("accounts.csv", ("actor", "platform", "handle"), "account"),
    "indicator": ("indicators.csv", ("key",), ""),
    "indicatorvalue": ("indicators.csv", ("key", "geo", "platform", "segment", "observed", "source"), "figure"),
    "event": ("events.csv", ("key",), ""),
    "group": ("groups.csv", ("key",), ""),
    "claim": ("claims.csv", ("actor", "comparator", "platform", "relation", "source"), "claim"),
}


def remember(apps: Any, schema_editor: Any) -> None:
    LoadedRow = apps.get_model("context", "LoadedRow")
    for kind, (name, columns, prefix) in KINDS.items():
        with (SHIPPED / name).open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        seen: Counter[str] = Counter()
        for number, cells in enumerate(rows, 1):
            known_by = "/".join(cells[column] for column in columns)
            place = f"{cells.get('actor')}-{cells.get('platform')}"
            seen[place] += 1
            key = known_by
            if prefix == "account":
                key = place if seen[place] == 1 else f"{place}-{seen[place]}"
            elif prefix:
                key = f"{prefix}-{number}"
            first_only = kind == "indicator" and any(row["key"] == cells["key"] for row in rows[: number - 1])
            if not first_only:
                LoadedRow.objects.filter(kind=kind, key=known_by).update(key=key, cells=cells)


class Migration(migrations.Migration):
    dependencies = [("context", "0006_new_rooms")]

    operations = [
        migrations.AddField("loadedrow", "cells", models.JSONField(null=True)),
        migrations.RunPython(remember, migrations.RunPython.noop, elidable=False),
    ]
