from django.db import migrations

# Pages that were made from a latest that differs from the snapshots are made anew once that is known.
COUNT = """CREATE TRIGGER standings_page AFTER INSERT OR UPDATE OR DELETE ON snapshots_latestdifference
    FOR EACH STATEMENT EXECUTE FUNCTION standings_page_changed();
"""
UNCOUNT = "DROP TRIGGER standings_page ON snapshots_latestdifference;"


class Migration(migrations.Migration):
    dependencies = [("standings", "0009_ended"), ("snapshots", "0007_latest")]

    operations = [migrations.RunSQL(COUNT, UNCOUNT)]
