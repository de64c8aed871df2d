"""Seals what was written since the last night. A change of the past that nothing in the open explains is never sealed:
it stays a difference that every check names, and is told here as `unexplained`.
"""

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.intake.models import ImportedRow
from apps.ledger import keys, lines, parts
from apps.ledger.models import AccountKey, Seal, StandingLine
from apps.ledger.parts import RowKey, SealedRow
from apps.snapshots.models import Removal
from apps.snapshots.recording import ALMATY, day_of
from tools import verify

logger = logging.getLogger(__name__)

LATE = timedelta(hours=1)  # a transaction that began before midnight has ended by then
OVERLAP = LATE * 2
REPLACED_WITHIN = timedelta(days=2)  # a late reading of a day may follow an earlier one of the same day
AT_ONCE = 40  # accounts whose whole history is read together: some ten megabytes
EVER = datetime(1900, 1, 1, tzinfo=UTC)
LOCK = 0x6C656467  # an advisory lock: one seals at a time
DESCRIBING = (
    "account",
    "hidden",
    "closed",
    "withheld",
)  # may change; what is told in the others stands for ever


@dataclass
class Night:
    """What a seal is to hold, and what nothing explains."""

    since: datetime
    until: datetime
    entered: list[bytes] = field(default_factory=list)  # lines but rows of whole accounts
    gone: list[tuple[bytes, str]] = field(default_factory=list)  # lines that stood, and why they do not
    whole: list[tuple[str, int]] = field(
        default_factory=list
    )  # accounts all of whose rows are new: key and number
    unexplained: list[bytes] = field(default_factory=list)  # lines as they stand in the database, or stood

    def leave(self, line: bytes, why: str) -> None:
        self.gone.append((line, why))

    @property
    def parameters(self) -> dict[str, Any]:
        return {**lines.parameters(self.until), "since": self.since, "day": self.day}

    @property
    def day(self) -> date:
        """Return the first day whose rows are left for the next."""
        return day_of(self.until)


def midnight(day: date) -> datetime:
    """Return when the day began in Almaty."""
    return datetime.combine(day, time(), ALMATY)


def seal(now: datetime | None = None) -> list[Seal]:
    """Seal each day that has begun since the last seal; the first seal holds all that was there before. Returns them."""
    today = day_of((now or timezone.now()) - LATE)
    made = []
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        newest = Seal.objects.first()
        day = newest.day + timedelta(days=1) if newest else today
        while day <= today:
            newest = _seal_day(newest, day)
            made.append(newest)
            day += timedelta(days=1)
    for one in made:
        remember(one)
        announced = keys.announced()
        if announced and "key" in one.tally["lines"] and one is made[-1]:
            keys.take_over(one.number)
            logger.info("the ledger's key is %s after number %s", keys.public(announced), one.number)
        if one.tally["unexplained"]:
            logger.error(
                "ledger %s: %s rows are not as they were sealed, and nothing explains it",
                one.label, one.tally["unexplained"],
            )  # fmt: skip
    return made


def _seal_day(before: Seal | None, day: date) -> Seal:
    night = collect(before, midnight(day))
    own = _lines_of_the_chain(before)
    number = _next_number(before)
    tally = Counter[str]()
    past = set[str]()
    packed = parts.write(number, _counted(_in_order(night, own), tally, past, day))
    key = keys.current()
    header = verify.Header(
        number, day.isoformat(), packed.lines, packed.root, before.head if before else verify.NOTHING, keys.public(key)
    )  # fmt: skip
    StandingLine.objects.filter(hash__in=[verify.leaf(line).hex() for line, _why in night.gone]).delete()
    StandingLine.objects.bulk_create(
        [
            StandingLine(line=line.decode(), hash=verify.leaf(line).hex())
            for line in night.entered
            if not line.startswith(b"row\t")
        ],
        batch_size=5000,
    )
    return Seal.objects.create(
        number=number,
        day=day,
        header=header.text,
        signature=key.sign(header.text.encode()).hex(),
        head=header.head,
        lines=packed.lines,
        tally={
            "lines": dict(sorted(tally.items())),
            "why": dict(sorted(Counter(why for _line, why in night.gone).items())),
            "days": sorted(past)[:100],  # before the one that ended: what was changed or added of the past
            "more_days": max(len(past) - 100, 0),
            "unexplained": len(night.unexplained),
        },
    )


def _counted(found: Iterable[bytes], tally: Counter[str], past: set[str], day: date) -> Iterator[bytes]:
    yesterday = (day - timedelta(days=1)).isoformat()
    for line in found:
        kind, _tab, rest = line.partition(b"\t")
        tally[kind.decode()] += 1
        if kind == b"row" and (told := rest.split(b"\t", 2)[1].decode()) != yesterday:
            past.add(told)
        yield line


def _in_order(night: Night, own: Sequence[bytes]) -> Iterator[bytes]:
    """Yield all lines in byte order; whole accounts some at a time, so that the first seal takes little memory."""
    gone = {verify.line_of(["gone", verify.leaf(line).hex(), why]) for line, why in night.gone}
    small = sorted({*night.entered, *gone, *own})
    before, rows = (
        [line for line in small if line < b"row\t"],
        [line for line in small if line.startswith(b"row\t")],
    )
    yield from before
    whole = sorted(night.whole, key=lambda one: one[0].encode() + b"\t")
    for at in range(0, max(len(whole), 1), AT_ONCE):
        chosen = whole[at : at + AT_ONCE]
        end = verify.line_of(["row", whole[at + AT_ONCE][0]]) + b"\t" if at + AT_ONCE < len(whole) else None
        these = [line for line in rows if end is None or line < end]
        rows = rows[len(these) :]
        if chosen:
            accounts = [account for _key, account in chosen]
            condition = "s.account_id = ANY(%(accounts)s) AND s.recorded_at < %(until)s AND s.day < %(day)s"
            these.extend(lines.rows(condition, {**night.parameters, "accounts": accounts}))
        yield from sorted(these)
    yield from (line for line in small if line > b"row\t" and not line.startswith(b"row\t"))


def collect(before: Seal | None, until: datetime) -> Night:
    """Collect what was written before an instant and is not sealed; names new accounts on the way.

    Rows of the day on which the instant is are left for the next: their day is not over.
    """
    since = midnight(before.day) - OVERLAP if before else EVER
    night = Night(since, until)
    new = _name_accounts()
    merged = _collect_small(night)
    shown = {line.decode().split("\t", 1)[1] for line, _why in night.gone if line.startswith(b"hidden\t")}
    night.whole = sorted(new.items())
    _collect_rows(night, set(new.values()), shown, merged)
    _collect_undone(night)
    _collect_removed(night)
    return night


def _name_accounts() -> dict[str, int]:
    """Give a key to every public account that has none; return the new ones with their numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT * FROM (SELECT a.id, a.platform || ':' || CASE WHEN a.platform_id <> '' THEN a.platform_id
                WHEN a.handle <> '' THEN '@' || lower(a.handle) ELSE '/' || ac.slug END AS key, ac.slug
            FROM tracking_account a JOIN tracking_actor ac ON ac.id = a.actor_id AND NOT ac.hidden
            WHERE NOT EXISTS (SELECT FROM ledger_accountkey k WHERE k.account_id = a.id)
            ) named ORDER BY key COLLATE "C", slug COLLATE "C", id"""
        )
        wanted = cursor.fetchall()
    if not wanted:
        return {}
    taken = set(AccountKey.objects.values_list("key", flat=True))
    made = {}
    for account, key, _slug in wanted:
        name, again = key, 2
        while name in taken:
            name, again = f"{key}~{again}", again + 1
        taken.add(name)
        made[name] = account
    AccountKey.objects.bulk_create([AccountKey(account_id=pk, key=key) for key, pk in made.items()])
    return {_escaped(key): pk for key, pk in made.items()}


def _escaped(key: str) -> str:
    return verify.line_of([key]).decode()


def _collect_small(night: Night) -> dict[str, str]:
    """Enter what is new of all kinds but rows; return the mergers since the last seal, the key that stays by the one
    that is gone."""
    now = set(lines.small(night.parameters))
    stood = {one.encode() for one in StandingLine.objects.values_list("line", flat=True)}
    night.entered += now - stood
    every = dict(_merger(line) for line in now | stood if line.startswith(b"merger\t"))
    fresh = dict(_merger(line) for line in night.entered if line.startswith(b"merger\t"))
    hidden = {line.split(b"\t")[1] for line in now if line.startswith(b"hidden\t")}
    is_removed = any(line.startswith(b"removal\t") for line in night.entered)
    closed = {key.encode() for key in night.parameters["closed"]}
    for line in stood - now:
        kind, key = line.split(b"\t", 2)[:2]
        if kind != b"closed" and kind != b"withheld" and key in hidden and kind != b"hidden":
            continue  # not given out any more; what was sealed stands
        if kind in (b"correction", b"superseded") and line.rsplit(b"\t", 1)[1] in closed:
            continue
        if kind.decode() in DESCRIBING:
            night.leave(line, "merged" if kind == b"account" and key.decode() in fresh else "changed")
        elif kind in (b"correction", b"superseded") and key.decode() in every:
            night.leave(line, "merged")
        elif kind == b"superseded" and is_removed:
            night.leave(line, "removed")
        else:
            night.unexplained.append(line)
    return fresh


def _merger(line: bytes) -> tuple[str, str]:
    gone, kept = line.decode().split("\t", 3)[1:3]
    return gone, kept


def _collect_rows(night: Night, new: set[int], shown: set[str], merged: dict[str, str]) -> None:
    """Enter what was written since the last seal, and what it replaces where that is explained."""
    given = night.parameters
    keys_of = {_escaped(one.key): one.account_id for one in AccountKey.objects.all()}
    again = [keys_of[key] for key in {*shown, *merged.values()} if key in keys_of]
    given.update(new=list(new), again=again)
    condition = """s.account_id <> ALL(%(new)s) AND s.recorded_at < %(until)s AND s.day < %(day)s
        AND (s.recorded_at >= %(since)s OR s.account_id = ANY(%(again)s))"""
    found = {parts.row_key(line): line for line in lines.rows(condition, given)}
    before = parts.standing(parts.these(found))
    moved: dict[RowKey, set[bytes]] = {}
    for gone, kept in merged.items():
        for row, place in parts.standing(parts.of_account(gone)).items():
            night.leave(place.line, "merged")
            line = place.line.replace(f"row\t{gone}\t".encode(), f"row\t{kept}\t".encode(), 1)
            moved.setdefault((kept, *row[1:]), set()).add(line)
    corrected = _corrected(night, [row for row in found if row in before or row in moved])
    for row, line in found.items():
        stood = before.get(row)
        if stood and stood.line == line:
            continue
        is_fresh = night.day - date.fromisoformat(row[1]) <= REPLACED_WITHIN
        why = _explained(line, stood, moved.get(row, set()), corrected.get(row), is_fresh=is_fresh)
        if why is None:
            night.unexplained.append(line)
            continue
        night.entered.append(line)
        if stood:
            night.leave(stood.line, why)


def _explained(
    line: bytes, stood: SealedRow | None, moved: set[bytes], corrected: str | None, *, is_fresh: bool
) -> str | None:
    """Say why a row may have another line than it had: "" for a new one, None where nothing in the open says it."""
    if line in moved:
        return "merged"
    if stood is None and not moved:
        return ""
    now = verify.fields_of(line)
    if corrected is not None and corrected == _value(now):
        return "corrected"
    if stood is None:
        return None
    old = verify.fields_of(stood.line)
    is_later = old[8] and now[8] > old[8] and old[9] == now[9]
    return "later" if is_fresh and is_later and _is_of_its_day(now) else None


def _is_of_its_day(fields: Sequence[str]) -> bool:
    """Tell whether a reading was made on the day it is of."""
    observed = datetime.fromisoformat(fields[8].replace("Z", "+00:00"))
    return fields[3] == "day" and day_of(observed).isoformat() == fields[2]


def _value(fields: Sequence[str]) -> str:
    return f"{fields[4]} {fields[5] or '='} {fields[6] or '-'} {fields[7]}"


def _corrected(night: Night, rows: Sequence[RowKey]) -> dict[RowKey, str]:
    """Return the value that the newest correction since the last seal gave each of the rows."""
    wanted, newest = set(rows), dict[RowKey, tuple[str, str]]()
    if not wanted:
        return {}
    since = night.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for line in lines.small(night.parameters, ["correction"]):
        kind_and_row = line.split(b"\t", 4)
        row = (kind_and_row[1].decode(), kind_and_row[2].decode(), kind_and_row[3].decode())
        if row in wanted:
            fields = verify.fields_of(line)
            if fields[4] >= since:
                newest[row] = max(newest.get(row, ("", "")), (fields[4], fields[6]))
    return {row: value for row, (_at, value) in newest.items()}


def _collect_undone(night: Night) -> None:
    """Leave out what an import had brought that was undone."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT DISTINCT k.key, s.day::text, {lines.SPAN} FROM {ImportedRow._meta.db_table} s
            JOIN tracking_importbatch b ON b.id = s.batch_id JOIN ledger_accountkey k ON k.account_id = s.account_id
            WHERE s.verdict = 'new' AND b.undone_at >= %s AND b.undone_at < %s AND NOT EXISTS (
                SELECT FROM tracking_snapshot o WHERE (o.account_id, o.day, o.span) = (s.account_id, s.day, s.span))""",  # noqa: S608 our own words
            [night.since, night.until],
        )
        gone = {(_escaped(key), day, span) for key, day, span in cursor.fetchall()}
    if gone:
        for place in parts.standing(parts.these(gone)).values():
            night.leave(place.line, "undone")


def _collect_removed(night: Night) -> None:
    """Leave out what a platform's terms did not let us keep. What is announced is gone, and nothing else."""
    for removal in Removal.objects.filter(at__gte=night.since, at__lt=night.until, snapshots__gt=0).order_by(
        "at"
    ):
        source = f"api-{removal.platform}"
        earlier = (
            Removal.objects.filter(platform=removal.platform, at__lt=night.since).order_by("-before").first()
        )
        first = earlier.before.isoformat() if earlier else ""
        given = {**night.parameters, "platform": removal.platform, "before": removal.before}
        there = set(map(parts.row_key, lines.rows("a.platform = %(platform)s AND s.day < %(before)s", given)))
        owned = {
            _escaped(key) for key in AccountKey.objects.values_list("key", flat=True)
            if key.startswith(f"{removal.platform}:")
        }  # fmt: skip
        for row, place in parts.standing(parts.of_days(owned, first, removal.before.isoformat())).items():
            if row not in there and verify.fields_of(place.line)[9] == source:
                night.leave(place.line, "removed")


# The chain itself


def _next_number(before: Seal | None) -> int:
    known = _remembered()
    if before is None:
        return 1
    return max(before.number, int(known.get("number", 0))) + 1


def _lines_of_the_chain(before: Seal | None) -> list[bytes]:
    """Return lines that tell of the chain: a key that is to follow, numbers that a restored database does not know."""
    found = []
    if announced := keys.announced():
        found.append(verify.line_of(["key", keys.public(announced)]))
    known = _remembered()
    if known and (before is None or (known["number"] >= before.number and known["head"] != before.head)):
        found.append(verify.line_of(["restored", str(known["number"]), known["head"]]))
    return found


def remember(seal: Seal) -> None:
    """Note the newest seal beside the key: a database that is restored to an earlier state does not know it."""
    keys.place().mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = keys.place() / "newest.draft"
    draft.write_text(json.dumps({"number": seal.number, "head": seal.head, "day": seal.day.isoformat()}))
    keys.hand_over(draft)
    draft.rename(keys.place() / "newest.json")


def _remembered() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((keys.place() / "newest.json").read_text())
    except (OSError, ValueError):
        return {}
    return found
