"""The worker that draws pictures of charts: one at a time, with one browser that stays open while there is work."""

from typing import Any

from django.core.management import BaseCommand

from apps.figures.pictures import QUEUE
from kzmedia.celery import app


class Command(BaseCommand):
    help = "Draw the pictures that pages ask for, until stopped. `manage.py up` keeps one running."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        # One process without children: a drawing that hangs is ended by the drawing's own clock (apps/figures/pencil.py).
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
        app.worker_main(["worker", "--queues", QUEUE, "--pool", "solo", "--hostname", "pictures@%h", *quiet])
