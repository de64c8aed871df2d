from django.db import migrations, models

# One row a month and shard is locked until its writer commits. Two writers wait for each other only if both write
# several months in one transaction and their connections fall on the same of 256 shards.
BUMP = """
CREATE FUNCTION standings_bump(months date[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO standings_generation AS g (month, shard, value)
    SELECT DISTINCT month, pg_backend_pid() % 256, 1 + (random() * 1000000000)::bigint
    FROM unnest(months) month ORDER BY month
    ON CONFLICT (month, shard) DO UPDATE SET value = g.value + excluded.value
$$;
CREATE FUNCTION standings_snapshots_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM standings_bump(ARRAY(
            SELECT date_trunc('month', day)::date FROM written
            UNION SELECT date_trunc('month', day)::date FROM was));
    ELSE
        PERFORM standings_bump(ARRAY(SELECT DISTINCT date_trunc('month', day)::date FROM written));
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION standings_who_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM standings_bump(ARRAY[date '0001-01-01']);
    RETURN NULL;
END $$;
CREATE TRIGGER standings_inserted AFTER INSERT ON tracking_snapshot
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION standings_snapshots_written();
CREATE TRIGGER standings_updated AFTER UPDATE ON tracking_snapshot
    REFERENCING OLD TABLE AS was NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION standings_snapshots_written();
CREATE TRIGGER standings_deleted AFTER DELETE ON tracking_snapshot
    REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION standings_snapshots_written();
CREATE TRIGGER standings_truncated AFTER TRUNCATE ON tracking_snapshot
    FOR EACH STATEMENT EXECUTE FUNCTION standings_who_changed();
CREATE TRIGGER standings_account AFTER UPDATE ON tracking_account FOR EACH ROW
    WHEN ((OLD.actor_id, OLD.platform) IS DISTINCT FROM (NEW.actor_id, NEW.platform))
    EXECUTE FUNCTION standings_who_changed();
CREATE TRIGGER standings_actor AFTER UPDATE ON tracking_actor FOR EACH ROW
    WHEN ((OLD.slug, OLD.kind, OLD.region, OLD.hidden, OLD.fold)
        IS DISTINCT FROM (NEW.slug, NEW.kind, NEW.region, NEW.hidden, NEW.fold))
    EXECUTE FUNCTION standings_who_changed();
CREATE TRIGGER standings_group AFTER UPDATE OF slug ON tracking_group
    FOR EACH STATEMENT EXECUTE FUNCTION standings_who_changed();
CREATE TRIGGER standings_members AFTER INSERT OR UPDATE OR DELETE ON tracking_group_members
    FOR EACH STATEMENT EXECUTE FUNCTION standings_who_changed();
"""
UNBUMP = """
DROP TRIGGER standings_inserted ON tracking_snapshot;
DROP TRIGGER standings_updated ON tracking_snapshot;
DROP TRIGGER standings_deleted ON tracking_snapshot;
DROP TRIGGER standings_truncated ON tracking_snapshot;
DROP TRIGGER standings_account ON tracking_account;
DROP TRIGGER standings_actor ON tracking_actor;
DROP TRIGGER standings_group ON tracking_group;
DROP TRIGGER standings_members ON tracking_group_members;
DROP FUNCTION standings_snapshots_written;
DROP FUNCTION standings_who_changed;
DROP FUNCTION standings_bump;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [("tracking", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Generation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("shard", models.PositiveSmallIntegerField()),
                ("value", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("month", "shard"), name="generation_once")]
            },
        ),
        migrations.CreateModel(
            name="Summary",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64, unique=True)),
                ("generation", models.BigIntegerField()),
                ("answer", models.JSONField()),
                ("made_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.RunSQL(BUMP, UNBUMP),
    ]
