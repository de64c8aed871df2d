from django.db import migrations

# UPDATE and DELETE are refused row by row (0001); TRUNCATE passes those triggers by.
NOT_EMPTIED = """
CREATE FUNCTION exports_edition_is_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'editions are never emptied' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER exports_not_emptied BEFORE TRUNCATE ON exports_edition
    FOR EACH STATEMENT EXECUTE FUNCTION exports_edition_is_not_emptied();
"""
EMPTIED = """
DROP TRIGGER exports_not_emptied ON exports_edition;
DROP FUNCTION exports_edition_is_not_emptied;
"""


class Migration(migrations.Migration):
    dependencies = [("exports", "0001_editions")]

    operations = [migrations.RunSQL(NOT_EMPTIED, EMPTIED)]
