from typing import Any

from django.db import migrations

AT_ONCE = 1000


def fill(apps: Any, schema_editor: Any) -> None:
    """Fill the rows, some accounts at a time, each time in a transaction of its own: nobody waits long, and a run that
    was broken off is begun again. Accounts without a row are looked up meanwhile."""
    accounts = apps.get_model("registry", "Account").objects.order_by("pk")
    last = 0
    while chosen := list(accounts.filter(pk__gt=last).values_list("pk", flat=True)[:AT_ONCE]):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT snapshots_keep_latest(%s::bigint[])", [chosen])
        last = chosen[-1]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("snapshots", "0007_latest")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
