from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_fill_gone")]

    operations = [migrations.RemoveField(model_name="part", name="has_gone")]
