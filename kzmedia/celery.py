"""The Celery application; its settings are the CELERY_* names of kzmedia.settings."""

import os
import signal
from contextlib import suppress

from celery import Celery
from celery.signals import heartbeat_sent, worker_before_create_process, worker_process_init

from kzmedia.processes import embedded
from kzmedia.processes.children import die_with_parent
from kzmedia.processes.gc_tuning import keep_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kzmedia.settings")
# Celery has a worker do `manage.py check` at each start: it loads all pages, a second and 40 MB. `make check` does it.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("kzmedia")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_before_create_process.connect
def _keep_shared(**_: object) -> None:
    keep_loaded()


@worker_process_init.connect
def _die_with_worker(**_: object) -> None:
    """End a worker's child with a worker that was killed: its lease is given again instead."""
    die_with_parent(signal.SIGKILL, os.getppid())


@heartbeat_sent.connect
def _show_life(**_: object) -> None:
    """Touch a file every two seconds while the worker has its broker, for a container's health check. A full disk
    harms nothing."""
    run = embedded.var_dir() / "run"
    with suppress(OSError):
        run.mkdir(parents=True, exist_ok=True)
        (run / "worker.alive").touch()
