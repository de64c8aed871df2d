"""The Celery application; its settings are the CELERY_* names of kzmedia.settings."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kzmedia.settings")

app = Celery("kzmedia")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
