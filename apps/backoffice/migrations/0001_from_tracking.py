"""The table stands as it is: only the model's home has changed (apps/tracking/migrations/0011_emptied.py)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracking', '0010_words_of_fields'),
        ('registry', '0001_from_tracking'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='ManualClaim',
                    fields=[
                        ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='hand_turn', serialize=False, to='registry.account')),
                        ('round', models.UUIDField()),
                        ('until', models.DateTimeField()),
                        ('done_at', models.DateTimeField(blank=True, null=True)),
                        ('skipped_until', models.DateField(blank=True, null=True)),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'db_table': 'tracking_handturn',
                        'indexes': [models.Index(fields=['by', 'round'], name='hand_turn_round')],
                    },
                ),
            ],
        ),
    ]
