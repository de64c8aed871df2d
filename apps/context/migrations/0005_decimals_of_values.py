from django.db import migrations

# Until now a value had three places whatever its source printed; what stands is written without its empty ones.
COUNT = "UPDATE context_indicatorvalue SET decimals = scale(trim_scale(value)) WHERE value <> trunc(value)"


class Migration(migrations.Migration):
    dependencies = [("context", "0004_bounds_and_decimals")]

    operations = [migrations.RunSQL(COUNT, migrations.RunSQL.noop)]
