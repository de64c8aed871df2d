"""The table stands as it is: only the model's home has changed (apps/tracking/migrations/0011_emptied.py)."""

import apps.registry.models
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracking', '0010_words_of_fields'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='Source',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.SlugField(max_length=60, unique=True, verbose_name='key')),
                        ('kind', models.CharField(choices=[('api', 'Platform API'), ('page', 'Public page'), ('publication', 'Publication'), ('press', 'Press'), ('report', 'Report'), ('manual', 'Read by hand'), ('import', 'Import'), ('wikidata', 'Wikidata'), ('archive', 'Web archive'), ('synthetic', 'Synthetic, for measuring only')], max_length=12, verbose_name='kind')),
                        ('title', models.CharField(max_length=500, verbose_name='title')),
                        ('authors', models.CharField(blank=True, max_length=300, verbose_name='authors')),
                        ('year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='year')),
                        ('container', models.CharField(blank=True, max_length=300, verbose_name='journal, publisher or site')),
                        ('doi', models.CharField(blank=True, max_length=120, verbose_name='DOI')),
                        ('url', models.URLField(blank=True, max_length=1000, verbose_name='address')),
                        ('licence', models.CharField(blank=True, max_length=200, verbose_name='licence')),
                    ],
                    options={
                        'verbose_name': 'source',
                        'verbose_name_plural': 'sources',
                        'db_table': 'tracking_source',
                        'ordering': ['key'],
                    },
                ),
                migrations.CreateModel(
                    name='Actor',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('slug', models.SlugField(max_length=80, unique=True, verbose_name='name in addresses')),
                        ('kind', models.CharField(choices=[('state_body', 'State body'), ('official', 'Official'), ('mission', 'Diplomatic mission'), ('party', 'Party'), ('movement', 'Movement'), ('blogger', 'Blogger'), ('media', 'Media outlet')], max_length=12, verbose_name='kind')),
                        ('name_en', models.CharField(max_length=200, verbose_name='name in English')),
                        ('name_ru', models.CharField(max_length=200, verbose_name='name in Russian')),
                        ('name_kk', models.CharField(max_length=200, verbose_name='name in Kazakh')),
                        ('description_en', models.TextField(blank=True, verbose_name='description in English')),
                        ('description_ru', models.TextField(blank=True, verbose_name='description in Russian')),
                        ('description_kk', models.TextField(blank=True, verbose_name='description in Kazakh')),
                        ('region', models.CharField(blank=True, max_length=80, verbose_name='region')),
                        ('wikidata_id', models.CharField(blank=True, max_length=20, verbose_name='Wikidata')),
                        ('hidden', models.BooleanField(default=False, verbose_name='hidden from the public')),
                        ('hidden_because', models.TextField(blank=True, help_text='Editors see it. All that is recorded is kept.', verbose_name='why it is hidden')),
                        ('note', models.TextField(blank=True, verbose_name='note')),
                        ('sort_en', models.GeneratedField(db_persist=True, expression=models.Func(django.db.models.functions.text.Lower(models.F('name_en')), models.Value('аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюяАӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯ«»"“”„\'’‘()[]-–—.,:;!?/'), models.Value('абвгдежзийклмнопрстуфхцчшщъыьэюяѐёђѓєѕіїјљабвгдежзийклмнопрстуфхцчшщъыьэюяѐёђѓєѕіїјљ'), function='translate'), output_field=models.TextField(db_collation='C'))),
                        ('sort_ru', models.GeneratedField(db_persist=True, expression=models.Func(django.db.models.functions.text.Lower(models.F('name_ru')), models.Value('аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюяАӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯ«»"“”„\'’‘()[]-–—.,:;!?/'), models.Value('абвгдежзийклмнопрстуфхцчшщъыьэюяѐёђѓєѕіїјљабвгдежзийклмнопрстуфхцчшщъыьэюяѐёђѓєѕіїјљ'), function='translate'), output_field=models.TextField(db_collation='C'))),
                        ('sort_kk', models.GeneratedField(db_persist=True, expression=models.Func(django.db.models.functions.text.Lower(models.F('name_kk')), models.Value('аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюяАӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯ«»"“”„\'’‘()[]-–—.,:;!?/'), models.Value('абвгдежзийклмнопрстуфхцчшщъыьэюяѐёђѓєѕіїјљабвгдежзийклмнопрстуфхцчшщъыьэюяѐёђѓєѕіїјљ'), function='translate'), output_field=models.TextField(db_collation='C'))),
                        ('fold', models.GeneratedField(db_persist=True, expression=models.Func(models.Func(models.Func(django.db.models.functions.text.Lower(models.F('name_en')), models.Value('аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюяАӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯ«»"“”„\'’‘()[]-–—.,:;!?/'), models.Value('аабвггдеежзийкклмнноопрстуууфххцчшщъыиьэюяаабвггдеежзийкклмнноопрстуууфххцчшщъыиьэюя'), function='translate'), models.Func(django.db.models.functions.text.Lower(models.F('name_ru')), models.Value('аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюяАӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯ«»"“”„\'’‘()[]-–—.,:;!?/'), models.Value('аабвггдеежзийкклмнноопрстуууфххцчшщъыиьэюяаабвггдеежзийкклмнноопрстуууфххцчшщъыиьэюя'), function='translate'), arg_joiner=" || ' ' || ", template='(%(expressions)s)'), models.Func(django.db.models.functions.text.Lower(models.F('name_kk')), models.Value('аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюяАӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯ«»"“”„\'’‘()[]-–—.,:;!?/'), models.Value('аабвггдеежзийкклмнноопрстуууфххцчшщъыиьэюяаабвггдеежзийкклмнноопрстуууфххцчшщъыиьэюя'), function='translate'), arg_joiner=" || ' ' || ", template='(%(expressions)s)'), output_field=models.TextField(db_collation='C'))),
                        ('peers', models.ManyToManyField(blank=True, help_text='Whom this one is compared with on its own page; those next to it in rank where empty.', related_name='pinned_by', to='registry.actor', verbose_name='peers')),
                        ('succeeds', models.ForeignKey(blank=True, help_text='The body this one took over from.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='succeeded_by', to='registry.actor', verbose_name='succeeds')),
                        ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.source', verbose_name='source')),
                    ],
                    options={
                        'verbose_name': 'actor',
                        'verbose_name_plural': 'actors',
                        'db_table': 'tracking_actor',
                        'ordering': ['sort_en', 'pk'],
                    },
                ),
                migrations.CreateModel(
                    name='Account',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('platform', models.CharField(choices=apps.registry.models.platform_choices, max_length=12, verbose_name='platform')),
                        ('handle', models.CharField(blank=True, max_length=255, verbose_name='handle')),
                        ('platform_id', models.CharField(blank=True, max_length=255, verbose_name='platform id')),
                        ('title', models.CharField(blank=True, max_length=500, verbose_name='title')),
                        ('title_before', models.CharField(blank=True, max_length=500, verbose_name='title before')),
                        ('verified', models.BooleanField(blank=True, null=True, verbose_name='verified by the platform')),
                        ('state', models.CharField(choices=[('active', 'Active'), ('paused', 'Paused'), ('closed', 'Closed')], default='active', max_length=8, verbose_name='state')),
                        ('stopped_because', models.CharField(blank=True, max_length=200, verbose_name='stopped because')),
                        ('hourly', models.BooleanField(default=False, help_text='Once a day, in the evening, is the rule.', verbose_name='read every hour')),
                        ('hand_reading', models.CharField(blank=True, choices=[('', 'weekly where no program reads it'), ('weekly', 'weekly'), ('monthly', 'monthly'), ('never', 'never')], default='', max_length=7, verbose_name='read by hand')),
                        ('note', models.TextField(blank=True, verbose_name='note')),
                        ('added_at', models.DateTimeField(auto_now_add=True)),
                        ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='registry.actor', verbose_name='actor')),
                        ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.source', verbose_name='source')),
                    ],
                    options={
                        'verbose_name': 'account',
                        'verbose_name_plural': 'accounts',
                        'db_table': 'tracking_account',
                        'ordering': ['actor_id', 'platform', 'pk'],
                    },
                ),
                migrations.CreateModel(
                    name='HandleChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('old', models.CharField(max_length=255, verbose_name='old')),
                        ('new', models.CharField(max_length=255, verbose_name='new')),
                        ('noticed_at', models.DateTimeField(verbose_name='noticed')),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handle_changes', to='registry.account')),
                    ],
                    options={
                        'verbose_name': 'change of name',
                        'verbose_name_plural': 'changes of name',
                        'db_table': 'tracking_handlechange',
                        'ordering': ['-noticed_at'],
                    },
                ),
                migrations.CreateModel(
                    name='OldSlug',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('slug', models.SlugField(max_length=80, unique=True)),
                        ('actor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='old_slugs', to='registry.actor')),
                    ],
                    options={
                        'db_table': 'tracking_oldslug',
                    },
                ),
                migrations.CreateModel(
                    name='Group',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('slug', models.SlugField(max_length=80, unique=True, verbose_name='name in addresses')),
                        ('title_en', models.CharField(max_length=200, verbose_name='title in English')),
                        ('title_ru', models.CharField(max_length=200, verbose_name='title in Russian')),
                        ('title_kk', models.CharField(max_length=200, verbose_name='title in Kazakh')),
                        ('platform', models.CharField(blank=True, choices=apps.registry.models.platform_choices, max_length=12, verbose_name='platform')),
                        ('locator', models.CharField(blank=True, max_length=300, verbose_name='place in the source')),
                        ('members', models.ManyToManyField(related_name='groups', to='registry.actor', verbose_name='members')),
                        ('reference', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='registry.actor', verbose_name='reference actor')),
                        ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.source', verbose_name='source')),
                    ],
                    options={
                        'verbose_name': 'group',
                        'verbose_name_plural': 'groups',
                        'db_table': 'tracking_group',
                        'ordering': ['slug'],
                    },
                ),
                migrations.CreateModel(
                    name='Membership',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('role', models.CharField(choices=[('press_officer', 'Press officer')], default='press_officer', max_length=20, verbose_name='role')),
                        ('last_seen_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('seen_before_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('actor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='registry.actor', verbose_name='actor')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                    ],
                    options={
                        'verbose_name': 'member of an actor',
                        'verbose_name_plural': 'members of actors',
                        'db_table': 'tracking_membership',
                        'constraints': [models.UniqueConstraint(fields=('user', 'actor'), name='membership_once')],
                    },
                ),
                migrations.AddIndex(
                    model_name='actor',
                    index=django.contrib.postgres.indexes.GinIndex(fields=['fold'], name='actor_search', opclasses=['gin_trgm_ops']),
                ),
                migrations.AddConstraint(
                    model_name='account',
                    constraint=models.UniqueConstraint(condition=models.Q(('platform_id', ''), _negated=True), fields=('platform', 'platform_id'), name='account_one_per_id'),
                ),
                migrations.AddConstraint(
                    model_name='account',
                    constraint=models.UniqueConstraint(models.F('platform'), django.db.models.functions.text.Lower('handle'), condition=models.Q(('handle', ''), _negated=True), name='account_one_per_handle'),
                ),
            ],
        ),
    ]
