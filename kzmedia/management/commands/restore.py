from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from kzmedia.backups import restoring, sending
from kzmedia.backups.archive import BackupRefused
from kzmedia.processes import servers


class Command(BaseCommand):
    help = (
        "Bring database, editions and media to what they were when a backup was made: all of it or nothing."
    )
    requires_system_checks = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "file", help="a file, or one of a bucket: s3://bucket/folder/kzmedia-2026-11-22.tar"
        )
        parser.add_argument(
            "--key", type=Path, help="the file with the private key, for a backup that is encrypted"
        )
        parser.add_argument(
            "--replace", action="store_true", help="put it in the place of all that is in the database now"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            servers.check_postgres(settings.DATABASES["default"])
            with sending.fetched(options["file"]) as place:
                restored = restoring.restore(place, replace=options["replace"], key=options["key"])
        except (BackupRefused, servers.Unusable) as refused:
            raise CommandError(str(refused)) from refused
        manifest = restored.manifest
        self.stdout.write(
            f"Restored what was there on {manifest['made_at']} (release {manifest['release']}):"
            f" {restored.rows:,} rows, {len(manifest['files']):,} files."
        )
        for removal in restored.removals:
            self.stdout.write(
                f"{removal.platform}: {removal.snapshots:,} counts from before {removal.before} were not brought back;"
                " the platform's terms do not let them be stored any longer."
            )
