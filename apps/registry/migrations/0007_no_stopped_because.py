from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registry", "0006_split_stops")]

    operations = [migrations.RemoveField(model_name="account", name="stopped_because")]
