from django.db import migrations

# Mergers stand on the page of corrections, and what they set aside on a page of its own.
TABLES = ("tracking_merger", "tracking_setaside")
COUNT = "".join(
    f"""CREATE TRIGGER standings_page AFTER INSERT OR UPDATE OR DELETE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION standings_page_changed();
    """
    for table in TABLES
)
UNCOUNT = "".join(f"DROP TRIGGER standings_page ON {table};\n" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("standings", "0004_succession"), ("tracking", "0009_mergers")]

    operations = [migrations.RunSQL(COUNT, UNCOUNT)]
