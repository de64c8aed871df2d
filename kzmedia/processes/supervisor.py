"""Keeps the parts of an installation running: starts them, restarts what dies, stops all in order."""

import os
import shutil
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from pwd import struct_passwd
from types import FrameType

from kzmedia.processes.children import LOG_MODE, spawn

TICK = 0.2  # seconds between looks at the parts
DEATHS, WITHIN = 5, 60.0  # so many deaths in so many seconds, and the whole comes down
BACK_OFF = (0.2, 1.0, 2.0, 4.0, 8.0)  # seconds before the first, second... restart in a row
LOG_BYTES = 10 * 1024 * 1024


class Stopped(Exception):
    """Somebody asked for the end (Ctrl-C, SIGTERM, a closed terminal)."""


class Failed(Exception):
    """The installation cannot run; the message says why."""


@dataclass
class Part:
    """One process to keep running, with what it needs before a start and how it is asked to end."""

    name: str
    command: Sequence[str | Path]
    env: dict[str, str]
    cwd: Path
    user: struct_passwd | None = None
    groups: Sequence[int] = ()  # besides the user's own
    fds: Sequence[int] = ()  # open files that it inherits
    before: Callable[[], None] | None = None
    layer: int = 2  # stopped from the highest to the lowest, those of one layer together
    stop: int = signal.SIGTERM
    hurry: int = signal.SIGKILL
    patience: float = 20  # seconds it may take to end before it is hurried
    on_parent_death: int = signal.SIGKILL
    process: subprocess.Popen[bytes] | None = None
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS))
    restart_at: float | None = None

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Used from the main thread only: the kernel ties children to the thread that made them."""

    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        self.logs = logs
        self.say = say
        self.parts: list[Part] = []
        self.asked = 0  # how often the end was asked for
        self.hurry_at = 2  # the second time hurries

    def listen(self) -> None:
        """Take Ctrl-C and its kin as a wish to stop, acted on at the next pause."""
        signal.signal(signal.SIGINT, self._ask)
        signal.signal(signal.SIGTERM, self._ask)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup has it ignored
            signal.signal(signal.SIGHUP, self._ask)

    def start(self, part: Part) -> None:
        """Start a part that is kept running from now on. Raises what its preparation raises."""
        self.parts.append(part)
        self._spawn(part)

    def run(self, part: Part) -> None:
        """Run a step to its end. Raises Failed with the last lines it said, Stopped when asked to stop."""
        self._spawn(part)
        try:
            while part.is_alive():
                self.pause(0.05)
        finally:
            self._stop([part])
        if part.process is not None and part.process.returncode != 0:
            raise Failed(f"{part.name} failed:\n{self.last_lines(part)}")

    def pause(self, seconds: float) -> None:
        """Wait while looking after the parts. Raises Stopped, or Failed when a part cannot be kept running."""
        end = time.monotonic() + seconds
        while True:
            if self.asked:
                raise Stopped
            for part in self.parts:
                self._look_after(part)
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, TICK))

    def stop(self) -> None:
        """Stop every part; what others rest on ends after them."""
        self.hurry_at = min(self.asked, 1) + 1
        for layer in sorted({part.layer for part in self.parts}, reverse=True):
            self._stop([part for part in self.parts if part.layer == layer])

    def last_lines(self, part: Part, count: int = 8) -> str:
        log = self._log(part)
        # Somebody may have removed it to make room; the part writes on into nothing until its next start.
        lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
        return "\n".join(f"  | {line}" for line in lines[-count:])

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked += 1

    def _spawn(self, part: Part) -> None:
        if part.before:
            part.before()
        part.restart_at = None
        part.process = spawn(
            part.command,
            log=self._log(part),
            env=part.env,
            cwd=part.cwd,
            user=part.user,
            groups=part.groups,
            fds=part.fds,
            on_parent_death=part.on_parent_death,
        )

    def _look_after(self, part: Part) -> None:
        now = time.monotonic()
        if part.restart_at is not None:
            if now >= part.restart_at:
                self._spawn(part)
        elif not part.is_alive():
            self._bury(part, now)
        else:
            self._shorten(self._log(part))

    def _bury(self, part: Part, now: float) -> None:
        """Note a death, end what the dead left of its own process group, and set the time of the restart."""
        code = part.process.returncode if part.process else 0
        reason = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        self._kill_group(part)
        part.deaths.append(now)
        recent = [death for death in part.deaths if death > now - WITHIN]
        if len(recent) >= DEATHS:
            raise Failed(
                f"{part.name} ended {reason}, {DEATHS} times within {WITHIN:.0f} seconds."
                f" The end of {self._log(part)}:\n{self.last_lines(part)}"
            )
        wait = BACK_OFF[len(recent) - 1]
        part.restart_at = now + wait
        self.say(f"{part.name} ended {reason}; it starts again in {wait:g} s.\n{self.last_lines(part, 3)}")

    def _stop(self, parts: list[Part]) -> None:
        """Ask the parts to end, insist when that takes too long or we are hurried, and leave no process of them."""
        for part in parts:
            self._signal(part, part.stop)
        begun = time.monotonic()
        while alive := [part for part in parts if part.is_alive()]:
            for part in alive:
                if self.asked >= self.hurry_at or time.monotonic() - begun > part.patience:
                    self._signal(part, part.hurry)
            time.sleep(0.05)
        for part in parts:
            self._kill_group(part)

    def _signal(self, part: Part, number: int) -> None:
        if part.process is not None and part.is_alive():
            part.process.send_signal(number)

    def _kill_group(self, part: Part) -> None:
        """Kill the part's group, which bears its number; what is gone is gone."""
        try:
            if part.process:
                os.killpg(part.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def _log(self, part: Part) -> Path:
        return self.logs / f"{part.name}.log"

    def _shorten(self, log: Path) -> None:
        """Begin a long log anew and keep the old one as .1; its writers append, so they follow.

        On a full disk the old one is lost; one that somebody removed is nothing to shorten.
        """
        if not log.exists() or log.stat().st_size <= LOG_BYTES:
            return
        with suppress(OSError):
            shutil.copyfile(log, log.with_suffix(".log.1"))
            log.with_suffix(".log.1").chmod(LOG_MODE)
        os.truncate(log, 0)
