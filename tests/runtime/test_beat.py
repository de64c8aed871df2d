"""Beat: what it loads, and a clock that is set back under it."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

from django.conf import settings

from kzmedia.celery import app
from kzmedia.processes.beat_scheduler import Scheduler
from tests.runtime.processes import BASE_DIR, clean_env

LOOK = """
import sys
from {module} import app
app.loader.init_worker(); app.finalize()
print(*sorted(name for name in app.tasks if not name.startswith("celery.")))
print(*sorted(name for name in sys.modules if name.startswith("apps.") and name.endswith(".models")))
"""


def loaded_by(module):
    done = subprocess.run(  # noqa: S603 our own words
        [sys.executable, "-c", LOOK.format(module=module)],
        cwd=BASE_DIR, env=clean_env(DJANGO_SETTINGS_MODULE="kzmedia.settings"), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


def test_it_loads_neither_tasks_nor_models():
    assert loaded_by("kzmedia.processes.beat_app") == ["", ""]


def test_the_process_that_draws_knows_its_task_alone():
    assert loaded_by("kzmedia.processes.renderer_worker") == ["apps.figures.tasks.draw_picture", ""]


def test_every_name_that_it_sends_is_a_task_of_the_worker():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


def test_what_was_last_given_in_the_future_is_given_again(tmp_path, monkeypatch):
    scheduler = Scheduler(app, schedule_filename=str(tmp_path / "beat"))
    sent = []
    monkeypatch.setattr(scheduler, "apply_entry", lambda entry, producer=None: sent.append(entry.name))
    ahead = datetime.now(UTC) + timedelta(hours=3)
    for entry in scheduler.schedule.values():
        entry.last_run_at = ahead
    assert scheduler.tick() <= 60  # at the latest in the next minute
    now = datetime.now(UTC)
    assert all(entry.last_run_at <= now for entry in scheduler.schedule.values())
    for entry in scheduler.schedule.values():
        entry.last_run_at = now - timedelta(minutes=1, seconds=1)
    scheduler._heap = None
    while not scheduler.tick():
        pass
    assert "dispatch-due" in sent
    scheduler.close()
