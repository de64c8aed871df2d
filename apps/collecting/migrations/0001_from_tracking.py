"""The table stands as it is: only the model's home has changed (apps/tracking/migrations/0011_emptied.py)."""

import apps.registry.models
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracking', '0010_words_of_fields'),
        ('registry', '0001_from_tracking'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='PlatformState',
                    fields=[
                        ('platform', models.CharField(choices=apps.registry.models.platform_choices, max_length=12, primary_key=True, serialize=False, verbose_name='platform')),
                        ('paused_until', models.DateTimeField(blank=True, null=True, verbose_name='paused until')),
                        ('pause_reason', models.CharField(blank=True, max_length=300, verbose_name='why it is paused')),
                        ('failures', models.PositiveSmallIntegerField(default=0, verbose_name='failures in a row')),
                        ('day', models.DateField(blank=True, null=True, verbose_name='day')),
                        ('requests_spent', models.PositiveIntegerField(default=0, verbose_name='requests on this day')),
                        ('money_spent', models.DecimalField(decimal_places=3, default=0, max_digits=10, verbose_name='money on this day')),
                    ],
                    options={
                        'verbose_name': 'state of a platform',
                        'verbose_name_plural': 'states of platforms',
                        'db_table': 'tracking_platformstate',
                    },
                ),
                migrations.CreateModel(
                    name='Run',
                    fields=[
                        ('id', models.UUIDField(primary_key=True, serialize=False)),
                        ('platform', models.CharField(choices=apps.registry.models.platform_choices, max_length=12)),
                        ('began_at', models.DateTimeField()),
                        ('ended_at', models.DateTimeField()),
                        ('outcomes', models.JSONField(default=dict)),
                        ('stopped', models.CharField(blank=True, max_length=300)),
                    ],
                    options={
                        'verbose_name': 'run',
                        'verbose_name_plural': 'runs',
                        'db_table': 'tracking_run',
                        'ordering': ['-began_at'],
                        'indexes': [models.Index(fields=['platform', '-began_at'], name='run_newest')],
                    },
                ),
                migrations.CreateModel(
                    name='Attempt',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(verbose_name='when')),
                        ('outcome', models.CharField(max_length=12, verbose_name='outcome')),
                        ('detail', models.CharField(blank=True, max_length=300, verbose_name='detail')),
                        ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='registry.account')),
                    ],
                    options={
                        'db_table': 'tracking_attempt',
                        'indexes': [models.Index(fields=['account', '-at'], name='attempt_newest')],
                    },
                ),
                migrations.CreateModel(
                    name='Collection',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('due_at', models.DateTimeField()),
                        ('lease', models.UUIDField(blank=True, null=True)),
                        ('leased_until', models.DateTimeField(blank=True, null=True)),
                        ('run', models.UUIDField(blank=True, null=True)),
                        ('last_attempt_at', models.DateTimeField(blank=True, null=True)),
                        ('last_success_at', models.DateTimeField(blank=True, null=True)),
                        ('not_found_days', models.PositiveSmallIntegerField(default=0)),
                        ('not_found_on', models.DateField(blank=True, null=True)),
                        ('last_error', models.CharField(blank=True, max_length=300)),
                        ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='collection', to='registry.account')),
                    ],
                    options={
                        'db_table': 'tracking_collection',
                        'indexes': [models.Index(fields=['due_at'], name='collection_due'), models.Index(condition=models.Q(('lease__isnull', False)), fields=['lease'], name='collection_lease')],
                    },
                ),
            ],
        ),
    ]
