import errno
import os
import signal
import sys
import time

import psutil
import pytest

from kzmedia.processes import supervisor as supervision
from kzmedia.processes.supervisor import Failed, Part, Stopped, Supervisor
from tests.runtime.processes import wait_for


@pytest.fixture
def said():
    return []


@pytest.fixture
def supervisor(tmp_path, said, monkeypatch):
    monkeypatch.setattr(supervision, "BACK_OFF", (0.01,) * 5)
    monkeypatch.setattr(supervision, "TICK", 0.02)
    supervisor = Supervisor(tmp_path, said.append)
    yield supervisor
    supervisor.stop()


def part(name, code, tmp_path, **options):
    return Part(name, [sys.executable, "-c", code], dict(os.environ), tmp_path, **options)


def test_a_part_that_dies_is_started_again_and_its_reason_said(supervisor, said, tmp_path):
    web = part("web", "import time; print('hello', flush=True); time.sleep(60)", tmp_path)
    supervisor.start(web)
    first = web.process.pid
    wait_for(lambda: "hello" in supervisor.last_lines(web), 120, "the first words")
    web.process.kill()
    supervisor.pause(0.5)
    assert web.is_alive()
    assert web.process.pid != first
    assert said == ["web ended by signal SIGKILL; it starts again in 0.01 s.\n  | hello"]


def test_a_log_that_somebody_removed_brings_nothing_down(supervisor, said, tmp_path):
    web = part("web", "import time; time.sleep(60)", tmp_path)
    supervisor.start(web)
    (tmp_path / "web.log").unlink()
    supervisor.pause(0.1)
    web.process.kill()
    supervisor.pause(0.5)
    assert web.is_alive()
    assert said == ["web ended by signal SIGKILL; it starts again in 0.01 s.\n"]


def test_a_full_disk_costs_the_old_log_and_nothing_else(supervisor, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(supervision, "LOG_BYTES", 5)
    monkeypatch.setattr(supervision.shutil, "copyfile", full)
    web = part("web", "import time; print('a long line', flush=True); time.sleep(60)", tmp_path)
    supervisor.start(web)
    wait_for(lambda: (tmp_path / "web.log").stat().st_size, 120, "the first words")
    supervisor.pause(0.2)
    assert web.is_alive()
    assert (tmp_path / "web.log").stat().st_size == 0


def test_one_that_keeps_dying_is_given_up_with_its_last_words(supervisor, tmp_path):
    supervisor.start(part("web", "import sys; print('no such port'); sys.exit(3)", tmp_path))
    with pytest.raises(
        Failed, match=r"(?s)web ended with exit code 3, 5 times within 60 seconds.*\| no such port"
    ):
        supervisor.pause(60)


def test_rare_deaths_are_not_counted_together(supervisor, tmp_path, monkeypatch):
    monkeypatch.setattr(supervision, "WITHIN", 0.0)
    web = part("web", "", tmp_path)
    supervisor.start(web)
    supervisor.pause(1.5)
    assert len(web.deaths) == supervision.DEATHS


def test_what_a_dead_part_left_in_its_group_is_ended(supervisor, tmp_path):
    code = "import subprocess, sys, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    web = part("web", code, tmp_path)
    supervisor.start(web)
    wait_for(lambda: supervisor.last_lines(web).strip(" |").isdigit(), 120, "its child")
    child = psutil.Process(int(supervisor.last_lines(web).strip(" |")))
    web.process.kill()
    supervisor.pause(0.2)
    psutil.wait_procs([child], timeout=120)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_what_others_rest_on_is_stopped_last(supervisor, tmp_path):
    code = (
        "import signal, sys, time, pathlib\n"
        "def end(*_):\n"
        "    time.sleep(0.2); pathlib.Path('order').open('a').write(sys.argv[1]); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print('ready', flush=True); time.sleep(60)"
    )
    for name, layer in (("p", 0), ("v", 1), ("w", 2)):
        one = Part(name, [sys.executable, "-c", code, name], dict(os.environ), tmp_path, layer=layer)
        supervisor.start(one)
        wait_for(lambda one=one: "ready" in supervisor.last_lines(one), 120, name)
    supervisor.stop()
    assert (tmp_path / "order").read_text() == "wvp"


DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"


def test_one_that_does_not_end_is_ended(supervisor, tmp_path):
    deaf = part("deaf", DEAF, tmp_path, patience=0.3)
    supervisor.start(deaf)
    wait_for(lambda: "ready" in supervisor.last_lines(deaf), 120, "it")
    supervisor.stop()
    assert deaf.process.returncode == -signal.SIGKILL


def test_a_second_ctrl_c_hurries(supervisor, tmp_path):
    deaf = part("deaf", DEAF, tmp_path, patience=60)
    supervisor.start(deaf)
    wait_for(lambda: "ready" in supervisor.last_lines(deaf), 120, "it")
    supervisor.asked = 1
    with pytest.raises(Stopped):
        supervisor.pause(1)
    supervisor._ask(signal.SIGINT, None)
    begun = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - begun < 50


def test_a_step_that_fails_says_why(supervisor, tmp_path):
    with pytest.raises(Failed, match=r"(?s)prepare failed:.*\| disk full"):
        supervisor.run(part("prepare", "raise SystemExit('disk full')", tmp_path))


def test_a_step_is_ended_when_we_are_asked_to_stop(supervisor, tmp_path):
    before = psutil.Process().children()
    supervisor.asked = 1
    with pytest.raises(Stopped):
        supervisor.run(part("prepare", "import time; time.sleep(60)", tmp_path))
    assert psutil.Process().children() == before


def test_a_log_that_has_grown_is_begun_anew(supervisor, tmp_path, monkeypatch):
    monkeypatch.setattr(supervision, "LOG_BYTES", 1000)
    code = "import time\nwhile True: print('x' * 99, flush=True); time.sleep(0.01)"
    web = part("web", code, tmp_path)
    supervisor.start(web)
    wait_for(lambda: (tmp_path / "web.log").stat().st_size > 1000, 120, "a long log")
    supervisor.pause(0.05)
    assert (tmp_path / "web.log.1").stat().st_size > 1000
    assert (tmp_path / "web.log").stat().st_size < 10_000
