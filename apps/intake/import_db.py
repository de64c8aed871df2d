"""A batch of imported counts in a few statements: the set-based way of recording.publish, and its undoing.

What stands is never overwritten unless an editor gives a reason; then the old value is kept in a Correction. What a
batch wrote is known by its instant: a snapshot whose `recorded_at` is no longer the batch's was changed since.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.intake.doubts import Point, find_doubts
from apps.intake.models import ImportBatch, ImportedRow
from apps.intake.rows import Staged
from apps.intake.series_check import SeriesCheck
from apps.registry.models import Account
from apps.snapshots.models import Correction, Snapshot
from apps.snapshots.recording import value_as_json
from apps.users.models import User

BLOCK = 20_000  # rows a COPY
MANY = 20_000  # rows that change what the planner must know of the table
FEW = 1000  # rows that are corrected one by one at a time

STAGING = """
DROP TABLE IF EXISTS import_staging;
CREATE TEMP TABLE import_staging (
  number integer, line integer, cell text, account_id bigint, day date, span smallint, state text, followers bigint,
  bound text, precision text, observed_at timestamptz, source_id bigint, locator text, note text, problem text,
  kind text
)"""
SNAPSHOT = "account_id, day, span, state, followers, bound, precision, observed_at, source_id, locator, note"
SPECIAL = re.compile(r"[\\\n\t\r]")
COLUMNS = f"number, line, cell, {SNAPSHOT}, problem"
STAGED = f"{COLUMNS}, kind"

# A row is compared with what stands; a second row for the same day with the first one of the file.
JUDGE = f"""
INSERT INTO tracking_importedrow (batch_id, {COLUMNS}, verdict, against, fate)
SELECT %(batch)s, {", ".join(f"f.{name.strip()}" for name in COLUMNS.split(","))},
  CASE
    WHEN f.kind <> '' THEN f.kind
    WHEN d.number IS NOT NULL THEN
      CASE WHEN (f.state, f.followers, f.bound) IS NOT DISTINCT FROM (d.state, d.followers, d.bound)
      THEN 'same' ELSE 'conflict' END
    WHEN s.id IS NULL THEN 'new'
    WHEN (f.state, f.followers, f.bound) IS NOT DISTINCT FROM (s.state, s.followers, s.bound) THEN 'same'
    ELSE 'conflict'
  END,
  CASE
    WHEN f.kind <> '' THEN NULL
    WHEN d.number IS NOT NULL THEN jsonb_build_object(
      'line', d.line, 'state', d.state, 'followers', d.followers, 'bound', d.bound)
    WHEN s.id IS NOT NULL AND (f.state, f.followers, f.bound) IS DISTINCT FROM (s.state, s.followers, s.bound)
    THEN to_jsonb(s)
  END,
  ''
FROM import_staging f
LEFT JOIN import_twice d
  ON d.account_id = f.account_id AND d.day = f.day AND d.span = f.span AND d.number < f.number AND f.kind = ''
LEFT JOIN tracking_snapshot s ON s.account_id = f.account_id AND s.day = f.day AND s.span = f.span"""  # noqa: S608 (names of our own)

# The first of those rows that stand for one day of one account more than once: few, as a rule none.
TWICE = """
DROP TABLE IF EXISTS import_twice;
CREATE TEMP TABLE import_twice ON COMMIT DROP AS
SELECT s.* FROM import_staging s JOIN (
  SELECT min(number) AS number FROM import_staging WHERE kind = '' AND account_id = ANY(%(unsure)s::bigint[])
  GROUP BY account_id, day, span
  HAVING count(*) > 1
) first USING (number)"""

WRITE = f"""
INSERT INTO tracking_snapshot ({SNAPSHOT}, recorded_at)
SELECT {SNAPSHOT}, %(at)s FROM tracking_importedrow
WHERE batch_id = %(batch)s AND verdict = 'new'"""  # noqa: S608 (names of our own)
# Looks into the index before each row too: a sixth more time.
WRITE_WHAT_IS_MISSING = f"{WRITE} ON CONFLICT DO NOTHING"

GIVE = """
UPDATE tracking_importedrow r SET account_id = p.made
FROM json_to_recordset(%(pairs)s) AS p(planned bigint, made bigint)
WHERE r.batch_id = %(batch)s AND r.account_id = p.planned"""

# Since the file was looked through somebody else has recorded a value for the same day.
LATE = """
UPDATE tracking_importedrow r SET verdict =
  CASE WHEN (r.state, r.followers, r.bound) IS NOT DISTINCT FROM (s.state, s.followers, s.bound)
  THEN 'same' ELSE 'conflict' END, against = to_jsonb(s)
FROM tracking_snapshot s
WHERE r.batch_id = %(batch)s AND r.verdict = 'new' AND s.recorded_at <> %(at)s
  AND s.account_id = r.account_id AND s.day = r.day AND s.span = r.span"""

REMOVE = """
DELETE FROM tracking_snapshot s USING tracking_importedrow r
WHERE r.batch_id = %(batch)s AND r.verdict = 'new' AND s.recorded_at = %(at)s
  AND s.account_id = r.account_id AND s.day = r.day AND s.span = r.span
  AND NOT EXISTS (SELECT 1 FROM tracking_correction c WHERE c.snapshot_id = s.id)
  AND NOT EXISTS (SELECT 1 FROM tracking_screenshot e WHERE e.snapshot_id = s.id)
  AND NOT EXISTS (SELECT 1 FROM tracking_setaside a WHERE a.snapshot_id = s.id)"""

STAYS = """
UPDATE tracking_importedrow r SET fate = 'kept'
FROM tracking_snapshot s
WHERE r.batch_id = %(batch)s AND r.verdict = 'new'
  AND s.account_id = r.account_id AND s.day = r.day AND s.span = r.span"""


def stage(rows: Iterable[Staged]) -> SeriesCheck:
    """Put the rows where the database can judge them all at once; return whose series need a second look. Each block is
    a statement of its own."""
    numbered = enumerate(rows, 1)
    series = SeriesCheck()
    with connection.cursor() as cursor:
        cursor.execute(STAGING)
        while block := list(islice(numbered, BLOCK)):
            with cursor.copy(f"COPY import_staging ({STAGED}) FROM STDIN") as copy:
                copy.write("".join(f"{number}\t{_copy_row(row)}\n" for number, row in block))
            series.add(row for _number, row in block)
    return series


def _copy_row(row: Staged) -> str:
    """Return the row in COPY's text format: ten times as quick as value by value."""
    line, cell, account, day, span, state, followers, bound, precision, instant, source, *texts = row
    if (
        instant is None and followers is not None and source is not None and not cell and not any(texts)
    ):  # nearly every row
        return f"{line}\t\t{account}\t{day}\t{span}\t{state}\t{followers}\t{bound}\t{precision}\t\\N\t{source}\t\t\t\t"
    fields = (line, _escape(cell), account, day, span, state, followers, bound, precision, instant, source)
    known = "\t".join(["\\N" if field is None else str(field) for field in fields])
    return "\t".join([known, *(_escape(text) for text in texts)])


def _escape(text: str) -> str:
    if not text or not SPECIAL.search(text):
        return text
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def judge(batch: ImportBatch, series: SeriesCheck) -> None:
    """Give every staged row a verdict, stored with the batch in place of earlier ones. Needs a transaction."""
    forget(batch)
    with connection.cursor() as cursor:
        # Sorted and matched in memory; and counted, as the planner would look for each of a million rows in an index.
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("ANALYZE import_staging")
        cursor.execute(TWICE, {"unsure": list(series.unsure)})
        cursor.execute("ANALYZE import_twice")
        cursor.execute(JUDGE, {"batch": batch.pk})
        if cursor.rowcount > MANY:
            cursor.execute("ANALYZE tracking_importedrow")
        cursor.execute("DROP TABLE import_staging")


# Accounts with counts already: the file's stand between them.
STANDING = """
SELECT account FROM unnest(%(accounts)s::bigint[]) account
WHERE EXISTS (SELECT FROM tracking_snapshot s WHERE s.account_id = account)"""

# Accounts with a count that differs much from the one before it, in the file and in what stands.
MOVED = """
WITH points AS (
  SELECT account_id, day, span, followers, number FROM tracking_importedrow
  WHERE batch_id = %(batch)s AND verdict = 'new' AND followers IS NOT NULL AND account_id = ANY(%(accounts)s::bigint[])
  UNION ALL
  SELECT account_id, day, span, followers, 0 FROM tracking_snapshot
  WHERE followers IS NOT NULL AND account_id = ANY(%(accounts)s::bigint[])
), pairs AS (
  SELECT account_id, followers, number, lag(followers) OVER w AS before, lag(number) OVER w AS number_before
  FROM points WINDOW w AS (PARTITION BY account_id ORDER BY day, span, number)
)
SELECT DISTINCT account_id FROM pairs
WHERE before IS NOT NULL AND number + number_before > 0 AND abs(followers - before) > 0.3 * before
LIMIT %(most)s"""

POINTS = """
SELECT account_id, day, span, followers, number FROM tracking_importedrow
WHERE batch_id = %(batch)s AND verdict = 'new' AND followers IS NOT NULL AND account_id = ANY(%(accounts)s::bigint[])
UNION ALL
SELECT account_id, day, span, followers, 0 FROM tracking_snapshot
WHERE followers IS NOT NULL AND account_id = ANY(%(accounts)s::bigint[])
LIMIT %(most)s"""

DOUBT = """
UPDATE tracking_importedrow r SET verdict = 'doubt', against = d.against
FROM json_to_recordset(%(doubts)s) AS d(number integer, against jsonb)
WHERE r.batch_id = %(batch)s AND r.number = d.number"""

MOST_ACCOUNTS = 20_000  # whose counts are looked at one by one
MOST_POINTS = 1_000_000


def doubt(batch: ImportBatch, series: SeriesCheck, accepted: Collection[str]) -> int:
    """Hold out new rows that are too strange; return how many. Needs a transaction. `accepted` are places a person has
    seen."""
    if "*" in accepted:
        return 0
    names: dict[str, Any] = {"batch": batch.pk, "most": MOST_ACCOUNTS}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(STANDING, {"accounts": series.accounts})
        accounts = list(series.unsure.union(account for (account,) in cursor.fetchall()))
        if not accounts:
            return 0
        cursor.execute(MOVED, {**names, "accounts": accounts})
        accounts = [account for (account,) in cursor.fetchall()]
        if not accounts:
            return 0
        cursor.execute(POINTS, {**names, "accounts": accounts, "most": MOST_POINTS})
        points = [Point(*row) for row in cursor.fetchall()]
        platforms = dict(Account.objects.filter(pk__in=accounts).values_list("pk", "platform"))
        doubts = find_doubts(points, platforms)
        seen = _accepted_rows(batch, accepted) if accepted else set()
        held = [
            {
                "number": number,
                "against": {
                    "doubt": one.code,
                    "before": one.before,
                    "day": one.day.isoformat(),
                    "span": one.span,
                    "other": one.other,
                },
            }
            for number, one in doubts.items()
            if number not in seen
        ]
        if held:
            cursor.execute(DOUBT, {**names, "doubts": json.dumps(held)})
    return len(held)


def _accepted_rows(batch: ImportBatch, accepted: Collection[str]) -> set[int]:
    """Return the rows of the places "14" and "14:column" that a person has seen and found right."""
    lines = {int(line) for line in (place.partition(":")[0] for place in accepted) if line.isdecimal()}
    rows = ImportedRow.objects.filter(batch=batch, line__in=lines).values_list("number", "line", "cell")
    return {number for number, line, cell in rows if str(line) in accepted or f"{line}:{cell}" in accepted}


def count_verdicts(batch: ImportBatch) -> Counter[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT verdict, count(*) FROM tracking_importedrow WHERE batch_id = %s GROUP BY verdict",
            [batch.pk],
        )
        return Counter(dict(cursor.fetchall()))


def forget(batch: ImportBatch, *, only_same: bool = False) -> None:
    """Delete the batch's rows in the database, without loading them: there may be a million."""
    where = " AND verdict = 'same'" if only_same else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM tracking_importedrow WHERE batch_id = %s{where}", [batch.pk])  # noqa: S608 (words of our own)


def give_accounts(batch: ImportBatch, accounts: Mapping[int, int]) -> None:
    """Give the rows of planned accounts, whose numbers are negative, the accounts that were made. Needs a transaction."""
    pairs = [{"planned": number, "made": account} for number, account in accounts.items()]
    with connection.cursor() as cursor:
        cursor.execute(GIVE, {"batch": batch.pk, "pairs": json.dumps(pairs)})


def write_new(batch: ImportBatch, at: datetime) -> int:
    """Record the new rows; return how many were. The others get the verdict that is true by now. Needs a transaction."""
    names: dict[str, Any] = {"batch": batch.pk, "at": at}
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(WRITE, names)
        except (
            IntegrityError
        ):  # as a rule nobody has recorded one of these days since the table was looked through
            cursor.execute(WRITE_WHAT_IS_MISSING, names)
        written = cursor.rowcount
        cursor.execute(
            "SELECT count(*) FROM tracking_importedrow WHERE batch_id = %(batch)s AND verdict = 'new'", names
        )
        if cursor.fetchone() != (written,):
            cursor.execute(LATE, names)
        return int(written)


def replace(batch: ImportBatch, reason: str, by: User, at: datetime) -> int:
    """Correct the recorded values in conflict, publicly, where they are still those that were looked at; return how
    many. Needs a transaction."""
    replaced = 0
    for rows in _in_blocks(_standing_conflicts(batch)):
        old = {row.against["id"]: row for row in rows if row.against}
        corrections, snapshots = [], []
        for snapshot in Snapshot.objects.select_for_update().filter(pk__in=old).order_by("pk"):
            row = old[snapshot.pk]
            if snapshot.recorded_at != _instant(row.against, "recorded_at"):
                continue
            before = value_as_json(snapshot)
            for name in WRITTEN:
                setattr(snapshot, name, getattr(row, name))
            snapshot.edited_by, snapshot.recorded_at = by, at
            snapshots.append(snapshot)
            corrections.append(
                Correction(
                    snapshot=snapshot, old=before, new=value_as_json(snapshot), reason=reason, by=by, at=at
                )
            )
        _save(batch, snapshots, corrections, ImportedRow.Fate.REPLACED)
        replaced += len(snapshots)
    return replaced


WRITTEN = ("state", "followers", "bound", "precision", "observed_at", "source_id", "locator", "note")


def take_back(batch: ImportBatch, reason: str, by: User) -> dict[str, int]:
    """Undo what nobody has changed since; return how many were removed, restored, kept. Needs a transaction."""
    names: dict[str, Any] = {"batch": batch.pk, "at": batch.written_at}
    with connection.cursor() as cursor:
        cursor.execute(REMOVE, names)
        removed = cursor.rowcount
        cursor.execute(STAYS, names)
        kept = cursor.rowcount
    restored, changed = _restore(batch, reason, by)
    return {"removed": removed, "restored": restored, "kept": kept + changed}


def _restore(batch: ImportBatch, reason: str, by: User) -> tuple[int, int]:
    """Restore what was replaced, with a correction that says so; return how many, and how many were changed since."""
    now = timezone.now()
    restored = kept = 0
    rows_replaced = ImportedRow.objects.filter(batch=batch, fate=ImportedRow.Fate.REPLACED).order_by("number")
    for rows in _in_blocks(rows_replaced):
        old = {row.against["id"]: row.against for row in rows if row.against}
        corrections, snapshots = [], []
        for snapshot in Snapshot.objects.select_for_update().filter(pk__in=old).order_by("pk"):
            if snapshot.recorded_at != batch.written_at:
                continue
            before = value_as_json(snapshot)
            for name in (*WRITTEN, "edited_by_id"):
                setattr(snapshot, name, old[snapshot.pk][name])
            snapshot.observed_at = _instant(old[snapshot.pk], "observed_at")
            snapshot.recorded_at = now
            snapshots.append(snapshot)
            corrections.append(
                Correction(
                    snapshot=snapshot, old=before, new=value_as_json(snapshot), reason=reason, by=by, at=now
                )
            )
        _save(batch, snapshots, corrections, ImportedRow.Fate.RESTORED)
        restored += len(snapshots)
        kept += len(old) - len(snapshots)
    ImportedRow.objects.filter(batch=batch, fate=ImportedRow.Fate.REPLACED).update(fate=ImportedRow.Fate.KEPT)
    return restored, kept


def _save(
    batch: ImportBatch,
    snapshots: Sequence[Snapshot],
    corrections: Sequence[Correction],
    fate: ImportedRow.Fate,
) -> None:
    Snapshot.objects.bulk_update(snapshots, [*WRITTEN_FIELDS, "edited_by", "recorded_at"])
    Correction.objects.bulk_create(corrections)
    ImportedRow.objects.filter(
        batch=batch, verdict=ImportedRow.Verdict.CONFLICT, against__id__in=[row.pk for row in snapshots]
    ).update(fate=fate)


WRITTEN_FIELDS = tuple(name.removesuffix("_id") for name in WRITTEN)


def _standing_conflicts(batch: ImportBatch) -> Iterable[ImportedRow]:
    """Return the conflicts with a recorded value; one with another line of the file is for the editor to settle in the
    file."""
    return ImportedRow.objects.filter(
        batch=batch, verdict=ImportedRow.Verdict.CONFLICT, against__has_key="id"
    ).order_by("number")


def _in_blocks(rows: Iterable[ImportedRow]) -> Iterator[list[ImportedRow]]:
    left = iter(list(rows))
    while block := list(islice(left, FEW)):
        yield block


def _instant(old: Mapping[str, Any] | None, name: str) -> datetime | None:
    text = old[name] if old else None
    return parse_datetime(text) if text else None
