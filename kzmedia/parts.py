"""The commands that the parts of a site are started with."""

import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
Command = list[str | Path]

MANAGE: Command = [sys.executable, BASE_DIR / "manage.py"]
WEB: Command = [sys.executable, "-m", "gunicorn", "-c", BASE_DIR / "kzmedia/gunicorn.conf.py"]
_CELERY = [sys.executable, "-m", "celery", "-A"]
WORKER: Command = [
    *_CELERY, "kzmedia", "worker", "--pool", "prefork", "--without-gossip", "--without-mingle", "--loglevel", "INFO",
]  # fmt: skip
# One process without children: a drawing that hangs is ended by the drawing's own clock (apps/figures/pencil.py, which
# names the queue too).
PICTURES: list[str] = [
    *_CELERY, "kzmedia.pencils", "worker", "--queues", "pictures", "--pool", "solo", "--hostname", "pictures@%h",
    "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO",
]  # fmt: skip


def site(var: Path) -> dict[str, Command]:
    """By name: the web server, the worker, the one that draws pictures, and the clock."""
    return {
        "web": WEB,
        "worker": WORKER,
        "pictures": [*PICTURES],
        # a pid file would go stale
        "beat": [*_CELERY, "kzmedia.clock", "beat", "--pidfile=", "--schedule", var / "run" / "beat"],
    }
