"""An evening with the clock sped up, for the tests and for benchmarks/collecting.py."""

from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest import mock

from django.db import connection
from django.utils import timezone

from apps.collecting import adapters, leasing, services
from apps.collecting.models import Collection
from apps.collecting.schedule import slot
from apps.common import http
from apps.registry.models import Account, Actor
from apps.snapshots.recording import ALMATY
from tests.platforms import bluesky

# A mixed fleet: a thousand accounts, most of them where a request takes many.
FLEET = {
    "youtube": 170,
    "x": 150,
    "vk": 120,
    "ok": 110,
    "bluesky": 90,
    "mastodon": 80,
    "facebook": 120,
    "instagram": 60,
    "telegram": 60,
    "threads": 40,
}
SERVERS = ("one.example", "two.example", "three.example")
AFTERNOON = datetime(2026, 11, 20, 17, 30, tzinfo=ALMATY)
MIDNIGHT = datetime(2026, 11, 21, 0, 0, tzinfo=ALMATY)


def name_of(platform, number):
    """Handle and id of an account that the local platform invents, and the word by which a request names it."""
    handle, key = {
        "youtube": ("", f"UC{number:022}"),
        "bluesky": ("", bluesky.did(f"a{number}")),
        "vk": ("", f"-{700_000 + number}"),
        "x": ("", str(10**9 + number)),
        "ok": ("", str(53 * 10**12 + number)),
        "mastodon": ("", f"{700_000 + number}@mastodon.example"),
        "facebook": ("", str(10**14 + number)),
        "telegram": (f"channel{number}", ""),
        "instagram": (f"account{number}", ""),
        "threads": (f"ministry{number}", ""),
    }[platform]
    word = (key or handle).lstrip("-").partition("@")[0]
    return {"handle": handle, "platform_id": key}, word


class Clock:
    """The time of an evening; `with clock.shown():` everybody reads it."""

    def __init__(self, at=AFTERNOON):
        self.at = at

    def now(self):
        return self.at.astimezone(UTC)

    @contextmanager
    def shown(self):
        clock = self

        class Instant(datetime):
            @classmethod
            def now(cls, tz=None):
                return clock.at.astimezone(tz or UTC)

        with (
            mock.patch.object(timezone, "now", self.now),
            mock.patch.object(http, "datetime", Instant),
        ):
            yield

    def run(self, until=MIDNIGHT, platforms=None, step=timedelta(minutes=2)):
        """Beat once a step, with workers that are done before the next."""
        while self.at < until:
            leases = leasing.dispatch(platforms)
            while leases:
                platform, lease = leases.pop(0)
                leasing.collect(platform, lease)
                leases += leasing.top_up(platform)
            self.at += step


def make_fleet(counts=FLEET):
    """Return accounts of the fleet (platform -> how many), each due in its own minute of the evening.

    They are analyzed: statistics that another test left of empty tables make every claim read them whole.
    """
    actor = Actor.objects.get_or_create(slug="fleet", defaults={"kind": "media"})[0]
    accounts = []
    for platform, count in counts.items():
        for number in range(count):
            names, _ = name_of(platform, number)
            if platform == "mastodon":
                names = {"platform_id": f"{700_000 + number}@{SERVERS[number % 3]}"}
            accounts.append(Account(actor=actor, platform=platform, **names))
    accounts = Account.objects.bulk_create(accounts)
    services.ensure_collection(accounts)
    for collection in Collection.objects.all():
        collection.due_at = slot(collection.account_id, AFTERNOON)
        collection.save(update_fields=["due_at"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tracking_account, tracking_collection")
    return accounts


def fewest(accounts):
    """Return the requests without which it cannot be done, by platform."""
    lanes = Counter()
    for account in accounts:
        target = leasing.Target(account.platform, account.handle, account.platform_id)
        lanes[account.platform, adapters.make(account.platform).lane(target)] += 1
    needed = Counter()
    for (platform, lane), count in lanes.items():
        needed[platform] += -(-count // lane.most)
    return needed
