"""manage.py find_addresses [ACTOR ...] [--due]"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.collectors import wikidata
from apps.collectors.patience import Patient
from apps.intake import site_words
from apps.intake.site_addresses import find_addresses, find_due
from apps.registry.models import Actor, Proposal
from apps.registry.words import waiting_words


class Command(BaseCommand):
    help = (
        "Looks for accounts on the bodies' own sites and on Wikidata, and proposes them. Changes no record."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "actors", metavar="ACTOR", nargs="*", help="slugs; all with a website where none is named"
        )
        parser.add_argument(
            "--due", action="store_true", help="only those that were looked at a year ago or longer"
        )

    def handle(self, *, actors: list[str], due: bool, **options: Any) -> None:
        chosen = find_due(timezone.localdate()) if due else Actor.objects.exclude(website="", wikidata_id="")
        if actors:
            chosen = chosen.filter(slug__in=actors)
            if missing := sorted(set(actors) - set(chosen.values_list("slug", flat=True))):
                sentence = _("No such actor, or it has neither a website nor an item on Wikidata: %(slugs)s.")
                raise CommandError(sentence % {"slugs": ", ".join(missing)})
        with Patient(settings.WIKIDATA_URL, settings.CONTACT, pause=wikidata.PAUSE) as wiki:
            for actor in chosen:
                findings = find_addresses(actor, wiki=wiki)
                self.stdout.write(f"{actor.slug}: {' '.join(site_words.say(findings))}")
                for proposal in findings.proposals:
                    self.stdout.write(f"  {proposal.grade} {proposal} {proposal.locator}")
        if waiting := Proposal.objects.waiting().count():
            self.stdout.write(waiting_words(waiting))
