from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command, get_commands

from kzmedia import vendor


class Command(BaseCommand):
    help = "Bring database and static files up to date: migrate, load the reference dataset, collect static files."

    def handle(self, *args: Any, **options: Any) -> None:
        vendor.provide(settings.VAR_DIR)
        call_command("migrate", interactive=False, stdout=self.stdout)
        if "load_reference" in get_commands():
            call_command("load_reference", stdout=self.stdout)
        call_command("collectstatic", interactive=False, verbosity=0, stdout=self.stdout)
