"""The Wayback Machine's captures of the accounts' public pages: one a month, read where it can be."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from apps.collectors import registry, wayback
from apps.collectors.archived import sites
from apps.collectors.archived.pages import NoNumber, NoNumberReason, Shown
from apps.collectors.facebook import plain
from apps.collectors.patience import Patient
from apps.collectors.types import NotAnAccount, Target, Unavailable
from apps.collectors.wayback import Capture
from apps.intake.backfill.choosing import Name, names_of
from apps.intake.backfill.findings import NO_SOURCE, Findings, RefusedCount
from apps.intake.backfill.journal import Journal
from apps.registry.models import Account
from apps.snapshots.models import Precision, Snapshot, State
from apps.snapshots.recording import Reading, day_of

MOST_TRIES: Final = 3  # captures of one month that are looked at, of different addresses
MOST_FAILURES: Final = 3  # captures in a row that cannot be had: the archive is not there now


@dataclass(frozen=True)
class Candidate:
    capture: Capture
    target: Target


def look(
    archive: Patient,
    account: Account,
    journal: Journal,
    since: date | None = None,
    until: date | None = None,
    step: Callable[[int, int], None] = lambda _done, _of: None,
) -> Findings:
    """Return what the archive shows of the account, from one day to another (UTC); `step` is told how far it has come.

    Raises PlatformFailure where the archive does not answer: what was read until then stands in the journal.
    """
    found = Findings(account)
    before = archive.requests
    months = _months(archive, account, journal, since, until, found)
    recorded = set(
        Snapshot.objects.filter(account=account, source__key="wayback").values_list("locator", flat=True)
    )
    days: dict[date, Reading] = {}
    failures = 0
    for done, month in enumerate(sorted(months)):
        step(done, len(months))
        if any(one.capture.address in recorded for one in months[month]):
            continue
        try:
            shown = _first_number(archive, journal, months[month][:MOST_TRIES], found)
        except Unavailable:
            failures, found.missed = failures + 1, found.missed + 1
            if failures >= MOST_FAILURES:
                raise
            continue
        failures = 0
        if shown:
            reading = _to_reading(account, *shown)
            days[reading.day] = reading  # of two captures of one day the later one counts
    step(len(months), len(months))
    found.readings = [days[day] for day in sorted(days)]
    found.asked = archive.requests - before
    return found


def _months(
    archive: Patient,
    account: Account,
    journal: Journal,
    since: date | None,
    until: date | None,
    found: Findings,
) -> dict[str, list[Candidate]]:
    """Return the captures of each month, of the likeliest address first."""
    months: dict[str, list[Candidate]] = {}
    for name in names_of(account):
        for address in sites.spellings(name.target):
            try:
                captures = _captures(archive, journal, address, since, until)
            except NoNumber as refused:
                found.refused.append(
                    RefusedCount("", str(refused.code), refused.seen, f"{wayback.SHOWN_AT}/web/*/{address}")
                )
                continue
            for capture in captures:
                if _is_of(name, capture):
                    months.setdefault(capture.stamp[:6], []).append(Candidate(capture, name.target))
    if account.platform not in sites.SITES:
        found.refused.append(RefusedCount("", str(NoNumberReason.NO_READER), account.platform, ""))
    return months


def _captures(
    archive: Patient, journal: Journal, address: str, since: date | None, until: date | None
) -> list[Capture]:
    question = f"{address} {since or ''} {until or ''}"
    known = journal.captures(question)
    if known is None:
        known = wayback.monthly(archive, address, since, until)
        journal.asked(question, known)
    return known


def _is_of(name: Name, capture: Capture) -> bool:
    """Tell whether the archived address is the account's, on a day on which the name was the account's."""
    if not name.holds_on(day_of(capture.at)):
        return False
    try:
        target = registry.parse(capture.original, name.target.platform)
    except NotAnAccount:
        return False
    if target.platform_id:
        return target.platform_id == name.target.platform_id
    fold = plain if target.platform == "facebook" else str.casefold
    return fold(target.handle) == fold(name.target.handle)


def _first_number(
    archive: Patient, journal: Journal, candidates: list[Candidate], found: Findings
) -> tuple[Capture, Shown] | None:
    """Return the first of a month's captures that shows a number; the others of the month are noted only where none
    does."""
    refused = []
    for candidate in candidates:
        seen = journal.page(candidate.target, candidate.capture)
        if seen is None:
            seen = _read(archive, candidate)
            journal.saw(candidate.target, candidate.capture, seen)
        if isinstance(seen, Shown):
            return candidate.capture, seen
        when = day_of(candidate.capture.at).isoformat()
        refused.append(RefusedCount(when, str(seen.code), seen.seen, candidate.capture.address))
    found.refused += refused
    return None


def _read(archive: Patient, candidate: Candidate) -> Shown | NoNumber:
    try:
        return sites.read(candidate.target, wayback.fetch(archive, candidate.capture))
    except NoNumber as refused:
        return refused


def _to_reading(account: Account, capture: Capture, shown: Shown) -> Reading:
    return Reading(
        account_id=account.pk,
        day=day_of(capture.at),
        state=State.COUNTED,
        followers=shown.followers,
        source_id=NO_SOURCE,
        precision=Precision(shown.precision),
        observed_at=capture.at,
        locator=capture.address,
        note=shown.words,
    )
