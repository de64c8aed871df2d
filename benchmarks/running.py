"""What an installation needs to start and to stay up, and how fast it gives series to programs: `make bench`.

`manage.py up` over an empty folder, then again over what the first start made; the memory of each part idle and under load (PSS: what
several processes share is divided among them, so the sum is what the machine gives); series of the API beside the bare
answer of /healthz, which goes the same way through gunicorn and asks the database one thing. Limits: 600 MB idle, 1,200 MB
under load; above either it ends with status 1.
"""

# ruff: noqa: T201  the answer is printed

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
IDLE, LOADED = 600, 1200  # MB
SETTLE = float(os.environ.get("SETTLE", "20"))  # seconds after a start until it counts as idle
SECONDS = float(os.environ.get("SECONDS", "20"))  # of load, for each kind
READERS = 8
SERIES = "/api/v1/trends/?group=abenov-vs-agencies&platform=facebook"
PAGES = [
    *(f"/{language}/{page}" for language in ("kk", "ru", "en") for page in (
        "", "standings/", "compare/", "groups/abenov-vs-agencies/", "actors/abenov/", "data/", "search/?q=abenov",
    )),
    "/export/snapshots.csv", "/export/snapshots.xlsx", SERIES,
]  # fmt: skip
NAMES = {
    "gunicorn": "web", "kzmedia.processes.worker": "worker", "kzmedia.processes.renderer_worker": "pictures", "kzmedia.processes.beat_app": "beat",
    "valkey-server": "valkey", "postgres": "postgres", "manage.py up": "supervisor",
}  # fmt: skip


def main() -> int:
    var = Path(tempfile.mkdtemp(prefix="kzm-", dir="/tmp"))
    var.chmod(0o755)
    try:
        with site(var) as (_process, _port, seconds):
            print(f"{psutil.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB, "
                  f"load before {os.getloadavg()[0]:.1f}")  # fmt: skip
            print(f"first start, from an empty folder       {seconds:6.1f} s")
        with site(var) as (process, port, seconds):
            print(f"second start                            {seconds:6.1f} s")
            time.sleep(SETTLE)
            idle = memory(process.pid)
            bare = asked(port, ["/healthz"])
            series = asked(port, [SERIES])
            pages = asked(port, PAGES)
            loaded = memory(process.pid)
    finally:
        shutil.rmtree(var, ignore_errors=True)
    print("requests a second, eight readers   answers  p50 ms  p95 ms  other than 200")
    for name, took, wrong, spent in (
        ("/healthz", *bare),
        ("a series of the API", *series),
        ("pages and files", *pages),
    ):
        took.sort()
        print(f"{name:32} {len(took) / spent:6.0f}{len(took):10}{took[len(took) // 2]:8.0f}"
              f"{took[int(len(took) * 0.95)]:8.0f}{wrong:10}")  # fmt: skip
    print(f"a series beside /healthz {len(series[0]) / series[2] / (len(bare[0]) / bare[2]):.2f}")
    print("memory, MB (PSS)                   idle    after load")
    for name in sorted(idle | loaded, key=lambda name: -loaded.get(name, 0)):
        print(f"{name:32}{idle.get(name, 0):7.0f}{loaded.get(name, 0):14.0f}")
    print(f"{'all':32}{sum(idle.values()):7.0f}{sum(loaded.values()):14.0f}   limits {IDLE} and {LOADED}")
    return int(sum(idle.values()) > IDLE or sum(loaded.values()) > LOADED)


@contextmanager
def site(var: Path) -> Iterator[tuple["subprocess.Popen[bytes]", int, float]]:
    """Provide a running installation over the folder, its port, and the seconds until the first page came."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    taken = {"DATABASE_URL", "REDIS_URL", "DEBUG"}
    env = {name: value for name, value in os.environ.items() if name not in taken}
    env |= {
        "VAR_DIR": str(var),
        "PORT": str(port),
        "RATE_PAGES": "1000000/minute",
        "RATE_FILES": "1000000/minute",
    }
    env |= {"RATE_SEARCH": "1000000/minute", "API_RATE_ANONYMOUS": "1000000/minute"}
    began = time.monotonic()
    with (var / "up.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=env,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    try:
        while ask(port, "/en/") != 200:
            if process.poll() is not None or time.monotonic() - began > 600:
                raise SystemExit((var / "up.log").read_text())
            time.sleep(0.1)
        yield process, port, time.monotonic() - began
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def ask(port: int, path: str) -> int:
    """Return the status of the answer once all of it has come; 0 where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def asked(port: int, paths: list[str]) -> tuple[list[float], int, float]:
    """Return milliseconds of each answer to READERS that ask one after another; how many were not 200; seconds in all."""
    took: list[float] = []
    wrong = 0
    end = time.monotonic() + SECONDS

    def read(first: int) -> None:
        nonlocal wrong
        number = first
        while (began := time.monotonic()) < end:
            status = ask(port, paths[number % len(paths)])
            took.append((time.monotonic() - began) * 1000)
            wrong += status != 200
            number += 1

    began = time.monotonic()
    readers = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return took, wrong, time.monotonic() - began


def memory(pid: int) -> dict[str, float]:
    """Return MB (PSS) of each part, all its processes together."""
    found: dict[str, float] = {}
    top = psutil.Process(pid)
    for part in [top, *top.children()]:
        words = " ".join(part.cmdline())
        name = next((name for sign, name in NAMES.items() if sign in words), part.name())
        family = [part] if part == top else [part, *part.children(recursive=True)]
        found[name] = found.get(name, 0) + sum(pss(one) for one in family) / 1e6
    return found


def pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0


if __name__ == "__main__":
    sys.exit(main())
