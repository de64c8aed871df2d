from django.db import migrations, models

FINAL = """
CREATE FUNCTION exports_edition_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an edition is never changed and never removed: %', OLD.key USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER exports_final BEFORE UPDATE OR DELETE ON exports_edition
    FOR EACH ROW EXECUTE FUNCTION exports_edition_is_final();
CREATE TRIGGER standings_page AFTER INSERT OR UPDATE OR DELETE ON exports_edition
    FOR EACH STATEMENT EXECUTE FUNCTION standings_page_changed();
"""
NOT_FINAL = """
DROP TRIGGER standings_page ON exports_edition;
DROP TRIGGER exports_final ON exports_edition;
DROP FUNCTION exports_edition_is_final;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [("standings", "0002_pages")]

    operations = [
        migrations.CreateModel(
            name='Edition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=80, unique=True)),
                ('kind', models.CharField(choices=[('chart', 'Chart'), ('dataset', 'Dataset')], max_length=10)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.CharField(blank=True, max_length=150)),
                ('parameters', models.JSONField()),
                ('title', models.JSONField()),
                ('row_count', models.PositiveBigIntegerField()),
                ('size', models.PositiveBigIntegerField()),
                ('checksum', models.CharField(max_length=64)),
                ('content_checksum', models.CharField(blank=True, max_length=64)),
                ('left_out', models.JSONField(default=list)),
                ('data', models.BinaryField(blank=True)),
                ('content', models.BinaryField(blank=True)),
                ('file', models.CharField(blank=True, max_length=120)),
            ],
            options={
                'ordering': ['-made_at', '-pk'],
            },
        ),
        migrations.RunSQL(FINAL, NOT_FINAL),
    ]
