from typing import Any

from django.core.management import BaseCommand

from kzmedia.processes import up


class Command(BaseCommand):
    """What lists it and tells of it: manage.py runs kzmedia/processes/up.py without coming here."""

    help = (
        "Start everything and keep it running until Ctrl-C: PostgreSQL and Valkey when DATABASE_URL and REDIS_URL"
        " name none, then the web server, the worker and the clock that gives it work."
    )
    requires_system_checks = []

    def add_arguments(self, parser: Any) -> None:
        up.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        raise SystemExit(up.main(["--only", options["only"]] if options["only"] else []))
