"""Synthetic accounts with daily snapshots, for measuring only."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone
from tqdm import tqdm

from apps.registry.models import Account, AccountState, Actor, ActorKind, Source

MARK = "synthetic"  # the source's key, and what every slug and handle begins with
PLATFORMS = ("facebook", "instagram", "youtube", "telegram")
ACCOUNTS_AT_ONCE = 50  # a transaction's worth: foreign keys are checked at its end, from memory

# Each account grows by its own rate with a slow wave and some luck; one day in fifty is missing, and one account in
# forty hides its count in its last month. The luck is a hash of account and day: no run waits for a random number.
SNAPSHOTS = """
INSERT INTO tracking_snapshot
    (account_id, day, span, state, followers, bound, precision, source_id, locator, note, recorded_at)
SELECT id, day, 3, state,
    CASE WHEN state = 'hidden' THEN NULL
        WHEN platform = 'youtube' THEN trunc(followers, least(0, 3 - length(trunc(followers)::text)))
        ELSE trunc(followers) END,
    '=', CASE platform WHEN 'youtube' THEN '3sf' ELSE 'exact' END, %(source)s, '', '',
    day + time '13:00' AT TIME ZONE 'UTC'
FROM (
    SELECT *, greatest(0, start * (1 + rate * age / 3650.0) + age * sin(age / 40.0) + luck %% 50)::numeric AS followers
    FROM (
    SELECT a.id, a.platform, day::date AS day, day::date - %(first)s::date AS age,
        abs(hashint8(a.id)::bigint) %% 1000 * 100 + 100 AS start, (abs(hashint8(a.id + 7)::bigint) %% 900 - 100) / 100.0 AS rate,
        abs(hashint8(a.id * 100000 + (day::date - date '2000-01-01'))::bigint) AS luck,
        CASE WHEN a.id %% 40 = 0 AND day > %(last)s::date - 30 THEN 'hidden' ELSE 'counted' END AS state
    FROM tracking_account a CROSS JOIN generate_series(%(first)s::date, %(last)s::date, '1 day') day
    WHERE a.id = ANY(%(accounts)s)
) account WHERE luck %% 50 > 0 OR day = %(last)s) made
"""


class Command(BaseCommand):
    help = "Makes synthetic actors, accounts and daily snapshots for measuring, marked as such; --remove takes them away."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--accounts", type=int, default=400, help="how many; four to an actor (400)")
        parser.add_argument("--days", type=int, default=365, help="how many days each, up to --until (365)")
        parser.add_argument("--until", type=date.fromisoformat, help="the last day (today in Almaty)")
        parser.add_argument(
            "--remove", action="store_true", help="remove all that is synthetic, and make nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            removed = remove()
            self.stdout.write(f"Removed {removed:,} synthetic snapshots with their accounts and actors.")
            return
        if options["accounts"] < 1 or options["days"] < 1:
            raise CommandError("--accounts and --days must be 1 or more.")
        if Source.objects.filter(key=MARK).exists():
            raise CommandError("There are synthetic accounts already; remove them first, with --remove.")
        last = options["until"] or timezone.localdate()
        made = synthesise(
            options["accounts"], last - timedelta(days=options["days"] - 1), last, self.stderr.isatty()
        )
        self.stdout.write(f"Made {made:,} synthetic snapshots of {options['accounts']:,} accounts.")


def synthesise(accounts: int, first: date, last: date, progress: bool = False) -> int:
    """Makes them, with a snapshot for nearly every day from first to last, and says how many snapshots."""
    with transaction.atomic():
        source = Source.objects.create(
            key=MARK, kind=Source.Kind.SYNTHETIC, title="Synthetic numbers, for measuring only"
        )
        kinds = ActorKind.values
        actors = Actor.objects.bulk_create(
            Actor(
                slug=f"{MARK}-{number}",
                kind=kinds[number % len(kinds)],
                name_en=f"Synthetic {number}",
                name_ru=f"Вымышленный {number}",
                name_kk=f"Ойдан шығарылған {number}",
                source=source,
            )
            for number in range(-(-accounts // len(PLATFORMS)))
        )
        made = Account.objects.bulk_create(
            Account(
                actor=actors[number // len(PLATFORMS)],
                platform=PLATFORMS[number % len(PLATFORMS)],
                handle=f"{MARK}-{number}",
                state=AccountState.PAUSED,  # nobody is to look for them
                source=source,
            )
            for number in range(accounts)
        )
    ids = [account.pk for account in made]
    snapshots = 0
    for place in tqdm(range(0, accounts, ACCOUNTS_AT_ONCE), disable=not progress, unit="batch"):
        with connection.cursor() as cursor:
            batch = ids[place : place + ACCOUNTS_AT_ONCE]
            cursor.execute(SNAPSHOTS, {"source": source.pk, "first": first, "last": last, "accounts": batch})
            snapshots += cursor.rowcount
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tracking_snapshot, tracking_account, tracking_actor")
    return snapshots


@transaction.atomic
def remove() -> int:
    """Removes everything synthetic, in one transaction, and says how many snapshots that were."""
    own = f"(SELECT a.id FROM tracking_account a JOIN tracking_source s ON s.id = a.source_id WHERE s.key = '{MARK}')"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM tracking_snapshot WHERE account_id IN {own}")  # noqa: S608 our words
        removed: int = cursor.rowcount
    Account.objects.filter(source__key=MARK).delete()
    Actor.objects.filter(source__key=MARK).delete()
    Source.objects.filter(key=MARK).delete()
    return removed
