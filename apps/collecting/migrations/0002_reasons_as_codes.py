from django.db import migrations, models

import apps.registry.models
from apps.collecting.reasons import Pause, Trouble


class Migration(migrations.Migration):
    dependencies = [("collecting", "0001_from_tracking"), ("registry", "0001_from_tracking")]

    operations = [
        migrations.AddField(
            "collection", "error_code", models.CharField(blank=True, choices=Trouble.choices, default="", max_length=16),
            preserve_default=False,
        ),
        migrations.AddField(
            "collection", "error_detail", models.CharField(blank=True, default="", max_length=300), preserve_default=False
        ),
        migrations.AddField("collection", "errors", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField(
            "platformstate",
            "pause_code",
            models.CharField(
                blank=True, choices=Pause.choices, default="", max_length=16, verbose_name="why it is paused"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "platformstate",
            "pause_detail",
            models.CharField(blank=True, default="", max_length=300, verbose_name="the platform's words"),
            preserve_default=False,
        ),
        migrations.AddField(
            "platformstate", "pause_key", models.CharField(blank=True, default="", max_length=16), preserve_default=False
        ),
        migrations.CreateModel(
            name="ServerState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("platform", models.CharField(choices=apps.registry.models.platform_choices, max_length=12)),
                ("server", models.CharField(max_length=255)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("paused_until", models.DateTimeField()),
                ("pause_code", models.CharField(choices=Pause.choices, max_length=16)),
                ("pause_detail", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("platform", "server"), name="server_state_one_each")
                ],
            },
        ),
    ]
