"""Takes a process, and all that it starts, off every network: the browser that draws holds what others have written.

By a filter of system calls (seccomp), which the kernel lets anybody put upon himself, in a container too. It has no sandbox of
its own there, so this is what keeps a page that breaks out of it from the machine's other services.
"""

import ctypes
import platform
import sys
from typing import Final

PR_SET_NO_NEW_PRIVS: Final = 38
PR_SET_SECCOMP: Final = 22
MODE_FILTER: Final = 2
ALLOW: Final = 0x7FFF0000
REFUSE: Final = 0x00050000 | 13  # EACCES
UNIX: Final = 1  # within the machine; connecting to a server's socket is refused all the same
NETLINK: Final = 16  # the kernel's own: a browser asks it which addresses there are
# By machine: its number for the kernel, and those of socket, connect, io_uring_setup
CALLS: Final = {
    "x86_64": (0xC000003E, 41, 42, 425),
    "aarch64": (0xC00000B7, 198, 203, 425),
}
FOREIGN: Final = 0x40000000  # the first number of x32, a second way to all calls of x86_64
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER, MACHINE, FIRST_ARGUMENT = 0, 4, 16  # where they lie in what the kernel shows of a call


class Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("jt", ctypes.c_ubyte),
        ("jf", ctypes.c_ubyte),
        ("k", ctypes.c_uint),
    )


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("first", ctypes.POINTER(Instruction)))


def leave_networks() -> bool:
    """Refuse this process and its children every connection from now on; False where the kernel has no such filter."""
    calls = CALLS.get(platform.machine())
    if sys.platform != "linux" or calls is None or sys.maxsize < 2**32:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    steps = [Instruction(*step) for step in filter_of(*calls)]
    program = Program(len(steps), (Instruction * len(steps))(*steps))
    zero = ctypes.c_ulong(0)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero) != 0:
        return False
    return bool(
        libc.prctl(PR_SET_SECCOMP, ctypes.c_ulong(MODE_FILTER), ctypes.byref(program), zero, zero) == 0
    )


def filter_of(machine: int, socket: int, connect: int, io_uring: int) -> list[tuple[int, int, int, int]]:
    """Return the filter: (code, steps to skip where true, where false, operand) of each instruction."""
    return [
        (LOAD, 0, 0, MACHINE),
        (EQUAL, 0, 9, machine),  # calls in the way of another machine are refused
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 7, 0, FOREIGN),
        (EQUAL, 6, 0, connect),
        (EQUAL, 5, 0, io_uring),
        (EQUAL, 0, 3, socket),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (EQUAL, 1, 0, UNIX),
        (EQUAL, 0, 1, NETLINK),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE),
    ]
