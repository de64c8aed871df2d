"""The whole installation in the foreground: `make run`.

It stays for as long as the site does, so it loads neither Django nor the settings (70 MB, a second): what it has to know
stands in the environment. What needs more is done by the steps that it runs to their end.
"""

import argparse
import errno
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured  # a class and no more

from kzmedia import secret_files
from kzmedia.environment import Environment, web_server
from kzmedia.processes import accounts, embedded, enclosure, servers, starters, wal_archive
from kzmedia.processes.children import DOOR
from kzmedia.processes.servers import Unusable
from kzmedia.processes.supervisor import Failed, Part, Stopped, Supervisor

FIRST_FREE_PORT = 1024  # those below are root's
ANSWER_WITHIN = 90  # seconds from the start of the web server to its first answer


class StartRefused(Exception):
    """It cannot be started like this; the message says why."""


def add_arguments(parser: Any) -> None:
    """Add the options of `manage.py up` to a parser of arguments."""
    parser.add_argument(
        "--only", default="", metavar="PARTS", help=f"of {', '.join(starters.PARTS)}: those, with commas"
    )


def main(words: Sequence[str] = ()) -> int:
    """Start everything, or the parts that are named, and keep it running until Ctrl-C; return the exit code."""
    parser = argparse.ArgumentParser(prog="manage.py up")
    add_arguments(parser)
    try:
        only = choose_parts(parser.parse_args(words).only)
        secret_files.read()
        run(embedded.var_dir(), only)
    except (StartRefused, Failed, Unusable, ImproperlyConfigured) as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def choose_parts(written: str) -> list[str]:
    """Return the parts that are named, all where none is. Raises StartRefused."""
    names = [name.strip() for name in written.split(",") if name.strip()] or list(starters.PARTS)
    if strange := [name for name in names if name not in starters.PARTS]:
        raise StartRefused(
            f"There is no part {strange[0]!r}: --only takes {', '.join(starters.PARTS)}, with commas."
        )
    return names


def run(var: Path, only: Sequence[str] = starters.PARTS) -> None:
    """Raises StartRefused, Failed, Unusable."""
    supervisor = Supervisor(var / "log", say)
    try:
        for place in (var / "log", var / "run"):
            place.mkdir(parents=True, exist_ok=True)
        with only_one(var / "run" / "up.lock"):
            if "web" in only:
                wait_for_free_port()
                embedded.address_file(var).write_text(site_address().rstrip("/"))
            check_settings(var)
            if os.geteuid() == 0:
                leave_root_behind(var)
            supervisor.listen()
            try:
                start_and_keep(supervisor, var, only)
            finally:
                supervisor.stop()
    except Stopped:
        say("Stopped.")
    except PermissionError as error:
        raise StartRefused(f"{error}. Start as the user who owns {var}.") from error


def check_settings(var: Path) -> None:
    """Have the settings read by a process that ends: this one does without them. Raises StartRefused."""
    reading = [
        sys.executable,
        "-c",
        "import kzmedia.settings",
    ]
    done = subprocess.run(reading, cwd=embedded.BASE_DIR, env=child_env(var), capture_output=True, text=True)  # noqa: S603  our own words
    if done.returncode != 0:
        raise StartRefused(done.stderr.strip())


def leave_root_behind(var: Path) -> None:
    """See that each part can run as a user of its own. Raises StartRefused."""
    os.environ[embedded.PLACE] = str(embedded.server_dir(var))  # while root sees what others see
    compile_code()
    accounts.create()
    accounts.hand_over(var)
    try:
        enclosure.open_to(accounts.of("pictures").user, enclosure.needed(var))
    except enclosure.Closed as error:
        raise StartRefused(str(error)) from error


def compile_code() -> None:
    """Compile our modules where they are older: the parts may not write beside them, and would each do it at every start."""
    command = [sys.executable, "-m", "compileall", "-q", "apps", "kzmedia"]
    subprocess.run(command, cwd=embedded.BASE_DIR, check=False, capture_output=True)  # noqa: S603  our own words


def part(name: str, command: Sequence[str | Path], var: Path, **options: Any) -> Part:
    """Return a part of the site, as a user of its own where root starts it."""
    env = child_env(var)
    if os.geteuid() == 0:
        account = accounts.of(name)
        options |= {"user": account.user, "groups": account.groups}
        env = accounts.env(name, env)
    return Part(name, command, env, embedded.BASE_DIR, **options)


def open_door() -> tuple[int, ...]:
    """Return what the web server listens on, opened by root, where the port is one that root alone may open."""
    host, port = bind_address()
    if os.geteuid() != 0 or port >= FIRST_FREE_PORT:
        return ()
    door = socket.create_server(
        (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
    )
    os.environ[DOOR] = str(door.fileno())
    return (door.detach(),)


def start_and_keep(supervisor: Supervisor, var: Path, only: Sequence[str]) -> None:
    """Does not return: raises Stopped, Failed, Unusable."""
    try:
        door = open_door() if "web" in only else ()
        say("Starting the database ...")
        start_postgres(supervisor, var)
        start_valkey(supervisor, var)
        say("Bringing database and files up to date ...")
        prepare = [*starters.MANAGE, "prepare", "--wait", *([] if "web" in only else ["--no-static"])]
        supervisor.run(part("prepare", prepare, var, patience=5))
        say("Starting the site ...")
        for name, command in starters.site(var).items():
            if name in only:
                supervisor.start(part(name, command, var, fds=door if name == "web" else ()))
        if "web" in only:
            wait_for_answer(supervisor)
            say(welcome(var))
        else:
            say(f"{', '.join(only)} run. Ctrl-C stops.")
        while True:
            supervisor.pause(3600)
    except Stopped:
        say("Stopping; Ctrl-C again hurries ...")
        raise


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  the terminal is who listens


def start_postgres(supervisor: Supervisor, var: Path) -> None:
    """Start the embedded PostgreSQL, unless DATABASE_URL names another. Raises Unusable."""
    if os.environ.get("DATABASE_URL"):
        return
    servers.prepare(var)
    wal_archive.prepare(var)
    supervisor.start(
        Part(
            "postgres",
            servers.postgres_command(var, more=wal_archive.options()),
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


def start_valkey(supervisor: Supervisor, var: Path) -> None:
    """Start the embedded Valkey, unless REDIS_URL names another. Raises Unusable."""
    if os.environ.get("REDIS_URL"):
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


def child_env(var: Path) -> dict[str, str]:
    return os.environ | {"VAR_DIR": str(var), "PYTHONUNBUFFERED": "1"}


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold the installation's lock; the kernel gives it back however this process ends. Raises StartRefused."""
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise StartRefused(f"KZMedia is running here already: {file.read().strip()}.") from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, {site_address()}")
        file.flush()
        yield


def bind_address() -> tuple[str, int]:
    """Return where the web server listens: BIND (default 127.0.0.1) and PORT (default 8000). Raises StartRefused."""
    env = Environment()
    host, port, _workers = web_server(env)
    if env.mistakes:
        raise StartRefused("\n".join(f"{mistake} ({mistake.id})" for mistake in env.mistakes))
    return host, port


def site_address() -> str:
    host, port = bind_address()
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{host}:{port}/"


def wait_for_free_port(seconds: float = 3) -> None:
    """See that the port is free; one that a killed start leaves is free in a moment. Raises StartRefused."""
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
                    raise StartRefused(
                        f"The site cannot listen on {host}, port {port}: {error.strerror}."
                    ) from error
                if time.monotonic() > end:
                    raise StartRefused(
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
    allowed = [name.strip().lstrip(".") for name in (os.environ.get("ALLOWED_HOSTS") or "").split(",")]
    named = next((name for name in allowed if name not in ("", "*")), "localhost")
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
        "First admin": f"{python} manage.py invite you@example.kz --role admin",
        **({"Waiting": waiting} if (waiting := waiting_words(var)) else {}),
        "Data": data,
        "Logs": f"{var / 'log'}",
        "Stop": "Ctrl-C",
    }
    return "\n" + "\n".join(f"  {name + ':':<13} {text}" for name, text in lines.items()) + "\n"


def waiting_words(var: Path) -> str:
    """Return what waits for an editor, as the step before has found it; empty where nothing does."""
    words = starters.waiting_file(var)
    return words.read_text().strip() if words.exists() else ""
