"""The worker that draws pictures of charts: one at a time, with one browser that stays open while there is work."""

import os
import sys
from typing import Any, Final

from django.conf import settings
from django.core.management import BaseCommand

from apps.figures.pencil import QUEUE

# One process without children: a drawing that hangs is ended by the drawing's own clock (apps/figures/pencil.py).
COMMAND: Final = [
    sys.executable, "-m", "celery", "-A", "kzmedia.pencils", "worker", "--queues", QUEUE, "--pool", "solo",
    "--hostname", "pictures@%h", "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO",
]  # fmt: skip


class Command(BaseCommand):
    help = "Draw the pictures that pages ask for, until stopped. `manage.py up` keeps one running."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        os.chdir(settings.BASE_DIR)
        os.execv(COMMAND[0], COMMAND)  # noqa: S606 our own words; what this process has loaded is not needed
