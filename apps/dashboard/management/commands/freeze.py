"""Editions from the command line: of a chart, of the whole dataset, and whether all of them are what they were."""

import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.management import BaseCommand, CommandError, CommandParser
from django.http import QueryDict

from apps.dashboard import charts, freezing
from apps.exports import editions
from apps.exports.models import Edition

SECONDS: Final = 5  # between two words on how far it is


class Command(BaseCommand):
    help = (
        "Freeze the chart at ADDRESS (a page's or a frame's) as an edition that never changes; or the whole dataset,"
        " once a month; or read all editions through and see that they match their checksums."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("address", nargs="?", help="for example /en/compare/?actor=abenov")
        what.add_argument("--dataset", action="store_true", help="everything that may be given out")
        what.add_argument(
            "--verify", action="store_true", help="change nothing; fail where bytes were changed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verify"]:
            self._verify()
            return
        if options["dataset"]:
            made = editions.freeze_dataset(told=self._progress())
        else:
            made = self._chart(options["address"])
        self.stdout.write(f"{made.key}: {made.row_count} rows, {made.size} bytes, SHA-256 {made.checksum}")

    def _progress(self) -> Callable[[int], None]:
        """Says every few seconds how far it is: millions of rows take minutes."""
        next_at = time.monotonic() + SECONDS

        def told(rows: int) -> None:
            nonlocal next_at
            if time.monotonic() >= next_at:
                next_at = time.monotonic() + SECONDS
                self.stderr.write(f"{rows:,} rows so far")

        return told

    def _chart(self, address: str) -> Edition:
        parts = urlsplit(address)
        query = QueryDict(parts.query)
        try:
            if parts.path.startswith(charts.EMBED):
                asked = charts.find_chart(parts.path.removeprefix(charts.EMBED), query)
            else:
                asked = charts.of_page(parts.path, query)
            return freezing.freeze(asked.address.path, asked.address.query)
        except charts.NoChart as error:
            raise CommandError(
                f"There is no chart at {address}, or nothing is recorded that it shows."
            ) from error

    def _verify(self) -> None:
        wrong = 0
        for edition in Edition.objects.order_by("pk").iterator(chunk_size=20):
            is_whole = editions.verify(edition)
            wrong += not is_whole
            self.stdout.write(f"{edition.key}: {'as it was' if is_whole else 'CHANGED'}")
        if wrong:
            raise CommandError(f"{wrong} of the editions are not what was frozen.")
