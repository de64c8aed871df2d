"""What pages cost with 100,000 accounts, laid as collecting lays them: day by day.

    benchmarks/scale.py                                     100,000 accounts, 400 days, 2,000 of them ten years: 45 million rows
    benchmarks/scale.py --accounts 20000 --days 60 --long 500

The data lie in a database of their own beside the installation's, which is made and dropped (--keep leaves it, and the next
run measures it again). Each page is made by the application that gunicorn calls, with no page kept, and beside it runs the
best plain SQL that makes the same numbers. Warm: the least of TURNS turns. Cold: once, after PostgreSQL's buffers and, where
this process may, the system's file cache were emptied. A page above its limit, warm, ends with status 1.
"""

# ruff: noqa: E402, T201, S608  Django is set up before its views; the answer is printed; our own words

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kzmedia.settings")
os.environ["DEBUG"] = "0"

import django

django.setup()

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from apps.figures.bump import LINES_AT_MOST
from apps.intake.management.commands.synthesise import MARK, SyntheticLayout, synthesise
from apps.registry.models import Account, Source
from apps.standings import ranks
from apps.standings.types import Scope
from kzmedia import vendor
from kzmedia.processes import gc_tuning
from kzmedia.wsgi import application

DATABASE = "kzmedia_scale"
TURNS = 3
RANKS = ""  # no page, but the ranks that one is drawn of
PLATFORM = "telegram"
DROP_CACHES = Path("/proc/sys/vm/drop_caches")

AS_OF = """LEFT JOIN {own} {name}_own ON {name}_own.account_id = a.id AND {condition}
LEFT JOIN LATERAL (SELECT followers, day FROM tracking_snapshot s WHERE {name}_own.account_id IS NULL AND s.account_id = a.id
    AND s.day <= date '{day}' ORDER BY s.day DESC, s.span DESC LIMIT 1) {name}_before ON true"""
LEAGUE = """WITH one AS (
    SELECT a.actor_id, sum(coalesce(n_own.followers, n_before.followers)) AS now, sum(coalesce(t_own.followers, t_before.followers)) AS was
    FROM tracking_account a {now} {then} WHERE {where} GROUP BY 1)
SELECT ac.slug, ac.name_en, now, was, now - was, rank() OVER (ORDER BY now DESC NULLS LAST), rank() OVER (ORDER BY was DESC NULLS LAST),
    sum(now) OVER () FROM one JOIN tracking_actor ac ON ac.id = one.actor_id ORDER BY now DESC NULLS LAST LIMIT 50"""


class Page(NamedTuple):
    name: str
    address: str
    limit: int  # milliseconds, warm
    sql: str  # that makes the same numbers


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=400)
    parser.add_argument("--long", type=int, default=2000, help="accounts that go back further (2000)")
    parser.add_argument("--long-days", type=int, default=3650)
    parser.add_argument("--keep", action="store_true", help="leave the database for another run")
    asked = parser.parse_args()
    with own_database(asked.keep):
        layout = fill(asked)
        print(f"{layout}; {table_sizes()}", flush=True)
        prepare()
        return measure(layout.last)


@contextmanager
def own_database(keep: bool) -> Iterator[None]:
    """Let this process work on the benchmark's own database, which is made where it is missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not cursor.fetchone():
            cursor.execute(f"CREATE DATABASE {DATABASE}")
    home = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = DATABASE
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = home
        if not keep:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def fill(asked: argparse.Namespace) -> SyntheticLayout:
    """Make the accounts and their snapshots unless they are there; returns how they lie."""
    call_command("migrate", verbosity=0)
    last = timezone.localdate()
    layout = SyntheticLayout(
        asked.accounts,
        last - timedelta(days=asked.days - 1),
        last,
        asked.long,
        last - timedelta(days=asked.long_days - 1),
    )
    if Source.objects.filter(key=MARK).exists():
        found = Account.objects.filter(source__key=MARK).count()
        if found != asked.accounts:
            raise SystemExit(
                f"{DATABASE} holds {found:,} accounts: ask for as many, or drop it (DROP DATABASE {DATABASE})."
            )
        return layout
    call_command("load_reference", verbosity=0, stdout=open(os.devnull, "w"))  # noqa: SIM115 as long as the process
    begin = perf_counter()
    made = synthesise(
        layout.accounts,
        layout.first,
        last,
        sys.stderr.isatty(),
        long=layout.long,
        long_first=layout.long_first,
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE tracking_snapshot, tracking_account, tracking_actor, snapshots_latest")
    print(f"{made:,} snapshots laid in {(perf_counter() - begin) / 60:.1f} minutes", flush=True)
    return layout


def table_sizes() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT 'heap ' || pg_size_pretty(pg_relation_size('tracking_snapshot')) || ', ' || string_agg(
                indexrelid::regclass || ' ' || pg_size_pretty(pg_relation_size(indexrelid)), ', ')
            FROM pg_index WHERE indrelid = 'tracking_snapshot'::regclass"""
        )
        return str(cursor.fetchone()[0])


def prepare() -> None:
    settings.PAGE_CACHE_SECONDS = 0
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    vendor.provide(settings.VAR_DIR)
    call_command("collectstatic", interactive=False, verbosity=0)
    gc_tuning.keep_loaded()
    for page in ("/en/", "/en/standings/", "/en/actors/synthetic-3/"):  # what a process loads with the first
        make(page)


def pages(last: date) -> list[Page]:
    year, past = last - timedelta(days=365), last - timedelta(days=100)

    def as_of(name: str, day: date) -> str:
        if day >= last:
            return AS_OF.format(
                own="snapshots_latest", name=name, day=day, condition=f"{name}_own.day <= date '{day}'"
            )
        own = f"{name}_own.day = date '{day}' AND {name}_own.span = 3"
        return AS_OF.format(own="tracking_snapshot", name=name, day=day, condition=own)

    def league(platform: str, on: date, since: date) -> str:
        where = f"a.platform = '{platform}'" if platform else "true"
        return LEAGUE.format(now=as_of("n", on), then=as_of("t", since), where=where)

    own = "a.actor_id = (SELECT id FROM tracking_actor WHERE slug = 'synthetic-3')"
    week = f"""SELECT a.id, one.* FROM tracking_account a
        CROSS JOIN generate_series(date_trunc('week', date '{last - timedelta(days=3650)}'), date '{last}', '1 week') week
        CROSS JOIN LATERAL (SELECT day, followers FROM tracking_snapshot s WHERE s.account_id = a.id AND s.day >= week::date
            AND s.day < week::date + 7 ORDER BY s.day DESC, s.span DESC LIMIT 1) one WHERE {own}"""
    named = "SELECT slug, name_en FROM tracking_actor WHERE fold %> 'министрлик' ORDER BY word_similarity('министрлик', fold) DESC LIMIT 50"
    rows = "SELECT * FROM tracking_snapshot ORDER BY account_id, day, span LIMIT 1001"
    many = f"SELECT * FROM tracking_snapshot WHERE day >= date '{last}' ORDER BY account_id, day, span LIMIT 1001"
    return [
        Page("overview", f"/en/?platform={PLATFORM}", 500, league(PLATFORM, last, year)),
        Page("a platform, a year", f"/en/standings/?platform={PLATFORM}&since=1y", 400, league(PLATFORM, last, year)),
        Page("all platforms, a year", "/en/standings/?since=1y", 600, league("", last, year)),
        Page("a past day", f"/en/standings/?platform={PLATFORM}&on={past}&since=30d", 700,
             league(PLATFORM, past, past - timedelta(days=30))),
        Page("ranks over a year", RANKS, 100, ""),
        Page("ranks over a year, page", f"/en/standings/?platform={PLATFORM}&view=bump&since=1y", 500, league(PLATFORM, last, year)),
        Page("an actor, neighbours", f"/en/actors/synthetic-3/?platform={PLATFORM}&from=1y", 400, league(PLATFORM, last, last - timedelta(days=30))),
        Page("search", "/en/search/?q=министрлик", 200, named),
        Page("trend of ten years", f"/api/v1/trends/?actor=synthetic-3&from={last - timedelta(days=3650)}", 100, week),
        Page("API, first page", "/api/v1/snapshots/?limit=1000", 50, rows),
        Page("API, newest day", f"/api/v1/snapshots/?limit=1000&from={last}", 50, many),
    ]  # fmt: skip


def measure(last: date) -> int:
    print(f"{'':26}{'warm':>8}{'SQL':>8}{'limit':>8}{'cold':>9}{'SQL cold':>9}   layout: day by day")
    failed = False
    for page in pages(last):
        try:
            make(page.address)
        except AssertionError as error:
            print(f"{page.name:26} {error}", flush=True)
            failed = True
            continue
        warm = min(make(page.address) for _ in range(TURNS))
        plain = min(run(page.sql) for _ in range(TURNS)) if page.sql else 0.0
        emptied = empty_caches()
        cold = make(page.address)
        empty_caches()
        plain_cold = run(page.sql) if page.sql else 0.0
        failed = failed or warm > page.limit
        print(
            f"{page.name:26}{warm:5.0f} ms{plain:5.0f} ms{page.limit:5d} ms{cold:6.0f} ms{plain_cold:6.0f} ms"
            f"{'' if warm <= page.limit else '   above the limit'}{'' if emptied else '   (cold: nothing could be emptied)'}",
            flush=True,
        )
    return int(failed)


def make(address: str) -> float:
    """Return milliseconds of the application that gunicorn calls."""
    if address == RANKS:
        begin = perf_counter()
        draw_ranks()
        return 1000 * (perf_counter() - begin)
    environ = RequestFactory(HTTP_HOST="127.0.0.1").get(address, HTTP_ACCEPT_ENCODING="gzip").environ
    answers: list[str] = []
    begin = perf_counter()
    response: Any = application(environ, lambda status, headers: answers.append(status))
    for _ in response:
        pass
    took = 1000 * (perf_counter() - begin)
    getattr(response, "close", lambda: None)()
    assert answers[0].startswith("200"), f"{address}: {answers[0]}"  # noqa: S101 nothing else is worth measuring
    return took


def draw_ranks() -> None:
    """Ask for the ranks over a year as the page does: kept answers stand until something is written into their months."""
    scope, today = Scope(platform=PLATFORM), timezone.localdate()
    days = ranks.reading_days(scope, today - timedelta(days=365), today)
    ranks.ranks(scope, days, best=LINES_AT_MOST, constant=True)


def run(sql: str) -> float:
    """Return milliseconds of the statement, its rows fetched and dropped."""
    begin = perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(sql)
        cursor.fetchall()
    return 1000 * (perf_counter() - begin)


def empty_caches() -> bool:
    """Empty PostgreSQL's buffers and the system's file cache, as far as this process may; says whether it could."""
    emptied = False
    host = connection.settings_dict["HOST"]
    try:
        with psycopg.connect(host=host, user="postgres", dbname=DATABASE, autocommit=True) as own:
            own.execute("CREATE EXTENSION IF NOT EXISTS pg_buffercache")
            own.execute("CHECKPOINT")
            own.execute("SELECT pg_buffercache_evict_all()")  # from PostgreSQL 18 on
        emptied = True
    except psycopg.Error:
        pass
    try:
        DROP_CACHES.write_text("1")
    except OSError:
        return False
    return emptied


if __name__ == "__main__":
    sys.exit(main())
