"""Seals what was written since the last night. A change of the past that nothing in the open explains is never sealed:
it stays a difference that every check names, and is told here as `unexplained`.
"""

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.ledger import keys, lines, parts, reasons
from apps.ledger.models import AccountKey, Seal, StandingLine
from apps.ledger.parts import RowKey
from apps.snapshots.models import Removal
from apps.snapshots.recording import ALMATY, day_of
from tools import verify

logger = logging.getLogger(__name__)

LATE = timedelta(hours=1)  # a transaction that began before midnight has ended by then
OVERLAP = LATE * 2
WHOLE = "s.account_id = ANY(%(accounts)s) AND s.recorded_at < %(until)s AND s.day < %(day)s"
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
    last: date | None  # of the seal before: the first day whose rows it left for the next
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
        _wait_for_turn()
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


def _wait_for_turn() -> None:
    """Let one at a time give names to accounts, until its transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


@contextmanager
def tonight(now: datetime | None = None) -> Iterator[Night]:
    """Yield what the next seal would hold if it were made now. The names of new accounts are there until the end only."""
    with transaction.atomic():
        _wait_for_turn()
        yield collect(Seal.objects.first(), now or timezone.now())
        transaction.set_rollback(True)


def rows_of_new_accounts(night: Night) -> Iterator[bytes]:
    """Yield the lines of the accounts all of whose rows are new."""
    if accounts := [account for _key, account in night.whole]:
        yield from lines.rows(WHOLE, {**night.parameters, "accounts": accounts})


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
            these.extend(lines.rows(WHOLE, {**night.parameters, "accounts": accounts}))
        yield from sorted(these)
    yield from (line for line in small if line > b"row\t" and not line.startswith(b"row\t"))


def collect(before: Seal | None, until: datetime) -> Night:
    """Collect what was written before an instant and is not sealed; names new accounts on the way.

    Rows of the day on which the instant is are left for the next: their day is not over.
    """
    since = midnight(before.day) - OVERLAP if before else EVER
    night = Night(since, until, before.day if before else None)
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
    known = reasons.Reasons(night.since, until=night.until, last=night.last, moved=moved)
    for row, line in found.items():
        stood = before.get(row)
        if stood and stood.line == line:
            continue
        why = known.explain(row, line, stood.line if stood else None)
        if why is None:
            night.unexplained.append(line)
            continue
        night.entered.append(line)
        if stood:
            night.leave(stood.line, why)


def _collect_undone(night: Night) -> None:
    """Leave out what an import had brought that was undone."""
    gone = reasons.undone(
        night.since,
        night.until,
        """NOT EXISTS (
            SELECT FROM tracking_snapshot o WHERE (o.account_id, o.day, o.span) = (s.account_id, s.day, s.span))""",
    )
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
