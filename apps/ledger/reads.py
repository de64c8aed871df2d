"""The ledger as it is given out: its newest number, its file, the proof of a row."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import groupby, islice
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from apps.common import reading
from apps.ledger import lines, parts, sealing
from apps.ledger.models import AccountKey, Part, Seal
from apps.ledger.sealing import Night
from tools import verify


def newest_label() -> str:
    """Return the newest ledger number as it is printed, such as 12-1a2b3c4d5e6f; "" before the first."""
    with reading.cursor() as cursor:
        cursor.execute("SELECT number, head FROM ledger_seal ORDER BY number DESC LIMIT 1")
        found = cursor.fetchone()
    return f"{found[0]}-{found[1][:12]}" if found else ""


def label_for(request: HttpRequest) -> str:
    """Return newest_label() as this answer has it: one request has one, asked for once."""
    holder: Any = request
    if not hasattr(holder, "ledger_label"):
        holder.ledger_label = newest_label()
    return str(holder.ledger_label)


def newest() -> Seal | None:
    return Seal.objects.first()


@dataclass(frozen=True)
class LedgerFile:
    """The whole ledger as tools/verify.py reads it, packed by gzip; `etag` is another when anything of it is."""

    seal: Seal  # the newest
    tonight: Sequence[bytes]

    @property
    def etag(self) -> str:
        return f'"{sha256(b"".join([self.seal.head.encode(), *self.tonight])).hexdigest()[:32]}"'

    def __iter__(self) -> Iterator[bytes]:
        """Yield it: the parts go out as they are stored."""
        for seal in Seal.objects.filter(number__lte=self.seal.number).order_by("number").iterator():
            yield from packed_seal(seal)
        yield from self.tonight


def packed() -> LedgerFile | None:
    """Return the ledger as it is now; None before the first seal."""
    if newest() is None:
        return None
    with sealing.tonight() as night:
        seal, told = Seal.objects.latest("number"), _tonight(night)
        # All at once: nobody else may seal or name accounts meanwhile, however slowly this is fetched.
        blocks = iter(lambda: list(islice(told, parts.PART_LINES)), [])
        return LedgerFile(seal, [gzip.compress(b"".join(block), 1, mtime=0) for block in blocks])


def _tonight(night: Night) -> Iterator[bytes]:
    """Yield by what name each account stands, and what the next seal would hold if it were made now: nothing vouches
    for that yet, and who checks a file can tell what is done in the open from what nobody knows of."""
    for account, key in AccountKey.objects.order_by("account_id").values_list("account_id", "key"):
        yield f"=account {account} ".encode() + verify.line_of([key]) + b"\n"
    for line in (*night.entered, *sealing.rows_of_new_accounts(night)):
        yield b"=next " + line + b"\n"
    for line, why in night.gone:
        yield f"=leaving {verify.leaf(line).hex()} {why}\n".encode()


def packed_seal(seal: Seal) -> Iterator[bytes]:
    """Yield one night with its lines."""
    yield gzip.compress(_start(seal), 1, mtime=0)
    for part in parts_of(seal).iterator(chunk_size=1):
        yield bytes(part.data)


def plain() -> Iterator[bytes]:
    """Yield the lines of the whole ledger's file."""
    for seal in Seal.objects.order_by("number").iterator():
        yield _start(seal)
        for part in parts_of(seal).iterator(chunk_size=1):
            yield from gzip.decompress(bytes(part.data)).splitlines(keepends=True)


def parts_of(seal: Seal) -> QuerySet[Part]:
    return seal.parts.order_by("position")


def _start(seal: Seal) -> bytes:
    return f"=seal {json.dumps({'header': seal.header, 'signature': seal.signature})}\n".encode()


@dataclass(frozen=True)
class Proof:
    """What shows, offline, that a row was sealed as it stands: tools/verify.py --proof."""

    snapshot: int
    line: str
    index: int
    path: list[str]
    ledger: str
    day: date
    header: str
    signature: str


class NotSealed(Exception):
    """The row is not in the ledger: younger than the newest number, or not given out."""


def proof(snapshot: int) -> Proof:
    """Prove the row as it stands now. Raises NotSealed."""
    given = {**lines.parameters(), "snapshot": snapshot}
    line = next(iter(list(lines.rows("s.id = %(snapshot)s", given))), b"")
    if not line:
        raise NotSealed
    row = parts.row_key(line)
    place = parts.standing(parts.these([row])).get(row)
    if place is None or place.line != line:
        raise NotSealed
    seal = Seal.objects.get(pk=place.seal)
    part = Part.objects.get(pk=place.part)
    return Proof(
        snapshot=snapshot,
        line=line.decode(),
        index=part.position * parts.PART_LINES + place.at,
        path=[step.hex() for step in _path(seal, part, place.at)],
        ledger=seal.label,
        day=seal.day,
        header=seal.header,
        signature=seal.signature,
    )


def proofs(condition: str, given: dict[str, Any], most: int) -> list[Proof]:
    """Prove the public rows for which the condition on `s`, `a` and `ac` holds: at most so many, those of the newest days.

    A row that is not sealed yet, or is not given out as it was sealed, has no proof.
    """
    found = {parts.row_key(line): line for line in lines.rows(condition, {**lines.parameters(), **given})}
    newest = sorted(found, key=lambda row: row[1], reverse=True)[:most]
    places = parts.standing(parts.these(newest)) if newest else {}
    good = sorted(
        (place for row, place in places.items() if place.line == found[row]),
        key=lambda place: (place.seal, place.part, place.at),
    )
    proved = []
    for (number, pk), of_part in groupby(good, key=lambda place: (place.seal, place.part)):
        seal, part = Seal.objects.get(pk=number), Part.objects.get(pk=pk)
        levels = _levels([verify.leaf(line) for line in parts.lines_of(part)])
        roots = [bytes.fromhex(root) for root in parts_of(seal).values_list("root", flat=True)]
        beside = verify.path_of(roots, part.position)
        proved += [
            Proof(
                snapshot=0,
                line=place.line.decode(),
                index=part.position * parts.PART_LINES + place.at,
                path=[step.hex() for step in [*_beside(levels, place.at), *beside]],
                ledger=seal.label,
                day=seal.day,
                header=seal.header,
                signature=seal.signature,
            )
            for place in of_part
        ]
    return proved


def _levels(leaves: list[bytes]) -> list[list[bytes]]:
    """Return the nodes of a tree, level by level: what many paths of one tree are read from."""
    levels = [leaves]
    while len(row := levels[-1]) > 1:
        pairs = [verify.node(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
        levels.append(pairs + row[len(pairs) * 2 :])
    return levels


def _beside(levels: list[list[bytes]], index: int) -> list[bytes]:
    """Return the path of a leaf: at each level the node beside the way, where there is one."""
    path = []
    for level in levels[:-1]:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        index >>= 1
    return path


def _path(seal: Seal, part: Part, index: int) -> list[bytes]:
    """Return the way to the root: within the part, then beside it; the last part of several may be lower than the others."""
    inside = verify.path_of([verify.leaf(line) for line in parts.lines_of(part)], index)
    roots = [bytes.fromhex(root) for root in parts_of(seal).values_list("root", flat=True)]
    return [*inside, *verify.path_of(roots, part.position)]
