from typing import Any

from django.db import migrations, models

INDEX = "snapshot_by_day"


def add(apps: Any, schema_editor: Any) -> None:
    """Build the index beside all reading and writing; what a run that was broken off has left is built anew.

    Where a backup is read back nobody else is there, and all is one transaction.
    """
    beside = "" if schema_editor.connection.in_atomic_block else "CONCURRENTLY"
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE c.relname = %s AND pg_table_is_visible(c.oid)",
            [INDEX],
        )
        found = cursor.fetchone()
        if found == (True,):
            return
        cursor.execute("SET statement_timeout = 0")
        if found:
            cursor.execute(f"DROP INDEX {beside} {INDEX}")
        cursor.execute(f"CREATE INDEX {beside} {INDEX} ON tracking_snapshot (day)")
        cursor.execute("RESET statement_timeout")


def remove(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("snapshots", "0005_recorded_at")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add, remove)],
            state_operations=[
                migrations.AddIndex("snapshot", models.Index(fields=["day"], name=INDEX)),
            ],
        ),
    ]
