"""The table stands as it is: only the model's home has changed (apps/tracking/migrations/0011_emptied.py)."""

import apps.registry.models
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
                    name='Addition',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('actors', models.JSONField(default=list)),
                        ('accounts', models.JSONField(default=list)),
                        ('filled', models.JSONField(default=list)),
                        ('undone_at', models.DateTimeField(blank=True, null=True)),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'addition',
                        'verbose_name_plural': 'additions',
                        'db_table': 'tracking_addition',
                        'ordering': ['-at'],
                    },
                ),
                migrations.CreateModel(
                    name='ImportBatch',
                    fields=[
                        ('id', models.UUIDField(primary_key=True, serialize=False)),
                        ('file_name', models.CharField(max_length=200, verbose_name='file')),
                        ('size', models.PositiveBigIntegerField(verbose_name='size')),
                        ('is_workbook', models.BooleanField(default=False)),
                        ('encoding', models.CharField(max_length=12, verbose_name='encoding')),
                        ('layout', models.CharField(blank=True, max_length=4, verbose_name='layout')),
                        ('platform', models.CharField(blank=True, choices=apps.registry.models.platform_choices, max_length=12, verbose_name='platform')),
                        ('language', models.CharField(default='en', max_length=2)),
                        ('at', models.DateTimeField(verbose_name='brought at')),
                        ('stage', models.CharField(choices=[('received', 'Received'), ('checking', 'Being looked through'), ('checked', 'Looked through, nothing written yet'), ('refused', 'Cannot be read'), ('writing', 'Being imported'), ('written', 'Imported'), ('undoing', 'Being undone'), ('undone', 'Undone')], default='received', max_length=8, verbose_name='stage')),
                        ('percent', models.PositiveSmallIntegerField(default=0)),
                        ('touched_at', models.DateTimeField()),
                        ('counts', models.JSONField(default=dict)),
                        ('refused', models.TextField(blank=True)),
                        ('reason', models.TextField(blank=True, verbose_name='reason')),
                        ('written_at', models.DateTimeField(blank=True, null=True, verbose_name='imported at')),
                        ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='undone at')),
                        ('undone', models.JSONField(default=dict)),
                        ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='brought by')),
                        ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.source', verbose_name='source')),
                    ],
                    options={
                        'verbose_name': 'import',
                        'verbose_name_plural': 'imports',
                        'db_table': 'tracking_importbatch',
                        'ordering': ['-at'],
                    },
                ),
                migrations.CreateModel(
                    name='ImportedRow',
                    fields=[
                        ('pk', models.CompositePrimaryKey('batch', 'number', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('number', models.PositiveIntegerField()),
                        ('line', models.PositiveIntegerField()),
                        ('cell', models.CharField(blank=True, max_length=80)),
                        ('day', models.DateField(null=True)),
                        ('span', models.PositiveSmallIntegerField(choices=[(1, 'Year'), (2, 'Month'), (3, 'Day')], null=True)),
                        ('state', models.CharField(blank=True, choices=[('counted', 'Counted'), ('hidden', 'Count hidden'), ('absent', 'Page does not exist'), ('suspended', 'Suspended'), ('private', 'Private')], max_length=9)),
                        ('followers', models.PositiveBigIntegerField(null=True)),
                        ('bound', models.CharField(blank=True, choices=[('=', 'as counted'), ('>', 'more than'), ('<', 'less than'), ('~', 'about')], max_length=1)),
                        ('precision', models.CharField(blank=True, choices=[('exact', 'Exact'), ('3sf', 'Rounded down to three figures'), ('abbrev', 'Abbreviated by the page, such as 76K'), ('printed', 'As printed in a publication')], max_length=7)),
                        ('observed_at', models.DateTimeField(null=True)),
                        ('locator', models.CharField(blank=True, max_length=1000)),
                        ('note', models.TextField(blank=True)),
                        ('problem', models.TextField(blank=True)),
                        ('verdict', models.CharField(choices=[('new', 'New'), ('same', 'Already recorded'), ('conflict', 'Another value stands'), ('error', 'Cannot be read')], max_length=8)),
                        ('against', models.JSONField(null=True)),
                        ('fate', models.CharField(blank=True, choices=[('', ''), ('replaced', 'Replaced what stood'), ('restored', 'What stood before stands again'), ('kept', 'Changed since: not undone')], max_length=8)),
                        ('account', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='registry.account')),
                        ('batch', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='intake.importbatch')),
                        ('source', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.source')),
                    ],
                    options={
                        'db_table': 'tracking_importedrow',
                        'ordering': ['batch_id', 'number'],
                    },
                ),
            ],
        ),
    ]
