"""The only place that writes snapshots. Rules 1 to 6 of docs/architecture.md, "Data", live here.

Three ways in: `collect` for readings of a platform (doubts are held, the later instant wins), `publish` for
printed and imported figures (never overwrite), `correct` for editors (the old value is kept and public). A file of a
million counts goes the way of `publish` in a few statements: batches.py.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from apps.registry.services import lock_accounts
from apps.snapshots.models import RELEASE_SAYS_SO, Bound, Correction, Doubt, Precision, Snapshot, Span, State
from apps.snapshots.rules import value_problems
from apps.users.models import User

ALMATY = ZoneInfo("Asia/Almaty")
DOUBT_WINDOW = timedelta(days=30)
DOUBT_FLOOR = 100  # a jump of no more than this is never doubted
COLUMNS = {
    "account_id": "bigint",
    "day": "date",
    "span": "smallint",
    "state": "text",
    "followers": "bigint",
    "bound": "text",
    "precision": "text",
    "observed_at": "timestamptz",
    "source_id": "bigint",
    "locator": "text",
    "note": "text",
    "recorded_at": "timestamptz",
    "edited_by_id": "bigint",
}
Key = tuple[int, date, int]


@dataclass(frozen=True)
class Reading:
    """What is to be recorded. `day` is the first day of the span in Asia/Almaty, `observed_at` a UTC instant."""

    account_id: int
    day: date
    state: State
    followers: int | None
    source_id: int
    span: Span = Span.DAY
    bound: Bound = Bound.EXACTLY
    precision: Precision = Precision.EXACT
    observed_at: datetime | None = None
    locator: str = ""
    note: str = ""
    edited_by_id: int | None = None

    @property
    def key(self) -> Key:
        return (self.account_id, self.day, int(self.span))

    @property
    def value(self) -> tuple[str, int | None, str]:
        return (str(self.state), self.followers, str(self.bound))


class Verdict(StrEnum):
    NEW = "new"
    SAME = "same"  # the value stands already
    CHANGED = "changed"  # a later reading of the day replaced an earlier one
    CONFLICT = "conflict"  # another value stands; it was kept
    HELD = "held"  # too strange: waits for an editor
    KEPT = "kept"  # an editor's or a printed value stands; collecting does not overwrite it
    LATE = "late"  # a later reading, or a count where this one has none, stands already


@dataclass(frozen=True)
class Recorded:
    reading: Reading
    verdict: Verdict
    existing: Snapshot | None = None  # what stood before, where something did


class WrongCorrection(ValueError):
    """A correction without a reason, or one that changes nothing."""


def day_of(instant: datetime) -> date:
    """Return the calendar day in Almaty of an aware instant; zoneinfo knows that the zone moved on 2024-03-01."""
    return instant.astimezone(ALMATY).date()


def collect(readings: Sequence[Reading]) -> list[Recorded]:
    """Record what a platform said, one answer per reading, in the order given.

    The caller holds the accounts' rows locked, so that two runs cannot judge one account at once.
    """
    if not readings:
        return []
    with transaction.atomic(savepoint=False):
        doubts = _doubts(readings)
        held = [reading for reading in readings if reading.key in doubts]
        good = [reading for reading in readings if reading.key not in doubts]
        Doubt.objects.bulk_create([doubts[reading.key] for reading in held], ignore_conflicts=True)
        verdicts = {answer.reading.key: answer for answer in _upsert(_latest(good))}
        return [
            Recorded(reading, Verdict.HELD) if reading.key in doubts else verdicts[reading.key]
            for reading in readings
        ]


def publish(readings: Sequence[Reading]) -> list[Recorded]:
    """Record printed, imported or hand-read figures: what stands already is never overwritten."""
    if not readings:
        return []
    with transaction.atomic():
        inserted = _insert(readings, "ON CONFLICT DO NOTHING")
        standing = _find_recorded(readings)
        answers, fresh = [], set(inserted)
        for reading in readings:
            if reading.key in fresh:
                fresh.remove(reading.key)  # a second line for the same day is compared with the first
                answers.append(Recorded(reading, Verdict.NEW))
                continue
            existing = standing[reading.key]
            same = reading.value == (existing.state, existing.followers, existing.bound)
            answers.append(Recorded(reading, Verdict.SAME if same else Verdict.CONFLICT, existing))
        return answers


def correct(
    snapshot: Snapshot,
    *,
    state: State,
    followers: int | None,
    bound: Bound,
    precision: Precision,
    reason: str,
    by: User,
) -> Correction:
    """Change a recorded value in the open: the old one is kept in the Correction, collecting leaves it alone.

    Raises WrongCorrection when there is no reason, a number and a state contradict, or nothing would change.
    """
    if not reason.strip():
        raise WrongCorrection("reason")
    if any(value_problems(state, followers)):
        raise WrongCorrection("number")
    with transaction.atomic():
        row = Snapshot.objects.select_for_update().get(pk=snapshot.pk)
        old = value_as_json(row)
        row.state, row.followers, row.bound, row.precision = state, followers, bound, precision
        if value_as_json(row) == old:
            raise WrongCorrection("same")
        row.edited_by = by
        row.recorded_at = timezone.now()
        row.save(update_fields=["state", "followers", "bound", "precision", "edited_by", "recorded_at"])
        return Correction.objects.create(
            snapshot=row, old=old, new=value_as_json(row), reason=reason.strip(), by=by, at=row.recorded_at
        )


def revise(snapshot: Snapshot, reading: Reading) -> Correction:
    """Let a printed value follow its source's later wording in the open; the old one is kept in the Correction."""
    with transaction.atomic():
        row = Snapshot.objects.select_for_update().get(pk=snapshot.pk)
        old = value_as_json(row)
        row.state, row.followers = reading.state, reading.followers
        row.bound, row.precision = reading.bound, reading.precision
        row.locator, row.note, row.recorded_at = reading.locator, reading.note, timezone.now()
        row.save(update_fields=["state", "followers", "bound", "precision", "locator", "note", "recorded_at"])
        return Correction.objects.create(
            snapshot=row, old=old, new=value_as_json(row), reason=RELEASE_SAYS_SO, at=row.recorded_at
        )


def decide(doubt: Doubt, decision: Doubt.Decision, by: User) -> Recorded | None:
    """Accept a held count or reject it, and all of the account that wait and say the same: they are one case.

    What is accepted is recorded, each for its day. A count is decided once: None where somebody was quicker, or where
    it was rejected; else what came of the one that was given.
    """
    with transaction.atomic():
        lock_accounts([doubt.account_id])
        if not Doubt.objects.filter(pk=doubt.pk, decision="").exists():
            return None
        case = list(doubt.case())
        Doubt.objects.filter(pk__in=[one.pk for one in case]).update(
            decision=decision, decided_by=by, decided_at=timezone.now()
        )
        doubt.refresh_from_db()
        if decision == Doubt.Decision.REJECTED:
            return None
        recorded = _upsert(_latest(_reading_of(one) for one in case))
        return next(answer for answer in recorded if answer.reading.day == doubt.day)


def _reading_of(doubt: Doubt) -> Reading:
    return Reading(
        account_id=doubt.account_id,
        day=doubt.day,
        state=State.COUNTED,
        followers=max(doubt.followers, 0),
        source_id=doubt.source_id,
        precision=Precision(doubt.precision),
        observed_at=doubt.seen_at,
        locator=doubt.locator,
    )


def reopen(doubt: Doubt) -> bool:
    """Take a rejection back: the whole case waits again. What was accepted is recorded, and is taken back by a correction."""
    rejected = Doubt.objects.filter(decision=Doubt.Decision.REJECTED)
    own = rejected.filter(pk=doubt.pk).first()
    if own is None:
        return False
    case = rejected.filter(account=own.account_id, decided_at=own.decided_at, decided_by=own.decided_by_id)
    return bool(case.update(decision="", decided_by=None, decided_at=None))


def value_as_json(row: Snapshot) -> dict[str, Any]:
    """Return what a Correction keeps of a value."""
    return {
        "state": str(row.state),
        "followers": row.followers,
        "bound": str(row.bound),
        "precision": str(row.precision),
    }


def _latest(readings: Iterable[Reading]) -> list[Reading]:
    """Keep one reading per row: PostgreSQL refuses to touch a row twice in one upsert."""
    newest: dict[Key, Reading] = {}
    for reading in readings:
        other = newest.get(reading.key)
        if other is None or _instant(reading) > _instant(other):
            newest[reading.key] = reading
    return list(newest.values())


def _instant(reading: Reading) -> datetime:
    if reading.observed_at is None:
        raise ValueError("a collected reading has the instant it was observed at")
    return reading.observed_at


UPSERT = f"""ON CONFLICT (account_id, day, span) DO UPDATE SET
  {", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name not in ("account_id", "day", "span"))}
WHERE excluded.observed_at > tracking_snapshot.observed_at
  AND tracking_snapshot.edited_by_id IS NULL
  AND (excluded.state = 'counted' OR tracking_snapshot.state <> 'counted')"""


def _upsert(readings: Sequence[Reading]) -> list[Recorded]:
    """Write by the one upsert: only a later instant wins, never over an editor, and no state takes a number away."""
    if not readings:
        return []
    standing = _find_recorded(readings)
    written = set(_insert(readings, UPSERT))
    return [_answer(reading, reading.key in written, standing.get(reading.key)) for reading in readings]


def _answer(reading: Reading, written: bool, existing: Snapshot | None) -> Recorded:
    if existing is None:
        return Recorded(reading, Verdict.NEW if written else Verdict.LATE)
    if reading.value == (existing.state, existing.followers, existing.bound):
        return Recorded(reading, Verdict.SAME, existing)
    if written:
        return Recorded(reading, Verdict.CHANGED, existing)
    protected = existing.edited_by_id is not None or existing.observed_at is None
    return Recorded(reading, Verdict.KEPT if protected else Verdict.LATE, existing)


def _insert(readings: Sequence[Reading], on_conflict: str) -> list[Key]:
    """Insert all rows in one statement; the keys of those written."""
    now = timezone.now()
    # As JSON in one parameter: arrays of many rows cost several times as much to write down.
    rows = [dict(zip(COLUMNS, _row(reading, now), strict=True)) for reading in readings]
    names = ", ".join(COLUMNS)
    kinds = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    statement = (
        f"INSERT INTO tracking_snapshot ({names}) SELECT * FROM json_to_recordset(%s) AS row({kinds}) "  # noqa: S608 (names of our own)
        f"{on_conflict} RETURNING account_id, day, span"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(rows, default=_iso)])
        return [(account, day, span) for account, day, span in cursor.fetchall()]


def _iso(value: date) -> str:
    return value.isoformat()


def _row(reading: Reading, now: datetime) -> tuple[object, ...]:
    return (
        reading.account_id,
        reading.day,
        int(reading.span),
        str(reading.state),
        reading.followers,
        str(reading.bound),
        str(reading.precision),
        reading.observed_at,
        reading.source_id,
        reading.locator,
        reading.note,
        now,
        reading.edited_by_id,
    )


def _find_recorded(readings: Iterable[Reading]) -> dict[Key, Snapshot]:
    """Return the rows that stand under the readings' keys, in one query."""
    keys = {reading.key for reading in readings}
    rows = Snapshot.objects.raw(
        "SELECT s.* FROM tracking_snapshot s JOIN unnest(%s::bigint[], %s::date[], %s::smallint[])"
        " AS k(account_id, day, span) USING (account_id, day, span)",
        [list(column) for column in zip(*keys, strict=True)],
    )
    return {(row.account_id, row.day, int(row.span)): row for row in rows}


def _doubts(readings: Sequence[Reading]) -> dict[Key, Doubt]:
    """Return the readings that rule 6 holds back, as doubts not yet saved."""
    counted = [reading for reading in readings if reading.state == State.COUNTED]
    before = _last_counts(counted)
    doubts = {}
    for reading in counted:
        last = before.get(reading.account_id, LastCount())
        why, against = _why_doubted(reading, last)
        if why:
            doubts[reading.key] = Doubt(
                account_id=reading.account_id,
                day=reading.day,
                followers=reading.followers or 0,
                precision=reading.precision,
                why=why,
                against=against,
                source_id=reading.source_id,
                locator=reading.locator,
                seen_at=_instant(reading),
            )
    return doubts


@dataclass(frozen=True)
class LastCount:
    """What an account was counted at before: at all, and by a day's value of the last 30 days."""

    ever: int = 0
    lately: int = 0


def _why_doubted(reading: Reading, last: LastCount) -> tuple[Doubt.Why | None, int]:
    followers = reading.followers or 0
    if followers <= 0 and last.ever > 0:
        return Doubt.Why.ZERO, last.ever
    if last.lately and abs(followers - last.lately) > DOUBT_FLOOR:
        if followers * 10 <= last.lately:
            return Doubt.Why.FALL, last.lately
        if followers >= last.lately * 10:
            return Doubt.Why.RISE, last.lately
    return None, 0


_NEWEST_COUNTS = """
SELECT k.account_id, ever.followers, lately.followers
FROM unnest(%s::bigint[], %s::date[]) AS k(account_id, day)
LEFT JOIN LATERAL (
  SELECT s.followers FROM tracking_snapshot s
  WHERE s.account_id = k.account_id AND s.day <= k.day AND s.state = 'counted'
  ORDER BY s.day DESC, s.span DESC LIMIT 1
) ever ON true
LEFT JOIN LATERAL (
  SELECT s.followers FROM tracking_snapshot s
  WHERE s.account_id = k.account_id AND s.day BETWEEN k.day - %s AND k.day AND s.state = 'counted' AND s.span = %s
  ORDER BY s.day DESC LIMIT 1
) lately ON true"""


def _last_counts(readings: Sequence[Reading]) -> dict[int, LastCount]:
    if not readings:
        return {}
    days: dict[int, date] = {}
    for reading in readings:
        days[reading.account_id] = max(reading.day, days.get(reading.account_id, reading.day))
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST_COUNTS, [list(days), list(days.values()), DOUBT_WINDOW.days, int(Span.DAY)])
        return {account: LastCount(ever or 0, lately or 0) for account, ever, lately in cursor.fetchall()}
