"""What `make run` ends in: the whole installation in the foreground."""

import errno
import fcntl
import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from kzmedia import embedded, servers
from kzmedia.management.commands import draw
from kzmedia.servers import Unusable
from kzmedia.supervisor import Failed, Part, Stopped, Supervisor

ANSWER_WITHIN = 90  # seconds from the start of the web server to its first answer


class Command(BaseCommand):
    help = (
        "Start everything and keep it running until Ctrl-C: PostgreSQL and Valkey when DATABASE_URL and REDIS_URL"
        " name none, then the web server, the worker and the clock that gives it work."
    )
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        var: Path = settings.VAR_DIR
        supervisor = Supervisor(var / "log", self._say)
        try:
            for place in (var / "log", var / "run"):
                place.mkdir(parents=True, exist_ok=True)
            with only_one(var / "run" / "up.lock"):
                wait_for_free_port()
                supervisor.listen()
                try:
                    self._run(supervisor, var)
                finally:
                    supervisor.stop()
        except Stopped:
            self._say("Stopped.")
        except PermissionError as error:
            raise CommandError(f"{error}. Start as the user who owns {var}.") from error
        except (Failed, Unusable) as error:
            raise CommandError(str(error)) from error

    def _run(self, supervisor: Supervisor, var: Path) -> None:
        try:
            self._say("Starting the database ...")
            start_postgres(supervisor, var)
            start_valkey(supervisor, var)
            self._say("Bringing database and files up to date ...")
            supervisor.run("prepare", manage("prepare"), child_env(), settings.BASE_DIR)
            self._say("Starting the site ...")
            for part in site(var):
                supervisor.start(part)
            wait_for_answer(supervisor)
            self._say(welcome(var))
            while True:
                supervisor.pause(3600)
        except Stopped:
            self._say("Stopping; Ctrl-C again hurries ...")
            raise

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def start_postgres(supervisor: Supervisor, var: Path) -> None:
    """The embedded PostgreSQL, or a look at the one that DATABASE_URL names. Raises Unusable."""
    if os.environ.get("DATABASE_URL"):
        servers.check_postgres(settings.DATABASES["default"])
        return
    servers.prepare(var)
    supervisor.start(
        Part(
            "postgres",
            servers.postgres_command(var),
            servers.server_env(var),
            cwd=servers.postgres_dir(var),
            user=embedded.server_user(var),
            before=lambda: servers.before_postgres(var),
            layer=0,
            stop=signal.SIGINT,  # a fast shutdown: ends the sessions, writes everything down
            hurry=signal.SIGQUIT,
            patience=servers.SHUTDOWN_SECONDS,
            on_parent_death=signal.SIGINT,
        )
    )
    servers.wait_for_postgres(var, lambda: True, supervisor.pause)


def start_valkey(supervisor: Supervisor, var: Path) -> None:
    """The embedded Valkey, or a look at the server that REDIS_URL names. Raises Unusable."""
    if os.environ.get("REDIS_URL"):
        servers.check_redis(settings.REDIS_URL)
        return
    servers.prepare_places(var)
    supervisor.start(
        Part(
            "valkey",
            servers.valkey_command(var),
            servers.server_env(var),
            cwd=servers.valkey_dir(var),
            user=embedded.server_user(var),
            before=lambda: servers.before_valkey(var),
            layer=1,
            patience=5,
        )
    )
    servers.wait_for_valkey(var, lambda: True, supervisor.pause)


def site(var: Path) -> list[Part]:
    """The web server, the worker, the one that draws pictures, and the clock."""
    celery = [sys.executable, "-m", "celery", "-A"]
    worker = "worker --pool prefork --without-gossip --without-mingle --loglevel INFO"
    commands: dict[str, list[str | Path]] = {
        "web": [sys.executable, "-m", "gunicorn", "-c", settings.BASE_DIR / "kzmedia/gunicorn.conf.py"],
        "worker": [*celery, "kzmedia", *worker.split()],
        "pictures": [*draw.COMMAND],
        # a pid file would go stale
        "beat": [*celery, "kzmedia.clock", "beat", "--pidfile=", "--schedule", var / "run" / "beat"],
    }
    return [Part(name, command, child_env(), settings.BASE_DIR) for name, command in commands.items()]


def manage(*words: str) -> list[str | Path]:
    return [sys.executable, settings.BASE_DIR / "manage.py", *words]


def child_env() -> dict[str, str]:
    return os.environ | {"VAR_DIR": str(settings.VAR_DIR), "PYTHONUNBUFFERED": "1"}


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold the installation's lock; the kernel gives it back however this process ends. Raises CommandError."""
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CommandError(f"KZMedia is running here already: {file.read().strip()}.") from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, {site_address()}")
        file.flush()
        yield


def bind_address() -> tuple[str, int]:
    """Where the web server listens: BIND (default 127.0.0.1) and PORT (default 8000). Raises CommandError."""
    port = os.environ.get("PORT") or "8000"
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise CommandError(f"PORT has to be a number from 1 to 65535, not {port!r}.")
    return os.environ.get("BIND") or "127.0.0.1", int(port)


def site_address() -> str:
    host, port = bind_address()
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{host}:{port}/"


def wait_for_free_port(seconds: float = 3) -> None:
    """See that the port is free; one that a killed start leaves is free in a moment. Raises CommandError."""
    end = time.monotonic() + seconds
    host, port = bind_address()
    while True:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                return
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise CommandError(
                        f"The site cannot listen on {host}, port {port}: {error.strerror}."
                    ) from error
                if time.monotonic() > end:
                    raise CommandError(
                        f"Port {port} is taken by another program. Choose another one: PORT={port + 1} make run"
                    ) from error
        time.sleep(0.1)


def wait_for_answer(supervisor: Supervisor) -> None:
    """Wait until the site says that it is well. Raises Failed, Stopped."""
    end = time.monotonic() + ANSWER_WITHIN
    while not is_well():
        if time.monotonic() > end:
            raise Failed(
                f"The site does not answer within {ANSWER_WITHIN} seconds; see {supervisor.logs / 'web.log'}."
            )
        supervisor.pause(0.2)


def is_well() -> bool:
    host = site_address().removeprefix("http://").rsplit(":", 1)[0].strip("[]")
    connection = http.client.HTTPConnection(host, bind_address()[1], timeout=5)
    named = next((name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"), "localhost")
    try:
        connection.request("GET", "/healthz", headers={"Host": named})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def welcome(var: Path) -> str:
    data = f"{var}"
    if not os.environ.get("DATABASE_URL") and embedded.server_dir(var) != var:
        data += f", the database in {embedded.server_dir(var)}"
    python = os.path.relpath(sys.executable)
    lines = {
        "The site": site_address(),
        "First admin": f"{python} manage.py createsuperuser",
        "Data": data,
        "Logs": f"{var / 'log'}",
        "Stop": "Ctrl-C",
    }
    return "\n" + "\n".join(f"  {name + ':':<13} {text}" for name, text in lines.items()) + "\n"
