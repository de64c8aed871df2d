"""Real processes for the tests that need them: `manage.py up`, `celery worker`, `celery beat`.

    with running("-m", "celery", "-A", "kzmedia", "worker", env=process_env) as worker:
        wait_for(lambda: Snapshot.objects.exists(), 20, "a snapshot")
        worker.kill()

`process_env` (a fixture of tests/conftest.py) is the environment in which such a process uses the test's database
and broker. What is started lives in a process group of its own and dies with pytest.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from kzmedia.processes.children import die_with_parent

BASE_DIR = Path(__file__).resolve().parent.parent.parent


def clean_env(**names: str) -> dict[str, str]:
    """Return this process's environment without what pytest and its settings put there, and with the names given."""
    ours = {
        "DATABASE_URL",
        "REDIS_URL",
        "DJANGO_SETTINGS_MODULE",
        "SECRET_KEY",
        "PORT",
        "BIND",
        "DJANGO_ALLOW_ASYNC_UNSAFE",  # the browser tests' own
    }
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith("PYTEST")
    }
    return kept | {"PYTHONUNBUFFERED": "1"} | names


def spawn(*words: str, env: Mapping[str, str], before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """Start Python with these arguments (`before`: words in front of it); stdout and stderr come as one text."""
    parent = os.getpid()
    return subprocess.Popen(  # noqa: S603  our own commands
        [*before, sys.executable, *words],
        cwd=BASE_DIR,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: die_with_parent(signal.SIGKILL, parent),
    )


@contextmanager
def running(
    *words: str, env: Mapping[str, str], before: tuple[str, ...] = ()
) -> Iterator[subprocess.Popen[str]]:
    """Provide a process for the length of the block; afterwards it and its whole group are killed."""
    process = spawn(*words, env=env, before=before)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[str]) -> str:
    """Kill the process with its group, if any of it still runs, and return what it said."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    said, _ = process.communicate(timeout=120)
    return said


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Return as soon as the condition is true; fail the test, naming what was waited for, when it does not become so."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"waited {seconds} s in vain for {what}"
        time.sleep(0.1)


def all_descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def processes_of(var: Path, *places: Path) -> list[psutil.Process]:
    """Return every process of an installation: with its VAR_DIR in the environment, or working in one of its folders."""
    found = []
    for process in psutil.process_iter():
        try:
            folder = Path(process.cwd())
            inside = any(folder.is_relative_to(place) for place in (var, *places))
            if process.status() != psutil.STATUS_ZOMBIE and (
                inside or process.environ().get("VAR_DIR") == str(var)
            ):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found
