"""What collecting costs beside a bare script over the same server and accounts: `make bench`.

The product: `celery worker` with two processes, its own PostgreSQL and Valkey, leases, budgets, identity, doubts,
attempts, one transaction a batch. The bare script: bare.py, with as many requests open at once. Both read the local
platforms (tests/platforms), a process of its own that answers after a while, as platforms abroad do. The platforms'
windows are off for both. A ratio under LIMIT ends with status 1.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TypeAlias

ROOT = Path(__file__).resolve().parents[1]
VAR = ROOT / "var" / "bench"
AT_ONCE = 2
BATCH_LATENCY = float(
    os.environ.get("BATCH_LATENCY", "0.1")
)  # seconds before an answer; abroad it is 0.1 to 0.3
PAGE_LATENCY = float(
    os.environ.get("PAGE_LATENCY", "0.01")
)  # less, so that 10,000 pages take minutes and not hours
ACCOUNTS = int(os.environ.get("ACCOUNTS", "10000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
LIMIT = 0.6
MOST_REQUESTS = 1.1  # times the fewest possible, on an evening of a mixed fleet
# Accounts that one request may ask for; one each on the platforms that are not here
FEWEST = {
    "youtube": 50,
    "vk": 500,
    "x": 100,
    "bluesky": 25,
    "ok": 100,
    "mastodon": 40,
    "facebook": 50,
    "instagram": 50,
}
Addresses = dict[str, str]
Worker: TypeAlias = "subprocess.Popen[bytes]"

sys.path.insert(0, str(ROOT))
os.environ.pop("DATABASE_URL", None)
os.environ.pop("REDIS_URL", None)


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended
    with local_platforms() as addresses:
        os.environ.update(environment(addresses))
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kzmedia.settings")
        with servers():
            import django

            django.setup()
            from django.core.management import call_command
            from django.db import connection

            call_command("migrate", verbosity=0)
            with connection.cursor() as cursor:
                cursor.execute(
                    "CREATE TABLE IF NOT EXISTS bare_snapshot"
                    " (account_id bigint, day date, followers bigint, observed_at timestamptz)"
                )
            try:
                with worker() as process:
                    return measure(addresses, process)
            finally:
                connection.close()


def measure(addresses: Addresses, process: Worker) -> int:
    print(  # noqa: T201
        f"{ACCOUNTS} accounts, {AT_ONCE} requests at once; batches are answered after {BATCH_LATENCY * 1000:.0f} ms,"
        f" pages after {PAGE_LATENCY * 1000:.0f} ms; {ROUNDS} rounds, their median; {os.cpu_count()} cores,"
        f" load before {os.getloadavg()[0]:.1f}\n{'accounts a second':38}{'product':>9}{'bare':>9}{'ratio':>7}",
        flush=True,
    )
    each = ACCOUNTS // 10
    ratios = [
        compare("YouTube alone, 50 ids a request", {"youtube": ACCOUNTS}, BATCH_LATENCY, addresses, process),
        compare(
            "in batches: eight platforms", dict.fromkeys(FEWEST, each), BATCH_LATENCY, addresses, process
        ),
        compare(
            "one by one: Telegram's pages, Threads",
            dict.fromkeys(("telegram", "threads"), each),
            PAGE_LATENCY,
            addresses,
            process,
        ),
    ]
    everywhere(addresses, process)
    requests, needed = evening(addresses)
    print(f"the smallest ratio is {min(ratios):.2f}, {LIMIT} is asked for")  # noqa: T201
    return int(min(ratios) < LIMIT or requests > MOST_REQUESTS * needed)


def compare(
    title: str, counts: dict[str, int], latency: float, addresses: Addresses, process: Worker
) -> float:
    """Measure both ways, so many times in turns; prints the medians and returns the ratio of the rates."""
    from apps.collecting.models import Run
    from apps.snapshots.models import Snapshot

    total = sum(counts.values())
    make_accounts(counts)
    steer(addresses, do="tune", latency=0)
    collect_all(process)  # ids, titles, imports: the first day is not measured
    steer(addresses, do="tune", latency=latency)
    product, plain, requests, batches, ids = [], [], 0, 0, 0
    sizes: list[int] = []
    for _ in range(ROUNDS):
        due_again()
        asked, ids = steer(addresses, do="ask"), spent_ids()
        product.append(collect_all(process, sizes))
        requests = sum(since(asked, addresses).values())
        batches, ids = Run.objects.count(), spent_ids() - ids
        expect(Snapshot.objects.count(), total)
        plain.append(bare(addresses, list(counts), total))
    rates = [total / median(times) for times in (product, plain)]
    ratio = rates[0] / rates[1]
    print(f"{title:38}{rates[0]:9.0f}{rates[1]:9.0f}{ratio:7.2f}")  # noqa: T201
    print(  # noqa: T201
        f"   ratios of the rounds {', '.join(f'{b / a:.2f}' for a, b in zip(product, plain, strict=True))};"
        f" {requests} requests, {fewest(counts)} at least;\n   {batches} batches, {ids / batches:.1f} transactions"
        f" each (lease, claim, budget, and one that records); a worker process has\n   {sizes[0]} MB at the start,"
        f" {sizes[len(sizes) // 2]} in the middle, {sizes[-1]} at the end",
        flush=True,
    )
    return ratio


def fewest(counts: dict[str, int]) -> int:
    return sum(-(-count // FEWEST.get(platform, 1)) for platform, count in counts.items())


def everywhere(addresses: Addresses, process: Worker) -> None:
    """Collect all platforms in one pass, as on the first day: every account is read or accounted for."""
    from apps.collecting.models import Attempt, Collection
    from apps.snapshots.models import Snapshot

    platforms = [name for name in addresses if name != "telegram-api"]
    counts = dict.fromkeys(platforms, ACCOUNTS // len(platforms))
    make_accounts(counts)
    steer(addresses, do="tune", latency=PAGE_LATENCY)
    asked = steer(addresses, do="ask")
    seconds = collect_all(process)
    made = since(asked, addresses)
    leased = Collection.objects.exclude(lease=None).count()
    print(  # noqa: T201
        f"{'all ten platforms, their first day':38}{ACCOUNTS / seconds:9.0f}\n   {Snapshot.objects.count()} snapshots,"
        f" {Attempt.objects.count()} attempts, {leased} leases left; requests, and the fewest:\n   "
        + ", ".join(f"{name} {made.get(name, 0)}/{fewest({name: count})}" for name, count in counts.items())
    )
    expect(Snapshot.objects.count(), ACCOUNTS)


def evening(addresses: Addresses) -> tuple[int, int]:
    """Return one evening of a thousand accounts on ten platforms, with the clock sped up: requests made, and the
    fewest."""
    from apps.collecting.models import Attempt
    from apps.snapshots.models import Snapshot
    from tests.collecting.evening import Clock, fewest, make_fleet

    make_accounts({})
    steer(addresses, do="tune", latency=0)
    accounts = make_fleet()
    asked, clock = steer(addresses, do="ask"), Clock()
    with clock.shown():
        clock.run()
    made, needed = since(asked, addresses), fewest(accounts)
    expect(Snapshot.objects.count(), len(accounts))
    expect(Attempt.objects.count(), len(accounts))
    total, least = sum(made.get(name, 0) for name in needed), sum(needed.values())
    print(  # noqa: T201
        f"an evening of {len(accounts)} accounts on ten platforms: {total} requests, {least} at least"
        f" ({total / least:.2f}); each read once\n   "
        + ", ".join(f"{name} {made.get(name, 0)}/{needed[name]}" for name in sorted(needed)),
        flush=True,
    )
    return total, least


def collect_all(process: Worker, sizes: list[int] | None = None) -> float:
    """Return seconds from handing the workers what is due until all of it has been attempted, and their memory
    meanwhile."""
    from apps.collecting import tasks
    from apps.collecting.models import Collection

    began = beat = time.perf_counter()
    tasks.dispatch_due.apply_async()
    while Collection.objects.filter(last_attempt_at=None).exists():
        if time.perf_counter() > beat + 60:
            beat = time.perf_counter()
            tasks.dispatch_due.apply_async()
        if time.perf_counter() > began + 900 or process.poll() is not None:
            raise SystemExit(f"The workers came to no end:\n{(VAR / 'worker.log').read_text()[-3000:]}")
        if sizes is not None:
            sizes.append(memory(process))
        time.sleep(0.1)
    return time.perf_counter() - began


def bare(addresses: Addresses, platforms: list[str], total: int) -> float:
    """Return seconds of the bare script."""
    from django.db import connection

    settings = connection.settings_dict
    database = f"host={settings['HOST']} user={settings['USER']} dbname={settings['NAME']}"
    words = [sys.executable, str(ROOT / "benchmarks" / "bare.py"), database, "--at-once", str(AT_ONCE)]
    words += [f"{platform}={addresses[platform]}" for platform in platforms]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 our own words
    found = json.loads(done.stdout)
    expect(found["counted"], total)
    return float(found["seconds"])


def expect(counted: int, total: int) -> None:
    if counted != total:
        from apps.collecting.models import Attempt

        others = Attempt.objects.exclude(outcome="counted").values_list("outcome", "detail")
        raise SystemExit(f"{counted} of {total} accounts were read; not counted: {list(others[:5])}")


# The accounts


def make_accounts(counts: dict[str, int]) -> None:
    from django.db import connection

    from apps.collecting import services
    from apps.registry.models import Account, Actor

    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE tracking_account, tracking_snapshot, tracking_attempt, tracking_collection, tracking_run,"
            " tracking_platformstate, bare_snapshot CASCADE"
        )
    actor = Actor.objects.get_or_create(slug="bench", defaults={"kind": "media"})[0]
    for platform, count in counts.items():
        accounts = [
            Account(actor=actor, platform=platform, handle=handle, platform_id=number)
            for handle, number in (name_of(platform, each) for each in range(count))
        ]
        services.ensure_collection(Account.objects.bulk_create(accounts, batch_size=5000))


def name_of(platform: str, number: int) -> tuple[str, str]:
    """Handle and id of an account that the local platform invents."""
    from tests.platforms import bluesky

    return {
        "youtube": ("", f"UC{number:022}"),
        "bluesky": ("", bluesky.did(f"a{number}")),
        "vk": ("", f"-{1000 + number}"),
        "x": ("", str(10**9 + number)),
        "ok": ("", str(53 * 10**12 + number)),
        "mastodon": ("", f"{number + 1}@mastodon.example"),
        "facebook": ("", str(10**14 + number)),
        "telegram": (f"channel{number}", ""),
        "instagram": (f"account{number}", ""),
        "threads": (
            f"ministry{number}",
            "",
        ),  # all with more than the hundred followers that Threads asks for
    }[platform]


def due_again() -> None:
    """Make everything due, as on the day after."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tracking_collection SET due_at = now(), last_success_at = NULL, last_attempt_at = NULL"
        )
        cursor.execute(
            "TRUNCATE tracking_snapshot, tracking_attempt, tracking_run, tracking_platformstate, bare_snapshot"
            " CASCADE"
        )
        cursor.execute("VACUUM ANALYZE tracking_collection, tracking_account")


# The processes


@contextmanager
def local_platforms() -> Iterator[Addresses]:
    """Provide the local platforms as a process of their own: name -> address."""
    words = [sys.executable, "-m", "tests.platforms.serve", "--invents"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:  # noqa: S603 our own words
        try:
            yield dict(line.split() for _, line in zip(range(11), server.stdout or (), strict=False))
        finally:
            server.terminate()


def steer(addresses: Addresses, **command: object) -> dict[str, int]:
    """Tell the local platforms something; returns how many requests each has had."""
    import httpx

    base = addresses["bluesky"].rpartition("/")[0]
    return dict(httpx.post(f"{base}/control", json=command).json()["requests"])


def since(before: dict[str, int], addresses: Addresses) -> dict[str, int]:
    """Return the requests that each platform has had since then."""
    return {name: count - before.get(name, 0) for name, count in steer(addresses, do="ask").items()}


def environment(addresses: Addresses) -> dict[str, str]:
    """Return what turns an installation towards the local platforms."""
    from tests.platforms import graph, ok, vk, x, youtube

    by_api = ("youtube", "bluesky", "x", "vk", "ok", "facebook", "instagram", "threads")
    return {
        "VAR_DIR": str(VAR),
        "LOG_LEVEL": "WARNING",
        "WORKER_CONCURRENCY": str(AT_ONCE),
        "COLLECT_WINDOWS": "0",
        "TELEGRAM_URL": addresses["telegram"],
        "TELEGRAM_BOT_TOKEN": "",
        "MASTODON_API_URL": addresses["mastodon"] + "/{host}",
        **{f"{name.upper()}_API_URL": addresses[name] for name in by_api},
        "YOUTUBE_API_KEY": youtube.KEY,
        "YOUTUBE_TERMS": "approved",
        "X_BEARER_TOKEN": x.TOKEN,
        "X_TERMS": "standard",
        "X_DAILY_USD": "100000",
        "VK_TOKEN": vk.TOKEN,
        "FACEBOOK_TOKEN": graph.TOKEN,
        "INSTAGRAM_TOKEN": graph.TOKEN,
        "INSTAGRAM_USER_ID": graph.USER_ID,
        "THREADS_TOKEN": graph.TOKEN,
        "OK_APPLICATION_KEY": ok.APPLICATION_KEY,
        "OK_SECRET_KEY": ok.SECRET_KEY,
        "OK_ACCESS_TOKEN": ok.ACCESS_TOKEN,
    }


@contextmanager
def servers() -> Iterator[None]:
    """Provide PostgreSQL and Valkey with the options of an installation, data under var/bench, gone afterwards."""
    from kzmedia.processes import embedded
    from kzmedia.processes import servers as ours
    from kzmedia.processes.children import spawn

    if VAR.exists():  # left by a run that was killed
        ours.before_postgres(VAR)
        shutil.rmtree(ours.postgres_dir(VAR), ignore_errors=True)
    VAR.mkdir(parents=True, exist_ok=True)
    ours.prepare(VAR)
    ours.before_postgres(VAR)
    ours.before_valkey(VAR)
    started = []
    try:
        for name, command, last in (
            ("postgres", ours.postgres_command(VAR), signal.SIGINT),
            ("valkey", ours.valkey_command(VAR), signal.SIGKILL),
        ):
            started.append(
                spawn(
                    command,
                    log=VAR / f"{name}.log",
                    env=ours.server_env(VAR),
                    cwd=ours.valkey_dir(VAR),
                    user=embedded.server_user(VAR),
                    on_parent_death=last,
                )
            )
        ours.wait_for_postgres(VAR, lambda: started[0].poll() is None, time.sleep)
        ours.wait_for_valkey(VAR, lambda: started[1].poll() is None, time.sleep)
        yield
    finally:
        for process in started:
            process.send_signal(signal.SIGINT)
            process.wait(60)
        for place in (embedded.server_dir(VAR), VAR):
            shutil.rmtree(place, ignore_errors=True)


@contextmanager
def worker() -> Iterator[Worker]:
    words = "-m celery -A kzmedia worker --pool prefork --without-gossip --without-mingle --without-heartbeat"
    with (VAR / "worker.log").open("w") as log:
        process = subprocess.Popen([sys.executable, *words.split()], cwd=ROOT, stdout=log, stderr=log)  # noqa: S603
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def memory(process: Worker) -> int:
    """Return resident megabytes of the larger of the worker's processes that collect."""
    import psutil

    return max(
        each.memory_info().rss // 2**20 for each in psutil.Process(process.pid).children(recursive=True)
    )


def spent_ids() -> int:
    """Count transaction ids given out: one for every transaction, and every part of one, that wrote."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    sys.exit(main())
