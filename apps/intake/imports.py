"""Past counts that people bring as a file: received, looked through, imported, undone. The page and the command use this.

A verdict stands for every row before anything is recorded. Importing and undoing are one transaction each: a batch is
written whole or not at all.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import Any, BinaryIO

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.common import file_store, grids
from apps.common.grids import NoTable
from apps.intake import additions, import_db, planned, tracked
from apps.intake.answers import Answers, Questions
from apps.intake.models import Addition, ImportBatch, RememberedReading
from apps.intake.plans import Planned
from apps.intake.row_values import know_labels
from apps.intake.table import Table, look, read_counts
from apps.intake.words import ASKED
from apps.registry.models import Source
from apps.snapshots.recording import day_of
from apps.users.models import User

Stage = ImportBatch.Stage
Progress = Callable[[int], None]
KEPT_UNUSED = timedelta(days=7)
WORKING = {Stage.CHECKING: Stage.RECEIVED, Stage.WRITING: Stage.CHECKED, Stage.UNDOING: Stage.WRITTEN}


class ImportRefused(ValueError):
    """What was asked for cannot be done with the batch as it is; the text says why."""


def folder_of(batch: ImportBatch) -> str:
    """Return the name of the folder that the file is kept in until it is imported or given up."""
    return f"media/imports/{batch.pk.hex}"


def receive(
    file: BinaryIO,
    name: str,
    *,
    source: Source | None,
    platform: str = "",
    language: str = "en",
    nature: str = ImportBatch.Nature.PUBLISHED,
    by: User | None = None,
) -> ImportBatch:
    """Keep the file under a name of our own. Raises NoTable with the reason, or OSError when there is no room."""
    now = timezone.now()
    batch = ImportBatch(
        id=uuid.uuid4(),
        file_name=_harmless(name),
        source=source,
        platform=platform,
        language=language,
        nature=nature,
        by=by,
        at=now,
        touched_at=now,
    )
    kept = grids.keep(file, file_store.place_of(folder_of(batch)))
    file_store.share_folder(folder_of(batch))
    batch.size, batch.encoding, batch.is_workbook = kept.size, kept.encoding, kept.is_workbook
    batch.save(force_insert=True)
    return batch


def _harmless(name: str) -> str:
    """Return the last part of the name, for people to know the file by; it is never used as a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable())[-200:] or "?"


def check(
    batch: ImportBatch,
    *,
    encoding: str = "",
    answers: Answers | None = None,
    progress: Progress | None = None,
) -> ImportBatch:
    """Give each row a verdict; nothing is recorded. With another encoding or answers the file is looked through once more.

    Raises ImportRefused when it is imported already or somebody works on it. A file that is no table becomes `refused`.
    """
    begun = (Stage.RECEIVED, Stage.CHECKED, Stage.REFUSED)
    with _at_work(batch, begun, Stage.CHECKING):
        batch.encoding = encoding or batch.encoding
        batch.layout, batch.refused = "", ""
        if answers is not None:
            batch.answers = answers.as_json()
        try:
            with override(batch.language):
                _look_through(batch, progress or _progress(batch))
        except NoTable as error:
            import_db.forget(batch)
            batch.stage, batch.refused, batch.counts = Stage.REFUSED, str(error), {}
        except FileNotFoundError:
            batch.stage, batch.refused, batch.counts = (
                Stage.REFUSED,
                _("The file is gone. Send it again."),
                {},
            )
    return batch


def answers_of(batch: ImportBatch) -> Answers:
    """Return what a person has said of the batch; the platform of the whole file may have been said when it was sent."""
    answers = Answers.from_json(batch.answers)
    answers.platform = answers.platform or batch.platform
    return answers


def sentence_of(question: Mapping[str, Any]) -> str:
    """Return a question of the batch's reading as a person reads it."""
    return str(ASKED[question["kind"]]) % {"seen": question["example"] or question["value"]}


def _look_through(batch: ImportBatch, progress: Progress) -> None:
    kept = grids.open_kept(file_store.fetch_folder(folder_of(batch)))
    today = day_of(timezone.now())
    who = tracked.load()
    know_labels(tracked.labels_of_states())
    found = look(
        kept, answers_of(batch), encoding=batch.encoding, knows=lambda name: bool(who.actors.find(name))
    )
    if _remember(batch, found):
        found = look(
            kept, answers_of(batch), encoding=batch.encoding, knows=lambda name: bool(who.actors.find(name))
        )
    batch.reading = {
        **batch.reading,
        "layouts": [layout.as_json() for layout in found.layouts],
        "sheets": [
            {"name": sheet.name, "state": sheet.state, "rows": sheet.rows, "columns": sheet.columns}
            for sheet in kept.sheets
        ],
        "preview": _preview(kept, found),
        "questions": [],
    }
    batch.save()
    refusal = found.refusal()
    if refusal:
        raise NoTable(refusal)
    if any(layout.of("day") and any(column.actor for column in layout.counts) for layout in found.layouts):
        who = tracked.load(with_spans=True)
    sources = dict(Source.objects.values_list("key", "pk")) | {"": batch.source_id}
    questions = Questions()
    plans = Planned()
    sizes = sum(path.stat().st_size for path in kept.folder.glob("*.csv")) or 1
    rows = read_counts(
        found,
        who,
        sources,
        questions,
        today,
        is_exact=batch.nature == ImportBatch.Nature.EXPORT,
        planned=plans,
        progress=lambda done: progress(min(85 * done // sizes, 85)),
    )
    series = import_db.stage(rows)
    progress(88)
    with transaction.atomic():
        import_db.judge(batch, series)
        import_db.doubt(batch, series, found.answers.accept)
        batch.counts = dict(import_db.count_verdicts(batch))
        chosen = found.chosen(Questions())
        batch.layout = (
            "wide"
            if any(
                len(layout.counts) > 1 or any(c.when or c.actor for c in layout.counts) for layout in chosen
            )
            else "long"
        )
        batch.reading["planned"] = plans.as_json()
        batch.reading["questions"] = [question.as_json() for question in questions.all()]
        batch.stage = Stage.CHECKED
        batch.save()


PREVIEW_ROWS = 12
PREVIEW_CELL = 60  # characters


def _preview(kept: grids.Kept, found: Table) -> list[list[dict[str, object]]]:
    """Return the first rows of each sheet as they are shown beside their reading."""
    previews = []
    for layout in found.layouts[:PREVIEW_SHEETS]:
        records = islice(kept.records(layout.sheet, found.encoding), PREVIEW_ROWS)
        previews.append(
            [
                {
                    "line": record.line,
                    "cells": [
                        grids.read_cell(cell).text[:PREVIEW_CELL].replace("\0", "\ufffd")
                        for cell in record.cells[:PREVIEW_COLUMNS]
                    ],
                }
                for record in records
                if not record.broken
            ]
        )
    return previews


PREVIEW_SHEETS = 10
PREVIEW_COLUMNS = 60
LASTING = (
    "columns",
    "day_order",
    "short_years",
    "serials",
    "decimal",
    "unit",
    "words",
    "hidden",
    "fill",
)  # answers that hold for the next table


def _headings(found: Table) -> str:
    """Return a hash of the column names: equal for tables of one layout."""
    names = [column.name for layout in found.layouts if layout.is_table for column in layout.columns]
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def _remember(batch: ImportBatch, found: Table) -> bool:
    """Take over the answers that the last table of this source and these headings got, once; whether there are any."""
    batch.reading = {**batch.reading, "headings": _headings(found)}
    if batch.answers or batch.reading.get("remembered") is not None:
        return False
    last = (
        RememberedReading.objects.filter(source=batch.source_id, headings=batch.reading["headings"]).first()
        if batch.source_id
        else None
    )
    batch.reading["remembered"] = bool(last and last.answers)
    if not last or not last.answers:
        return False
    batch.answers = last.answers
    return True


def _keep_reading(batch: ImportBatch) -> None:
    lasting = {name: value for name, value in batch.answers.items() if name in LASTING}
    if batch.source_id and batch.reading.get("headings"):
        RememberedReading.objects.update_or_create(
            source_id=batch.source_id,
            headings=batch.reading["headings"],
            defaults={"answers": lasting, "at": timezone.now()},
        )


def write(batch: ImportBatch, *, reason: str = "", by: User | None = None) -> ImportBatch:
    """Record what is new, in one transaction; with a reason also what another value stands for, as corrections.

    Rows that cannot be read are left out. Raises ImportRefused when the batch is not looked through, or already imported.
    """
    if batch.source_id is None:
        raise ImportRefused(_("Say first where the numbers come from."))
    with _at_work(batch, (Stage.CHECKED,), Stage.WRITING), transaction.atomic():
        _make_planned(batch, by)
        at = timezone.now()
        import_db.write_new(batch, at)
        replaced = import_db.replace(batch, reason, by, at) if reason and by else 0
        batch.counts = {**import_db.count_verdicts(batch), "replaced": replaced}
        import_db.forget(batch, only_same=True)
        batch.stage, batch.written_at, batch.reason = Stage.WRITTEN, at, reason if by else ""
        batch.save()
        tracked.learn(batch.answers.get("aliases", {}).items(), batch.source_id)
        _keep_reading(batch)
    file_store.remove_folder(folder_of(batch))
    return batch


def _make_planned(batch: ImportBatch, by: User | None) -> None:
    """Make whom a person called new, and give the rows their accounts. Raises ImportRefused."""
    waiting = batch.reading.get("planned")
    if not waiting:
        return
    if by and not by.has_perms(("registry.add_actor", "registry.add_account")):
        raise ImportRefused(_("New actors are added by editors. Ask one of them, or leave these names out."))
    try:
        accounts, addition = planned.make(waiting, source=batch.source_id, by=by)
    except IntegrityError:
        raise ImportRefused(
            _("Somebody else has added one of these accounts just now. Look through the table again.")
        ) from None
    import_db.give_accounts(batch, accounts)
    batch.reading = {**batch.reading, "addition": addition.pk}


def undo(batch: ImportBatch, *, by: User) -> ImportBatch:
    """Take back what the batch wrote, where nothing newer has taken its place. The rows stay with the batch.

    Raises ImportRefused when it was not imported, or is undone already.
    """
    with _at_work(batch, (Stage.WRITTEN,), Stage.UNDOING), transaction.atomic():
        with override(batch.language):
            reason = _("The import of %(file)s was undone.") % {"file": batch.file_name}
        batch.undone = import_db.take_back(batch, reason, by)
        for addition in Addition.objects.filter(pk=batch.reading.get("addition")):
            additions.undo(addition)
        batch.stage, batch.undone_at = Stage.UNDONE, timezone.now()
        batch.save()
    return batch


def discard(batch: ImportBatch) -> None:
    """Delete a batch that was never imported, with its file. Raises ImportRefused when it was imported."""
    gone = ImportBatch.objects.filter(pk=batch.pk, stage__in=(Stage.RECEIVED, Stage.CHECKED, Stage.REFUSED))
    with transaction.atomic():
        if not gone.select_for_update().exists():
            raise ImportRefused(_("This import is under way or done; it cannot be thrown away."))
        import_db.forget(batch)
        gone.delete()
    file_store.remove_folder(folder_of(batch))


def prune() -> int:
    """Throw away what was brought and not imported within a week; how many."""
    old = ImportBatch.objects.filter(
        at__lt=timezone.now() - KEPT_UNUSED, stage__in=(Stage.RECEIVED, Stage.CHECKED, Stage.REFUSED)
    )
    count = 0
    for batch in old:
        discard(batch)
        count += 1
    return count


@contextmanager
def _at_work(batch: ImportBatch, before: tuple[Stage, ...], stage: Stage) -> Iterator[None]:
    """Lock the batch for one worker. On an error it is left as it was; after a crash `revive` resets it."""
    if not _lock(batch):
        raise ImportRefused(_("Somebody is at work on this import just now."))
    try:
        _set_back(batch)
        taken = ImportBatch.objects.filter(pk=batch.pk, stage__in=before)
        if not taken.update(stage=stage, percent=0, touched_at=timezone.now()):
            batch.refresh_from_db()
            raise ImportRefused(
                _("This cannot be done now: %(stage)s.") % {"stage": Stage(batch.stage).label}
            )
        batch.refresh_from_db()
        try:
            yield
        except BaseException:
            ImportBatch.objects.filter(pk=batch.pk, stage=stage).update(stage=WORKING[stage])
            raise
        batch.percent, batch.touched_at = 100, timezone.now()
        batch.save()
    finally:
        _unlock(batch)


def revive(batch: ImportBatch) -> None:
    """Work whose worker has died can be begun again: nothing of it was recorded."""
    if batch.stage in WORKING and _lock(batch):
        try:
            _set_back(batch)
        finally:
            _unlock(batch)


def _set_back(batch: ImportBatch) -> None:
    """Reset the stage of unfinished work: we hold the lock, so nobody does it."""
    for stage, before in WORKING.items():
        ImportBatch.objects.filter(pk=batch.pk, stage=stage).update(stage=before)
    batch.refresh_from_db()


def _lock(batch: ImportBatch) -> bool:
    """Try the batch's advisory lock. PostgreSQL frees it with the connection, so there is no timeout."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_number(batch)])
        return bool(cursor.fetchone() == (True,))


def _unlock(batch: ImportBatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_number(batch)])


def _number(batch: ImportBatch) -> int:
    return int.from_bytes(batch.pk.bytes[:8], "big", signed=True)


def _progress(batch: ImportBatch) -> Progress:
    """Return the progress as the page shows it."""

    def note(percent: int) -> None:
        ImportBatch.objects.filter(pk=batch.pk).update(percent=percent, touched_at=timezone.now())

    return note
