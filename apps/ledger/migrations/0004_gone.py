from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_mail_readers")]

    operations = [migrations.AddField("part", "gone", models.BinaryField(default=b""))]
