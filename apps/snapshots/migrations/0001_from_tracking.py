"""The table stands as it is: only the model's home has changed (apps/tracking/migrations/0011_emptied.py)."""

import apps.registry.models
import django.core.serializers.json
import django.db.models.deletion
import uuid
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
                    name='Removal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('platform', models.CharField(choices=apps.registry.models.platform_choices, max_length=12)),
                        ('at', models.DateTimeField()),
                        ('before', models.DateField()),
                        ('snapshots', models.PositiveIntegerField()),
                        ('doubts', models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        'verbose_name': 'removal',
                        'verbose_name_plural': 'removals',
                        'db_table': 'tracking_removal',
                        'ordering': ['-at'],
                    },
                ),
                migrations.CreateModel(
                    name='Correction',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('old', models.JSONField(verbose_name='old')),
                        ('new', models.JSONField(verbose_name='new')),
                        ('reason', models.TextField(verbose_name='reason')),
                        ('at', models.DateTimeField(verbose_name='when')),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                    ],
                    options={
                        'verbose_name': 'correction',
                        'verbose_name_plural': 'corrections',
                        'db_table': 'tracking_correction',
                        'ordering': ['-at'],
                    },
                ),
                migrations.CreateModel(
                    name='Merger',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('gone', models.PositiveBigIntegerField()),
                        ('row', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('moved', models.PositiveIntegerField()),
                        ('same', models.PositiveIntegerField(default=0)),
                        ('reason', models.TextField(verbose_name='reason')),
                        ('at', models.DateTimeField()),
                        ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mergers', to='registry.account', verbose_name='account')),
                        ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mergers', to='registry.actor', verbose_name='actor')),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'merger',
                        'verbose_name_plural': 'mergers',
                        'db_table': 'tracking_merger',
                        'ordering': ['-at', '-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='Reply',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField(help_text='The day it was said, or the day that it tells of.', verbose_name='day')),
                        ('text_kk', models.TextField(blank=True, max_length=2000, verbose_name='text in Kazakh')),
                        ('text_ru', models.TextField(blank=True, max_length=2000, verbose_name='text in Russian')),
                        ('text_en', models.TextField(blank=True, max_length=2000, verbose_name='text in English')),
                        ('at', models.DateTimeField(verbose_name='written')),
                        ('is_shown', models.BooleanField(default=True, verbose_name='shown to the public')),
                        ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='registry.actor', verbose_name='actor')),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'reply of an actor',
                        'verbose_name_plural': 'replies of actors',
                        'db_table': 'tracking_reply',
                        'ordering': ['-day', '-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='Snapshot',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField(verbose_name='day')),
                        ('span', models.PositiveSmallIntegerField(choices=[(1, 'Year'), (2, 'Month'), (3, 'Day')], default=3, verbose_name='speaks for a')),
                        ('state', models.CharField(choices=[('counted', 'Counted'), ('hidden', 'Count hidden'), ('absent', 'Page does not exist'), ('suspended', 'Suspended'), ('private', 'Private')], default='counted', max_length=9, verbose_name='state')),
                        ('followers', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='followers')),
                        ('bound', models.CharField(choices=[('=', 'as counted'), ('>', 'more than'), ('<', 'less than'), ('~', 'about')], default='=', max_length=1, verbose_name='bound')),
                        ('precision', models.CharField(choices=[('exact', 'Exact'), ('3sf', 'Rounded down to three figures'), ('abbrev', 'Abbreviated by the page, such as 76K'), ('printed', 'As printed in a publication')], default='exact', max_length=7, verbose_name='precision')),
                        ('observed_at', models.DateTimeField(blank=True, null=True, verbose_name='observed at')),
                        ('locator', models.CharField(blank=True, max_length=1000, verbose_name='place in the source')),
                        ('note', models.TextField(blank=True, verbose_name='note')),
                        ('recorded_at', models.DateTimeField(verbose_name='recorded at')),
                        ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='snapshots', to='registry.account')),
                        ('edited_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.source', verbose_name='source')),
                    ],
                    options={
                        'verbose_name': 'snapshot',
                        'verbose_name_plural': 'snapshots',
                        'db_table': 'tracking_snapshot',
                        'ordering': ['account_id', 'day', 'span'],
                    },
                ),
                migrations.CreateModel(
                    name='Screenshot',
                    fields=[
                        ('id', models.UUIDField(primary_key=True, serialize=False)),
                        ('kind', models.CharField(max_length=4)),
                        ('size', models.PositiveIntegerField()),
                        ('at', models.DateTimeField()),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='screenshots', to='registry.account')),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('snapshot', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='screenshots', to='snapshots.snapshot')),
                    ],
                    options={
                        'verbose_name': 'screenshot',
                        'verbose_name_plural': 'screenshots',
                        'db_table': 'tracking_screenshot',
                        'ordering': ['-at'],
                    },
                ),
                migrations.CreateModel(
                    name='CorrectionRequest',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('about', models.JSONField(default=dict)),
                        ('wrong', models.TextField(verbose_name='what is wrong')),
                        ('right', models.TextField(blank=True, verbose_name='what it should be')),
                        ('evidence', models.URLField(blank=True, max_length=1000, verbose_name='where it can be seen')),
                        ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                        ('language', models.CharField(default='en', max_length=2)),
                        ('network', models.CharField(blank=True, max_length=64)),
                        ('asked_at', models.DateTimeField(verbose_name='asked')),
                        ('due_on', models.DateField(verbose_name='to be answered by')),
                        ('outcome', models.CharField(blank=True, choices=[('corrected', 'Corrected'), ('refused', 'Not changed'), ('duplicate', 'Asked already'), ('spam', 'Nonsense, not shown')], max_length=9, verbose_name='outcome')),
                        ('answer', models.TextField(blank=True, verbose_name='answer')),
                        ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                        ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='correction_requests', to='registry.actor', verbose_name='actor')),
                        ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by')),
                        ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
                        ('correction', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='snapshots.correction', verbose_name='correction')),
                        ('snapshot', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='snapshots.snapshot')),
                    ],
                    options={
                        'verbose_name': 'request for a correction',
                        'verbose_name_plural': 'requests for corrections',
                        'db_table': 'tracking_correctionrequest',
                        'ordering': ['outcome', 'due_on', 'pk'],
                    },
                ),
                migrations.AddField(
                    model_name='correction',
                    name='snapshot',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='snapshots.snapshot', verbose_name='snapshot'),
                ),
                migrations.CreateModel(
                    name='SupersededSnapshot',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('is_of_gone', models.BooleanField()),
                        ('why', models.CharField(choices=[('editor', 'An editor has set the one that stands.'), ('number', 'The one that stands is a number.'), ('later', 'The one that stands was read later.'), ('stays', 'The one that stands is that of the account that stays.')], max_length=6)),
                        ('row', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('stood', models.JSONField()),
                        ('merger', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='set_aside', to='snapshots.merger')),
                        ('snapshot', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='snapshots.snapshot')),
                    ],
                    options={
                        'db_table': 'tracking_setaside',
                        'ordering': ['-snapshot__day', '-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='Doubt',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField(verbose_name='day')),
                        ('followers', models.BigIntegerField(verbose_name='followers')),
                        ('precision', models.CharField(choices=[('exact', 'Exact'), ('3sf', 'Rounded down to three figures'), ('abbrev', 'Abbreviated by the page, such as 76K'), ('printed', 'As printed in a publication')], default='exact', max_length=7, verbose_name='precision')),
                        ('why', models.CharField(choices=[('zero', '0 after a positive count'), ('fall', 'fell by nine tenths or more'), ('rise', 'rose tenfold or more')], max_length=8, verbose_name='why')),
                        ('against', models.PositiveBigIntegerField(verbose_name='last good count')),
                        ('locator', models.CharField(blank=True, max_length=1000, verbose_name='place in the source')),
                        ('seen_at', models.DateTimeField(verbose_name='seen')),
                        ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
                        ('decision', models.CharField(blank=True, choices=[('accepted', 'Accepted'), ('rejected', 'Rejected'), ('event', 'Accepted: the platform did it')], max_length=8, verbose_name='decision')),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='doubts', to='registry.account', verbose_name='account')),
                        ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                        ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.source', verbose_name='source')),
                    ],
                    options={
                        'verbose_name': 'held count',
                        'verbose_name_plural': 'held counts',
                        'db_table': 'tracking_doubt',
                        'ordering': ['decision', '-seen_at'],
                        'constraints': [models.UniqueConstraint(fields=('account', 'day', 'followers'), name='doubt_asked_once')],
                    },
                ),
                migrations.AddIndex(
                    model_name='merger',
                    index=models.Index(fields=['gone'], name='merger_gone'),
                ),
                migrations.AddConstraint(
                    model_name='snapshot',
                    constraint=models.UniqueConstraint(fields=('account', 'day', 'span'), name='snapshot_one_per_day'),
                ),
                migrations.AddConstraint(
                    model_name='snapshot',
                    constraint=models.CheckConstraint(condition=models.Q(models.Q(('followers__isnull', False), ('state', 'counted')), models.Q(models.Q(('state', 'counted'), _negated=True), ('followers__isnull', True)), _connector='OR'), name='snapshot_number_only_if_counted'),
                ),
                migrations.AddConstraint(
                    model_name='snapshot',
                    constraint=models.CheckConstraint(condition=models.Q(('span', 3), models.Q(('day__day', 1), ('span', 2)), models.Q(('day__day', 1), ('day__month', 1), ('span', 1)), _connector='OR'), name='snapshot_span_starts'),
                ),
                migrations.AddConstraint(
                    model_name='snapshot',
                    constraint=models.CheckConstraint(condition=models.Q(('span__in', [1, 2, 3])), name='snapshot_span_known'),
                ),
                migrations.AddConstraint(
                    model_name='snapshot',
                    constraint=models.CheckConstraint(condition=models.Q(('state__in', ['counted', 'hidden', 'absent', 'suspended', 'private'])), name='snapshot_state_known'),
                ),
                migrations.AddConstraint(
                    model_name='snapshot',
                    constraint=models.CheckConstraint(condition=models.Q(('bound__in', ['=', '>', '<', '~'])), name='snapshot_bound_known'),
                ),
                migrations.AddConstraint(
                    model_name='snapshot',
                    constraint=models.CheckConstraint(condition=models.Q(('precision__in', ['exact', '3sf', 'abbrev', 'printed'])), name='snapshot_precision_known'),
                ),
                migrations.AddIndex(
                    model_name='correctionrequest',
                    index=models.Index(fields=['network', 'asked_at'], name='request_network'),
                ),
            ],
        ),
    ]
