"""The newest backup and the days on which tokens end."""

from datetime import UTC, date, datetime

from django.conf import settings


def newest_backup() -> datetime | None:
    """Return when the newest file in BACKUP_DIR was written (UTC); None where there is none.

    What is only begun, or empty, is no backup.
    """
    states = (
        file.stat() for file in settings.BACKUP_DIR.rglob("*") if file.is_file() and file.suffix != ".draft"
    )
    newest = max((state.st_mtime for state in states if state.st_size), default=None)
    return None if newest is None else datetime.fromtimestamp(newest, UTC)


def token_ends() -> dict[str, date]:
    """Return by platform the last day of its token, as TOKEN_EXPIRES says.

    A wrong day ends the start (kzmedia.E005); one that comes in otherwise is left out and silences no other.
    """
    ends = {}
    for platform, text in sorted(settings.TOKEN_EXPIRES.items()):
        try:
            ends[platform] = date.fromisoformat(str(text))
        except ValueError:
            continue
    return ends
