"""What stood as "code: detail" in one column becomes a code and a detail."""

from django.db import migrations

SPLIT = """UPDATE tracking_account SET
  stopped_code = split_part(stopped_because, ': ', 1),
  stopped_detail = regexp_replace(stopped_because, '^(moved: moved_to|moved|other_id|same_as): ?', '')
WHERE stopped_because ~ '^(moved|other_id|same_as)(:|$)'"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_stop_codes")]

    operations = [migrations.RunSQL(SPLIT, migrations.RunSQL.noop)]
