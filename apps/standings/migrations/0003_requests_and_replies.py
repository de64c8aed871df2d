from django.db import migrations

# Answers stand on the page of corrections, replies on the actor's own.
TABLES = ("tracking_correctionrequest", "tracking_reply")
COUNT = "".join(
    f"""CREATE TRIGGER standings_page AFTER INSERT OR UPDATE OR DELETE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION standings_page_changed();
    """
    for table in TABLES
)
UNCOUNT = "".join(f"DROP TRIGGER standings_page ON {table};\n" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("standings", "0002_pages"), ("tracking", "0007_requests_and_replies")]

    operations = [migrations.RunSQL(COUNT, UNCOUNT)]
