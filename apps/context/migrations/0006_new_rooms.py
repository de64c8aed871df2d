"""The table stands as it is: only the model's home has changed (apps/tracking/migrations/0011_emptied.py)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracking', '0010_words_of_fields'),
        ('context', '0005_decimals_of_values'),
        ('registry', '0001_from_tracking'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='claim',
                    name='actor',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='registry.actor', verbose_name='actor'),
                ),
                migrations.AlterField(
                    model_name='claim',
                    name='comparator',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.actor', verbose_name='compared with'),
                ),
                migrations.AlterField(
                    model_name='claim',
                    name='source',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.source', verbose_name='source'),
                ),
                migrations.AlterField(
                    model_name='event',
                    name='source',
                    field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.source', verbose_name='source'),
                ),
                migrations.AlterField(
                    model_name='indicatorvalue',
                    name='source',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.source', verbose_name='source'),
                ),
            ],
        ),
    ]
