from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("snapshots", "0003_precision_as_written"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            "correction",
            "by",
            models.ForeignKey(
                settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="by"
            ),
        ),
    ]
