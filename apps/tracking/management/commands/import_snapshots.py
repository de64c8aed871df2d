"""manage.py import_snapshots FILE --source KEY [--yes]"""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.common.tables import BadTable, dated
from apps.tracking.importing import Line, import_snapshots
from apps.tracking.models import Snapshot, Source
from apps.tracking.recording import Recorded, Verdict


class Command(BaseCommand):
    help = "Shows what would become of each count in a CSV file: new, same, conflict or error; writes with --yes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument(
            "--source", metavar="KEY", required=True, help="the source of the rows that name none"
        )
        parser.add_argument("--yes", action="store_true", help="write what is new; without it nothing is")

    def handle(self, *, file: Path, source: str, yes: bool, **options: Any) -> None:
        standing = Source.objects.filter(key=source).first()
        if standing is None:
            raise CommandError(_("There is no source with the key “%(key)s”.") % {"key": source})
        if not file.is_file():
            raise CommandError(_("There is no file %(file)s.") % {"file": file})
        try:
            imported = import_snapshots(file, standing, write=yes)
        except BadTable as error:
            for problem in error.problems:
                self.stderr.write(f"error {problem}")
            count = len(error.problems)
            sentence = ngettext(
                "%(count)d mistake; nothing was written.", "%(count)d mistakes; nothing was written.", count
            )
            raise CommandError(sentence % {"count": count}) from None
        for line, recorded in imported:
            self.stdout.write(_said(line, recorded))
        self.summarise(Counter(recorded.verdict for _line, recorded in imported), yes)

    def summarise(self, verdicts: Counter[Verdict], written: bool) -> None:
        counts = {
            verdict.value: verdicts[verdict] for verdict in (Verdict.NEW, Verdict.SAME, Verdict.CONFLICT)
        }
        self.stdout.write(_("%(new)d new, %(same)d the same, %(conflict)d in conflict.") % counts)
        if not written:
            self.stdout.write(_("Nothing was written; add --yes to write what is new."))


def _said(line: Line, recorded: Recorded) -> str:
    """One line for one row; the verdicts are words of the interface, the same in every language."""
    count = line.count
    said = " ".join(
        (
            f"{recorded.verdict} {line.row.place}: {line.account.actor.slug} {line.account.platform}",
            f"{dated(count.day, count.span)} {_value(count)}",
        )
    )
    if recorded.verdict == Verdict.CONFLICT and recorded.existing:
        standing = {"value": _value(recorded.existing), "source": recorded.existing.source.key}
        said += _(" (%(value)s of %(source)s stands and is kept)") % standing
    return said


def _value(snapshot: Snapshot) -> str:
    if snapshot.followers is None:
        return str(snapshot.state)
    return f"{snapshot.bound}{snapshot.followers}".removeprefix("=")
