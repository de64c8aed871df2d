"""Runs the drawing process (renderer_process.py): starts it on demand, ends it when it does not answer.

One in a process, used by one thread at a time. The first picture takes a second or two, the next a third of one.
"""

import atexit
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import IO, Any, Final

from django.conf import settings

QUEUE: Final = "pictures"  # of the worker that draws
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_SECONDS: Final = 20.0
DRAW_SECONDS: Final = 15.0


class NoBrowser(Exception):
    """There is no Chromium to draw with."""


class RenderingFailed(Exception):
    """The figure could not be drawn; the message says why."""


def browser() -> str:
    """Return Chromium's path: BROWSER_PATH, else the first that is installed. Raises NoBrowser."""
    named = settings.BROWSER_PATH
    found = (
        shutil.which(named) if named else next((path for name in NAMES if (path := shutil.which(name))), None)
    )
    if found is None:
        raise NoBrowser(named)
    return found


class Renderer:
    """A running drawing process and its browser."""

    def __init__(self, path: str, plotly: Path) -> None:
        self._browser_group = 0
        # Chromium puts its profile there; what a killed one leaves is removed with it.
        self._home = tempfile.TemporaryDirectory(prefix="kzmedia-drawing-", ignore_cleanup_errors=True)
        self._process = subprocess.Popen(  # noqa: S603 our own module
            [sys.executable, "-m", "apps.figures.renderer_process", path, str(plotly)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            env=os.environ | {"TMPDIR": self._home.name, "HOME": self._home.name},
            start_new_session=True,
        )
        try:
            self._browser_group = int(self._line(time.monotonic() + START_SECONDS)["browser"])
        except BaseException:
            self.end()
            raise

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def draw(self, figure: dict[str, Any], options: dict[str, Any], seconds: float) -> bytes:
        """Raises RenderingFailed; after that the process may have been ended."""
        deadline = time.monotonic() + seconds
        asked = json.dumps({"figure": figure, "options": options}).encode() + b"\n"
        try:
            self._write(asked, deadline)
            said = self._line(deadline)
            if "error" in said:
                raise RenderingFailed(said["error"])
            return self._read(int(said["size"]), deadline)
        except (OSError, ValueError, TimeoutError) as error:
            self.end()
            raise RenderingFailed(f"{type(error).__name__}: {error}") from error

    def end(self) -> None:
        """Kill the browser, hung or not, and the process that holds it."""
        for group in (self._browser_group, self._process.pid):
            with suppress(ProcessLookupError):
                if group:
                    os.killpg(group, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()
        self._home.cleanup()

    def _write(self, content: bytes, deadline: float) -> None:
        pipe = self._pipe(self._process.stdin)
        os.set_blocking(pipe, False)
        left = memoryview(content)
        while left:
            _wait(pipe, deadline, to_write=True)
            left = left[os.write(pipe, left[:65536]) :]

    def _line(self, deadline: float) -> dict[str, Any]:
        line = bytearray()
        while not line.endswith(b"\n"):
            line += self._read(1, deadline)
        said: dict[str, Any] = json.loads(line)
        return said

    def _read(self, size: int, deadline: float) -> bytes:
        pipe = self._pipe(self._process.stdout)
        content = bytearray()
        while len(content) < size:
            _wait(pipe, deadline)
            part = os.read(pipe, min(size - len(content), 1 << 20))
            if not part:
                raise OSError("the drawing process has ended")
            content += part
        return bytes(content)

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> int:
        if pipe is None:
            raise OSError("no pipe")
        return pipe.fileno()


def _wait(pipe: int, deadline: float, *, to_write: bool = False) -> None:
    left = max(deadline - time.monotonic(), 0)
    ready = select.select([] if to_write else [pipe], [pipe] if to_write else [], [], left)
    if not any(ready):
        raise TimeoutError("it did not answer in time")


_lock = Lock()
_pencil: Renderer | None = None


def draw(figure: dict[str, Any], options: dict[str, Any], seconds: float = DRAW_SECONDS) -> bytes:
    """Return the picture of a Plotly figure; `options`: format (png or svg), width, height, scale.

    Raises NoBrowser and RenderingFailed.
    """
    global _pencil
    with _lock:
        if _pencil is not None and not _pencil.is_alive:
            _pencil.end()
            _pencil = None
        if _pencil is None:
            try:
                _pencil = Renderer(browser(), settings.VENDOR_DIR / "plotly" / "plotly-basic.min.js")
            except (OSError, ValueError, TimeoutError) as error:
                raise RenderingFailed(f"Chromium does not start: {error}") from error
        try:
            return _pencil.draw(figure, options, seconds)
        except RenderingFailed:
            if not _pencil.is_alive:
                _pencil = None
            raise


def put_down() -> None:
    """End the drawing process, if there is one."""
    global _pencil
    with _lock:
        if _pencil is not None:
            _pencil.end()
            _pencil = None


atexit.register(put_down)
