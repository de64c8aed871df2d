from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("standings", "0010_latest_differs")]

    operations = [migrations.DeleteModel(name="Summary")]
