"""The worker that draws pictures of charts: one at a time, with one browser that stays open while there is work."""

import os
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

from kzmedia.processes.starters import PICTURES


class Command(BaseCommand):
    help = "Draw the pictures that pages ask for, until stopped. `manage.py up` keeps one running."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        os.chdir(settings.BASE_DIR)
        os.execv(PICTURES[0], PICTURES)  # noqa: S606 our own words; what this process has loaded is not needed
