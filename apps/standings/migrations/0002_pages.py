from django.db import migrations

# All that public pages are made of beside the snapshots. A write into any of it changes a number that stands after
# every month, so that pages which are kept are made anew and the summaries of months are not.
TABLES = {
    "tracking_actor": "",
    "tracking_actor_peers": "",
    "tracking_oldslug": "",
    "tracking_source": "",
    "tracking_account": "",
    "tracking_handlechange": "",
    "tracking_group": "",
    "tracking_group_members": "",
    "tracking_doubt": "",
    "tracking_correction": "",
    "tracking_removal": "",
    "context_indicator": "",
    "context_indicatorvalue": "",
    "context_event": "",
    "context_claim": "",
    # Leases are written every minute and are on no page.
    "tracking_collection": "OF last_attempt_at, last_success_at, last_error, not_found_days",
}
BUMP = """
CREATE FUNCTION standings_page_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM standings_bump(ARRAY[date '9999-12-01']);
    RETURN NULL;
END $$;
""" + "".join(
    f"""CREATE TRIGGER standings_page AFTER INSERT OR UPDATE {columns} OR DELETE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION standings_page_changed();
    """
    for table, columns in TABLES.items()
)
UNBUMP = "".join(f"DROP TRIGGER standings_page ON {table};\n" for table in TABLES) + (
    "DROP FUNCTION standings_page_changed;"
)


class Migration(migrations.Migration):
    dependencies = [
        ("standings", "0001_initial"),
        ("tracking", "0004_title_before"),
        ("context", "0002_words_and_loaded_rows"),
    ]

    operations = [migrations.RunSQL(BUMP, UNBUMP)]
