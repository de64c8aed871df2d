"""Past counts that people bring as a file: received, looked through, imported, undone. The page and the command use this.

A verdict stands for every row before anything is recorded. Importing and undoing are one transaction each: a batch is
written whole or not at all.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.common import sheets
from apps.common.sheets import NoTable
from apps.intake import import_db
from apps.intake.import_rows import Reader, Tracked, layout_of
from apps.intake.models import ImportBatch
from apps.registry.models import Source
from apps.snapshots.recording import day_of
from apps.users.models import User

Stage = ImportBatch.Stage
Progress = Callable[[int], None]
KEPT_UNUSED = timedelta(days=7)
WORKING = {Stage.CHECKING: Stage.RECEIVED, Stage.WRITING: Stage.CHECKED, Stage.UNDOING: Stage.WRITTEN}


class Refused(ValueError):
    """What was asked for cannot be done with the batch as it is; the text says why."""


def path_of(batch: ImportBatch) -> Path:
    """Where the file is kept until it is imported or given up."""
    return Path(settings.VAR_DIR) / "media" / "imports" / f"{batch.pk.hex}.csv"


def receive(
    file: BinaryIO,
    name: str,
    *,
    source: Source,
    platform: str = "",
    language: str = "en",
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
        by=by,
        at=now,
        touched_at=now,
    )
    kept = sheets.keep(file, path_of(batch))
    batch.size, batch.encoding, batch.is_workbook = kept.size, kept.encoding, kept.is_workbook
    batch.save(force_insert=True)
    return batch


def _harmless(name: str) -> str:
    """The last part of the name, for people to know the file by; it is never used as a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable())[-200:] or "?"


def check(batch: ImportBatch, *, encoding: str = "", progress: Progress | None = None) -> ImportBatch:
    """A verdict for each row; nothing is recorded. With another encoding the file is looked through once more.

    Raises Refused when it is imported already or somebody works on it. A file that is no table becomes `refused`.
    """
    begun = (Stage.RECEIVED, Stage.CHECKED, Stage.REFUSED)
    with _at_work(batch, begun, Stage.CHECKING):
        batch.encoding = encoding or batch.encoding
        batch.layout, batch.refused = "", ""
        try:
            with override(batch.language):
                _look_through(batch, progress or _noted(batch))
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


def _look_through(batch: ImportBatch, progress: Progress) -> None:
    path = path_of(batch)
    size = max(path.stat().st_size, 1)
    records = sheets.records(path, batch.encoding, lambda done: progress(min(85 * done // size, 85)))
    header = next(records, None)
    if header is None or header.broken:
        raise NoTable(header.broken if header else _("The file has no rows."))
    layout = layout_of(header.cells)
    sources = dict(Source.objects.values_list("key", "pk")) | {"": batch.source_id}
    reader = Reader(layout, Tracked.now(), sources, batch.platform, day_of(timezone.now()))
    import_db.stage(row for record in records for row in reader.rows(record))
    progress(88)
    with transaction.atomic():
        batch.counts = dict(import_db.judge(batch))
        batch.layout, batch.stage = layout.word, Stage.CHECKED
        batch.save()


def write(batch: ImportBatch, *, reason: str = "", by: User | None = None) -> ImportBatch:
    """Record what is new, in one transaction; with a reason also what another value stands for, as corrections.

    Rows that cannot be read are left out. Raises Refused when the batch is not looked through, or already imported.
    """
    with _at_work(batch, (Stage.CHECKED,), Stage.WRITING), transaction.atomic():
        at = timezone.now()
        import_db.write_new(batch, at)
        replaced = import_db.replace(batch, reason, by, at) if reason and by else 0
        batch.counts = {**import_db.count_verdicts(batch), "replaced": replaced}
        import_db.forget(batch, only_same=True)
        batch.stage, batch.written_at, batch.reason = Stage.WRITTEN, at, reason if by else ""
        batch.save()
    path_of(batch).unlink(missing_ok=True)
    return batch


def undo(batch: ImportBatch, *, by: User) -> ImportBatch:
    """Take back what the batch wrote, where nothing newer has taken its place. The rows stay with the batch.

    Raises Refused when it was not imported, or is undone already.
    """
    with _at_work(batch, (Stage.WRITTEN,), Stage.UNDOING), transaction.atomic():
        with override(batch.language):
            reason = _("The import of %(file)s was undone.") % {"file": batch.file_name}
        batch.undone = import_db.take_back(batch, reason, by)
        batch.stage, batch.undone_at = Stage.UNDONE, timezone.now()
        batch.save()
    return batch


def discard(batch: ImportBatch) -> None:
    """A batch that was never imported goes, with its file. Raises Refused when it was imported."""
    gone = ImportBatch.objects.filter(pk=batch.pk, stage__in=(Stage.RECEIVED, Stage.CHECKED, Stage.REFUSED))
    with transaction.atomic():
        if not gone.select_for_update().exists():
            raise Refused(_("This import is under way or done; it cannot be thrown away."))
        import_db.forget(batch)
        gone.delete()
    path_of(batch).unlink(missing_ok=True)


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
    """One at a time works on a batch. What fails leaves it as it was; what dies leaves it for `revive`."""
    if not _lock(batch):
        raise Refused(_("Somebody is at work on this import just now."))
    try:
        _set_back(batch)
        taken = ImportBatch.objects.filter(pk=batch.pk, stage__in=before)
        if not taken.update(stage=stage, percent=0, touched_at=timezone.now()):
            batch.refresh_from_db()
            raise Refused(_("This cannot be done now: %(stage)s.") % {"stage": Stage(batch.stage).label})
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
    """The lock is ours, so nobody is at the work that the stage names."""
    for stage, before in WORKING.items():
        ImportBatch.objects.filter(pk=batch.pk, stage=stage).update(stage=before)
    batch.refresh_from_db()


def _lock(batch: ImportBatch) -> bool:
    """PostgreSQL frees it when the connection that holds it is gone: there is no time to wait for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_number(batch)])
        return bool(cursor.fetchone() == (True,))


def _unlock(batch: ImportBatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_number(batch)])


def _number(batch: ImportBatch) -> int:
    return int.from_bytes(batch.pk.bytes[:8], "big", signed=True)


def _noted(batch: ImportBatch) -> Progress:
    """Progress as the page shows it."""

    def note(percent: int) -> None:
        ImportBatch.objects.filter(pk=batch.pk).update(percent=percent, touched_at=timezone.now())

    return note
