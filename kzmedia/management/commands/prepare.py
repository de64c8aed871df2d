import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, call_command, get_commands

from kzmedia import vendor


class Command(BaseCommand):
    help = "Bring database and static files up to date: migrate, load the reference dataset, collect static files."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--no-static", action="store_true", help="Only the database: the image has the files."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, stdout=self.stdout)
        if "load_reference" in get_commands():
            call_command("load_reference", stdout=self.stdout)
        if not options["no_static"]:
            collect_static()


def collect_static() -> None:
    """Collect and compress the static files, if any has changed: compressing takes up to half a minute."""
    vendor.provide(settings.VAR_DIR)
    stamp: Path = settings.STATIC_ROOT / ".collected"
    found = fingerprint()
    if stamp.exists() and stamp.read_text() == found:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(found)


def fingerprint() -> str:
    """Changes when a static file, or what is made of it, changes."""
    seen = hashlib.sha256(str(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            state = Path(storage.path(name)).stat()
            seen.update(f"{name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return seen.hexdigest()
