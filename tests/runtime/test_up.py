"""`manage.py up`, really started and really killed."""

import http.client
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from kzmedia.processes import embedded, servers, starters, up
from tests.runtime.processes import (
    BASE_DIR,
    all_descendants,
    clean_env,
    end,
    processes_of,
    running,
    spawn,
    wait_for,
)

pytestmark = [pytest.mark.faults, pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start servers as somebody else")
PARTS = {
    "web": "gunicorn",
    "worker": "kzmedia.processes.worker",
    "pictures": "kzmedia.processes.renderer_worker",
    "beat": "kzmedia.processes.beat_app",
    "valkey": "valkey-server",
    "postgres": "bin/postgres -D",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Installation:
    """A VAR_DIR of its own with one `manage.py up` after another over it."""

    def __init__(self, var: Path, **names: str) -> None:
        self.var = var
        self.port = free_port()
        # DEBUG leaves out the compressing of static files, which takes longest
        self.env = clean_env(VAR_DIR=str(var), PORT=str(self.port), DEBUG="1", **names)
        self.process: subprocess.Popen[str] | None = None

    def start(self, before: tuple[str, ...] = ()) -> None:
        self.process = spawn("manage.py", "up", env=self.env, before=before)
        wait_for(lambda: self.process.poll() is not None or self.has_all_parts(), 240, "the site")
        assert self.process.poll() is None, self.process.communicate()[0]

    def has_all_parts(self) -> bool:
        return self.is_well() and all(self.part(name) for name in PARTS)

    def is_well(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def part(self, name: str) -> psutil.Process | None:
        """Return the main process of a part: the supervisor's own child."""
        for child in psutil.Process(self.process.pid).children():
            try:
                if PARTS[name] in " ".join(child.cmdline()):
                    return child
            except psutil.NoSuchProcess:
                continue
        return None

    def processes(self) -> list[psutil.Process]:
        return processes_of(self.var, embedded.server_dir(self.var))

    def stop(self) -> str:
        self.process.send_signal(signal.SIGINT)
        said, _ = self.process.communicate(timeout=240)
        return said

    def manage(self, *words: str) -> str:
        ended = self.run(*words)
        assert ended.returncode == 0, ended.stdout
        return ended.stdout.strip()

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Return a command of the installation to its end, whatever that is."""
        process = spawn("manage.py", *words, env=self.env)
        said, _ = process.communicate(timeout=240)
        return subprocess.CompletedProcess(words, process.returncode, said)

    def remove(self) -> None:
        if self.process:
            end(self.process)
        _gone, left = psutil.wait_procs(self.processes(), timeout=120)
        for process in left:
            process.kill()
        place = embedded.server_dir(self.var)
        shutil.rmtree(self.var)
        if place != self.var:
            shutil.rmtree(place)
        assert left == []


def copy_of(stopped: Path) -> Path:
    """Return where another installation begins with the database that this one, stopped, has made and filled."""
    var = make_var()
    subprocess.run(["cp", "-a", f"{stopped}/.", var], check=True)  # noqa: S603, S607 our own folders
    return var


def make_var(mode: int = 0o755) -> Path:
    """Return a short path, open to the servers' user unless closed by its mode (pytest's own folders are closed)."""
    var = Path(tempfile.mkdtemp(prefix="kzm-", dir="/tmp"))
    var.chmod(mode)
    return var


@pytest.fixture(scope="module")
def shared(stopped):
    installation = Installation(copy_of(stopped))
    yield installation
    installation.remove()


@pytest.fixture
def site(shared):
    """Provide one for all tests that leave it running, whatever befalls it meanwhile; if one has not, it is started
    again."""
    if shared.process is None or shared.process.poll() is not None:
        shared.start()
    return shared


@pytest.fixture
def own_site(stopped):
    installation = Installation(copy_of(stopped))
    yield installation
    installation.remove()


@pytest.fixture
def new_site():
    installation = Installation(make_var())
    yield installation
    installation.remove()


def test_nothing_listens_but_the_site_itself(site):
    listening = set()
    for process in [psutil.Process(site.process.pid), *all_descendants(site.process.pid)]:
        with suppress(psutil.NoSuchProcess):  # PostgreSQL ends one with each session
            for connection in process.net_connections("inet"):
                if connection.status == psutil.CONN_LISTEN or connection.type == socket.SOCK_DGRAM:
                    listening.add((connection.laddr.ip, connection.laddr.port))
    assert listening == {("127.0.0.1", site.port)}


@as_root
def test_as_root_the_servers_run_as_somebody_without_rights(site):
    for name in ("postgres", "valkey"):
        uids = site.part(name).uids()
        assert {uids.real, uids.effective, uids.saved} == {pwd.getpwnam("nobody").pw_uid}


@as_root
@pytest.mark.skipif(not shutil.which("useradd"), reason="no program makes users here")
def test_as_root_no_part_but_the_supervisor_stays_root(site):
    """Also where Python or the code lie below a folder that is closed to others, as /root is."""
    for name in starters.PARTS:
        user = pwd.getpwnam(f"kzmedia-{name}")
        members = [site.part(name), *site.part(name).children(recursive=True)]
        for process in members:
            uids, gids = process.uids(), process.gids()
            assert {uids.real, uids.effective, uids.saved} == {user.pw_uid}
            assert {gids.real, gids.effective, gids.saved} == {user.pw_gid}
            status = Path(f"/proc/{process.pid}/status").read_text()
            assert "CapEff:\t0000000000000000" in status
    worker, pictures = pwd.getpwnam("kzmedia-worker"), pwd.getpwnam("kzmedia-pictures")
    assert may_write(worker, site.var / "media")
    assert may_write(worker, site.var / "backups")
    assert may_write(pictures, site.var / "pictures")
    for place in ("media", "backups", "secret_key", "postgres"):
        assert not may_read(pictures, site.var / place)
    names = (servers.postgres_dir(site.var) / "pg_ident.conf").read_text()
    assert "kzmedia-web" in names
    assert "kzmedia-pictures" not in names


def may_write(user, place):
    return tried(user, "test", "-w", str(place))


def may_read(user, place):
    return tried(user, "test", "-r", str(place))


def tried(user, *words):
    done = subprocess.run(words, user=user.pw_uid, group=user.pw_gid, extra_groups=[], check=False)  # noqa: S603
    return done.returncode == 0


@as_root
def test_nobody_else_gets_in(site):
    """The folder of the sockets is closed, and PostgreSQL asks the kernel who is there."""
    for place in (embedded.run_dir(site.var), servers.postgres_dir(site.var)):
        assert place.stat().st_mode & 0o007 == 0
    rules = (servers.postgres_dir(site.var) / "pg_hba.conf").read_text().splitlines()
    assert rules == ["local all all peer map=kzmedia", "local replication postgres peer map=kzmedia"]


def test_another_shell_reaches_the_servers(site):
    assert site.manage(
        "shell", "-v0", "-c", "from apps.registry.models import Source; print(Source.objects.exists())"
    )


def test_an_invitation_made_in_another_shell_leads_to_this_site(site):
    shell = site.env | {"PORT": ""}
    process = spawn("manage.py", "invite", "first@example.kz", "--role", "admin", env=shell)
    said, _ = process.communicate(timeout=240)
    assert f"http://127.0.0.1:{site.port}/" in said


def test_a_second_start_is_refused_and_does_no_harm(site):
    parts = {name: site.part(name).pid for name in PARTS}
    second = spawn("manage.py", "up", env=site.env)
    said, _ = second.communicate(timeout=240)
    assert second.returncode == 1
    assert f"running here already: process {site.process.pid}, http://127.0.0.1:{site.port}/" in said
    assert site.is_well()
    assert {name: site.part(name).pid for name in PARTS} == parts


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_is_killed_comes_back(site, name):
    killed = site.part(name)
    children = killed.children(recursive=True)
    killed.kill()
    wait_for(lambda: site.part(name) not in {None, killed}, 120, f"a new {name}")
    wait_for(site.is_well, 120, "the site")
    _gone, alive = psutil.wait_procs(children, timeout=120)
    assert alive == []


def test_the_worker_goes_on_after_the_broker_was_killed(site):
    site.part("valkey").kill()
    wait_for(site.has_all_parts, 120, "all parts")
    send = "from kzmedia.celery import app; app.send_task('celery.accumulate', args=[1])"
    site.manage("shell", "-v0", "-c", send)
    waiting = "import redis; from django.conf import settings; print(redis.Redis.from_url(settings.REDIS_URL).llen('celery'))"
    wait_for(lambda: site.manage("shell", "-v0", "-c", waiting).endswith("0"), 120, "an empty queue")


def test_ctrl_c_stops_everything_and_a_second_start_finds_the_data(site):
    make = "from apps.users.models import User; User.objects.create_user('aigerim')"
    site.manage("shell", "-v0", "-c", make)
    said = site.stop()
    assert site.process.returncode == 0
    assert "Stopped." in said
    assert site.processes() == []
    site.start()
    find = "from apps.users.models import User; print(User.objects.get().username)"
    assert site.manage("shell", "-v0", "-c", find).endswith("aigerim")


def test_a_killed_supervisor_leaves_nothing_and_locks_nobody_out(site):
    site.process.kill()
    wait_for(lambda: not site.processes(), 120, "the end of everything")
    site.process.communicate()

    # its process number now belongs to somebody else, of whom PostgreSQL would be afraid
    cluster = servers.postgres_dir(site.var)
    user = embedded.server_user(site.var)
    with subprocess.Popen(["/bin/sleep", "60"], user=user.pw_uid if user else None) as other:
        lines = [other.pid, cluster, 1700000000, 5432, embedded.run_dir(site.var), "", "", "ready"]
        (cluster / "postmaster.pid").write_text("\n".join(str(line) for line in lines) + "\n")
        site.start()
        assert other.poll() is None
        other.kill()


def test_postgres_still_stopping_after_a_kill_is_waited_for(site):
    """The next start comes while the last one's PostgreSQL is alive and holds its lock."""
    postgres = site.part("postgres")
    postgres.suspend()
    site.process.kill()
    site.process.communicate()
    assert postgres.is_running()
    with running("-c", f"import time, os; time.sleep(3); os.kill({postgres.pid}, 18)", env=clean_env()):
        site.start()
    assert "postgres ended" not in site.stop()


def test_a_taken_port_is_told_before_anything_is_started(new_site):
    with socket.create_server(("127.0.0.1", new_site.port)):
        new_site.process = spawn("manage.py", "up", env=new_site.env)
        said, _ = new_site.process.communicate(timeout=240)
    assert new_site.process.returncode == 1
    assert f"Port {new_site.port} is taken by another program." in said
    assert not servers.postgres_dir(new_site.var).exists()


def test_a_part_that_keeps_dying_brings_all_down_with_its_reason(own_site):
    own_site.env["GUNICORN_CMD_ARGS"] = "--nonsense"
    own_site.process = spawn("manage.py", "up", env=own_site.env)
    said, _ = own_site.process.communicate(timeout=240)
    assert own_site.process.returncode == 1
    assert "web ended with exit code 2, 5 times within 60 seconds." in said
    assert "unrecognized arguments: --nonsense" in said
    assert own_site.processes() == []


@as_root
def test_what_root_has_written_before_is_handed_over(own_site):
    """The release before ran all parts as root: its files would keep the clock from starting."""
    for file in (own_site.var / "run").iterdir():
        os.chown(file, 0, 0)
        file.chmod(0o644)
    state = own_site.var / "run" / "beat.dat"
    written = state.stat().st_mtime
    own_site.start()
    wait_for(lambda: state.stat().st_mtime > written, 60, "the clock's state to be written")
    assert "PermissionError" not in (own_site.var / "log" / "beat.log").read_text()
    assert own_site.process.poll() is None


def test_unusable_data_is_told_with_its_reason(own_site):
    (servers.postgres_dir(own_site.var) / "PG_VERSION").write_text("9\n")
    own_site.process = spawn("manage.py", "up", env=own_site.env)
    said, _ = own_site.process.communicate(timeout=240)
    assert own_site.process.returncode == 1
    assert "was made by PostgreSQL 9" in said


@as_root
def test_a_closed_folder_above_the_data_is_left_closed(monkeypatch):
    installation = Installation(make_var(mode=0o700))
    try:
        installation.start()
        place = embedded.server_dir(installation.var)
        assert place.parent == Path("/var/lib")
        assert installation.var.stat().st_mode & 0o007 == 0
        for name in starters.PARTS:
            assert "PermissionError" not in (installation.var / "log" / f"{name}.log").read_text()
        installation.stop()
        # Who stops it so soon may not have been welcomed yet.
        monkeypatch.delenv("DATABASE_URL", raising=False)
        assert f"the database in {place}" in up.welcome(installation.var)
    finally:
        installation.remove()


@as_root
def test_an_ordinary_user_starts_it_too():
    nobody = pwd.getpwnam("nobody")
    become = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    if not shutil.which("setpriv"):
        pytest.skip("setpriv is missing")
    if not all(embedded.is_reachable(Path(place).resolve(), nobody) for place in (sys.executable, BASE_DIR)):
        # Python itself lies in a closed folder: reading is allowed then, nothing else
        become += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    installation = Installation(make_var())
    os.chown(installation.var, nobody.pw_uid, nobody.pw_gid)
    try:
        installation.start(before=tuple(become))
        assert {process.uids().effective for process in installation.processes()} == {nobody.pw_uid}
        installation.stop()
        assert installation.processes() == []
    finally:
        installation.remove()
