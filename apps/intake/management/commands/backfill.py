"""manage.py backfill {wikidata,wayback}: history from public archives, first only shown, written with --yes."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from tqdm import tqdm

from apps.collectors import wayback, wikidata
from apps.collectors.patience import Patient
from apps.collectors.platforms import PLATFORMS
from apps.collectors.types import PlatformFailure
from apps.intake.backfill import choosing
from apps.intake.backfill import wayback as from_wayback
from apps.intake.backfill import wikidata as from_wikidata
from apps.intake.backfill.findings import Findings, RefusedCount, hold_strange, judge, write
from apps.intake.backfill.journal import Journal
from apps.intake.backfill.words import WHY
from apps.registry.models import Account
from apps.snapshots.models import Snapshot, Span
from apps.snapshots.recording import Reading, Recorded, Verdict

INTERRUPTED: Final = 130  # what a shell says of a program that was ended by Ctrl-C
SHOWN: Final = (Verdict.NEW, Verdict.SAME, Verdict.CONFLICT)


class Command(BaseCommand):
    help = (
        "Looks for earlier counts in Wikidata or in the Wayback Machine and shows what would become of each: new, same,"
        " conflict or refused, with the address of its evidence; writes what is new with --yes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        archives = parser.add_subparsers(dest="archive", required=True, metavar="{wikidata,wayback}")
        for name in ("wikidata", "wayback"):
            archive = archives.add_parser(name)
            archive.add_argument(
                "--account", type=int, action="append", default=[], help="our own id; repeatable"
            )
            archive.add_argument("--actor", action="append", default=[], help="an actor's slug; repeatable")
            archive.add_argument("--group", action="append", default=[], help="a group's slug; repeatable")
            archive.add_argument(
                "--platform",
                action="append",
                default=[],
                choices=list(PLATFORMS),
                help="only these platforms",
            )
            archive.add_argument("--all", action="store_true", help="every account with an address")
            archive.add_argument(
                "--from", dest="since", type=_first, metavar="DAY", help="2015, 2015-06, 2015-06-01"
            )
            archive.add_argument(
                "--to", dest="until", type=_last, metavar="DAY", help="2020, 2020-06, 2020-06-30"
            )
            archive.add_argument(
                "--strange",
                action="store_true",
                help="take counts that are ten times off all around them, too",
            )
            archive.add_argument(
                "--yes", action="store_true", help="write what is new; without it nothing is"
            )

    def handle(self, *, archive: str, **options: Any) -> None:
        accounts = self._accounts(options)
        totals: Counter[str] = Counter()
        readings: list[Reading] = []
        stopped: PlatformFailure | None = None
        try:
            for found in self._look(archive, accounts, options):
                self._judge(archive, found, totals, strange=options["strange"])
                readings += found.readings
        except PlatformFailure as failure:
            stopped = failure
        except KeyboardInterrupt:
            self._summarise(totals)
            words = _("Interrupted. Nothing was written. Run the command again to continue from here.")
            raise CommandError(words, returncode=INTERRUPTED) from None
        self._summarise(totals)
        self._write(archive, readings, yes=options["yes"])
        if stopped:
            words = _("The archive does not answer (%(failure)s). Run it again later: it goes on from here.")
            raise CommandError(words % {"failure": stopped})

    def _accounts(self, options: dict[str, Any]) -> Sequence[Account]:
        named = any(options[name] for name in ("account", "actor", "group", "platform"))
        if not named and not options["all"]:
            raise CommandError(_("Say which accounts: --account, --actor, --group, --platform, or --all."))
        try:
            chosen = list(
                choosing.accounts(options["account"], options["actor"], options["group"], options["platform"])
            )
        except choosing.NobodyChosen as unknown:
            words = _("--%(what)s %(missing)s: there is none, or none with an account.")
            raise CommandError(words % {"what": unknown.what, "missing": unknown.missing}) from None
        if not chosen:
            raise CommandError(_("None of these accounts has an address."))
        return chosen

    def _look(self, archive: str, accounts: Sequence[Account], options: dict[str, Any]) -> Iterable[Findings]:
        folder = Path(settings.VAR_DIR) / "backfill" / archive
        with ExitStack() as stack:
            bar = stack.enter_context(tqdm(desc=archive, total=len(accounts), unit=" accounts", disable=None))

            def patient(base: str, pause: float) -> Patient:
                def waits(seconds: float, why: str) -> None:
                    bar.set_postfix_str(f"{why}; {seconds:.0f} s")

                pause = pause if settings.COLLECT_WINDOWS else 0.0
                return stack.enter_context(Patient(base, settings.CONTACT, pause=pause, waits=waits))

            if archive == "wikidata":
                yield from self._of_wikidata(patient, accounts, folder, bar, options)
                return
            machine = patient(settings.WAYBACK_URL, wayback.PAUSE)
            for account in accounts:
                bar.set_description_str(str(account)[:40])
                yield from_wayback.look(
                    machine,
                    account,
                    Journal(folder / f"{account.pk}.jsonl"),
                    options["since"],
                    options["until"],
                    lambda done, of: bar.set_postfix_str(f"{done}/{of}"),
                )
                bar.update()

    def _of_wikidata(
        self, patient: Any, accounts: Sequence[Account], folder: Path, bar: Any, options: dict[str, Any]
    ) -> Iterable[Findings]:
        wiki = patient(settings.WIKIDATA_URL, wikidata.PAUSE)
        query = patient(settings.WIKIDATA_QUERY_URL, wikidata.PAUSE)
        answers = from_wikidata.look(
            wiki, query, accounts, folder, lambda done, of: bar.set_postfix_str(f"{done}/{of}")
        )
        for found in answers.findings:
            found.readings = [
                reading
                for reading in found.readings
                if (options["since"] or reading.day) <= reading.day <= (options["until"] or reading.day)
            ]
            yield found
            bar.update()
        for words in answers.told:
            self.stdout.write(words)

    def _judge(self, archive: str, found: Findings, totals: Counter[str], *, strange: bool) -> None:
        """Say what would become of what was found for one account."""
        if not strange:
            hold_strange(found)
        recorded = judge(archive, found.readings)
        verdicts = Counter(str(one.verdict) for one in recorded)
        verdicts["refused"], verdicts["missed"] = len(found.refused), found.missed
        totals += verdicts
        totals["accounts"] += 1
        if not recorded and not found.refused and not found.missed:
            return
        self.stdout.write(f"{found.account.actor.slug} {found.account.platform} {_name(found.account)}")
        lines = [_recorded_line(one) for one in recorded] + [_refusal_line(one) for one in found.refused]
        for _when, line in sorted(lines, key=lambda one: one[0]):
            self.stdout.write(f"  {line}")
        self.stdout.write(f"  {_summary(verdicts)}")

    def _summarise(self, totals: Counter[str]) -> None:
        accounts = ngettext("%(count)d account.", "%(count)d accounts.", totals["accounts"])
        self.stdout.write(f"{accounts % {'count': totals['accounts']}} {_summary(totals)}")

    def _write(self, archive: str, readings: Sequence[Reading], *, yes: bool) -> None:
        if not yes:
            self.stdout.write(_("Nothing was written. Add --yes to write the new counts."))
            return
        batch = write(archive, readings)
        if batch:
            words = _("Written as one batch. The desk can undo it: %(address)s")
            self.stdout.write(words % {"address": reverse("admin:backoffice_import_batch", args=[batch.pk])})


def _first(text: str) -> date:
    """Return the first day of a year, a month or a day as somebody writes it."""
    return _day(text, last=False)


def _last(text: str) -> date:
    return _day(text, last=True)


def _day(text: str, *, last: bool) -> date:
    written = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", text)
    try:
        if written is None:
            raise ValueError(text)
        year, month, day = (int(part) if part else 0 for part in written.groups())
        month = month or (12 if last else 1)
        return date(year, month, day or (monthrange(year, month)[1] if last else 1))
    except ValueError:
        raise ArgumentTypeError(f"{text[:20]}: 2015, 2015-06, 2015-06-01") from None


def _name(account: Account) -> str:
    return f"{account.handle or account.platform_id} ({account.pk})"


def _recorded_line(one: Recorded) -> tuple[str, str]:
    """Return when, and a line; verdicts are words of the interface, the same in every language."""
    reading = one.reading
    when = Span(reading.span).of(reading.day)
    line = f"{one.verdict:9} {when:10} {_value(reading):>15} {reading.precision:8} {reading.locator}"
    if one.verdict == Verdict.CONFLICT and one.existing:
        standing = {"value": _value(one.existing), "source": one.existing.source.key}
        line += _(" (%(value)s of %(source)s stands and is kept)") % standing
    return when, line


def _refusal_line(one: RefusedCount) -> tuple[str, str]:
    why = str(WHY[one.why]) + (f" ({one.detail})" if one.detail else "")
    return one.when, f"{'refused':9} {one.when:10} {one.address} {why}"


def _value(counted: Reading | Snapshot) -> str:
    if counted.followers is None:
        return str(counted.state)
    return f"{counted.bound}{counted.followers:,}".removeprefix("=")


def _summary(verdicts: Counter[str]) -> str:
    words = _("%(new)d new, %(same)d the same, %(conflict)d in conflict, %(refused)d refused.")
    said = words % {name: verdicts[name] for name in (*SHOWN, "refused")}
    if verdicts["missed"]:
        missed = ngettext(
            "%(count)d capture could not be had; run it again.",
            "%(count)d captures could not be had; run it again.",
            verdicts["missed"],
        )
        said += " " + missed % {"count": verdicts["missed"]}
    return said
