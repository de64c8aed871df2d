"""The Celery application of beat, which only sends names: it loads the schedule and neither tasks nor models, 60 MB less.

python -m kzmedia.processes.beat_app SCHEDULE, the file that keeps what was sent when; not by Celery's command line (kzmedia/processes/worker.py).
"""

import os
import sys
from logging.config import dictConfig

from celery import Celery
from celery.loaders.app import AppLoader
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kzmedia.settings")


class NoTasks(AppLoader):
    def import_default_modules(self) -> list[object]:
        return []


app = Celery("kzmedia", loader=NoTasks, fixups=[])
app.config_from_object("django.conf:settings", namespace="CELERY")
dictConfig(
    settings.LOGGING
)  # which django.setup() does elsewhere, with loggers of pages, and all that they load

if __name__ == "__main__":
    app.Beat(schedule=sys.argv[1]).run()  # without a pid file: it would go stale
