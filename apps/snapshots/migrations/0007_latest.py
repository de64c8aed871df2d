import django.db.models.deletion
from django.db import migrations, models

# The rows are locked first and read again after: a statement of its own sees what others have committed meanwhile.
# A new account's row is there before it is known what it says: "infinity" answers no question.
KEEP = """
ALTER TABLE snapshots_latest SET (fillfactor = 70);
CREATE FUNCTION snapshots_keep_latest(accounts bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    held bigint;
BEGIN
    FOR turn IN 1..10 LOOP
        INSERT INTO snapshots_latest (account_id, id, day, span, state, followers, bound, precision, note, source_id)
        SELECT a.id, 0, 'infinity', 3, 'counted', NULL, '=', 'exact', '', 0
        FROM tracking_account a
        WHERE a.id = ANY(accounts) AND NOT EXISTS (SELECT FROM snapshots_latest l WHERE l.account_id = a.id)
        ORDER BY a.id ON CONFLICT DO NOTHING;
        PERFORM FROM snapshots_latest l WHERE l.account_id = ANY(accounts) ORDER BY l.account_id FOR NO KEY UPDATE;
        GET DIAGNOSTICS held = ROW_COUNT;
        -- Whoever took an account's last snapshot away took its row too, while this one waited for it.
        EXIT WHEN held = cardinality(accounts)
            OR held = (SELECT count(*) FROM tracking_account a WHERE a.id = ANY(accounts));
    END LOOP;
    UPDATE snapshots_latest l
    SET id = one.id, day = one.day, span = one.span, state = one.state, followers = one.followers,
        bound = one.bound, precision = one.precision, note = one.note, source_id = one.source_id
    FROM unnest(accounts) account(id) CROSS JOIN LATERAL (
        SELECT s.* FROM tracking_snapshot s WHERE s.account_id = account.id ORDER BY s.day DESC, s.span DESC LIMIT 1
    ) one
    WHERE l.account_id = account.id
        AND (l.id, l.day, l.span, l.state, l.followers, l.bound, l.precision, l.note, l.source_id) IS DISTINCT FROM
            (one.id, one.day, one.span, one.state, one.followers, one.bound, one.precision, one.note, one.source_id);
    DELETE FROM snapshots_latest l WHERE l.account_id = ANY(accounts)
        AND NOT EXISTS (SELECT FROM tracking_snapshot s WHERE s.account_id = l.account_id);
END $$;
CREATE FUNCTION snapshots_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM snapshots_keep_latest(ARRAY(SELECT account_id FROM written UNION SELECT account_id FROM was));
    ELSE
        PERFORM snapshots_keep_latest(ARRAY(SELECT DISTINCT account_id FROM written));
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION snapshots_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM snapshots_latest;
    RETURN NULL;
END $$;
CREATE TRIGGER snapshots_latest_inserted AFTER INSERT ON tracking_snapshot
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION snapshots_written();
CREATE TRIGGER snapshots_latest_updated AFTER UPDATE ON tracking_snapshot
    REFERENCING OLD TABLE AS was NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION snapshots_written();
CREATE TRIGGER snapshots_latest_deleted AFTER DELETE ON tracking_snapshot
    REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION snapshots_written();
CREATE TRIGGER snapshots_latest_emptied AFTER TRUNCATE ON tracking_snapshot
    FOR EACH STATEMENT EXECUTE FUNCTION snapshots_emptied();
"""
UNKEEP = """
DROP TRIGGER snapshots_latest_inserted ON tracking_snapshot;
DROP TRIGGER snapshots_latest_updated ON tracking_snapshot;
DROP TRIGGER snapshots_latest_deleted ON tracking_snapshot;
DROP TRIGGER snapshots_latest_emptied ON tracking_snapshot;
DROP FUNCTION snapshots_written;
DROP FUNCTION snapshots_emptied;
DROP FUNCTION snapshots_keep_latest;
"""


class Migration(migrations.Migration):
    dependencies = [("snapshots", "0006_by_day"), ("registry", "0001_from_tracking")]

    operations = [
        migrations.CreateModel(
            name="LatestDifference",
            fields=[
                ("account_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("found_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={"db_table": "snapshots_latestdifference"},
        ),
        migrations.CreateModel(
            name="LatestSnapshot",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="registry.account",
                    ),
                ),
                ("snapshot", models.BigIntegerField(db_column="id")),
                ("day", models.DateField()),
                ("span", models.PositiveSmallIntegerField()),
                ("state", models.CharField(max_length=9)),
                ("followers", models.PositiveBigIntegerField(null=True)),
                ("bound", models.CharField(max_length=1)),
                ("precision", models.CharField(max_length=7)),
                ("note", models.TextField()),
                ("source_id", models.BigIntegerField()),
            ],
            options={"db_table": "snapshots_latest"},
        ),
        migrations.RunSQL(KEEP, UNKEEP),
    ]
