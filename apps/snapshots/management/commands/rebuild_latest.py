"""What is kept of each account's newest snapshot, made anew or checked."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.snapshots import latest


class Command(BaseCommand):
    help = "Reads the newest snapshot of every account again, beside all that runs; --check only compares, and changes nothing that is right."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="name the accounts that differ; status 1 where some do"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            different = latest.check()
            if different:
                raise CommandError(f"These accounts differ: {', '.join(map(str, different))}.")
            self.stdout.write("Every account's latest is that of its snapshots.")
            return
        self.stdout.write(f"Read the latest of {latest.rebuild():,} accounts again.")
