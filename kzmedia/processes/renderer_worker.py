"""The Celery application of the worker that draws pictures: it needs neither models nor other tasks, 60 MB less.

`manage.py draw` starts it. One process without children: a drawing that hangs is ended by its own clock (apps/figures/chart_renderer.py).
"""

import sys

from apps.figures import tasks
from apps.figures.chart_renderer import QUEUE
from kzmedia.processes.beat_app import app
from kzmedia.processes.worker import run

__all__ = ["app", "tasks"]

if __name__ == "__main__":
    sys.exit(run(app, pool_cls="solo", queues=[QUEUE], name="pictures", without_heartbeat=True))
