from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.ledger import verification


class Command(BaseCommand):
    help = "Checks the whole database against the ledger; every row that is not as it was sealed is named by its day."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--key", default="", help="the public key that has to have signed, in hexadecimal digits"
        )
        parser.add_argument(
            "--known", action="append", default=[], help="a printed number, such as 12-1a2b3c4d5e6f"
        )

    def handle(self, *, key: str, known: list[str], **options: Any) -> None:
        report = verification.check(key=key, known=known)
        for note in report.notes:
            self.stdout.write(f"Note: {note}")
        for line in report.pending:
            self.stdout.write(f"Not sealed yet: {line}")
        for problem in report.problems:
            self.stdout.write(problem)
        if report.more:
            self.stdout.write(f"and {report.more} more lines")
        if report.problems:
            raise CommandError("The database is not as it was sealed.")
        self.stdout.write(
            f"All is as it was sealed: {report.numbers} numbers up to {report.label}, {report.lines} lines."
        )
