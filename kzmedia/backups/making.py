"""Making a backup, and looking after those that are kept."""

import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from apps.common import upkeep
from apps.common.file_store import PREFIX
from apps.common.version import VERSION
from apps.snapshots import terms
from apps.snapshots.models import Doubt, LatestDifference, LatestSnapshot, Snapshot, SupersededSnapshot
from kzmedia.backups import archive, files, sealing, sending, tables
from kzmedia.backups.archive import BackupRefused

NIGHTLY = re.compile(r"kzmedia-(?P<day>\d{4}-\d\d-\d\d)\.tar(\.age|\.gpg)?")

# Made anew from the snapshots when a backup is read back; of counts that are left out they hold nothing then.
DERIVED = {model._meta.db_table: sql.SQL("true") for model in (LatestSnapshot, LatestDifference)}


@dataclass(frozen=True)
class Made:
    place: Path
    rows: int
    files: int
    size: int  # bytes


def make(place: Path, keep_days: int = 0) -> Made:
    """Write database and files, all rows of one moment, into a file of this name. Raises BackupRefused.

    Counts that a platform's terms do not let us store for `keep_days` more are left out. The site may run meanwhile:
    nothing waits for a backup.
    """
    place = place.resolve()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        cipher = partial(sealing.sealed, name=place.name)
        with archive.open_writer(place, cipher) as writer, transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            manifest: dict[str, Any] = {
                "format": archive.FORMAT,
                "release": VERSION,
                "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
                **tables.dump(writer, DERIVED | (left_out(keep_days) if keep_days else {})),
                "files": files.dump(writer),
            }
            writer.finish(manifest)
    except OSError as error:
        raise BackupRefused(f"The backup could not be written to {place}: {error.strerror}.") from error
    rows = sum(line["rows"] for line in manifest["tables"])
    return Made(place, rows, len(manifest["files"]), place.stat().st_size)


def nightly(now: datetime | None = None) -> Made | None:
    """Return the backup of this day into BACKUP_DIR, and those removed whose time is over; None where it is there
    already."""
    day = timezone.localdate(now or timezone.now())
    place = settings.BACKUP_DIR / f"kzmedia-{day:%Y-%m-%d}.tar{sealing.ending()}"
    made = None if place.exists() else make(place, keep_days=longest())
    if made and settings.SHARED_FILES:
        upkeep.write_note(upkeep.MADE, upkeep.Note.now(place.name))
    prune(day)
    if settings.BACKUP_SEND_TO:
        send(place, day)
    return made


def send(place: Path, today: date) -> upkeep.Note:
    """Send a nightly backup to BACKUP_SEND_TO, remove there what is not kept, and note how it went."""
    try:
        away = sending.target()
        there = away.names()
        if place.name not in there:
            away.send(place)
        days = {
            name: date.fromisoformat(match["day"]) for name in there if (match := NIGHTLY.fullmatch(name))
        }
        keep = choose_kept([*days.values(), today], today)
        away.remove(name for name, day in days.items() if day not in keep)
        note = upkeep.Note.now(place.name)
    except (BackupRefused, OSError) as error:
        note = upkeep.Note.now(place.name, why=str(error)[:500])
    upkeep.write_note(upkeep.SENT, note)
    return note


def newest() -> Path | None:
    """Return the newest of the nightly backups, brought here where another host has made it; None where there is none."""
    settings.BACKUP_DIR.mkdir(parents=True, exist_ok=True)
    here = [file.name for file in settings.BACKUP_DIR.iterdir() if NIGHTLY.fullmatch(file.name)]
    name = max(here, default="")
    if settings.SHARED_FILES and settings.BACKUP_SEND_TO.startswith(PREFIX):
        with suppress(OSError):  # the bucket does not answer: what is here has to do
            away = sending.S3(settings.BACKUP_SEND_TO)
            latest = max((other for other in away.names() if NIGHTLY.fullmatch(other)), default="")
            if latest > name:
                away.fetch(latest, settings.BACKUP_DIR / latest)
                name = latest
    return settings.BACKUP_DIR / name if name else None


def prune(today: date) -> list[Path]:
    """Remove the nightly backups that are not to be kept any longer, and drafts that were cut short."""
    found = {
        file: date.fromisoformat(match["day"])
        for file in settings.BACKUP_DIR.iterdir()
        if (match := NIGHTLY.fullmatch(file.name))
    }
    keep = choose_kept(list(found.values()), today)
    gone = [file for file, day in found.items() if day not in keep]
    long_ago = timezone.now().timestamp() - timedelta(days=1).total_seconds()
    drafts = settings.BACKUP_DIR.glob(".*.draft")
    gone += [draft for draft in drafts if draft.stat().st_mtime < long_ago]
    for file in gone:
        file.unlink(missing_ok=True)
    for scratch in settings.BACKUP_DIR.glob(".drill-*"):
        if scratch.stat().st_mtime < long_ago:
            shutil.rmtree(scratch, ignore_errors=True)
    return sorted(gone)


def choose_kept(days: list[date], today: date) -> set[date]:
    """Choose, of the days that have a backup, the last BACKUP_DAYS, the first of each of the last BACKUP_WEEKS weeks,
    and the newest; none older than longest()."""
    first_of_week: dict[tuple[int, int], date] = {}
    for day in sorted(days, reverse=True):
        first_of_week[day.isocalendar()[:2]] = day
    chosen = {day for day in days if (today - day).days < settings.BACKUP_DAYS}
    chosen |= {
        day for day in first_of_week.values() if (today - day).days < 7 * max(settings.BACKUP_WEEKS, 0)
    }
    chosen = {day for day in chosen if (today - day).days < longest()}
    return chosen | set(sorted(days)[-1:])


def longest() -> int:
    """Return how many days a nightly backup is kept at the most.

    Where a platform's terms limit how long counts are stored, a quarter of that: a backup holds the counts whose time
    is not over before its own is, so the longer it were kept, the fewer it could hold.
    """
    days: int = max(settings.BACKUP_DAYS, 7 * settings.BACKUP_WEEKS, 1)
    limit = storage_limit()
    return days if limit is None else min(days, limit // 4)


def left_out(days: int) -> dict[str, sql.Composable]:
    """Return by table which of its rows ("s") a backup that is kept for so many days may not hold.

    Those of terms.expire(): what an editor has corrected, or has a picture of, is the editor's reading.
    """
    ending = terms.find_ending(days)
    old = sql.SQL(" OR ").join(
        sql.SQL("(s.day < {} AND s.source_id = (SELECT id FROM tracking_source WHERE key = {}))").format(
            day, key
        )
        for key, day in ending
    )
    if not ending:
        return {}
    read = sql.SQL(
        "({}) AND s.edited_by_id IS NULL AND NOT EXISTS (SELECT FROM tracking_correction c WHERE c.snapshot_id = s.id)"
        " AND NOT EXISTS (SELECT FROM tracking_screenshot c WHERE c.snapshot_id = s.id)"
    ).format(old)
    aside = sql.SQL(" OR ").join(
        sql.SQL(
            "EXISTS (SELECT FROM tracking_snapshot n JOIN tracking_source o ON o.key = {}"
            " WHERE n.id = s.snapshot_id AND n.day < {} AND o.id IN (n.source_id, (s.row ->> 'source')::bigint))"
        ).format(key, day)
        for key, day in ending
    )
    return {
        Snapshot._meta.db_table: read,
        Doubt._meta.db_table: old,
        SupersededSnapshot._meta.db_table: aside,
    }


def storage_limit() -> int | None:
    """Return the least number of days that the terms in force let counts be stored; None without such a limit."""
    limits = [
        terms.of(platform).store_days
        for platform in terms.CHOICES
        if not terms.find_missing_setting(platform)
    ]
    return min((days for days in limits if days is not None), default=None)
