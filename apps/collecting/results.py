"""Record a batch's answers: snapshots, attempts, errors and the next due time, in one transaction."""

import json
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.utils import timezone

from apps.collecting import adapters, identity
from apps.collecting.models import Collection
from apps.collecting.reasons import LASTING, trouble_of
from apps.collecting.schedule import next_due, retry_at
from apps.collectors.types import Collector, Kind, Outcome, PlatformFailure
from apps.registry.models import Account, AccountState, Source
from apps.registry.platforms import ALL
from apps.registry.services import lock_accounts
from apps.snapshots.models import Precision, Snapshot, State
from apps.snapshots.recording import Reading, Verdict, collect, day_of

MOST_ERRORS = 1000  # more are not counted
ABSENT_AFTER = 3  # days on which the account was not found
# Read on the platform itself: a printed figure does not show that the address which is not found was ever right.
SEEN_THERE = (Source.Kind.API, Source.Kind.PAGE, Source.Kind.MANUAL)
STATES = {
    Kind.COUNTED: State.COUNTED,
    Kind.HIDDEN: State.HIDDEN,
    Kind.SUSPENDED: State.SUSPENDED,
    Kind.PRIVATE: State.PRIVATE,
}


@dataclass
class _Case:
    """One account with its answer while it is being stored."""

    account: Account
    collection: Collection
    outcome: Outcome
    at: datetime
    ends_as: str = ""
    detail: str = ""

    @property
    def day(self) -> date:
        return day_of(self.at)


def store(
    lease: uuid.UUID, run: uuid.UUID, collector: Collector, answers: Sequence[tuple[Account, Outcome]]
) -> Counter[str]:
    """Record the answers for the accounts that are still under this lease and run; how many ended how.

    An account whose lease ran out meanwhile is somebody else's now: its answer is dropped.
    """
    with transaction.atomic(savepoint=False):
        lock_accounts(Collection.objects.filter(lease=lease, run=run).values("account"))
        mine = {
            collection.account_id: collection
            for collection in Collection.objects.select_for_update()
            .filter(lease=lease, run=run)
            .order_by("pk")
        }
        now = timezone.now()
        cases = [
            _Case(account, mine[account.pk], outcome, outcome.observed_at or now)
            for account, outcome in answers
            if account.pk in mine
        ]
        _check_identity(cases)
        _record(cases, collector)
        for case in cases:
            _close(case, now)
        _save(cases)
    return Counter(case.ends_as for case in cases)


# What a case leaves behind. As JSON in one parameter: many rows as models or arrays cost more than all else of a batch.
SAVE = """WITH closed AS (
  SELECT * FROM json_to_recordset(%s) AS closed(account_id bigint, due_at timestamptz, last_attempt_at timestamptz,
    last_success_at timestamptz, not_found_days smallint, not_found_on date, error_code text,
    error_detail text, errors smallint, outcome text, detail text)
), attempt AS (
  INSERT INTO tracking_attempt (account_id, at, outcome, detail)
  SELECT account_id, last_attempt_at, outcome, detail FROM closed
)
UPDATE tracking_collection c SET lease = NULL, leased_until = NULL, run = NULL, due_at = closed.due_at,
  last_attempt_at = closed.last_attempt_at, last_success_at = closed.last_success_at,
  not_found_days = closed.not_found_days, not_found_on = closed.not_found_on,
  error_code = closed.error_code, error_detail = closed.error_detail, errors = closed.errors
FROM closed WHERE c.account_id = closed.account_id"""


def _save(cases: Sequence[_Case]) -> None:
    """Log the attempts and give back the accounts."""
    rows = [
        {
            "account_id": case.account.pk,
            "due_at": case.collection.due_at,
            "last_attempt_at": case.at,
            "last_success_at": case.collection.last_success_at,
            "not_found_days": case.collection.not_found_days,
            "not_found_on": case.collection.not_found_on,
            "error_code": case.collection.error_code,
            "error_detail": case.collection.error_detail,
            "errors": case.collection.errors,
            "outcome": case.ends_as,
            "detail": case.detail[:300],
        }
        for case in cases
    ]
    with connection.cursor() as cursor:
        cursor.execute(SAVE, [json.dumps(rows, default=_iso)])


def _iso(value: date) -> str:
    return value.isoformat()


def release(lease: uuid.UUID, run: uuid.UUID, due_at: datetime) -> int:
    """Give back what this run still holds; it is due again at the instant given, not earlier than it was."""
    return Collection.objects.filter(lease=lease, run=run).update(
        lease=None, leased_until=None, run=None, due_at=due_at
    )


def _check_identity(cases: Sequence[_Case]) -> None:
    """Keep rule 8: an answer for another id is not recorded; the account waits for an editor."""
    stops = identity.settle([(case.account, case.outcome, case.at) for case in cases]) if cases else {}
    for case in cases:
        if case.account.pk in stops:
            stop = stops[case.account.pk]
            case.ends_as, case.detail = "stopped", f"{stop.code}: {stop.detail}"


def _record(cases: Iterable[_Case], collector: Collector) -> None:
    source = adapters.source_id(collector)
    readings: list[tuple[_Case, Reading]] = []
    read_before = set(
        Snapshot.objects.filter(
            account__in=[case.account for case in cases if case.outcome.kind == Kind.NOT_FOUND],
            state=State.COUNTED,
            source__kind__in=SEEN_THERE,
        ).values_list("account_id", flat=True)
    )
    for case in cases:
        if case.ends_as:
            continue
        if case.outcome.kind == Kind.NOT_FOUND:
            _count_not_found(case)
        state = _state(case, read_before)
        case.ends_as, case.detail = str(case.outcome.kind), case.outcome.detail
        if state is not None:
            locator = collector.url(case.outcome.target)
            readings.append((case, _make_reading(case, state, source, locator)))
    for (case, _), answer in zip(readings, collect([reading for _, reading in readings]), strict=True):
        if answer.verdict == Verdict.HELD:
            case.ends_as = "held"


def _count_not_found(case: _Case) -> None:
    if case.collection.not_found_on != case.day:
        case.collection.not_found_on = case.day
        case.collection.not_found_days = min(case.collection.not_found_days + 1, 1000)


def _state(case: _Case, read_before: set[int]) -> State | None:
    """Return the state to record by rule 3: not found is absent only of an account that was read before, on three
    days, elsewhere than where not found also means not permitted."""
    if case.outcome.kind != Kind.NOT_FOUND:
        return STATES.get(case.outcome.kind)
    gone = (
        case.collection.not_found_days >= ABSENT_AFTER
        and case.account.pk in read_before
        and not ALL[case.account.platform].absence_needs_editor
    )
    return State.ABSENT if gone else None


def _make_reading(case: _Case, state: State, source: int, locator: str) -> Reading:
    outcome = case.outcome
    return Reading(
        account_id=case.account.pk,
        day=case.day,
        state=state,
        followers=outcome.followers if state == State.COUNTED else None,
        source_id=source,
        precision=Precision(outcome.precision) if state == State.COUNTED else Precision.EXACT,
        observed_at=case.at,
        locator=locator,
    )


def _close(case: _Case, now: datetime) -> None:
    """Say when the account is due again."""
    collection, kind = case.collection, case.ends_as
    answered = kind in STATES or kind == "held"
    if answered:
        collection.last_success_at = case.at
        collection.not_found_days, collection.not_found_on = 0, None
    code, detail = ("", "") if kind in STATES else trouble_of(kind, case.detail)
    collection.error_code, collection.error_detail = code, detail[:300]
    collection.errors = min(collection.errors + 1, MOST_ERRORS) if kind == Kind.ERROR else 0
    if kind == Kind.ERROR:
        collection.due_at = retry_at(case.account.pk, now, collection.errors, is_lasting=code in LASTING)
    else:
        weekly = case.account.state == AccountState.CLOSED or collection.not_found_days >= ABSENT_AFTER
        collection.due_at = next_due(case.account.pk, now, weekly=weekly, hourly=case.account.hourly)


def put_off(
    lease: uuid.UUID, run: uuid.UUID, accounts: Iterable[Account], until: datetime, failure: PlatformFailure
) -> int:
    """Give back accounts whose server does not answer: due when its pause ends, no error of their own."""
    code, detail = trouble_of(Kind.ERROR, str(failure))
    held = Collection.objects.filter(lease=lease, run=run, account__in=list(accounts))
    return held.update(
        lease=None, leased_until=None, run=None, due_at=until, error_code=code, error_detail=detail[:300]
    )
