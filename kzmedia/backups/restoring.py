"""Reading a backup back: all of it or nothing."""

import tarfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.models import BigIntegerField, F
from django.db.models.functions import Cast, Random
from psycopg import errors

from apps.snapshots import latest, terms
from apps.snapshots.models import Removal
from apps.standings.models import Generation
from kzmedia.backups import archive, files, sealing, tables
from kzmedia.backups.archive import BackupRefused


@dataclass(frozen=True)
class Restored:
    manifest: dict[str, Any]
    removals: list[Removal]  # what the platforms' terms did not let come back

    @property
    def rows(self) -> int:
        return sum(line["rows"] for line in self.manifest["tables"])


def restore(place: Path, *, replace: bool = False, key: Path | None = None) -> Restored:
    """Restore a backup, decrypted first where it is encrypted. Raises BackupRefused, and then nothing is changed."""
    with sealing.opened(place, key) as plain:
        return restore_plain(plain, replace=replace)


def restore_plain(place: Path, *, replace: bool = False) -> Restored:
    """Bring database and files to what they were when the backup was made. Raises BackupRefused, and then nothing is changed.

    The file is read through before anything is touched. All that follows is one transaction: whoever reads the site
    meanwhile waits, and sees the old or the new. A backup of an older release is brought up to this one.
    """
    manifest = archive.check(place)
    tables.check_migrations(manifest)
    if not replace and not tables.is_empty():
        raise BackupRefused(
            "The database is not empty. Nothing was changed; --replace puts the backup in the place of all that is there."
        )
    try:
        with (
            tarfile.open(place, "r:") as tar,
            files.unpack(manifest, tar) as moves,
            ExitStack() as until_committed,
            transaction.atomic(),
        ):
            tables.drop()
            tables.load(manifest, tar)
            call_command("migrate", interactive=False, verbosity=0)
            latest.rebuild()
            _begin_new_generations()
            removals = terms.expire()
            until_committed.enter_context(files.put_in_place(moves))
    except OperationalError as error:
        if isinstance(error.__cause__, errors.LockNotAvailable):
            raise BackupRefused(
                "Somebody else is using the tables. Nothing was changed; stop web, worker and beat first."
            ) from error
        raise
    ContentType.objects.clear_cache()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Restored(manifest, removals)


def _begin_new_generations() -> None:
    """Begin new generations: no page or summary that was kept after the backup may pass for one made from now on."""
    Generation.objects.update(value=F("value") + 1 + Cast(Random() * 1_000_000_000, BigIntegerField()))
