from typing import Any

from django.core.management.base import BaseCommand

from apps.ledger import keys, sealing


class Command(BaseCommand):
    help = "Seals the days that have ended, as the nightly job does; --rotate makes a new key, which the next seal vouches for."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--rotate", action="store_true", help="make a new key first")

    def handle(self, *, rotate: bool, **options: Any) -> None:
        if rotate:
            self.stdout.write(
                f"The next seal vouches for the key {keys.announce()}; the one after it is signed with it."
            )
        made = sealing.seal()
        for one in made:
            self.stdout.write(f"{one.label}: {one.day}, {one.lines} lines")
        if not made:
            self.stdout.write("Nothing to seal: the newest number is of today.")
