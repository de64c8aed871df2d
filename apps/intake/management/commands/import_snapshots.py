"""manage.py import_snapshots FILE --source KEY [--answers FILE] [--yes]"""

import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Min, QuerySet
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from tqdm import tqdm

from apps.collectors.platforms import PLATFORMS
from apps.common.grids import ENCODINGS, NoTable
from apps.intake import imports
from apps.intake.answers import Answers, read_answers
from apps.intake.layout import Layout
from apps.intake.models import ImportBatch, ImportedRow
from apps.intake.words import ASKED, DOUBT
from apps.registry.models import Source
from apps.snapshots.models import Span

MOST_LINES = 1000  # of one verdict; a file of a million rows is not read on a screen
MOST_GROUPS = 200  # of one verdict
Verdict = ImportedRow.Verdict
SHOWN = (
    Verdict.ERROR,
    Verdict.ASKED,
    Verdict.LEFT,
    Verdict.DOUBT,
    Verdict.SAME,
    Verdict.CONFLICT,
    Verdict.NEW,
)


class Command(BaseCommand):
    help = (
        "Shows how a table is read, what it asks and what would become of each count: new, same, conflict, doubt, asked, left or "
        "error; writes with --yes. CSV, TSV, XLSX, ODS and our own files."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument(
            "--source", metavar="KEY", required=True, help="the source of the rows that name none"
        )
        parser.add_argument(
            "--platform", choices=sorted(PLATFORMS), default="", help="of the rows that name none"
        )
        parser.add_argument(
            "--encoding", choices=sorted(ENCODINGS), default="", help="where the detected one is wrong"
        )
        parser.add_argument(
            "--answers", metavar="FILE", type=Path, help="JSON with answers to the questions (docs/intake.md)"
        )
        parser.add_argument(
            "--nature", choices=ImportBatch.Nature.values, default="published", help="what the numbers are"
        )
        parser.add_argument("--yes", action="store_true", help="write what is new; without it nothing is")
        parser.add_argument(
            "--leave-out-mistakes",
            action="store_true",
            help="write the good rows although others have mistakes",
        )

    def handle(self, *, file: Path, source: str, yes: bool, **options: Any) -> None:
        standing = Source.objects.filter(key=source).first()
        if standing is None:
            raise CommandError(_("There is no source with the key “%(key)s”.") % {"key": source})
        if not file.is_file():
            raise CommandError(_("There is no file %(file)s.") % {"file": file})
        answers = _answers(options["answers"])
        batch = self.look_through(file, standing, answers, options)
        written = False
        try:
            mistakes = batch.counts.get(Verdict.ERROR, 0)
            self.describe(batch)
            self.tell(batch)
            if mistakes and not options["leave_out_mistakes"]:
                sentence = ngettext(
                    "%(count)d mistake; nothing was written.",
                    "%(count)d mistakes; nothing was written.",
                    mistakes,
                )
                raise CommandError(sentence % {"count": mistakes})
            if yes:
                imports.write(batch)
                written = True
            self.summarise(batch, yes)
        finally:
            if not written:
                imports.discard(batch)

    def look_through(
        self, file: Path, source: Source, answers: Answers | None, options: dict[str, Any]
    ) -> ImportBatch:
        language = (get_language() or "en")[:2]
        try:
            with file.open("rb") as content:
                batch = imports.receive(
                    content,
                    file.name,
                    source=source,
                    platform=options["platform"],
                    language=language,
                    nature=options["nature"],
                )
        except NoTable as error:
            raise CommandError(str(error)) from None
        with tqdm(total=100, unit="%", file=sys.stderr, disable=None, leave=False) as bar:
            imports.check(
                batch,
                encoding=options["encoding"],
                answers=answers,
                progress=lambda done: bar.update(done - bar.n),
            )
        if batch.stage == ImportBatch.Stage.REFUSED:
            refused = batch.refused
            self.describe(batch)
            imports.discard(batch)
            raise CommandError(refused)
        return batch

    def describe(self, batch: ImportBatch) -> None:
        """Write to the error stream how each sheet is read, and what is asked."""
        for saved in batch.reading.get("layouts", []):
            layout = Layout.from_json(saved)
            if layout.sheet_state != "visible" or not layout.columns:
                continue
            columns = [f"{column.name or column.place + 1} = {column.role}" for column in layout.columns]
            sheet = f"{layout.sheet_name}: " if layout.sheet_name else ""
            self.stderr.write(f"read {sheet}{', '.join(columns)}")
        for question in batch.reading.get("questions", []):
            sentence = str(ASKED[question["kind"]]) % {"seen": question["example"] or question["value"]}
            likely = f" ({', '.join(question['likely'])}?)" if question["likely"] else ""
            self.stderr.write(f"question {question['kind']} [{question['rows']}]: {sentence}{likely}")

    def tell(self, batch: ImportBatch) -> None:
        """Print the rows verdict by verdict; the verdicts are words of the interface, the same in every language.

        Rows of one problem share a line; each other row has one of its own.
        """
        sources = dict(Source.objects.values_list("pk", "key"))
        for verdict in SHOWN:
            count = batch.counts.get(verdict, 0)
            if not count:
                continue
            rows = batch.rows.filter(verdict=verdict)
            problems = (
                rows.exclude(problem="").values("problem").annotate(lines=Count("pk"), first=Min("line"))
            )
            for group in problems.order_by("first", "problem")[:MOST_GROUPS]:
                self._tell_problem(batch, rows, group)
            if count > MOST_LINES:
                self.stdout.write(f"{verdict}: {count}")
            else:
                for row in rows.filter(problem="").select_related("account__actor").order_by("number"):
                    self.stdout.write(_line(batch, row, sources))

    def _tell_problem(
        self, batch: ImportBatch, rows: QuerySet[ImportedRow], group: Mapping[str, Any]
    ) -> None:
        """Write to the error stream which rows have a problem; of very many only how many and the first."""
        same = rows.filter(problem=group["problem"])
        if group["lines"] <= MOST_LINES:
            lines = runs(sorted(set(same.values_list("line", flat=True))))
        else:
            lines = f"{group['first']}…"
        rows_of = f" ({group['lines']})" if group["lines"] > 1 else ""
        for problem in group["problem"].splitlines():
            self.stderr.write(f"{same[0].verdict} {batch.file_name}:{lines}:{problem}{rows_of}")

    def summarise(self, batch: ImportBatch, written: bool) -> None:
        counts = {verdict.value: batch.counts.get(verdict, 0) for verdict in Verdict}
        self.stdout.write(_("%(new)d new, %(same)d the same, %(conflict)d in conflict.") % counts)
        if counts["asked"] or counts["doubt"]:
            self.stdout.write(
                _("%(asked)d need an answer, %(doubt)d are held out; --answers gives both.") % counts
            )
        if written:
            self.stdout.write(_("Batch %(batch)s.") % {"batch": batch.pk})
        else:
            self.stdout.write(_("Nothing was written. Add --yes to write the new counts."))


def runs(numbers: Sequence[int]) -> str:
    """Return numbers in rising order as they are written in a text: 2-4,7."""
    pieces: list[list[int]] = []
    for number in numbers:
        if pieces and number == pieces[-1][-1] + 1:
            pieces[-1] = [pieces[-1][0], number]
        else:
            pieces.append([number])
    return ",".join("-".join(map(str, piece)) for piece in pieces)


def _answers(path: Path | None) -> Answers | None:
    try:
        return read_answers(path) if path else None
    except ValueError as error:
        raise CommandError(_("The answers cannot be used: %(reason)s.") % {"reason": error}) from None


def _line(batch: ImportBatch, row: ImportedRow, sources: Mapping[int, str]) -> str:
    account = row.account
    where = f"{account.actor.slug} {account.platform}" if account else "?"
    said = f"{row.verdict} {batch.file_name}:{row.line}: {where} {row.observed} {_value(row.state, row.followers, row.bound)}"
    if row.verdict == Verdict.DOUBT and row.against:
        day = Span(row.against["span"]).of(date.fromisoformat(row.against["day"]))
        return f"{said} ({DOUBT[row.against['doubt']] % {'before': row.against['before'], 'day': day, 'other': row.against['other']}})"
    if row.verdict != Verdict.CONFLICT or not row.against:
        return said
    standing = _value(row.against["state"], row.against["followers"], row.against["bound"])
    if "line" in row.against:
        return said + _(" (%(value)s of line %(line)d comes first)") % {
            "value": standing,
            "line": row.against["line"],
        }
    names = {"value": standing, "source": sources[row.against["source_id"]]}
    return said + _(" (%(value)s of %(source)s stands and is kept)") % names


def _value(state: str, followers: int | None, bound: str) -> str:
    return state if followers is None else f"{bound}{followers}".removeprefix("=")
