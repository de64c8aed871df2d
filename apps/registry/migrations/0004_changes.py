from django.db import migrations

# Which of the new tables an editor writes: each change is kept with who did it, as of the tables before.
TABLES = {
    "registry_alias": "fold",
    "registry_succession": "",
    "registry_verification": "",
    "registry_impostor": "",
    "registry_proposal": "",
}
# What the reference dataset and visits to sites propose is kept elsewhere: only a person's doing is an editor's change.
OF_PERSONS = {"registry_proposal", "registry_impostor"}


def trigger(table: str, left_out: str) -> str:
    when = "WHEN (current_setting('kzmedia.by', true) <> '')" if table in OF_PERSONS else ""
    return f"""CREATE TRIGGER tracking_change AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW {when}
        EXECUTE FUNCTION tracking_keep_change('id', '{left_out}');
    """


KEEP = "".join(trigger(table, left_out) for table, left_out in TABLES.items())
FORGET = "".join(f"DROP TRIGGER tracking_change ON {table};\n" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_names_successions_proposals"), ("tracking", "0008_changes")]

    operations = [migrations.RunSQL(KEEP, FORGET)]
