from django.db import migrations

# What a person writes at the desk (kzmedia.by, tracking's migration 0008) also changes a number of its own: kept pages
# show that at once, and what programs write within a minute. It stands after every month, as summaries look at months.
BUMP = """
CREATE OR REPLACE FUNCTION standings_bump(months date[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO standings_generation AS g (month, shard, value)
    SELECT DISTINCT month, pg_backend_pid() % 256, 1 + (random() * 1000000000)::bigint
    FROM unnest(months || CASE WHEN coalesce(current_setting('kzmedia.by', true), '') <> ''
        THEN ARRAY[date '9998-12-01'] ELSE '{}' END) month ORDER BY month
    ON CONFLICT (month, shard) DO UPDATE SET value = g.value + excluded.value
$$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION standings_bump(months date[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO standings_generation AS g (month, shard, value)
    SELECT DISTINCT month, pg_backend_pid() % 256, 1 + (random() * 1000000000)::bigint
    FROM unnest(months) month ORDER BY month
    ON CONFLICT (month, shard) DO UPDATE SET value = g.value + excluded.value
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("standings", "0005_mergers"), ("tracking", "0008_changes")]

    operations = [migrations.RunSQL(BUMP, BEFORE)]
