"""The table stands as it is: only the model's home has changed (apps/tracking/migrations/0011_emptied.py)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracking', '0010_words_of_fields'),
        ('users', '0002_invitations'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='Change',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(verbose_name='when')),
                        ('table', models.CharField(max_length=63, verbose_name='table')),
                        ('key', models.CharField(max_length=40, verbose_name='key')),
                        ('what', models.CharField(choices=[('INSERT', 'added'), ('UPDATE', 'changed'), ('DELETE', 'deleted')], max_length=6, verbose_name='what')),
                        ('before', models.JSONField(null=True, verbose_name='before')),
                        ('after', models.JSONField(null=True, verbose_name='after')),
                        ('by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                    ],
                    options={
                        'verbose_name': 'change',
                        'verbose_name_plural': 'changes',
                        'db_table': 'tracking_change',
                        'ordering': ['-at', '-pk'],
                        'indexes': [models.Index(fields=['table', 'key', '-at'], name='change_of_row'), models.Index(fields=['-at'], name='change_newest')],
                    },
                ),
            ],
        ),
    ]
