"""The reference dataset in a test's database: loaded once in a run, and copied in wherever it is asked for again."""

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction

from apps.snapshots.models import LatestSnapshot

# The apps whose tables hold what is tracked, recorded and known.
DATA_APPS = ("registry", "snapshots", "collecting", "intake", "backoffice", "context")
_saved: dict[str, bytes] = {}


def load() -> None:
    """Write the rows that `manage.py load_reference` writes."""
    tables = [
        connection.ops.quote_name(model._meta.db_table)
        for app in DATA_APPS
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        if model is not LatestSnapshot  # the snapshots' own triggers write it
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        if _holds_rows(cursor, tables):
            # Beside rows of the test's own no copy can tell whose row is whose.
            call_command("load_reference", verbosity=0)
        elif _saved:
            for table, rows in _saved.items():  # in any order: foreign keys are checked in the end
                with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
                    copy.write(rows)
        else:
            call_command("load_reference", verbosity=0)
            for table in tables:
                if _holds_rows(cursor, [table]):
                    with cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
                        _saved[table] = b"".join(bytes(piece) for piece in copy)


def _holds_rows(cursor, tables) -> bool:
    some = " OR ".join(f"EXISTS (SELECT FROM {table})" for table in tables)
    cursor.execute(f"SELECT {some}")
    return cursor.fetchone()[0]
