from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from kzmedia.processes import wal_archive
from kzmedia.processes.servers import Unusable


class Command(BaseCommand):
    help = (
        "Copy the running embedded PostgreSQL into WAL_ARCHIVE: `manage.py recover` begins with such a copy."
    )
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            place = wal_archive.back_up(settings.VAR_DIR)
        except Unusable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{place}: from now on every second can be brought back.")
