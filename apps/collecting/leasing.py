"""Reading accounts from their platforms: lease, claim, fetch, record. PostgreSQL is the truth throughout.

dispatch()  takes due accounts and writes leases; two beats at once do no harm (SKIP LOCKED)
collect()   claims a lease (a second delivery claims nothing), fetches outside of any transaction,
            then records in one transaction what is still under its lease and run
"""

import logging
import random
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from limits import parse

from apps.collecting import adapters, budget, results
from apps.collecting.models import Collection, PlatformState, Run
from apps.collecting.schedule import SOON, evening_ends
from apps.collectors import culprits
from apps.collectors.http import before_each_request, patience
from apps.collectors.lanes import Waiting, fill
from apps.collectors.outcomes import other_outcome
from apps.collectors.types import Collector, Kind, Outcome, PlatformFailure, Target
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
COMPANIONS = 2000  # candidates beyond what is due that are looked at to fill requests
LATELY = timedelta(hours=36)  # a daily reading, and half a day more
WITNESSES = 20  # accounts that answered lately, of which some are drawn
OUR_REST = timedelta(minutes=5)  # after an error of our own; no longer than a lost lease takes
TRIAL = timedelta(minutes=2)  # longer than a batch takes: one that is out for longer is lost with its worker
ANSWERED_WITHIN = timedelta(minutes=15)  # a platform that did is asked by many workers at once
BATCHES_OUT = 8  # per platform: a queue that outlives its leases would only be redone


Silence = tuple[PlatformFailure, datetime, list[Account]]  # why a server is silent, until when, its accounts


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
        states = PlatformState.objects.in_bulk()
        for platform in adapters.ready() if platforms is None else platforms:
            state = states.get(platform)
            if state and state.pause_end(now):
                if not budget.has_new_key(state):
                    continue
                budget.lift(platform)
                state = None
            # A platform that failed, or was not asked of late, is tried with one batch; the others follow at once when
            # it has answered. Were it down, each batch would ask it anew.
            is_known = not (state and state.failures) and _has_answered(platform, now)
            out = _leases_out(platform, now, LEASE if is_known else TRIAL)
            room = max((BATCHES_OUT if is_known else 1) - out, 0)
            if room:
                leases += [(platform, lease) for lease in _lease(platform, now, account, room)]
    return leases


# What is due, the longest first, then what may come along: due later this evening, or an hourly account that is soon due.
CANDIDATES = """SELECT c.id, c.due_at, a.handle, a.platform_id, c.due_at <= %(now)s OR c.due_at > %(farthest_due)s, c.errors > 0
FROM tracking_collection c JOIN tracking_account a ON a.id = c.account_id
WHERE (c.due_at <= %(now)s OR c.due_at > %(farthest_due)s
    OR c.errors = 0 AND c.due_at <= CASE WHEN a.hourly THEN %(soon)s ELSE %(evening_ends)s END)
  AND (c.leased_until IS NULL OR c.leased_until < %(now)s OR c.leased_until > %(longest_lease)s)
  AND a.platform = %(platform)s AND a.state <> %(paused)s AND (a.handle <> '' OR a.platform_id <> '')
  AND (%(account)s::bigint IS NULL OR a.id = %(account)s)
ORDER BY c.due_at, c.id LIMIT %(most)s"""

# One beat at a time fills the requests of a platform: two would share its accounts, and both ask with half of them.
ALONE = "SELECT pg_try_advisory_xact_lock(hashtext('dispatch'), hashtext(%s))"

# Rows that another beat is leasing at this moment, or has leased since they were chosen, are passed over, as are those
# that were read since: whoever held a lease that had run out may have been about to record.
LEASE_THEM = """WITH free AS (
  SELECT c.id, chosen.lease FROM tracking_collection c
  JOIN unnest(%(ids)s::bigint[], %(due)s::timestamptz[], %(leases)s::uuid[]) AS chosen(id, due_at, lease)
    ON chosen.id = c.id
  WHERE c.due_at = chosen.due_at
    AND (c.leased_until IS NULL OR c.leased_until < %(now)s OR c.leased_until > %(longest_lease)s)
  FOR UPDATE OF c SKIP LOCKED
)
UPDATE tracking_collection c SET lease = free.lease, leased_until = %(until)s, run = NULL
FROM free WHERE c.id = free.id RETURNING c.lease"""


def _lease(platform: str, now: datetime, account: int | None, room: int) -> list[uuid.UUID]:
    """Write at most `room` leases, each on the accounts of one batch, and return them."""
    size = batch_size(platform)
    collector = adapters.make(platform)
    held = {"now": now, "longest_lease": now + LONGEST_LEASE}
    with connection.cursor() as cursor:
        cursor.execute(ALONE, [platform])
        if not cursor.fetchone()[0]:
            return []
        cursor.execute(
            CANDIDATES,
            held
            | {
                "platform": platform,
                "paused": AccountState.PAUSED,
                "account": account,
                "farthest_due": now + FARTHEST_DUE,
                "soon": now + SOON,
                "evening_ends": evening_ends(now) or now,
                "most": room * size + COMPANIONS,
            },
        )
        candidates = cursor.fetchall()
        due_at = {key: due for key, due, *_ in candidates}
        waiting = [
            Waiting(key, collector.lane(Target(platform, handle, platform_id)), is_due, is_suspect)
            for key, _, handle, platform_id, is_due, is_suspect in candidates
        ]
        leases = [(uuid.uuid4(), batch) for batch in fill(waiting, size)[:room]]
        if not leases:
            return []
        chosen = [(key, due_at[key], lease) for lease, batch in leases for key in batch]
        ids, due, marks = map(list, zip(*chosen, strict=True))
        cursor.execute(LEASE_THEM, held | {"ids": ids, "due": due, "leases": marks, "until": now + LEASE})
        written = {lease for (lease,) in cursor.fetchall()}
    return [lease for lease, _ in leases if lease in written]


def top_up(platform: str) -> list[tuple[str, uuid.UUID]]:
    """Write more leases for the platform once half of those that may be out are read: nobody waits for the next
    minute."""
    if 2 * _leases_out(platform, timezone.now(), LEASE) > BATCHES_OUT:
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
    left = OUR_REST
    try:
        answers, silent = _fetch(collector, accounts, summary)
        summary.outcomes = _store(lease, run, collector, answers)
        for failure, until, members in silent:
            results.put_off(lease, run, members, until, failure)
        left = timedelta(0)
    finally:
        _end(lease, run, began, summary, left)
    return summary


def _store(
    lease: uuid.UUID, run: uuid.UUID, collector: Collector, answers: Sequence[tuple[Account, Outcome]]
) -> Counter[str]:
    """Record the answers together; where one of them cannot be recorded, one by one, so that the others are."""
    try:
        return results.store(lease, run, collector, answers)
    except (OperationalError, InterfaceError):
        raise  # the database is away: the lease gives the accounts to somebody else
    except Exception:
        logger.exception("%s: a batch cannot be recorded as a whole", collector.platform)
    counts: Counter[str] = Counter()
    for account, answer in answers:
        try:
            counts += results.store(lease, run, collector, [(account, answer)])
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            logger.exception("%s cannot be recorded", account)
            failed = other_outcome(
                answer.target, Kind.ERROR, timezone.now(), f"broken: {type(error).__name__}"
            )
            counts += results.store(lease, run, collector, [(account, failed)])
    return counts


def _end(lease: uuid.UUID, run: uuid.UUID, began: datetime, summary: Summary, rest: timedelta) -> None:
    """Log the run; whatever was not answered is due again after the rest, behind what waits."""
    now = timezone.now()
    results.release(lease, run, now + rest)
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
) -> tuple[list[tuple[Account, Outcome]], list[Silence]]:
    """Return what the accounts came to, and which belong to a server that does not answer; the others were not read.

    A failure that is no account's pauses the platform, or the server, for all workers.
    """
    platform = collector.platform
    paid = _find_paid(platform, accounts)
    accounts = sorted(accounts, key=lambda account: account.pk not in paid)
    targets = {_target(account): account for account in accounts}
    try:
        share = budget.reserve(
            platform, len(targets), lambda count: collector.requests(list(targets)[:count]), free=len(paid)
        )
    except budget.Paused as paused:
        budget.keep(platform, paused)
        summary.stopped = str(paused)
        return [], []
    meter = budget.Meter(platform, share, time.sleep)
    with patience(settings.REQUEST_SECONDS), before_each_request(meter.before_request):
        harvests = _read(collector, list(targets)[: share.accounts], share.has_failed)
    answers: dict[Target, Outcome] = {}
    others: list[Outcome] = []
    silent: list[Silence] = []
    for server, members, harvest, until in harvests:
        answers |= harvest.outcomes
        others += harvest.others
        if harvest.failure and until:
            left = [targets[target] for target in members if target not in harvest.outcomes]
            silent.append((harvest.failure, until, left))
        elif harvest.failure and not server:
            budget.pause(platform, harvest.failure)
            summary.stopped = str(harvest.failure)
    read = [(account, answers[target]) for target, account in targets.items() if target in answers]
    billed = [account for account, answer in read if answer.kind == Kind.COUNTED and account.pk not in paid]
    witnesses = [other for other in others if other.kind == Kind.COUNTED]
    budget.settle(platform, meter.share, meter.requests, len(billed) + len(witnesses))
    if not summary.stopped:
        if share.has_failed and any(harvest.is_alive for _, _, harvest, _ in harvests):
            budget.note_success(platform)
        if share.rest:
            budget.keep(platform, share.rest)
            summary.stopped = str(share.rest)
    return read, silent


def _target(account: Account) -> Target:
    return Target(account.platform, account.handle, account.platform_id)


def _read(
    collector: Collector, targets: Sequence[Target], is_on_trial: bool
) -> list[tuple[str, list[Target], culprits.Harvest, datetime | None]]:
    """Read the targets server by server ("" where the platform is one); a server that rests is not asked.

    Returns for each the server, its targets, what came of them, and until when (UTC) the server rests.
    """
    servers: dict[str, list[Target]] = {}
    for target in targets:
        servers.setdefault(collector.lane(target).server, []).append(target)
    fetch = culprits.guard(
        collector.fetch,
        partial(_log_error, collector.platform),
        passing=(OperationalError, InterfaceError),  # the database, where more requests are set aside
    )
    ends_at = time.monotonic() + culprits.SECONDS
    failed = budget.server_states(collector.platform, servers) if any(servers) else {}
    harvests: list[tuple[str, list[Target], culprits.Harvest, datetime | None]] = []
    for server, members in servers.items():
        state = failed.get(server)
        if state and state.paused_until > timezone.now():
            resting = culprits.Harvest(failure=PlatformFailure(state.pause_code, state.pause_detail))
            harvests.append((server, members, resting, state.paused_until))
            continue
        harvest = culprits.read(
            fetch,
            members,
            partial(_witnesses, collector, server, members),
            is_on_trial=bool(state) if server else is_on_trial,
            ends_at=ends_at,
        )
        until = None
        if server and harvest.failure:
            until = budget.pause_server(collector.platform, server, harvest.failure)
        elif state and harvest.is_alive:
            budget.server_succeeded(collector.platform, server)
        harvests.append((server, members, harvest, until))
    return harvests


def _log_error(platform: str, error: Exception) -> None:
    logger.error("%s: our own program failed on an answer", platform, exc_info=error)


def _witnesses(collector: Collector, server: str, batch: Sequence[Target]) -> culprits.Witnesses:
    """List who can show that the platform answers: the adapter's own probe, accounts that did within the last day.

    These are drawn by lot, so that no single one can hold up a platform by failing itself.
    """
    lately = Account.objects.filter(
        platform=collector.platform,
        collection__errors=0,
        collection__last_success_at__gt=timezone.now() - LATELY,
    )
    if server:
        lately = lately.filter(
            Q(platform_id__endswith=f"@{server}") | Q(platform_id="", handle__iendswith=f"@{server}")
        )
    newest = lately.order_by("-collection__last_success_at")[: len(batch) + WITNESSES]
    known = [Target(collector.platform, account.handle, account.platform_id) for account in newest]
    others = [target for target in known if target not in batch][:WITNESSES]
    random.shuffle(others)
    mates = list(batch)
    random.shuffle(mates)
    return culprits.Witnesses(sure=tuple(others), probe=collector.probe, mates=tuple(mates))


def _find_paid(platform: str, accounts: Sequence[Account]) -> set[int]:
    """Return the keys of the accounts for which the platform has charged today: it does so once a day of its own."""
    known = ALL[platform].budget
    if not known.price:
        return set()
    midnight = (
        timezone.now().astimezone(ZoneInfo(known.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    )
    read = Collection.objects.filter(account__in=accounts, last_success_at__gte=midnight)
    return set(read.values_list("account_id", flat=True))


CLAIM = """WITH claimed AS (
  UPDATE tracking_collection SET run = %s WHERE lease = %s AND run IS NULL AND leased_until > %s RETURNING account_id
)
SELECT a.* FROM tracking_account a JOIN claimed ON claimed.account_id = a.id ORDER BY a.id"""


def _claim(lease: uuid.UUID, run: uuid.UUID) -> list[Account]:
    return list(Account.objects.raw(CLAIM, [run, lease, timezone.now()]))


def batch_size(platform: str) -> int:
    """Return how many accounts go together: at least one request's worth, more where the pace allows all they may
    take."""
    collector, known = adapters.make(platform), ALL[platform].budget
    size = least = max(collector.batch_size, SMALLEST_BATCH)
    window = parse(known.window)
    most = BATCH_SECONDS * window.amount / window.get_expiry()
    while size + least <= LARGEST_BATCH:
        if collector.requests([Target(platform, handle="any")] * (size + least)) > most:
            break
        size += least
    return size


def _has_answered(platform: str, now: datetime) -> bool:
    """Tell whether the platform answered the last batch, a moment ago."""
    newest = Run.objects.filter(platform=platform, began_at__gt=now - ANSWERED_WITHIN).first()
    return newest is not None and bool(newest.outcomes) and not newest.stopped


def _leases_out(platform: str, now: datetime, lately: timedelta) -> int:
    """Count the leases that stand and were written so lately."""
    held = (max(now, now + LEASE - lately), now + LONGEST_LEASE)
    out = Collection.objects.filter(lease__isnull=False, account__platform=platform, leased_until__range=held)
    return out.values("lease").distinct().count()


def ask_one(platform: str) -> tuple[Target, Outcome] | None:
    """Ask for one known account, within the budget, and record nothing; None where nobody is known.

    The account is one that answered lately, else any that is tracked, else the adapter's own choice.
    Raises budget.Paused, or the platform's failure.
    """
    collector = adapters.make(platform)
    witnesses = _witnesses(collector, "", [])
    known = witnesses.sure or ((witnesses.probe,) if witnesses.probe else ())
    if not known:
        account = Account.objects.addressed().filter(platform=platform).order_by("pk").first()
        known = (_target(account),) if account else ()
    if not known:
        return None
    share = budget.reserve(platform, 1, lambda count: collector.requests(list(known[:count])))
    meter = budget.Meter(platform, share, time.sleep)
    billed = 0
    try:
        with patience(settings.REQUEST_SECONDS), before_each_request(meter.before_request):
            (outcome,) = collector.fetch(known[:1])
        billed = int(outcome.kind == Kind.COUNTED)
    finally:
        budget.settle(platform, meter.share, meter.requests, billed)
    return known[0], outcome
