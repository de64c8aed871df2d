from django.db import migrations

# Names, successions and confirmations are on public pages: a write into any of them makes kept pages anew.
TABLES = ("registry_alias", "registry_succession", "registry_verification")
BUMP = "".join(
    f"""CREATE TRIGGER standings_page AFTER INSERT OR UPDATE OR DELETE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION standings_page_changed();
    """
    for table in TABLES
)
UNBUMP = "".join(f"DROP TRIGGER standings_page ON {table};\n" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("standings", "0006_by_hand"), ("registry", "0003_names_successions_proposals")]

    operations = [migrations.RunSQL(BUMP, UNBUMP)]
