"""The commands that the parts of a site are started with."""

import sys
from pathlib import Path

from kzmedia.processes.embedded import BASE_DIR

Command = list[str | Path]

MANAGE: Command = [sys.executable, BASE_DIR / "manage.py"]
PICTURES = [sys.executable, "-m", "kzmedia.processes.renderer_worker"]


PARTS = ("web", "worker", "pictures", "beat")


def site(var: Path) -> dict[str, Command]:
    """Return the commands by name: the web server, the worker, the one that draws pictures, and the clock."""
    return {
        "web": [sys.executable, "-m", "gunicorn", "-c", BASE_DIR / "kzmedia/processes/gunicorn.conf.py"],
        "worker": [sys.executable, "-m", "kzmedia.processes.worker"],
        "pictures": [*PICTURES],
        "beat": [sys.executable, "-m", "kzmedia.processes.beat_app", var / "run" / "beat"],
    }


def waiting_file(var: Path) -> Path:
    """Return the file in which `manage.py prepare` leaves what waits for an editor, in a sentence."""
    return var / "run" / "waiting"
