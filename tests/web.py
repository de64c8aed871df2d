"""gunicorn as the product starts it, on a free port of loopback, for tests that need a real socket."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from kzmedia.processes.children import die_with_parent
from tests.servers import database_url


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen
    port: int

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(
        self, address: str, method: str = "GET", **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(asked):
            asked.request(method, address, headers=headers)
            response = asked.getresponse()
            return response, response.read()

    def open(self, address: str) -> socket.socket:
        """Return a client that takes little at a time, so that the server cannot run ahead of it."""
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(30)
        client.connect(("127.0.0.1", self.port))
        client.sendall(f"GET {address} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        return client

    def peak_memory(self) -> int:
        """Return the most memory the worker ever held, in KB."""
        return int(re.search(r"VmHWM:\s+(\d+) kB", self._told("status"))[1])

    def own_memory(self) -> int:
        """Return what the worker holds now and shares with no other process, in KB."""
        return sum(
            int(size)
            for size in re.findall(r"Private_(?:Clean|Dirty):\s+(\d+) kB", self._told("smaps_rollup"))
        )

    def _told(self, what: str) -> str:
        master = self.process.pid
        worker = Path(f"/proc/{master}/task/{master}/children").read_text().split()[0]
        return Path(f"/proc/{worker}/{what}").read_text()


@contextlib.contextmanager
def serving(var: Path, **environment: str) -> Iterator[Server]:
    """Provide one worker on the test's database, which must be committed; ready when this returns. Its log is
    var/gunicorn.log."""
    (var / "static").mkdir(exist_ok=True)
    environment = os.environ | {
        "DATABASE_URL": database_url(connection.settings_dict["NAME"]),
        "REDIS_URL": settings.REDIS_URL,
        "VAR_DIR": str(var),
        "SECRET_KEY": "a test's",
        **environment,
    }
    parent = os.getpid()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        fd, port = listener.fileno(), listener.getsockname()[1]
        command = ["-m", "gunicorn", "-c", "kzmedia/processes/gunicorn.conf.py", "-w", "1"]
        command += ["-b", f"fd://{fd}", "--log-level", "warning"]
        with (var / "gunicorn.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 our own words
                [sys.executable, *command], env=environment, cwd=settings.BASE_DIR, pass_fds=[fd],
                stdout=log, stderr=log, preexec_fn=lambda: die_with_parent(signal.SIGKILL, parent),
            )  # fmt: skip
    server = Server(process, port)
    try:
        server.get("/healthz")
        yield server
    finally:
        process.terminate()
        process.wait(30)
