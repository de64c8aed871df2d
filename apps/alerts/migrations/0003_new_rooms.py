"""The table stands as it is: only the model's home has changed (apps/tracking/migrations/0011_emptied.py)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracking', '0010_words_of_fields'),
        ('alerts', '0002_last_told'),
        ('registry', '0001_from_tracking'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='digest',
                    name='actor',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='registry.actor', verbose_name='body'),
                ),
                migrations.AlterField(
                    model_name='occurrence',
                    name='account',
                    field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='registry.account'),
                ),
                migrations.AlterField(
                    model_name='occurrence',
                    name='actor',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='registry.actor'),
                ),
                migrations.AlterField(
                    model_name='occurrence',
                    name='other',
                    field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='registry.actor'),
                ),
                migrations.AlterField(
                    model_name='rule',
                    name='actors',
                    field=models.ManyToManyField(blank=True, related_name='+', to='registry.actor', verbose_name='actors'),
                ),
                migrations.AlterField(
                    model_name='rule',
                    name='groups',
                    field=models.ManyToManyField(blank=True, related_name='+', to='registry.group', verbose_name='groups'),
                ),
                migrations.AlterField(
                    model_name='seenbadge',
                    name='account',
                    field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='registry.account'),
                ),
            ],
        ),
    ]
