from django.db import migrations


class Migration(migrations.Migration):
    # The trigger that named the column is renewed before; a column takes its triggers along.
    dependencies = [("collecting", "0003_split_reasons"), ("standings", "0008_error_codes")]

    operations = [
        migrations.RemoveField(model_name="collection", name="last_error"),
        migrations.RemoveField(model_name="platformstate", name="pause_reason"),
    ]
