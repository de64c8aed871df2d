from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from kzmedia.processes import up, wal_archive
from kzmedia.processes.servers import Unusable


class Command(BaseCommand):
    help = (
        "Bring the embedded PostgreSQL back to a second, from WAL_ARCHIVE. The site has to be stopped; the data of before are kept"
        " beside it."
    )
    requires_system_checks = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "moment", help="2026-11-22 14:03:07, in Almaty's time unless an offset follows: +00:00"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            moment = datetime.fromisoformat(options["moment"])
        except ValueError as error:
            raise CommandError(f"{options['moment']!r} is no moment such as 2026-11-22 14:03:07.") from error
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))
        lock = settings.VAR_DIR / "run" / "up.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        try:
            with up.only_one(lock):
                before = wal_archive.recover(settings.VAR_DIR, moment)
        except (up.StartRefused, wal_archive.Unrecoverable, Unusable) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"The database is as it was on {moment.isoformat()}. What was there before is in {before}."
        )
