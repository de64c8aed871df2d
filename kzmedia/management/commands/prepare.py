import hashlib
import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, CommandError, call_command

from apps.common import shared_files
from apps.context import services
from apps.registry.models import Proposal
from apps.registry.words import waiting_words
from kzmedia import schema, vendor
from kzmedia.processes import servers, starters
from kzmedia.static_files import NEEDLESS


class Command(BaseCommand):
    help = "Bring database and static files up to date: migrate, load the reference dataset, collect static files."
    requires_system_checks = []  # they load all pages, a second at each start; `make check` has them looked through

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--no-static", action="store_true", help="Only the database: the image has the files."
        )
        parser.add_argument(
            "--adopt-files",
            action="store_true",
            help="This host's media and editions are the ones that all hosts share, from now on.",
        )
        parser.add_argument(
            "--wait",
            action="store_true",
            help="First wait for the embedded servers, and see that those named by DATABASE_URL and REDIS_URL are fit.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["wait"]:
            try:
                see_to_servers()
            except servers.Unusable as error:
                raise CommandError(str(error)) from error
        with schema.only_one_prepares():
            try:
                schema.refuse_newer()
            except schema.NewerSchema as error:
                raise CommandError(str(error)) from error
            call_command("migrate", interactive=False, stdout=self.stdout)
            if not services.is_loaded():
                call_command("load_reference", stdout=self.stdout)
            note_waiting()
            shared_files.mark(adopt=options["adopt_files"])
            if not shared_files.known_marker():
                self.stderr.write(
                    f"Warning: {settings.VAR_DIR}/media and editions cannot be written by this user; whether hosts share them is not known."
                )
            for trouble in shared_files.not_shared():
                self.stderr.write(
                    f"Warning: {trouble}. Mount that one here; or, if this one is right from now on, run prepare --adopt-files."
                )
        if not options["no_static"]:
            collect_static()


def note_waiting() -> None:
    """Leave a sentence on the proposed addresses that wait for an editor, for `manage.py up` to say at its end."""
    waiting = Proposal.objects.waiting().count()
    note = starters.waiting_file(settings.VAR_DIR)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(waiting_words(waiting) if waiting else "")


def see_to_servers() -> None:
    """Raises Unusable. Recovery after a crash may take PostgreSQL a while: whoever keeps the servers running ends the wait."""
    if os.environ.get("DATABASE_URL"):
        servers.check_postgres(settings.DATABASES["default"])
    else:
        servers.wait_for_postgres(settings.VAR_DIR, lambda: True, time.sleep)
    if os.environ.get("REDIS_URL"):
        servers.check_redis(settings.REDIS_URL)
    else:
        servers.wait_for_valkey(settings.VAR_DIR, lambda: True, time.sleep)


def collect_static() -> None:
    """Collect and compress the static files, if any has changed: compressing takes up to half a minute."""
    vendor.provide(settings.VAR_DIR)
    stamp: Path = settings.STATIC_ROOT / ".collected"
    found = fingerprint()
    if stamp.exists() and stamp.read_text() == found:
        return
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=NEEDLESS)
    stamp.write_text(found)


def fingerprint() -> str:
    """Changes when a static file, or what is made of it, changes."""
    seen = hashlib.sha256(str(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            state = Path(storage.path(name)).stat()
            seen.update(f"{name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return seen.hexdigest()
