from django.db import migrations

# Every page prints the newest number: those that are kept are made anew once a night.
FORWARD = """
CREATE TRIGGER standings_page AFTER INSERT ON ledger_seal
FOR EACH STATEMENT EXECUTE FUNCTION standings_page_changed();
"""
BACK = "DROP TRIGGER standings_page ON ledger_seal;"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_ledger"), ("standings", "0002_pages")]

    operations = [migrations.RunSQL(FORWARD, BACK)]
