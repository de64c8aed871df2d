from django.db import migrations


class Migration(migrations.Migration):
    # The trigger that named the column is renewed before; a column takes its triggers along.
    dependencies = [("collecting", "0003_split_reasons"), ("standings", "0008_error_codes")]

    operations = [
        migrations.RemoveField("collection", "last_error"),
        migrations.RemoveField("platformstate", "pause_reason"),
    ]
