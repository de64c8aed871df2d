"""What pages cost beside their own SQL, and under load: `make bench`, on a database filled by `manage.py synthesise`.

Each page is made by the product, in one process, with nothing kept, in three languages by turns; in between, the very statements
of that page run again alone, with their parameters, their rows fetched and dropped. Medians are taken, the first turn left
out. 1.5 times the statements and 15 ms are the limit. Then gunicorn, as `make run` starts it, answers requests that come
at 25 a second whether or not the former ones are answered, after that as many as it can, and a crowd of CROWD readers at once:
each of theirs is answered, or sent away with 503 and Retry-After. With --collecting a worker and beat read all synthetic accounts
from the local platforms meanwhile; what they recorded is removed afterwards.

    benchmarks/pages.py --only - --seconds 300 --collecting      the load alone
"""

# ruff: noqa: E402, T201, S603  Django is set up before its views; the answer is printed; our own words

import argparse
import asyncio
import gzip
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kzmedia.settings")
os.environ["DEBUG"] = "0"

import django

django.setup()

import httpx
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test import RequestFactory
from django.utils import timezone

from apps.collecting import services, tasks
from apps.collecting.models import Attempt, Collection
from apps.registry.models import Account, AccountState, Actor, Group
from apps.snapshots.models import Doubt, Snapshot
from benchmarks.synthetic import last_day
from kzmedia import vendor
from kzmedia.processes import gc_tuning
from kzmedia.wsgi import application

LANGUAGES = ("kk", "ru", "en")
TURNS = 19
TIMES, MORE = 1.5, 15  # of the statements; milliseconds
SMALL, SCRIPTS = 30, 420  # KB, packed: the overview's HTML; all scripts of a page with a chart
RATE, SECONDS = 25, 60
CROWD = 150
WARMING = 20  # seconds
PATIENCE = 10  # seconds after which an answer counts as missing
P95 = 250  # milliseconds
PORT = 8990
LATER = timedelta(days=1)


@dataclass(frozen=True)
class Cost:
    page: str
    made: float  # milliseconds, nothing kept
    first: float  # the first time in this process
    statements: int
    sql: float  # milliseconds of the statements alone
    kept: float  # milliseconds when the page is kept
    size: int  # bytes, packed

    @property
    def limit(self) -> float:
        return TIMES * self.sql + MORE


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="pages whose name begins with this")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of load; 0 leaves it out")
    parser.add_argument("--collecting", action="store_true", help="accounts are read during the load")
    asked = parser.parse_args()
    if last_day() is None:
        return 2
    prepare()
    failed = False
    print(
        f"{'':22}{'made':>9}{'SQL':>9}{'limit':>9}{'ratio':>7}{'first':>9}{'kept':>9}{'packed':>9}   statements"
    )
    for name, address in addresses().items():
        if not name.startswith(asked.only):
            continue
        cost = measured(name, address)
        failed = failed or cost.made > cost.limit
        print(
            f"{name:22}{cost.made:6.0f} ms{cost.sql:6.0f} ms{cost.limit:6.0f} ms{cost.made / cost.limit:7.2f}"
            f"{cost.first:6.0f} ms{cost.kept:6.1f} ms{cost.size / 1024:6.1f} KB   {cost.statements}"
            f"{'' if cost.made <= cost.limit else '   above the limit'}",
            flush=True,
        )
        if name == "overview" and cost.size > SMALL * 1024:
            failed = True
            print(f"the overview's HTML is above {SMALL} KB")
    weight = scripts()
    print(f"scripts of a page with a chart: {weight / 1024:.0f} KB packed; {SCRIPTS} KB are allowed")
    failed = failed or weight > SCRIPTS * 1024
    if asked.seconds:
        failed = under_load(asked.seconds, asked.collecting) or failed
    return int(failed)


def prepare() -> None:
    """Put static files where gunicorn serves them from, and load what it loads before the first request, as it keeps
    it."""
    vendor.provide(settings.VAR_DIR)
    call_command("collectstatic", interactive=False, verbosity=0)
    gc_tuning.keep_loaded()
    gc_tuning.between_answers()


def addresses() -> dict[str, str]:
    """Return a page of each kind, {} for the language; whatever stands in the database gives the names."""
    slugs = list(
        Actor.objects.filter(slug__startswith="synthetic-").order_by("pk").values_list("slug", flat=True)[:6]
    )
    picked = "&".join(f"actor={slug}" for slug in slugs)
    group = Group.objects.filter(platform="facebook").order_by("pk").first()
    groups = (
        {"group": f"/{{}}/groups/{group.slug}/", "group, lines": f"/{{}}/groups/{group.slug}/?view=line"}
        if group
        else {}
    )
    return {
        "overview": "/{}/",
        "overview, Telegram": "/{}/?platform=telegram",
        "standings": "/{}/standings/",
        "standings of a year": "/{}/standings/?platform=telegram&since=1y",
        "standings, bars": "/{}/standings/?platform=telegram&view=bars",
        "standings, bump": "/{}/standings/?platform=telegram&view=bump&since=1y",
        "actor": f"/{{}}/actors/{slugs[0]}/",
        "actor, one platform": f"/{{}}/actors/{slugs[1]}/?from=1y&platform=facebook",
        "compare": "/{}/compare/",
        "compare, six": f"/{{}}/compare/?{picked}&platform=facebook",
        "compare, index": f"/{{}}/compare/?{picked}&platform=facebook&view=index",
        "compare, share": f"/{{}}/compare/?{picked}&platform=facebook&view=share",
        **groups,
        "groups": "/{}/groups/",
        "actors": "/{}/actors/",
        "data": "/{}/data/",
        "search": "/{}/search/?q=синтетик",
        "status": "/{}/status/",
        "corrections": "/{}/corrections/",
        "editions": "/{}/editions/",
        "method": "/{}/method/",
    }


Statement = tuple[str, Sequence[object] | None]


def measured(name: str, address: str) -> Cost:
    made, alone, kept = [], [], []
    statements: list[Statement] = []
    size = 0
    for turn in range(TURNS):
        there = address.format(LANGUAGES[turn % len(LANGUAGES)])
        settings.PAGE_CACHE_SECONDS = 0
        if turn % 2:  # who comes second finds the rows in the processor's caches: that takes turns too
            alone.append(run(statements))
        statements = []
        with connection.execute_wrapper(noting(statements)):
            took, content = opened(there)
        made.append(took)
        if not turn % 2:
            alone.append(run(statements))
        settings.PAGE_CACHE_SECONDS = 600
        opened(there)
        kept.append(opened(there)[0])
        size = max(size, len(gzip.compress(content, 6)))
    return Cost(name, median(made[1:]), made[0], len(statements), median(alone[1:]), median(kept[1:]), size)


def opened(address: str) -> tuple[float, bytes]:
    """Return milliseconds of the application that gunicorn calls, and the page."""
    environ = RequestFactory(HTTP_HOST="127.0.0.1").get(address, HTTP_ACCEPT_ENCODING="gzip").environ
    told: list[str] = []
    begin = perf_counter()
    response = application(environ, lambda status, headers: told.append(status))
    try:
        content = b"".join(response)
        took = 1000 * (perf_counter() - begin)
    finally:
        response.close()
    if told != ["200 OK"]:
        raise RuntimeError(f"{address}: {told}")
    return took, gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


def noting(statements: list[Statement]):  # type: ignore[no-untyped-def]  # Django's own shape of a wrapper
    def wrapper(execute, sql, parameters, many, context):  # type: ignore[no-untyped-def]
        statements.append((sql, parameters))
        return execute(sql, parameters, many, context)

    return wrapper


def run(statements: Sequence[Statement]) -> float:
    """Return milliseconds of the statements by the driver alone, all rows fetched."""
    connection.ensure_connection()
    begin = perf_counter()
    with connection.connection.cursor() as cursor:
        for sql, parameters in statements:
            cursor.execute(sql, parameters)
            if cursor.description:
                cursor.fetchall()
    return 1000 * (perf_counter() - begin)


def scripts() -> int:
    """Return bytes of all scripts of the chart builder, packed as WhiteNoise packs them."""
    own = sorted((ROOT / "static/js").glob("*.js"))
    library = [path for path in (Path(settings.VAR_DIR) / "vendor").rglob("*.js") if "plotly" in path.name]
    if not library:
        raise RuntimeError("Plotly's bundle is not there")
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in [*own, *library])


# Under load


def under_load(seconds: int, is_collecting: bool) -> bool:
    """Tell whether the limits are passed."""
    mixed = [address.format(language) for address in addresses().values() for language in LANGUAGES]
    with site() as base:
        first = asyncio.run(open_load(base, mixed, WARMING))
        print(f"{RATE} requests a second for {WARMING} s, nothing kept before: {said(first)}", flush=True)
        with collecting(seconds) if is_collecting else nullcontext():
            found = asyncio.run(open_load(base, mixed, seconds))
        print(f"{RATE} requests a second for {seconds} s over {len(mixed)} addresses: {said(found)}")
        most, rate = asyncio.run(closed_load(base, mixed, min(seconds, 15)))
        print(f"as many as it can, eight readers at once: {rate:.0f} a second; {said(most)}")
        statuses = asyncio.run(crowd(base, mixed, min(seconds, 15)))
        print(
            f"{CROWD} readers at once: {', '.join(f'{count} {what}' for what, count in sorted(statuses.items()))}"
        )
        is_up = httpx.get(f"{base}/healthz", timeout=PATIENCE).status_code == 200
    missing = sum(one is None for one in found)
    fell = not is_up or bool(statuses.keys() - {"200", "503, come again"})
    return bool(missing) or percentile(found, 95) > P95 or fell


@contextmanager
def collecting(seconds: int) -> Iterator[None]:
    """Run a worker and beat that read the synthetic accounts from local platforms, all within so many seconds."""
    env = dict(os.environ)
    from benchmarks import collecting as other  # it takes the addresses of the servers out of the environment

    os.environ.update(env)
    accounts = Account.objects.filter(actor__slug__startswith="synthetic-")
    begun = timezone.now()
    accounts.update(state=AccountState.ACTIVE)  # what is made up rests otherwise
    services.ensure_collection(accounts)
    rows = list(Collection.objects.filter(account__in=accounts))
    others = Collection.objects.exclude(account__in=accounts)
    others.update(due_at=F("due_at") + LATER)  # what local platforms answer is made up
    for number, row in enumerate(rows):
        row.due_at = begun + timedelta(seconds=seconds * number / len(rows))
    Collection.objects.bulk_update(rows, ["due_at"], batch_size=1000)
    celery = [sys.executable, "-m", "celery", "-A"]
    with other.local_platforms() as addresses, tempfile.TemporaryDirectory() as place:
        mine = other.environment(addresses) | {"VAR_DIR": str(settings.VAR_DIR), "LOG_LEVEL": "WARNING"}
        parts = [
            subprocess.Popen([*celery, *words.split()], cwd=ROOT, env=env | mine, stdout=subprocess.DEVNULL)
            for words in (
                "kzmedia worker --pool prefork --without-gossip --without-mingle --loglevel WARNING",
                f"kzmedia.processes.beat_app beat --pidfile= --schedule {place}/beat",
            )
        ]
        tasks.dispatch_due.delay()  # beat's next minute may be a minute off
        try:
            yield
        finally:
            for part in parts:
                part.terminate()
            for part in parts:
                part.wait(60)
            told = Attempt.objects.filter(at__gte=begun, account__in=accounts).count()
            print(f"accounts read meanwhile: {told} of {len(rows)}")
            Attempt.objects.filter(at__gte=begun, account__in=accounts).delete()
            Doubt.objects.filter(seen_at__gte=begun, account__in=accounts).delete()
            Snapshot.objects.filter(recorded_at__gte=begun, account__in=accounts).delete()
            Collection.objects.filter(account__in=accounts).delete()
            others.update(due_at=F("due_at") - LATER)
            accounts.update(state=AccountState.PAUSED, platform_id="", title="", title_before="")


async def crowd(base: str, mixed: list[str], seconds: int) -> Counter[str]:
    """Send far more readers than there are places, who ask again as soon as they are answered; return how that ended."""
    dice = random.Random(9)  # noqa: S311
    found: Counter[str] = Counter()
    start = perf_counter()

    async def reader(client: httpx.AsyncClient) -> None:
        while perf_counter() - start < seconds:
            try:
                answer = await client.get(dice.choice(mixed), timeout=60)
            except httpx.HTTPError as error:
                found[type(error).__name__] += 1
                continue
            again = ", come again" if "Retry-After" in answer.headers else ""
            found[f"{answer.status_code}{again}"] += 1
            if again:
                await asyncio.sleep(1)

    async with client_of(base) as client:
        await asyncio.gather(*(reader(client) for _ in range(CROWD)))
    return found


def said(found: Sequence[float | None]) -> str:
    missing = sum(one is None for one in found)
    return (
        f"{len(found)} requests, p50 {percentile(found, 50):.0f} ms, p95 {percentile(found, 95):.0f} ms,"
        f" longest {percentile(found, 100):.0f} ms, {missing} errors"
    )


def percentile(found: Sequence[float | None], part: int) -> float:
    times = sorted(one for one in found if one is not None)
    return times[min(len(times) - 1, len(times) * part // 100)] if times else float("inf")


@contextmanager
def site() -> Iterator[str]:
    """Run gunicorn with the settings of an installation; its own answer says when it is there."""
    base = f"http://127.0.0.1:{PORT}"
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "-c",
            str(ROOT / "kzmedia/processes/gunicorn.conf.py"),
            "--log-level",
            "warning",
        ],
        cwd=ROOT,
        env={**os.environ, "PORT": str(PORT), "BIND": "127.0.0.1", "PAGE_CACHE_SECONDS": "3600"},
    )
    try:
        for _attempt in range(300):
            try:
                if httpx.get(f"{base}/en/method/", timeout=PATIENCE).status_code == 200:
                    break
            except httpx.TransportError:
                if process.poll() is not None:
                    raise RuntimeError("gunicorn did not start") from None
            asyncio.run(asyncio.sleep(0.2))
        yield base
    finally:
        process.terminate()
        process.wait(30)


def client_of(base: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=base, timeout=PATIENCE, follow_redirects=True, trust_env=False,
        limits=httpx.Limits(max_connections=200, max_keepalive_connections=200),
    )  # fmt: skip


async def answered(client: httpx.AsyncClient, address: str) -> float | None:
    """Return milliseconds until the whole answer is there; None for an error."""
    begin = perf_counter()
    try:
        response = await client.get(address)
    except httpx.HTTPError:
        return None
    return 1000 * (perf_counter() - begin) if response.status_code == 200 else None


async def open_load(base: str, mixed: list[str], seconds: int) -> list[float | None]:
    """Send requests at their times, whether or not the former ones are answered."""
    dice = random.Random(20221122)  # noqa: S311 the same mixture every time
    async with client_of(base) as client:
        asked = []
        start = perf_counter()
        for number in range(seconds * RATE):
            await asyncio.sleep(max(0.0, start + number / RATE - perf_counter()))
            asked.append(asyncio.create_task(answered(client, dice.choice(mixed))))
        return list(await asyncio.gather(*asked))


async def closed_load(base: str, mixed: list[str], seconds: int) -> tuple[list[float | None], float]:
    """Let eight readers ask again as soon as they are answered; return the times, and the answers a second."""
    dice = random.Random(7)  # noqa: S311
    found: list[float | None] = []
    start = perf_counter()

    async def reader(client: httpx.AsyncClient) -> None:
        while perf_counter() - start < seconds:
            found.append(await answered(client, dice.choice(mixed)))

    async with client_of(base) as client:
        await asyncio.gather(*(reader(client) for _ in range(8)))
    return found, len(found) / (perf_counter() - start)


if __name__ == "__main__":
    sys.exit(main())
