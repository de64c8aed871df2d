from django.db import migrations, models

from apps.registry.models import Stop


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_changes")]

    operations = [
        migrations.AddField(
            "account",
            "stopped_code",
            models.CharField(
                blank=True, choices=Stop.choices, default="", max_length=8, verbose_name="stopped because"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "account",
            "stopped_detail",
            models.CharField(blank=True, default="", max_length=200, verbose_name="what was seen"),
            preserve_default=False,
        ),
    ]
