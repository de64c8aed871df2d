from django.db import migrations

# As 0002_pages made it, for the columns that came in the place of last_error.
COLUMNS = "last_attempt_at, last_success_at, {error}, not_found_days"
RENEW = """DROP TRIGGER standings_page ON tracking_collection;
CREATE TRIGGER standings_page AFTER INSERT OR UPDATE OF {columns} OR DELETE ON tracking_collection
FOR EACH STATEMENT EXECUTE FUNCTION standings_page_changed();"""


class Migration(migrations.Migration):
    dependencies = [("standings", "0007_names_and_successions"), ("collecting", "0002_reasons_as_codes")]

    operations = [
        migrations.RunSQL(
            RENEW.format(columns=COLUMNS.format(error="error_code, error_detail")),
            RENEW.format(columns=COLUMNS.format(error="last_error")),
        )
    ]
