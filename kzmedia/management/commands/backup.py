from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from kzmedia.backups import making
from kzmedia.backups.archive import BackupRefused


class Command(BaseCommand):
    help = "Write the whole database, editions and media into one file with checksums. The site may run meanwhile."
    requires_system_checks = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "file",
            type=Path,
            help="for example kzmedia-2026-11-22.tar; behind it .age or .gpg, and it is encrypted for BACKUP_RECIPIENT",
        )
        parser.add_argument(
            "--keep-days",
            type=int,
            default=0,
            help="how long the file will be kept: counts that a platform's terms do not let be stored so long are left out",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = making.make(options["file"], keep_days=options["keep_days"])
        except BackupRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"{made.place}: {made.rows:,} rows, {made.files:,} files, {made.size / 1e6:,.1f} MB"
        )
        limit = making.storage_limit()
        if limit is not None:
            self.stdout.write(
                f"It holds counts that a platform's terms let be stored for {limit} days, and not one day longer."
                f" Remove it after {options['keep_days']} days."
                if options["keep_days"]
                else f"It holds counts up to {limit} days old, and a platform's terms let them be stored for {limit} days: remove"
                " it when it has served its purpose, or make it with --keep-days, which leaves out what would be too old by then."
            )
