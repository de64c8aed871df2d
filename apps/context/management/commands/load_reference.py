"""manage.py load_reference [DIR]"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.common.tables import BadTable
from apps.context.reference import DIRECTORY
from apps.context.row_merging import Loaded
from apps.context.services import load_reference
from apps.registry.words import waiting_words


class Command(BaseCommand):
    help = "Loads the reference dataset: actors, accounts, snapshots, indicators, events, groups. Again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "directory",
            metavar="DIR",
            nargs="?",
            type=Path,
            default=DIRECTORY,
            help="a directory with files of the same names; those it lacks are taken as they stand in the database",
        )

    def handle(self, *, directory: Path, **options: Any) -> None:
        try:
            loaded = load_reference(directory)
        except BadTable as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            count = len(error.problems)
            sentence = ngettext(
                "%(count)d mistake; nothing was written.", "%(count)d mistakes; nothing was written.", count
            )
            raise CommandError(sentence % {"count": count}) from None
        self.report(loaded)

    def report(self, loaded: Loaded) -> None:
        for name, tally in loaded.tallies.items():
            counts = {"name": name, "new": tally.new, "same": tally.same, "kept": tally.kept}
            sentence = _("%(name)s: %(new)d new, %(same)d the same, %(kept)d kept.")
            if tally.changed:
                sentence = _("%(name)s: %(new)d new, %(same)d the same, %(kept)d kept, %(changed)d changed.")
            self.stdout.write(sentence % {**counts, "changed": tally.changed})
        for sentence in [*loaded.conflicts, *loaded.kept, *loaded.changed]:
            self.stdout.write(sentence)
        if loaded.without_address:
            sentence = ngettext(
                "%(count)d account has no address yet and is not collected.",
                "%(count)d accounts have no address yet and are not collected.",
                loaded.without_address,
            )
            self.stdout.write(sentence % {"count": loaded.without_address})
        if loaded.waiting:
            self.stdout.write(waiting_words(loaded.waiting))
        if loaded.unread:
            names = {"files": ", ".join(loaded.unread)}
            self.stdout.write(_("Not part of a dataset, and not read: %(files)s.") % names)
