from django.db import migrations

TABLES = ("context_indicator", "context_indicatorvalue", "context_event", "context_claim")
KEEP = "".join(
    f"""CREATE TRIGGER tracking_change AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW
        EXECUTE FUNCTION tracking_keep_change('id', '');
    """
    for table in TABLES
)
FORGET = "".join(f"DROP TRIGGER tracking_change ON {table};\n" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("context", "0002_words_and_loaded_rows"), ("tracking", "0008_changes")]

    operations = [migrations.RunSQL(KEEP, FORGET)]
