"""The Celery application; its settings are the CELERY_* names of kzmedia.settings."""

import os
import signal

from celery import Celery
from celery.signals import worker_process_init

from kzmedia.children import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kzmedia.settings")

app = Celery("kzmedia")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def _die_with_worker(**_: object) -> None:
    """A worker's child does not outlive a worker that was killed: its lease is given again instead."""
    die_with_parent(signal.SIGKILL, os.getppid())
