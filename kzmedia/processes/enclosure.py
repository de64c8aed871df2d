"""What unprivileged parts need may lie below a folder that is closed to them, as /root is: they see it there all the same, and
nothing else of that folder.

The supervisor leaves the machine's view of the files for one of its own, in which an empty folder stands over the closed one,
with what is needed in its usual place. Paths stay what they are, and modes of folders that are not ours are left alone.
"""

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from pwd import struct_passwd

from kzmedia.processes import accounts, embedded

CLONE_NEWNS = 0x00020000
MS_BIND, MS_REC, MS_SLAVE, MS_NOSUID, MS_NODEV = 4096, 16384, 1 << 19, 2, 4


class Closed(Exception):
    """The parts cannot be shown what they need; the message says what."""


def needed(var: Path) -> list[Path]:
    """Return what every part reads: the code, Python and its packages, and the data."""
    named = [Path(value) for name in ("BACKUP_DIR", "BROWSER_PATH") if (value := os.environ.get(name))]
    shared = [var / name for name in accounts.PLACES]  # which may be links to elsewhere
    places = [embedded.BASE_DIR, var, *shared, Path(sys.prefix), Path(sys.base_prefix), *named]
    return sorted({place.resolve() for place in places if place.exists()})


def open_to(user: struct_passwd, places: Iterable[Path]) -> None:
    """Show this process and its children the places where the user can get to them. Raises Closed.

    Called before anything is started: children inherit the view, and later mounts of the machine appear in it.
    """
    hidden: dict[Path, list[Path]] = {}
    for place in places:
        if gate := _gate(place, user):
            hidden.setdefault(gate, []).append(place)
    if not hidden:
        return
    try:
        _check(_libc().unshare(CLONE_NEWNS))
        _mount("none", "/", flags=MS_REC | MS_SLAVE)
        for gate, inside in hidden.items():
            _cover(
                gate,
                [
                    place
                    for place in inside
                    if not any(place.is_relative_to(other) and place != other for other in inside)
                ],
            )
    except OSError as error:
        raise Closed(
            f"{', '.join(map(str, hidden))} is closed to others than root, and holds {next(iter(hidden.values()))[0]}, which the"
            f" parts of the site need ({error.strerror}). Move it to /opt, or start as the user whose it is."
        ) from error


def _gate(place: Path, user: struct_passwd) -> Path | None:
    """Return the highest folder above the place that the user may not enter."""
    return next((step for step in reversed(place.parents) if not embedded.may_enter(step, user)), None)


def _cover(gate: Path, places: list[Path]) -> None:
    """Put an empty folder over the gate, and the places into it."""
    handles = [(place, os.open(place, os.O_PATH)) for place in places]
    try:
        _mount("tmpfs", gate, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0711,size=1m")
        for place, handle in handles:
            if place.exists():
                continue  # within one that is there by now
            place.parent.mkdir(parents=True, exist_ok=True)
            source = Path(f"/proc/self/fd/{handle}")
            if source.is_dir():
                place.mkdir()
            else:
                place.touch()
            _mount(source, place, flags=MS_BIND | MS_REC)
    finally:
        for _place, handle in handles:
            os.close(handle)


def _mount(source: str | Path, target: str | Path, kind: str = "", flags: int = 0, options: str = "") -> None:
    words = [os.fsencode(word) if word else None for word in (source, target, kind)]
    _check(_libc().mount(*words, ctypes.c_ulong(flags), os.fsencode(options) if options else None))


def _check(answer: int) -> None:
    if answer != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _libc() -> ctypes.CDLL:
    if sys.platform != "linux":
        raise OSError(0, "only Linux can show it to them")
    return ctypes.CDLL(None, use_errno=True)
