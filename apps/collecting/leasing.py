"""Reading accounts from their platforms: lease, claim, fetch, record. PostgreSQL is the truth throughout.

dispatch()  takes due accounts and writes leases; two beats at once do no harm (SKIP LOCKED)
collect()   claims a lease (a second delivery claims nothing), fetches outside of any transaction,
            then records in one transaction what is still under its lease and run
"""

import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from limits import parse

from apps.collecting import adapters, budget, results
from apps.collecting.models import Collection, PlatformState, Run
from apps.collecting.schedule import RETRY
from apps.collectors.http import before_each_request
from apps.collectors.types import Collector, Outcome, PlatformFailure, Target
from apps.registry.models import Account, AccountState
from apps.registry.platforms import ALL

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT + 30)
SMALLEST_BATCH = 20  # accounts of a platform that is asked one by one
LARGEST_BATCH = 200  # accounts that several requests are made for: what a batch costs here is shared by them
BATCH_SECONDS = 20  # what a batch may take at the platform's pace
# A lease or an hour beyond these was written while the clock was ahead: nobody waits for it once it is set right.
LONGEST_LEASE = LEASE + timedelta(minutes=5)
FARTHEST_DUE = timedelta(days=10)  # closed and absent accounts are read within eight days
BATCHES_OUT = 8  # per platform: a queue that outlives its leases would only be redone


@dataclass
class Summary:
    """What one batch came to: how many accounts ended how, and why the platform stopped, if it did."""

    platform: str
    outcomes: Counter[str] = field(default_factory=Counter)
    stopped: str = ""


def dispatch(
    platforms: Sequence[str] | None = None, account: int | None = None
) -> list[tuple[str, uuid.UUID]]:
    """Write leases on what is due, of these platforms or this account alone where they are given.

    The (platform, lease) pairs are to be published once this has committed.
    """
    now = timezone.now()
    leases: list[tuple[str, uuid.UUID]] = []
    with transaction.atomic():
        for platform in adapters.ready() if platforms is None else platforms:
            if _is_paused(platform, now):
                continue
            size = batch_size(platform)
            room = max(BATCHES_OUT - _leases_out(platform, now), 0)
            leases += [(platform, lease) for lease in _lease(platform, now, account, room, size)]
    return leases


# The oldest first, in parts of one size; rows that another beat is leasing at this moment are passed over.
LEASE_DUE = """WITH due AS MATERIALIZED (
  SELECT c.id, c.due_at FROM tracking_collection c JOIN tracking_account a ON a.id = c.account_id
  WHERE (c.due_at <= %(now)s OR c.due_at > %(farthest_due)s)
    AND (c.leased_until IS NULL OR c.leased_until < %(now)s OR c.leased_until > %(longest_lease)s)
    AND a.platform = %(platform)s AND a.state <> %(paused)s AND (a.handle <> '' OR a.platform_id <> '')
    AND (%(account)s::bigint IS NULL OR a.id = %(account)s)
  ORDER BY c.due_at, c.id LIMIT %(most)s FOR UPDATE OF c SKIP LOCKED
), numbered AS (
  SELECT id, ((row_number() OVER (ORDER BY due_at, id) - 1) / %(size)s)::int AS part FROM due
), leased AS (
  UPDATE tracking_collection c SET lease = (%(leases)s::uuid[])[part + 1], leased_until = %(until)s, run = NULL
  FROM numbered WHERE c.id = numbered.id RETURNING part
)
SELECT count(DISTINCT part) FROM leased"""


def _lease(platform: str, now: datetime, account: int | None, room: int, size: int) -> list[uuid.UUID]:
    leases = [uuid.uuid4() for _ in range(room)]
    with connection.cursor() as cursor:
        cursor.execute(
            LEASE_DUE,
            {
                "now": now,
                "platform": platform,
                "paused": AccountState.PAUSED,
                "account": account,
                "most": room * size,
                "size": size,
                "leases": leases,
                "until": now + LEASE,
                "longest_lease": now + LONGEST_LEASE,
                "farthest_due": now + FARTHEST_DUE,
            },
        )
        return leases[: cursor.fetchone()[0]]


def top_up(platform: str) -> list[tuple[str, uuid.UUID]]:
    """More leases for the platform once half of those that may be out are read: nobody waits for the next minute."""
    if 2 * _leases_out(platform, timezone.now()) > BATCHES_OUT:
        return []
    return dispatch([platform])


def collect(platform: str, lease: uuid.UUID) -> Summary:
    """Read the accounts under the lease and record what came of it. A lease that is claimed already: nothing."""
    run = uuid.uuid4()
    summary = Summary(platform)
    accounts = _claim(lease, run)
    if not accounts:
        return summary
    collector = adapters.make(platform)
    began = timezone.now()
    try:
        answers = _fetch(collector, accounts, summary)
        with transaction.atomic():
            recorded = results.store(lease, run, collector, answers)
            _end(lease, run, began, replace(summary, outcomes=recorded), recorded.total() < len(accounts))
    except BaseException:
        _end(lease, run, began, summary)
        raise
    summary.outcomes = recorded
    return summary


def _end(
    lease: uuid.UUID, run: uuid.UUID, began: datetime, summary: Summary, is_some_left: bool = True
) -> None:
    """Whatever was not answered (the platform failed, or this code did) is free again for a later run."""
    now = timezone.now()
    if is_some_left:
        results.release(lease, run, now + (timedelta(0) if summary.stopped else RETRY))
    Run.objects.create(
        id=run,
        platform=summary.platform,
        began_at=began,
        ended_at=now,
        outcomes=summary.outcomes,
        stopped=summary.stopped[:300],
    )


def _fetch(
    collector: Collector, accounts: Sequence[Account], summary: Summary
) -> list[tuple[Account, Outcome]]:
    """The answers, also those that came before the platform failed; a failure pauses it for all workers."""
    targets = [Target(account.platform, account.handle, account.platform_id) for account in accounts]
    try:
        share = budget.reserve(
            collector.platform, len(targets), lambda count: collector.requests(targets[:count])
        )
        with before_each_request(_pace(collector.platform)):
            answers: Sequence[Outcome] = collector.fetch(targets[: share.accounts])
    except budget.Paused as paused:
        budget.keep(collector.platform, paused)
        summary.stopped = str(paused)
        return []
    except PlatformFailure as failure:
        budget.pause(collector.platform, failure)
        summary.stopped = str(failure)
        answers = failure.outcomes
    else:
        if share.had_failed:
            budget.succeeded(collector.platform)
        if share.rest:
            budget.keep(collector.platform, share.rest)
            summary.stopped = str(share.rest)
    by_target = {answer.target: answer for answer in answers}
    return [
        (account, by_target[target])
        for account, target in zip(accounts, targets, strict=True)
        if target in by_target
    ]


def _pace(platform: str) -> Callable[[], None]:
    """What comes before each request: waiting until it fits into the platform's window."""
    if not settings.COLLECT_WINDOWS:
        return lambda: None
    return partial(budget.wait_for_window, platform, time.sleep)


CLAIM = """WITH claimed AS (
  UPDATE tracking_collection SET run = %s WHERE lease = %s AND run IS NULL AND leased_until > %s RETURNING account_id
)
SELECT a.* FROM tracking_account a JOIN claimed ON claimed.account_id = a.id ORDER BY a.id"""


def _claim(lease: uuid.UUID, run: uuid.UUID) -> list[Account]:
    return list(Account.objects.raw(CLAIM, [run, lease, timezone.now()]))


def batch_size(platform: str) -> int:
    """How many accounts go together: at least one request's worth, more where the pace allows all they may take."""
    collector, known = adapters.make(platform), ALL[platform].budget
    size = least = max(collector.batch_size, SMALLEST_BATCH)
    window = parse(known.window)
    most = BATCH_SECONDS * window.amount / window.get_expiry()
    while size + least <= LARGEST_BATCH:
        if collector.requests([Target(platform, handle="any")] * (size + least)) > most:
            break
        size += least
    return size


def _leases_out(platform: str, now: datetime) -> int:
    held = (now, now + LONGEST_LEASE)
    out = Collection.objects.filter(lease__isnull=False, account__platform=platform, leased_until__range=held)
    return out.values("lease").distinct().count()


def _is_paused(platform: str, now: datetime) -> bool:
    return PlatformState.objects.filter(platform=platform, paused_until__gt=now).exists()
