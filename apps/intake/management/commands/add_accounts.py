"""manage.py add_accounts FILE [--source KEY] [--answers FILE] [--yes], or --undo NUMBER"""

from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.collecting import tasks
from apps.collectors.platforms import PLATFORMS
from apps.common.grids import NoTable
from apps.intake import additions, bulk_add
from apps.intake.answers import Answers, read_answers
from apps.intake.bulk_add import Judged, LineVerdict, ListedAccount
from apps.intake.models import Addition
from apps.intake.words import ASKED
from apps.registry.models import ActorKind, Group, Source


class Command(BaseCommand):
    help = (
        "Shows how a list of accounts is read and what would become of each row: joins, creates, tracked, twice, asked, left or "
        "unreadable; saves with --yes. Lines, CSV, TSV, XLSX and ODS."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, nargs="?")
        parser.add_argument("--source", metavar="KEY", default="", help="where the list comes from")
        parser.add_argument("--platform", choices=sorted(PLATFORMS), default="", help="of bare names")
        parser.add_argument("--kind", choices=ActorKind.values, default="state_body", help="of new actors")
        parser.add_argument("--group", metavar="SLUG", default="", help="a group for all of them")
        parser.add_argument(
            "--answers", metavar="FILE", type=Path, help="JSON with answers to the questions (docs/intake.md)"
        )
        parser.add_argument("--yes", action="store_true", help="save the good rows; without it nothing is")
        parser.add_argument("--undo", metavar="NUMBER", type=int, help="take an addition back")

    def handle(self, *, file: Path | None, yes: bool, undo: int | None, **options: Any) -> None:
        if undo is not None:
            self.take_back(undo)
            return
        if file is None or not file.is_file():
            raise CommandError(_("There is no file %(file)s.") % {"file": file or ""})
        source = self.find(Source, "key", options["source"], _("There is no source with the key “%(key)s”."))
        group = self.find(Group, "slug", options["group"], _("There is no group “%(key)s”."))
        answers = self.read_answers(options["answers"])
        answers.platform = options["platform"] or answers.platform
        with TemporaryDirectory() as folder:
            try:
                with file.open("rb") as content:
                    kept = bulk_add.keep_list(content, Path(folder) / "list")
                judged = bulk_add.judge_list(kept, answers, kind=options["kind"])
            except NoTable as refused:
                raise CommandError(str(refused)) from None
        self.tell(file, judged)
        if not yes:
            self.stdout.write(_("Nothing was written. Add --yes to save the good rows."))
            return
        addition = additions.save(judged.lines, by=None, source=source, group=group, aliases=answers.aliases)
        if addition is None:
            raise CommandError(_("No row can be added."))
        tasks.wake()
        self.stdout.write(_("Addition %(number)d.") % {"number": addition.pk})

    def find(self, model: Any, field: str, key: str, sentence: str) -> Any:
        """Return the row that an option names; None where it names none."""
        one = model.objects.filter(**{field: key}).first() if key else None
        if key and one is None:
            raise CommandError(sentence % {"key": key})
        return one

    def read_answers(self, path: Path | None) -> Answers:
        try:
            return read_answers(path) if path else Answers()
        except ValueError as error:
            raise CommandError(_("The answers cannot be used: %(reason)s.") % {"reason": error}) from None

    def tell(self, file: Path, judged: Judged) -> None:
        """Print one line for one account, grouped by verdict; why nothing is added goes to the error stream."""
        for layout in judged.layouts:
            columns = [f"{column.name or column.place + 1} = {column.role}" for column in layout.columns]
            sheet = f"{layout.sheet_name}: " if layout.sheet_name else ""
            self.stderr.write(f"read {sheet}{', '.join(columns)}")
        for question in judged.questions:
            sentence = str(ASKED[question.kind]) % {"seen": question.example or question.value}
            likely = f" ({', '.join(question.likely)}?)" if question.likely else ""
            self.stderr.write(f"question {question.kind} [{question.rows}]: {sentence}{likely}")
        for verdict in LineVerdict:
            lines = [line for line in judged.lines if line.verdict == verdict]
            if lines:
                self.stdout.write(f"{verdict}: {len(lines)}")
            for line in lines:
                out = self.stderr if line.problem else self.stdout
                out.write(f"{verdict} {file.name}:{line.number}: {_line(line)}")
        if judged.numbers:
            lines_with = ", ".join(str(number) for number in judged.numbers[:50])
            self.stderr.write(
                _("Numbers beside addresses are left out: lines %(lines)s.") % {"lines": lines_with}
            )

    def take_back(self, number: int) -> None:
        addition = Addition.objects.filter(pk=number).first()
        if addition is None:
            raise CommandError(_("There is no addition %(number)d.") % {"number": number})
        stay = additions.undo(addition)
        words = ngettext(
            "Undone. %(count)d account stays: something is recorded for it.",
            "Undone. %(count)d accounts stay: something is recorded for them.",
            stay,
        )
        self.stdout.write(words % {"count": stay} if stay else _("Undone."))


def _line(line: ListedAccount) -> str:
    if line.problem or line.target is None:
        return f"{line.text[:120]}: {line.problem}"
    where = f"{line.target.platform} {line.target.handle or line.target.platform_id}"
    actor = line.tracked.actor if line.tracked else line.actor
    return f"{where} -> {actor.slug if actor else ' / '.join(dict.fromkeys(line.names))}"
