"""The Celery application of the worker that draws pictures: it needs neither models nor other tasks, 60 MB less.

`manage.py draw` starts it. One process without children: a drawing that hangs is ended by its own clock (apps/figures/pencil.py).
"""

import sys

from apps.figures import tasks
from apps.figures.pencil import QUEUE
from kzmedia.clock import app
from kzmedia.worker import run

__all__ = ["app", "tasks"]

if __name__ == "__main__":
    sys.exit(run(app, pool_cls="solo", queues=[QUEUE], name="pictures", without_heartbeat=True))
