from django.db import migrations

# A body that has ended is in no standing and no sum after that day: kept pages and sums are made anew.
AFTER = """
DROP TRIGGER standings_actor ON tracking_actor;
CREATE TRIGGER standings_actor AFTER UPDATE ON tracking_actor FOR EACH ROW
    WHEN ((OLD.slug, OLD.kind, OLD.region, OLD.hidden, OLD.fold, OLD.succeeds_id, OLD.ended, OLD.ended_span)
        IS DISTINCT FROM (NEW.slug, NEW.kind, NEW.region, NEW.hidden, NEW.fold, NEW.succeeds_id, NEW.ended, NEW.ended_span))
    EXECUTE FUNCTION standings_who_changed();
"""
BEFORE = """
DROP TRIGGER standings_actor ON tracking_actor;
CREATE TRIGGER standings_actor AFTER UPDATE ON tracking_actor FOR EACH ROW
    WHEN ((OLD.slug, OLD.kind, OLD.region, OLD.hidden, OLD.fold, OLD.succeeds_id)
        IS DISTINCT FROM (NEW.slug, NEW.kind, NEW.region, NEW.hidden, NEW.fold, NEW.succeeds_id))
    EXECUTE FUNCTION standings_who_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("standings", "0008_error_codes"), ("registry", "0003_names_successions_proposals")]

    operations = [migrations.RunSQL(AFTER, BEFORE)]
