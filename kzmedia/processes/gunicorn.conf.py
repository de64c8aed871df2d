"""Configuration of gunicorn: a few processes with threads, which kzmedia/processes/web_worker.py gives whole requests alone."""

import gc
import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from kzmedia import secret_files
from kzmedia.environment import Environment, WrongSettings, web_server
from kzmedia.processes import embedded, gc_tuning
from kzmedia.processes.children import DOOR, die_with_parent

try:
    secret_files.read()
except ImproperlyConfigured as error:
    raise WrongSettings(str(error)) from None
gc.disable()  # until all is loaded: looking through it again and again takes a tenth of the time, and finds nothing
os.umask(0o027)  # what is uploaded, and whatever else is written, is for its owner and group
_base = Path(__file__).resolve().parent.parent.parent
_run = embedded.var_dir() / "run"
_run.mkdir(parents=True, exist_ok=True)
# Where /metrics is wanted each process counts its requests in files of its own, which are added up; a new start begins at 0.
# In memory: they are mapped, and a full disk would end the process that counts.
if os.environ.get("METRICS_TOKEN") or os.environ.get("METRICS_TOKEN_FILE"):
    _link = _run / "metrics"
    if _link.is_symlink():
        shutil.rmtree(_link.readlink(), ignore_errors=True)
        _link.unlink()
    _memory = Path("/dev/shm")  # noqa: S108  a folder of our own in it, closed to others
    _counts = tempfile.mkdtemp(prefix="kzmedia-metrics-", dir=_memory if _memory.is_dir() else None)
    _link.symlink_to(_counts)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _counts
_is_json = os.environ.get("LOG_FORMAT") == "json"
logconfig_dict = {
    "formatters": {
        "json": {"()": "kzmedia.monitoring.logs.JsonLineFormatter"},
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
    },
    "filters": {"secrets": {"()": "apps.common.secrecy.Blank", "secrets": secret_files.secret_values()}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if _is_json else "line",
            "filters": ["secrets"],
        }
    },
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["console"], "propagate": False}},
}
_env = Environment()
_host, _port, workers = web_server(_env)
_env.refuse_mistakes()
bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"
if DOOR in os.environ:
    bind = f"fd://{os.environ[DOOR]}"
wsgi_app = "kzmedia.wsgi:application"
chdir = str(_base)
worker_class = "kzmedia.processes.web_worker.WebWorker"
threads = 40  # as kzmedia/admission.py counts on
preload_app = True  # workers share the memory of what is loaded before the fork
timeout = 60
graceful_timeout = 15
worker_tmp_dir = str(_run)
control_socket_disable = True  # it would make a folder in the home directory


def on_starting(server: Any) -> None:
    """Serve nothing on tables of another release."""
    from kzmedia import schema  # the settings are read by now

    schema.wait_until_prepared("web")


def when_ready(server: Any) -> None:
    """Share what is loaded before the fork."""
    gc_tuning.keep_loaded()
    gc_tuning.between_answers()


def post_fork(server: Any, worker: Any) -> None:
    """End a worker with a master that was killed."""
    die_with_parent(signal.SIGKILL, worker.ppid)
