"""Child processes that do not outlive their parent."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
LOG_MODE = 0o640
DOOR = (
    "KZMEDIA_DOOR"  # names the open socket that the web server listens on, where the supervisor has opened it
)
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(sig: int, parent: int) -> None:
    """Have the kernel send this process the signal when its parent ends, however it ends (Linux only).

    A change of user clears the wish, so call this after it. The kernel watches the thread that forked:
    parents fork from their main thread.
    """
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
    if os.getppid() != parent:  # it ended before we asked
        os.kill(os.getpid(), sig)


def open_log(log: Path) -> IO[bytes]:
    """Open a log to be appended to, which others than its owner and group may not read."""
    output = os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, LOG_MODE), "ab")
    os.fchmod(output.fileno(), LOG_MODE)
    return output


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    user: pwd.struct_passwd | None = None,
    groups: Sequence[int] = (),
    fds: Sequence[int] = (),
    on_parent_death: int = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own (a Ctrl-C reaches only us), its output appended to the log."""
    parent = os.getpid()
    with open_log(log) as output:
        return subprocess.Popen(  # noqa: S603  our own commands, no shell
            [str(word) for word in argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=cwd,
            env=dict(env),
            start_new_session=True,
            # user and group change first, preexec_fn comes after them
            preexec_fn=lambda: die_with_parent(on_parent_death, parent),
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=list(groups) if user else None,
            pass_fds=fds,
        )
