from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from kzmedia.backups import making
from kzmedia.backups.archive import Refused


class Command(BaseCommand):
    help = "Write the whole database, editions and media into one file with checksums. The site may run meanwhile."
    requires_system_checks = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path, help="for example kzmedia-2026-11-22.tar")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = making.make(options["file"])
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"{made.place}: {made.rows:,} rows, {made.files:,} files, {made.size / 1e6:,.1f} MB"
        )
        limit = making.storage_limit()
        if limit is not None:
            self.stdout.write(
                f"It holds counts that a platform's terms let be stored for {limit} days: keep it no longer than that."
            )
