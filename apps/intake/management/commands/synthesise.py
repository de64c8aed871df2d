"""Synthetic accounts with snapshots, for measuring only.

Snapshots are laid as collecting lays them: day by day, in the order in which the evening reads the accounts. What is laid
account by account flatters every question about a day, which then finds an account's days on one page of the table.
"""

from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone
from tqdm import tqdm

from apps.registry.models import Account, AccountState, Actor, ActorKind, Source

MARK = "synthetic"  # the source's key, and what every slug and handle begins with
PLATFORMS = ("facebook", "instagram", "youtube", "telegram")
MOST_ACCOUNTS = 100_000
ROWS_AT_ONCE = 200_000  # a transaction's worth: foreign keys are checked at its end, from memory
LATE_DAYS = 3  # a late reading is laid among those of so many days after

# Each account goes its own way, by a hash of its number: one in five begins late, one in fifty ends, one in forty hides
# its count in the last month, one in fifty has printed figures of the three years before.
PLAN = """
CREATE TEMPORARY TABLE synthetic_plan AS
SELECT id, platform, number, first_day, start,
    CASE WHEN number %% 50 = 49 THEN last_day - (hash / 7 %% (1 + (last_day - first_day) / 5))::int ELSE last_day END AS ends,
    number %% 50 = 49 AS is_ending,
    CASE WHEN number %% 40 = 0 THEN last_day - 30 ELSE last_day END AS hides_after,
    number %% 50 = 7 AS is_printed, rate, hash %% 250 AS phase
FROM (
    SELECT *, %(last)s::date AS last_day,
        CASE WHEN number < %(long)s THEN %(long_first)s::date
            WHEN number %% 5 = 4 THEN %(first)s::date + (hash %% greatest(1, (%(last)s::date - %(first)s::date) / 2))::int
            ELSE %(first)s::date END AS first_day,
        100 * exp((hash / 11 %% 900000) / 100000.0) AS start, (hash / 13 %% 900 - 100) / 1000.0 AS rate
    FROM (
        SELECT a.id, a.platform, substr(a.handle, %(prefix)s)::int AS number,
            abs(hashint8(substr(a.handle, %(prefix)s)::bigint)::bigint) AS hash
        FROM tracking_account a JOIN tracking_source s ON s.id = a.source_id WHERE s.key = %(mark)s
    ) account
) planned
"""

# One day in fifty is missing, and every 97th day one platform was not read at all. One reading in a hundred comes late:
# it is laid among those of another day. The luck is a hash of account and day: no run waits for a random number.
SNAPSHOTS = """
INSERT INTO tracking_snapshot
    (account_id, day, span, state, followers, bound, precision, observed_at, source_id, locator, note, recorded_at)
SELECT id, day, 3, state,
    CASE WHEN state <> 'counted' THEN NULL
        WHEN platform = 'youtube' THEN trunc(followers, least(0, 3 - length(trunc(followers)::text)))
        ELSE trunc(followers) END,
    '=', CASE platform WHEN 'youtube' THEN '3sf' ELSE 'exact' END,
    read_at, %(source)s, '', '', read_at + interval '1 second'
FROM (
    SELECT plan.*, laid, day, day + time '13:00' AT TIME ZONE 'UTC' + luck / 100 %% 19800 * interval '1 second' AS read_at,
        CASE WHEN is_ending AND day = ends THEN 'absent' WHEN day > hides_after THEN 'hidden' ELSE 'counted' END AS state,
        greatest(0, start * (1 + rate * age / 3650.0 + 0.02 * sin((age + phase) / 40.0)) + luck %% (3 + start::int / 2000))::numeric
            AS followers
    FROM (
        SELECT plan.id, day, laid, day - plan.first_day AS age,
            abs(hashint8(plan.number * 100000::bigint + (day - date '2000-01-01'))::bigint) AS luck
        FROM synthetic_plan plan
        CROSS JOIN (SELECT day::date FROM generate_series(%(begin)s::date, %(end)s::date, '1 day') day) asked
        CROSS JOIN LATERAL (SELECT day + CASE
            WHEN abs(hashint8(plan.number * 100003::bigint + (day - date '2000-01-01'))::bigint) %% 100 = 0
            THEN %(late)s ELSE 0 END AS laid) late
        WHERE day BETWEEN plan.first_day AND plan.ends
            AND least(laid, %(last)s::date) BETWEEN %(laid_begin)s::date AND %(end)s::date
    ) read JOIN synthetic_plan plan USING (id)
    WHERE (luck %% 50 > 0 OR (is_ending AND day = ends))
        AND ((day - date '2000-01-01') %% 97 <> 0 OR (day - date '2000-01-01') / 97 %% 4 <> plan.number %% 4)
) made ORDER BY laid, read_at
"""

# What a publication printed of the years before comes to the record last, as imports do.
PRINTED = """
INSERT INTO tracking_snapshot
    (account_id, day, span, state, followers, bound, precision, source_id, locator, note, recorded_at)
SELECT id, (date_trunc('year', first_day) - back * interval '1 year')::date, 1, 'counted',
    round((start * (1 - back / 5.0))::numeric, -2), CASE number %% 100 WHEN 7 THEN '>' ELSE '=' END, 'printed',
    %(source)s, 'Table 1', '', now()
FROM synthetic_plan CROSS JOIN generate_series(1, 3) back WHERE is_printed
"""

# An editor's hand: the row is written anew, far from where its neighbours lie.
CORRECTED = """
UPDATE tracking_snapshot s SET followers = followers + 1, recorded_at = now()
FROM synthetic_plan plan
WHERE s.account_id = plan.id AND plan.number %% 20 = 3 AND s.state = 'counted' AND s.span = 3
    AND s.day = plan.ends - (plan.phase %% greatest(1, plan.ends - plan.first_day))::int
"""


@dataclass(frozen=True)
class SyntheticLayout:
    """How many accounts of how many days, up to the last."""

    accounts: int
    first: date
    last: date
    long: int = 0  # of the accounts, those that begin earlier
    long_first: date | None = None

    def __str__(self) -> str:
        days = (self.last - self.first).days + 1
        more = (
            f", {self.long:,} of them {(self.last - self.long_first).days + 1:,}" if self.long_first else ""
        )
        return f"{self.accounts:,} accounts x {days:,} days{more}, laid day by day up to {self.last}"


class Command(BaseCommand):
    help = "Makes synthetic actors, accounts and daily snapshots for measuring, marked as such; --remove takes them away."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--accounts",
            type=int,
            default=400,
            help=f"how many, up to {MOST_ACCOUNTS:,}; four to an actor (400)",
        )
        parser.add_argument("--days", type=int, default=365, help="how many days each, up to --until (365)")
        parser.add_argument(
            "--long", type=int, default=0, help="how many of the accounts go back further (0)"
        )
        parser.add_argument("--long-days", type=int, default=3650, help="how many days those have (3650)")
        parser.add_argument("--until", type=date.fromisoformat, help="the last day (today in Almaty)")
        parser.add_argument(
            "--remove", action="store_true", help="remove all that is synthetic, and make nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            removed = remove()
            self.stdout.write(f"Removed {removed:,} synthetic snapshots with their accounts and actors.")
            return
        accounts, days = options["accounts"], options["days"]
        if accounts < 1 or days < 1 or options["long_days"] < 1:
            raise CommandError("--accounts, --days and --long-days must be 1 or more.")
        if accounts > MOST_ACCOUNTS or not 0 <= options["long"] <= accounts:
            raise CommandError(f"--accounts must be {MOST_ACCOUNTS} or fewer, and --long no more than those.")
        if Source.objects.filter(key=MARK).exists():
            raise CommandError("There are synthetic accounts already; remove them first, with --remove.")
        last = options["until"] or timezone.localdate()
        made = synthesise(
            accounts,
            last - timedelta(days=days - 1),
            last,
            self.stderr.isatty(),
            long=options["long"],
            long_first=last - timedelta(days=options["long_days"] - 1) if options["long"] else None,
        )
        self.stdout.write(f"Made {made:,} synthetic snapshots of {accounts:,} accounts.")


def synthesise(
    accounts: int,
    first: date,
    last: date,
    progress: bool = False,
    *,
    long: int = 0,
    long_first: date | None = None,
) -> int:
    """Make them, with a snapshot for nearly every day from first to last, and return how many snapshots.

    long: how many of the accounts begin on `long_first` already.
    """
    layout = SyntheticLayout(accounts, first, last, long, long_first)
    source = _make_accounts(layout)
    begins = min(first, long_first or first)
    parameters: dict[str, Any] = {
        "source": source.pk,
        "first": first,
        "last": last,
        "long": long,
        "long_first": begins,
    }
    parameters |= {"mark": MARK, "prefix": len(f"{MARK}-") + 1, "late": LATE_DAYS}
    snapshots = 0
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.synthetic_plan; {PLAN}", parameters)
        cursor.execute("ALTER TABLE synthetic_plan ADD PRIMARY KEY (id)")
        cursor.execute("ANALYZE synthetic_plan")
        for begin, end in tqdm(_stretches(layout), disable=not progress, unit="batch"):
            # Late readings of the days before are laid now.
            days = {"begin": begin - timedelta(days=LATE_DAYS), "laid_begin": begin, "end": end}
            cursor.execute(SNAPSHOTS, parameters | days)
            snapshots += int(cursor.rowcount)
        cursor.execute(PRINTED, parameters)
        snapshots += int(cursor.rowcount)
        cursor.execute(CORRECTED, [])
        cursor.execute("DROP TABLE synthetic_plan")
        cursor.execute("ANALYZE tracking_snapshot, tracking_account, tracking_actor, snapshots_latest")
    return snapshots


def _stretches(layout: SyntheticLayout) -> list[tuple[date, date]]:
    """Return the days in runs that are laid in one transaction each, oldest first."""
    runs = []
    begin = layout.long_first or layout.first
    while begin <= layout.last:
        accounts = layout.accounts if begin >= layout.first else layout.long
        end = begin + timedelta(days=max(1, ROWS_AT_ONCE // max(1, accounts)) - 1)
        if begin < layout.first:
            end = min(end, layout.first - timedelta(days=1))
        runs.append((begin, min(end, layout.last)))
        begin = runs[-1][1] + timedelta(days=1)
    return runs


@transaction.atomic
def _make_accounts(layout: SyntheticLayout) -> Source:
    source = Source.objects.create(
        key=MARK, kind=Source.Kind.SYNTHETIC, title="Synthetic numbers, for measuring only"
    )
    kinds = ActorKind.values
    actors = Actor.objects.bulk_create(
        (
            Actor(
                slug=f"{MARK}-{number}",
                kind=kinds[number % len(kinds)],
                name_en=f"Synthetic {number}",
                name_ru=f"Вымышленный {number}",
                name_kk=f"Ойдан шығарылған {number}",
                source=source,
            )
            for number in range(-(-layout.accounts // len(PLATFORMS)))
        ),
        batch_size=1000,
    )
    Account.objects.bulk_create(
        (
            Account(
                actor=actors[number // len(PLATFORMS)],
                platform=PLATFORMS[number % len(PLATFORMS)],
                handle=f"{MARK}-{number}",
                state=AccountState.PAUSED,  # nobody is to look for them
                source=source,
            )
            for number in range(layout.accounts)
        ),
        batch_size=1000,
    )
    return source


@transaction.atomic
def remove() -> int:
    """Remove everything synthetic, in one transaction, and return how many snapshots that were."""
    own = f"(SELECT a.id FROM tracking_account a JOIN tracking_source s ON s.id = a.source_id WHERE s.key = '{MARK}')"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM tracking_snapshot WHERE account_id IN {own}")  # noqa: S608 our words
        removed: int = cursor.rowcount
    Account.objects.filter(source__key=MARK).delete()
    Actor.objects.filter(source__key=MARK).delete()
    Source.objects.filter(key=MARK).delete()
    return removed
