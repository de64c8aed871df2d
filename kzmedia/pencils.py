"""The Celery application of the worker that draws pictures: it needs neither models nor other tasks, 60 MB less.

`manage.py draw` starts it.
"""

from apps.figures import tasks
from kzmedia.clock import app

__all__ = ["app", "tasks"]
