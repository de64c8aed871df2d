"""The checks behind /readyz: whether the installation does all its work."""

import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings
from django.db import Error, connection, connections
from django.utils import timezone
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.alerts import operation
from apps.collecting import freshness
from apps.common import reading, shared_files, upkeep

HEART = "kzmedia:beat"  # a key of Redis: when a worker last did what beat gave it, in seconds since 1970
BEAT_SECONDS = 180  # given every minute
QUEUED = 1000  # batches and messages that wait; a day's worth of an evening is far below
DISK_FREE = 500 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class Check:
    name: str
    is_well: bool
    words: str = ""  # why not, in English, for those who run the site
    value: float | None = None
    unit: str = ""
    about: str = ""


def look() -> list[Check]:
    """Return all checks, each within a few seconds, in a fixed order."""
    return [
        *_depend_on(database, Error, recorded, files),
        *([replica()] if reading.REPLICA in connections.settings else []),
        *_depend_on(broker, redis.RedisError, beat, queue),
        disk(),
        backup(),
    ]


def _depend_on(
    ground: Callable[[], Check], silence: type[Exception], *others: Callable[[], Check]
) -> list[Check]:
    """Return the first check, and those that are not known while it fails."""
    found = [ground()]
    for check in others:
        unknown = Check(check.__name__, False, f"not known: the {found[0].name} does not answer")
        try:
            found.append(check() if found[0].is_well else unknown)
        except silence:
            found.append(unknown)
    return found


def database() -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return Check("database", False, "the database does not answer")
    return Check("database", True)


def broker() -> Check:
    try:
        client().ping()
    except redis.RedisError:
        return Check("broker", False, "the broker does not answer")
    return Check("broker", True)


def beat() -> Check:
    """Check the one heart of beat, broker and worker: it beats only where all three do their work."""
    found = client().get(HEART)
    age = broker_time() - float(found) if found else None
    is_well = age is not None and age < BEAT_SECONDS
    words = "" if is_well else "no worker has done what beat gives it every minute"
    return Check(
        "beat", is_well, words, age, "age_seconds", "Since a worker did what beat gives it every minute"
    )


def queue() -> Check:
    waiting = sum(int(client().llen(one.name)) for one in settings.CELERY_TASK_QUEUES)
    words = f"{waiting} tasks wait" if waiting > QUEUED else ""
    return Check("queue", not words, words, waiting, "tasks", "Tasks that wait for a worker")


def recorded() -> Check:
    """Tell silence from nothing yet."""
    newest, now = freshness.newest_record(), timezone.now()
    age = (now - newest).total_seconds() if newest else None
    words = f"nothing was recorded since {newest}" if newest and operation.is_silent(newest, now) else ""
    return Check("recorded", not words, words, age, "age_seconds", "Since something was read or recorded")


def files() -> Check:
    """Tell whether this host sees the folders that all hosts share."""
    troubles = shared_files.not_shared()
    return Check("files", not troubles, "; ".join(map(str, troubles)))


def replica() -> Check:
    """Tell how far the replica is behind; its silence and its lag cost readers nothing but the primary's time."""
    try:
        seconds = reading.replica_lag.look(reading.REPLICA)
    except Error:
        return Check("replica", False, "the replica does not answer; the primary is read from")
    is_well = seconds <= settings.REPLICA_LAG_SECONDS
    behind = "no standby of the primary any more" if seconds == math.inf else f"{seconds:.0f} s behind"
    words = "" if is_well else f"the replica is {behind}; the primary is read from"
    return Check(
        "replica", is_well, words, seconds, "lag_seconds", "By which the replica is behind at the most"
    )


def disk() -> Check:
    free = shutil.disk_usage(settings.VAR_DIR).free
    words = f"{free // 1_000_000} MB are free" if free < DISK_FREE else ""
    return Check("disk", not words, words, free, "free_bytes", "Free on the disk of VAR_DIR")


def backup() -> Check:
    """Return a figure alone: that one is missing is an alarm of its own (apps/alerts), and nothing that a page waits
    for."""
    newest = upkeep.newest_backup()
    age = (timezone.now() - newest).total_seconds() if newest else None
    return Check("backup", True, "", age, "age_seconds", "Since the newest backup was written")


def heart_beats() -> None:
    """Note that a worker does what beat gives it. Raises redis.RedisError."""
    client().set(HEART, broker_time())


def broker_time() -> float:
    """Return the broker's clock, in seconds since 1970: hosts whose own clocks differ agree on it. Raises redis.RedisError."""
    seconds, microseconds = client().time()
    return float(seconds) + float(microseconds) / 1e6


@cache
def client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2, retry=Retry(NoBackoff(), 0)
    )
