"""What in the open explains that a row of the past is not as it was sealed. What nothing here explains is never sealed."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from apps.intake.models import ImportedRow
from apps.ledger import lines
from apps.ledger.parts import RowKey
from apps.snapshots.models import Doubt
from apps.snapshots.recording import day_of
from tools import verify

# A reading of a day may arrive when that day is sealed; one of the day before it no more.
LATE_BY: Final = timedelta(days=1)
Value = tuple[str, str]  # state bound followers precision, and the instant of the reading where it counts


class Reasons:
    """What was done in the open since the last seal: asked for where the first row wants it, which is rare.

    `last`: the day of the last seal; `moved`: lines that mergers brought, by the row that they came to.
    """

    def __init__(
        self, since: datetime, *, until: datetime, last: date | None, moved: dict[RowKey, set[bytes]]
    ) -> None:
        self._since, self._until, self._last, self._moved = since, until, last, moved

    def explain(self, row: RowKey, line: bytes, stood: bytes | None) -> str | None:
        """Say why a row may have this line: "" for a new one, None where nothing in the open says it."""
        moved = self._moved.get(row, set())
        if line in moved:
            return "merged"
        if stood is None and not moved:
            return ""
        now = verify.fields_of(line)
        value = _value(now)
        if self._corrected.get(row) == value:
            return "corrected"
        if value in self._merged[row]:
            return "merged"
        if (value, now[8]) in self._accepted[row]:
            return "accepted"
        if row in self._undone:
            return "undone"
        olds = moved if stood is None else {*moved, stood}
        return "later" if any(self._is_later(now, verify.fields_of(old)) for old in olds) else None

    def _is_later(self, now: list[str], old: list[str]) -> bool:
        """Tell whether collecting would have put the one in the place of the other: a later reading of its own day by
        the same source or by the platform's, in which no state takes a number away."""
        day, source, platform = date.fromisoformat(now[2]), now[9], now[1].partition(":")[0]
        return (
            self._last is not None
            and self._last - day <= LATE_BY
            and now[3] == "day"
            and bool(old[8])
            and now[8] > old[8]
            and day_of(datetime.fromisoformat(now[8].replace("Z", "+00:00"))) == day
            and source in (old[9], f"api-{platform}", f"page-{platform}")
            and (now[4] == "counted" or old[4] != "counted")
        )

    @property
    def _window(self) -> dict[str, Any]:
        return {**lines.parameters(self._until), "since": self._since}

    @cached_property
    def _corrected(self) -> dict[RowKey, str]:
        """Return the value that the newest correction since the last seal gave each row."""
        newest = dict[RowKey, tuple[str, str]]()
        since = self._since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for line in lines.small(self._window, ["correction"]):
            row = _row(line.split(b"\t", 4)[1:4])
            fields = verify.fields_of(line)
            if fields[4] >= since:
                newest[row] = max(newest.get(row, ("", "")), (fields[4], fields[6]))
        return {row: value for row, (_at, value) in newest.items()}

    @cached_property
    def _merged(self) -> defaultdict[RowKey, set[str]]:
        """Return the values that mergers let stand in the place of those of the accounts that stayed."""
        return _gathered(
            lines.copied(
                f"""SELECT k.key, s.day, {lines.SPAN}, {lines.value("o.stood")}
                FROM tracking_setaside o JOIN tracking_merger m ON m.id = o.merger_id AND NOT o.is_of_gone
                JOIN ({lines.PUBLIC}) ON s.id = o.snapshot_id
                WHERE m.at >= %(since)s AND m.at < %(until)s""",  # noqa: S608 our own words
                self._window,
            )
        )

    @cached_property
    def _accepted(self) -> defaultdict[RowKey, set[tuple[str, str]]]:
        """Return counts that were held and that an editor accepted, each with the instant of its reading."""
        accepted = defaultdict[RowKey, set[tuple[str, str]]](set)
        found = _gathered(
            lines.copied(
                f"""SELECT k.key, d.day, 'day', concat_ws(' ', 'counted =', CASE WHEN src.key = ANY(%(withheld)s)
                    THEN 'withheld' ELSE greatest(d.followers, 0)::text END, d.precision,
                    to_char(d.seen_at AT TIME ZONE 'UTC', '{lines.INSTANT}'))
                FROM {Doubt._meta.db_table} d JOIN tracking_source src ON src.id = d.source_id
                JOIN ledger_accountkey k ON k.account_id = d.account_id
                WHERE d.decision IN ('{Doubt.Decision.ACCEPTED}', '{Doubt.Decision.EVENT}')
                AND d.decided_at >= %(since)s AND d.decided_at < %(until)s""",  # noqa: S608 our own words
                self._window,
            )
        )
        for row, told in found.items():
            accepted[row] = {
                (value, instant) for value, _blank, instant in (one.rpartition(" ") for one in told)
            }
        return accepted

    @cached_property
    def _undone(self) -> set[RowKey]:
        """Return the rows that an import had brought, that went with it, and that were recorded anew since."""
        return undone(
            self._since,
            self._until,
            """EXISTS (SELECT FROM tracking_snapshot o WHERE (o.account_id, o.day, o.span)
                = (s.account_id, s.day, s.span) AND o.recorded_at > b.undone_at)""",
        )


def undone(since: datetime, until: datetime, condition: str) -> set[RowKey]:
    """Return the rows of imports `b` that were undone in that time, for which the condition on their row `s` holds."""
    found = lines.copied(
        f"""SELECT DISTINCT k.key, s.day, {lines.SPAN} FROM {ImportedRow._meta.db_table} s
        JOIN tracking_importbatch b ON b.id = s.batch_id JOIN ledger_accountkey k ON k.account_id = s.account_id
        WHERE s.verdict = 'new' AND b.undone_at >= %(since)s AND b.undone_at < %(until)s AND {condition}""",  # noqa: S608 our own words
        {"since": since, "until": until},
    )
    return {_row(line.split(b"\t")) for line in found}


def _gathered(found: Any) -> defaultdict[RowKey, set[str]]:
    """Gather the fourth fields of lines by the row that the first three name."""
    gathered = defaultdict[RowKey, set[str]](set)
    for line in found:
        *row, value = line.split(b"\t")
        gathered[_row(row)].add(value.decode())
    return gathered


def _row(fields: list[bytes]) -> RowKey:
    key, day, span = (field.decode() for field in fields)
    return key, day, span


def _value(fields: list[str]) -> str:
    return f"{fields[4]} {fields[5] or '='} {fields[6] or '-'} {fields[7]}"
