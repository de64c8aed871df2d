from django.db import migrations

# Totals of kinds leave out whom another succeeded, so who succeeds whom makes them anew.
ACTOR = """
DROP TRIGGER standings_actor ON tracking_actor;
CREATE TRIGGER standings_actor AFTER UPDATE ON tracking_actor FOR EACH ROW
    WHEN ((OLD.slug, OLD.kind, OLD.region, OLD.hidden, OLD.fold, OLD.succeeds_id)
        IS DISTINCT FROM (NEW.slug, NEW.kind, NEW.region, NEW.hidden, NEW.fold, NEW.succeeds_id))
    EXECUTE FUNCTION standings_who_changed();
CREATE TRIGGER standings_successor_new AFTER INSERT ON tracking_actor FOR EACH ROW
    WHEN (NEW.succeeds_id IS NOT NULL) EXECUTE FUNCTION standings_who_changed();
CREATE TRIGGER standings_successor_gone AFTER DELETE ON tracking_actor FOR EACH ROW
    WHEN (OLD.succeeds_id IS NOT NULL) EXECUTE FUNCTION standings_who_changed();
"""
BEFORE = """
DROP TRIGGER standings_successor_gone ON tracking_actor;
DROP TRIGGER standings_successor_new ON tracking_actor;
DROP TRIGGER standings_actor ON tracking_actor;
CREATE TRIGGER standings_actor AFTER UPDATE ON tracking_actor FOR EACH ROW
    WHEN ((OLD.slug, OLD.kind, OLD.region, OLD.hidden, OLD.fold)
        IS DISTINCT FROM (NEW.slug, NEW.kind, NEW.region, NEW.hidden, NEW.fold))
    EXECUTE FUNCTION standings_who_changed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("standings", "0003_requests_and_replies"),
        ("tracking", "0001_initial"),
    ]

    operations = [migrations.RunSQL(ACTOR, BEFORE)]
