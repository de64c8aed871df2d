"""An archive's counts of one account, and the results of recording them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from apps.intake import import_db
from apps.intake.models import ImportBatch
from apps.intake.rows import Staged
from apps.registry.models import Account, Source
from apps.snapshots.models import Snapshot, Span, State
from apps.snapshots.recording import DOUBT_FLOOR, Reading, Recorded, publish

NO_SOURCE: Final = 0  # of a reading that is not recorded yet
NEAR: Final = timedelta(days=366)
STRANGE: Final = "strange"
SOURCES: Final = {
    "wikidata": (Source.Kind.WIKIDATA, "Wikidata", "https://www.wikidata.org/", "CC0 1.0"),
    "wayback": (
        Source.Kind.ARCHIVE,
        "Internet Archive, Wayback Machine: archived public pages",
        "https://web.archive.org/",
        "",
    ),
}


@dataclass(frozen=True)
class RefusedCount:
    """A count or a page that gave no number, and why. `why` is a code of words.WHY."""

    when: str  # 2017-05-11, 2017-05 or 2017; "" where it says no day
    why: str
    detail: str
    address: str  # of the evidence


@dataclass
class Findings:
    """What was found for one account. `told` are sentences for the editor."""

    account: Account
    readings: list[Reading] = field(default_factory=list)
    refused: list[RefusedCount] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    missed: int = 0  # captures that could not be had this time
    asked: int = 0  # requests


def source_id(key: str) -> int:
    """Return the Source of an archive's counts; made at the first one. Its key begins with no `api-`: no API's terms
    reach it."""
    kind, title, address, licence = SOURCES[key]
    source, _made = Source.objects.get_or_create(
        key=key, defaults={"kind": kind, "title": title, "url": address, "licence": licence}
    )
    return source.pk


def hold_strange(found: Findings) -> None:
    """Move counts ten times off everything that is known around them to the refused: a handle may have had another owner.

    Compared is with the nearest counts within a year before and after, those recorded and those found alike.
    """
    known = dict(
        Snapshot.objects.filter(account=found.account, state=State.COUNTED)
        .exclude(span=Span.YEAR)
        .values_list("day", "followers")
    )
    known |= {reading.day: reading.followers for reading in found.readings if reading.span != Span.YEAR}
    suspects = {reading.day: reading for reading in found.readings if reading.span != Span.YEAR}
    strange: set[date] = set()
    # First what stands alone between two that differ from it: left in, it would make its neighbours look strange.
    for neighbours in (2, 1):
        while more := _strange(known, suspects.keys() - strange, neighbours):
            strange |= more
            for day in more:
                del known[day]
    for day in sorted(strange):
        reading = suspects[day]
        when = Span(reading.span).of(day)
        found.refused.append(RefusedCount(when, STRANGE, f"{reading.followers:,}", reading.locator))
    found.readings = [one for one in found.readings if one.span == Span.YEAR or one.day not in strange]


def _strange(known: dict[date, int | None], suspects: set[date], neighbours: int) -> set[date]:
    """Return the suspects that have so many near neighbours at least, and are far from all of them."""
    days = sorted(known)
    found = set()
    for place, day in enumerate(days):
        beside = (*days[max(place - 1, 0) : place], *days[place + 1 : place + 2])
        near = [known[other] or 0 for other in beside if abs(day - other) <= NEAR]
        if day in suspects and len(near) >= neighbours and all(_is_far(known[day] or 0, one) for one in near):
            found.add(day)
    return found


def _is_far(one: int, other: int) -> bool:
    return abs(one - other) > DOUBT_FLOOR and max(one, other) >= 10 * min(one, other)


def judge(archive: str, readings: Sequence[Reading]) -> list[Recorded]:
    """Judge each of an archive's counts as recording would, and write nothing, not even the archive's Source."""
    with transaction.atomic():
        source = source_id(archive)
        recorded = publish([replace(reading, source_id=source) for reading in readings])
        transaction.set_rollback(True)
    return recorded


@transaction.atomic
def write(archive: str, readings: Sequence[Reading]) -> ImportBatch | None:
    """Record what is new of an archive's counts as one batch, which the desk can undo; None where nothing is new.

    What stands is never overwritten.
    """
    at, source = timezone.now(), source_id(archive)
    batch = ImportBatch.objects.create(
        id=uuid.uuid4(),
        file_name=f"manage.py backfill {archive}",
        size=0,
        layout="long",
        source_id=source,
        at=at,
        touched_at=at,
        stage=ImportBatch.Stage.WRITTEN,
        written_at=at,
        percent=100,
    )
    series = import_db.stage(_stage(number, reading, source) for number, reading in enumerate(readings, 1))
    import_db.judge(batch, series)
    written = import_db.write_new(batch, at)
    batch.counts = dict(import_db.count_verdicts(batch))
    import_db.forget(batch, only_same=True)
    batch.save(update_fields=["counts"])
    if not written:
        import_db.forget(batch)
        batch.delete()
        return None
    return batch


def _stage(number: int, reading: Reading, source: int) -> Staged:
    return Staged(
        line=number,
        account_id=reading.account_id,
        day=reading.day,
        span=int(reading.span),
        state=str(reading.state),
        followers=reading.followers,
        bound=str(reading.bound),
        precision=str(reading.precision),
        observed_at=reading.observed_at,
        source_id=source,
        locator=reading.locator,
        note=reading.note,
    )
