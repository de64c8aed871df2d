"""The sealed lines: packing them, and seeking rows in them."""

import gzip
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from apps.ledger.models import Part
from tools import verify

PART_LINES: Final = 1 << 16  # a power of two: the root of a whole part is a node of its seal's tree
LEVEL: Final = 6  # of gzip
HASH: Final = 32  # bytes

RowKey = tuple[str, str, str]  # account's key as it is escaped, day, span


class Packed(NamedTuple):
    lines: int
    root: str


def write(number: int, lines: Iterable[bytes]) -> Packed:
    """Store the lines of a seal, which come in order, and return how many they are and their root."""
    tree, count, position, waiting = verify.Tree(), 0, 0, list[bytes]()

    def store() -> None:
        nonlocal position, count
        part = _part(number, position, waiting)
        part.save(force_insert=True)
        if len(waiting) == PART_LINES:
            tree.add(bytes.fromhex(part.root), PART_LINES.bit_length() - 1)
        else:
            for line in waiting:
                tree.add(verify.leaf(line))
        count, position = count + len(waiting), position + 1
        waiting.clear()

    for line in lines:
        waiting.append(line)
        if len(waiting) == PART_LINES:
            store()
    if waiting:
        store()
    return Packed(count, tree.root().hex())


def _part(number: int, position: int, lines: Sequence[bytes]) -> Part:
    rows = [row_key(line) for line in lines if line.startswith(b"row\t")]
    days = [day for _key, day, _span in rows]
    return Part(
        seal_id=number,
        position=position,
        lines=len(lines),
        root=verify.root_of(map(verify.leaf, lines)).hex(),
        first_key=rows[0][0] if rows else "",
        last_key=rows[-1][0] if rows else "",
        min_day=min(days, default=""),
        max_day=max(days, default=""),
        gone=b"".join(_gone(line) for line in lines if line.startswith(b"gone\t")),
        data=gzip.compress(b"".join(line + b"\n" for line in lines), LEVEL, mtime=0),
    )


def _gone(line: bytes) -> bytes:
    return bytes.fromhex(line.split(b"\t", 2)[1].decode())


def lines_of(part: Part) -> list[bytes]:
    return gzip.decompress(bytes(part.data)).split(b"\n")[:-1]


def row_key(line: bytes) -> RowKey:
    """Return of which row a line is."""
    _kind, key, day, span, _rest = line.split(b"\t", 4)
    return key.decode(), day.decode(), span.decode()


class Wanted(NamedTuple):
    """Which rows are sought: `may_hold` tells by a part's range whether it has to be opened."""

    matches: Callable[[RowKey], bool]
    may_hold: Callable[[str, str, str, str], bool]  # first and last key, first and last day


def these(keys: Iterable[RowKey]) -> Wanted:
    """Seek rows by account, day and span."""
    chosen = set(keys)
    days = sorted({day for _key, day, _span in chosen})

    def may_hold(_first: str, _last: str, earliest: str, latest: str) -> bool:
        at = bisect_left(days, earliest)
        return at < len(days) and days[at] <= latest

    return Wanted(chosen.__contains__, may_hold)


def of_account(key: str) -> Wanted:
    return Wanted(
        lambda row: row[0] == key, lambda first, last, _earliest, _latest: _within(first, key, last)
    )


def _within(first: str, key: str, last: str) -> bool:
    return first.encode() <= key.encode() <= last.encode()


def of_days(keys: set[str], first: str, end: str) -> Wanted:
    """Seek all rows of some accounts from a day to the one before the other."""
    return Wanted(
        lambda row: row[0] in keys and first <= row[1] < end,
        lambda _first, _last, earliest, latest: earliest < end and latest >= first,
    )


class SealedRow(NamedTuple):
    line: bytes
    seal: int
    part: int  # its primary key
    at: int  # its place among the lines of the part


def standing(wanted: Wanted) -> dict[RowKey, SealedRow]:
    """Return the rows that stand by the ledger, of those that are sought.

    From the newest seal back: the first line of a row that is met is its last, unless it is said to be gone.
    """
    met: dict[RowKey, SealedRow | None] = {}
    gone = Counter[bytes]()
    for number, of_seal in groupby(_parts(), key=lambda part: part.seal):
        gone_here = Counter[bytes]()
        for part in of_seal:
            gone_here.update(part.gone[at : at + HASH] for at in range(0, len(part.gone), HASH))
            if not part.range[2] or not wanted.may_hold(*part.range):
                continue
            for index, line in enumerate(lines_of(Part.objects.get(pk=part.pk))):
                if line.startswith(b"row\t"):
                    row = row_key(line)
                    if row not in met and wanted.matches(row):
                        is_gone = gone[verify.leaf(line)] > 0
                        met[row] = None if is_gone else SealedRow(line, number, part.pk, index)
        gone += gone_here
    return {row: place for row, place in met.items() if place}


class _Range(NamedTuple):
    """A part without its lines."""

    seal: int
    pk: int
    gone: bytes
    range: tuple[str, str, str, str]  # first and last key, first and last day; empty without rows


def _parts() -> Iterator[_Range]:
    """Yield all parts, those of the newest seal first."""
    fields = ("seal_id", "pk", "gone", "first_key", "last_key", "min_day", "max_day")
    for number, pk, gone, *span in Part.objects.order_by("-seal_id", "position").values_list(*fields):
        yield _Range(number, pk, bytes(gone), (span[0], span[1], span[2], span[3]))
