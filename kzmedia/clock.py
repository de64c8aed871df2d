"""The Celery application of beat, which only sends names: it loads the schedule and neither tasks nor models, 60 MB less.

celery -A kzmedia.clock beat
"""

import os

from celery import Celery
from celery.loaders.app import AppLoader
from django.conf import settings
from django.utils.log import configure_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kzmedia.settings")


class NoTasks(AppLoader):
    def import_default_modules(self) -> list[object]:
        return []


app = Celery("kzmedia", loader=NoTasks, fixups=[])
app.config_from_object("django.conf:settings", namespace="CELERY")
configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)  # which django.setup() does elsewhere
