#!/usr/bin/env python3
"""Checks KZMedia's ledger of the past, and files against it. One file, Python 3.9 or newer, no dependency, no network.

    verify.py ledger.txt.gz                          the chain: every line, root, link and signature
    verify.py ledger.txt.gz snapshots.csv            and every row of a downloaded file or edition (.csv or .csv.gz)
    verify.py ledger.txt.gz snapshots.csv --whole    which has to hold every row that stands
    verify.py --proof proof.json                     one number, as /api/v1/snapshots/ID/proof gives it, or the many of
                                                     an edition's proof.json

--known 12-1a2b3c4d5e6f: a ledger number as a page, a picture or a citation printed it: the chain must go through it.
--key HEX: the public key that has to have signed; without it the key is the ledger's own, and is shown.
--part: the file is a selection of its rows: do not look for those that it lacks.

The form of the ledger is in docs/ledger.md. Exit code 0: all is as it was sealed; 1: it is not, and every row that is not
is named with its day; 2: the file cannot be read; 3: nothing contradicts the ledger, but rows of the past were recorded,
replaced or removed in the open since its newest number: each is named with its day, and the next night's ledger tells.
"""

import argparse
import csv
import gc
import gzip
import hashlib
import io
import json
import struct
import sys
import tempfile
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter, lt
from typing import Any, BinaryIO, NamedTuple, Optional

TITLE = "kzmedia ledger 1"
NOTHING = "0" * 64  # before the first
ROW = ("day", "span", "state", "bound", "followers", "precision", "observed_at", "source", "locator", "note")
ABOUT = ("account_id", "platform", "handle", "actor_slug", "kind", "actor_name")
NEEDED = (*ROW, *ABOUT)
# As COPY of PostgreSQL writes a field in its text format.
ESCAPES = str.maketrans(
    {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
)
UNESCAPED = {"\\": "\\", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
BROKEN_BY = "\\\b\f\r\v"  # what needs an escape beside tabs and line breaks
MOST_NAMED = 200  # rows; more are counted
BUCKETS = 256
BLOCK = 1 << 14  # lines hashed together; a power of two
SHORT = 16  # bytes of a hash that are compared: half of it cannot be forged either
SHORTS = struct.Struct(f"{SHORT}s")
BUFFER = 1 << 20  # bytes read at once

# Lines


def line_of(fields: Iterable[str]) -> bytes:
    """Return the canonical bytes of a line: its fields, each escaped, with tabs between. UTF-8, no line break."""
    return "\t".join([field.translate(ESCAPES) for field in fields]).encode()


def fields_of(line: bytes) -> list[str]:
    """Return the fields of a line."""
    return [_unescape(field) if "\\" in field else field for field in line.decode().split("\t")]


def _unescape(field: str) -> str:
    signs = iter(field)
    return "".join(UNESCAPED[next(signs)] if sign == "\\" else sign for sign in signs)


def leaf(line: bytes) -> bytes:
    """Return the hash of a line: SHA-256 of a zero byte and the line."""
    return hashlib.sha256(b"\0" + line).digest()


def leaves_of(lines: Iterable[bytes]) -> list[bytes]:
    """Return the hashes of lines."""
    sha256 = hashlib.sha256
    return [sha256(b"\0" + line).digest() for line in lines]


# Merkle tree, as RFC 6962 (Certificate Transparency) defines it


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """The root of leaves that come one after the other, or of whole subtrees of one size; it keeps a hash a level."""

    def __init__(self) -> None:
        self._peaks: list[Optional[bytes]] = []

    def add(self, found: bytes, level: int = 0) -> None:
        peaks = self._peaks
        while len(peaks) <= level:
            peaks.append(None)
        while peaks[level] is not None:
            found = node(peaks[level], found)  # type: ignore[arg-type]  # the loop has looked
            peaks[level] = None
            level += 1
            if level == len(peaks):
                peaks.append(None)
        peaks[level] = found

    def root(self) -> bytes:
        found = None
        for peak in self._peaks:
            if peak is not None:
                found = peak if found is None else node(peak, found)
        return hashlib.sha256(b"").digest() if found is None else found


def add_all(tree: Tree, leaves: Sequence[bytes]) -> None:
    """Add leaves behind others that are whole subtrees of at least their number: whole subtrees again, level by level."""
    start = 0
    while start < len(leaves):
        level = (len(leaves) - start).bit_length() - 1
        row = list(leaves[start : start + (1 << level)])
        start += len(row)
        sha256 = hashlib.sha256
        while len(row) > 1:
            row = [sha256(b"\1" + left + right).digest() for left, right in zip(row[::2], row[1::2])]
        tree.add(row[0], level)


def root_of(leaves: Iterable[bytes]) -> bytes:
    tree = Tree()
    add_all(tree, list(leaves))
    return tree.root()


def path_of(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the hashes beside the way from a leaf to the root, the lowest first."""
    if len(leaves) <= 1:
        return []
    half = _half(len(leaves))
    if index < half:
        return [*path_of(leaves[:half], index), root_of(leaves[half:])]
    return [*path_of(leaves[half:], index - half), root_of(leaves[:half])]


def _half(count: int) -> int:
    """Return the largest power of two below the count."""
    return 1 << ((count - 1).bit_length() - 1)


def root_by_path(found: bytes, index: int, count: int, path: Sequence[bytes]) -> bytes:
    """Return the root that a leaf, the `index`th of `count`, and its path lead to. Raises Broken."""
    if not 0 <= index < count:
        raise Broken("The place of the line is outside the tree.")
    last, steps = count - 1, iter(path)
    while last:
        if index & 1:
            found = node(next(steps, b""), found)
        elif index < last:
            found = node(found, next(steps, b""))
        index, last = index >> 1, last >> 1
    if next(steps, None) is not None:
        raise Broken("The path is longer than the tree is high.")
    return found


# Ed25519, as RFC 8032 defines it: verifying only. Slow (some milliseconds) and plain.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(factor: int, point: Point) -> Point:
    product = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            product = _add(product, point)
        point = _add(point, point)
        factor >>= 1
    return product


def _point(packed: bytes) -> Optional[Point]:
    """Return the point that 32 bytes stand for; None where there is none."""
    y = int.from_bytes(packed, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    squared = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(squared, (P + 3) // 8, P)
    if (x * x - squared) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - squared) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(message: bytes, signature: bytes, key: bytes) -> bool:
    """Tell whether the Ed25519 signature (64 bytes) of the message is of the public key (32 bytes)."""
    if len(signature) != 64 or len(key) != 32 or BASE is None:
        return False
    public, commitment = _point(key), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if public is None or commitment is None or scalar >= ORDER:
        return False
    asked = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = _times(scalar, BASE), _add(commitment, _times(asked, public))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 == (left[1] * right[2] - right[1] * left[2]) % P


# Seals


class Broken(Exception):
    """The chain does not hold; the text says where."""


class Header(NamedTuple):
    """What is signed each night."""

    number: int
    day: str
    lines: int
    root: str
    before: str
    key: str

    @property
    def text(self) -> str:
        return (
            f"{TITLE}\nnumber {self.number}\nday {self.day}\nlines {self.lines}\nroot {self.root}\n"
            f"before {self.before}\nkey {self.key}\n"
        )

    @property
    def head(self) -> str:
        """Return the hash that the next seal names, and of which pages print the first 12 digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def header_of(text: str) -> Header:
    """Read a header. Raises Broken where another text would have the same meaning, or it has none."""
    parts = [line.partition(" ") for line in text.splitlines()]
    try:
        if parts[0][0] != "kzmedia" or [name for name, _blank, _value in parts[1:]] != list(Header._fields):
            raise ValueError
        values = [value for _name, _blank, value in parts[1:]]
        found = Header(int(values[0]), values[1], int(values[2]), *values[3:])
    except (ValueError, TypeError, IndexError):
        raise Broken("A header cannot be read.") from None
    if found.text != text:
        raise Broken(f"The header of number {found.number} is not spelt as it has to be.")
    return found


class Chain:
    """Takes one seal after the other and raises Broken where they do not hold together.

    `keys` are those that a seal was signed with by number; `notes` says what a reader should know.
    """

    def __init__(self, key: str = "", known: Sequence[str] = ()) -> None:
        self.newest: Optional[Header] = None
        self.heads: dict[int, str] = {}
        self.notes: list[str] = []
        self._key, self._vouched, self._signature = key, set[str](), ""
        self._known = [one.partition("-")[::2] for one in known]

    @property
    def head(self) -> Header:
        """Return the newest header. Raises Broken where there is none."""
        if self.newest is None:
            raise Broken("The ledger holds no seal.")
        return self.newest

    def check(
        self, header: Header, signature: str, root: bytes, count: int, lines: Iterable[list[str]]
    ) -> None:
        """`lines`: those of this seal that tell of the chain itself, key and restored."""
        place = f"Number {header.number} of {header.day}"
        if count != header.lines:
            raise Broken(f"{place} has {count} lines where {header.lines} were sealed.")
        if root.hex() != header.root:
            raise Broken(f"{place}: its lines are not those that were sealed: another root.")
        self._check_link(header, place, list(lines))
        if self.newest and self.newest.key != header.key:
            self.check_signature()
        self.heads[header.number] = header.head
        self.newest, self._signature = header, signature

    def check_signature(self) -> None:
        """Check the newest signature: its header names the one before and so on, and with them all that was sealed.
        Raises Broken."""
        header = self.head
        if not is_signed(header.text.encode(), bytes.fromhex(self._signature), bytes.fromhex(header.key)):
            raise Broken(
                f"Number {header.number} of {header.day}: the signature is not of the key {header.key}."
            )

    def _check_link(self, header: Header, place: str, lines: list[list[str]]) -> None:
        before = self.newest
        gap = [fields for fields in lines if fields[0] == "restored"]
        if before is None:
            for fields in gap:
                self.notes.append(
                    f"{place} begins a new chain: one before it went up to {fields[1]} ({fields[2][:12]})."
                )
            if header.before != NOTHING or header.number != 1:
                raise Broken(f"{place} is the first here, and is not the first of its ledger.")
        else:
            if header.day <= before.day:
                raise Broken(f"{place} does not follow number {before.number} of {before.day}.")
            if header.before != before.head or (header.number != before.number + 1 and not gap):
                raise Broken(f"{place} does not go on from number {before.number} of {before.day}.")
            for fields in gap:
                self.notes.append(
                    f"{place}: the database was restored to what it was at number {before.number}; up to number"
                    f" {fields[1]} ({fields[2][:12]}) was published and does not stand."
                )
            if header.key != before.key and header.key not in self._vouched:
                self.notes.append(
                    f"{place} is signed by a key that no key before it vouched for: {header.key}."
                )
        if self._key and before is None and header.key != self._key:
            raise Broken(f"{place} is signed by another key: {header.key}.")
        self._vouched = {fields[1] for fields in lines if fields[0] == "key"}
        if self._key and any("no key before it" in note for note in self.notes):
            raise Broken(self.notes[-1])

    def check_known(self) -> None:
        """Raises Broken where a printed number is not one of the chain's."""
        for number, head in self._known:
            if not number.isdigit() or len(head) < 8 or not self.heads.get(int(number), "").startswith(head):
                raise Broken(f"Number {number}-{head} is not one of this chain.")


# The ledger's file


class Sealed(NamedTuple):
    header: Header
    signature: str
    blocks: Iterator[list[bytes]]  # its lines without line breaks, up to BLOCK together


class Tonight:
    """What the next seal is to hold, as the installation says: nothing vouches for it yet."""

    def __init__(self) -> None:
        self.rows = set[bytes]()  # short hashes
        self.small: list[bytes] = []  # lines of all other kinds
        self.leaving: dict[bytes, str] = {}  # hashes of lines that stand, and why they are not to

    def enter(self, line: bytes) -> None:
        if line.startswith(b"row\t"):
            self.rows.add(leaf(line)[:SHORT])
        else:
            self.small.append(line)


def seals(
    file: Iterable[bytes], accounts: dict[str, str], tonight: Optional[Tonight] = None
) -> Iterator[Sealed]:
    """Read the ledger's file: each seal with its lines, which have to be read before the next one is. The accounts'
    numbers at its end go into `accounts`, what the next seal is to hold into `tonight`. Raises Broken."""
    stream = iter(file)
    for start in stream:
        word, _blank, rest = start.rstrip(b"\n").partition(b" ")
        if word == b"=account":
            number, _blank, key = rest.partition(b" ")
            accounts[number.decode()] = _unescape(key.decode())
        elif word == b"=next":
            if tonight is not None:
                tonight.enter(rest)
        elif word == b"=leaving":
            if tonight is not None:
                digest, _space, why = rest.decode().partition(" ")
                tonight.leaving[bytes.fromhex(digest)] = why
        elif word == b"=seal":
            try:
                told = json.loads(rest)
                header = header_of(told["header"])
                signature = bytes.fromhex(told["signature"]).hex()
            except (ValueError, KeyError, TypeError):
                raise Broken("A seal cannot be read.") from None
            yield Sealed(header, signature, _blocks(stream, header.lines))
        else:
            raise Broken("The ledger's file has a line where none is expected; it may be cut.")


def _blocks(stream: Iterator[bytes], count: int) -> Iterator[list[bytes]]:
    while count:
        block = list(islice(stream, min(count, BLOCK)))
        if not block or not block[-1].endswith(b"\n"):
            raise Broken("The ledger's file is cut.")
        count -= len(block)
        yield [line[:-1] for line in block]


class Hashes:
    """Short hashes on disk in buckets, so that tens of millions take no memory."""

    def __init__(self) -> None:
        self._files: list[Any] = [None] * BUCKETS
        self._waiting = [list[bytes]() for _bucket in range(BUCKETS)]
        self._count = 0

    def add(self, found: bytes) -> None:
        self.add_all([found])

    def add_all(self, found: Iterable[bytes]) -> None:
        put = [waiting.append for waiting in self._waiting]
        count = 0
        for count, one in enumerate(found, 1):  # noqa: B007 counted
            put[one[0]](one[:SHORT])
        self._count += count
        if self._count >= BLOCK * 16:
            for bucket in range(BUCKETS):
                self._write(bucket)
            self._count = 0

    def _write(self, bucket: int) -> None:
        if self._files[bucket] is None:
            self._files[bucket] = tempfile.TemporaryFile()  # noqa: SIM115 closed with the process or by close()
        self._files[bucket].write(b"".join(self._waiting[bucket]))
        self._waiting[bucket].clear()

    def bucket(self, number: int) -> list[bytes]:
        packed = b"".join(self._waiting[number])
        if self._files[number] is not None:
            self._files[number].seek(0)
            packed = self._files[number].read() + packed
            self._files[number].seek(0, io.SEEK_END)
        return [short for (short,) in SHORTS.iter_unpack(packed)]

    def close(self) -> None:
        for file in self._files:
            if file is not None:
                file.close()


class Ledger:
    """All that stands by a ledger's file, once read() has gone through it."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.accounts: dict[str, str] = {}  # keys, by the number of this installation
        self.tonight = Tonight()
        self.described: dict[str, list[list[str]]] = {}  # accounts' lines by key, the newest last
        self.hidden: set[str] = set()
        self.closed: set[str] = set()  # sources whose counts are not given out
        self.withheld: set[str] = set()  # sources whose numbers are not sealed
        self.entered, self.gone = Hashes(), Hashes()
        self.small: set[bytes] = set()  # short hashes of entered lines that are no rows
        self.counts = Counter[str]()
        self._marks = dict[bytes, tuple[str, str]]()

    def read(self, file: Iterable[bytes]) -> None:
        """Raises Broken."""
        for sealed in seals(file, self.accounts, self.tonight):
            tree, count, own = Tree(), 0, list[list[str]]()
            last = b""
            for block in sealed.blocks:
                if block[0] <= last or not all(map(lt, block, islice(block, 1, None))):
                    raise Broken(f"Number {sealed.header.number}: its lines are not in order.")
                last = block[-1]
                leaves = leaves_of(block)
                add_all(tree, leaves)
                count += len(block)
                # In order, so the rows of accounts stand together: nearly all there is.
                first, end = bisect_left(block, b"row\t"), bisect_left(block, b"row\n")
                self.entered.add_all(leaves[first:end])
                for at in (*range(first), *range(end, len(block))):
                    self._enter(block[at], leaves[at], own)
            self.chain.check(sealed.header, sealed.signature, tree.root(), count, own)
            self.counts["lines"] += count
        self.chain.check_signature()
        self.chain.check_known()
        for gone in self.tonight.leaving:
            self._unmark(gone)
        for line in self.tonight.small:
            self._note(fields_of(line), leaf(line))

    def _enter(self, line: bytes, found: bytes, own: list[list[str]]) -> None:
        """Take in a line that is no row; those that tell of the chain itself go into `own`."""
        fields = fields_of(line)
        if fields[0] == "gone":
            gone = bytes.fromhex(fields[1])
            self.gone.add(gone)
            self._unmark(gone)
        elif fields[0] in ("key", "restored"):
            own.append(fields)
        else:
            self.entered.add(found)
            self.small.add(found[:SHORT])
            self._note(fields, found)

    def _note(self, fields: list[str], found: bytes) -> None:
        if fields[0] == "account":
            self.described.setdefault(fields[1], []).append(fields)
        elif fields[0] in ("hidden", "closed", "withheld"):
            self._marks[found] = (fields[0], fields[1])
            getattr(self, fields[0]).add(fields[1])

    def _unmark(self, gone: bytes) -> None:
        if gone in self._marks:
            kind, name = self._marks.pop(gone)
            getattr(self, kind).discard(name)

    def is_excused(self, fields: list[str]) -> bool:
        """Tell whether a line that stands may be missing from what is given out: its account is hidden, or the terms of
        its source do not let it be given out."""
        if fields[0] == "account" or fields[0] == "row":
            return fields[1] in self.hidden or (fields[0] == "row" and fields[9] in self.closed)
        return fields[0] in ("correction", "superseded") and (
            fields[1] in self.hidden or fields[-1] in self.closed
        )


class Difference(NamedTuple):
    missing: set[bytes]  # short hashes of lines that stand and were not shown
    strange: set[bytes]  # of lines that were shown and do not stand
    twice: set[bytes]  # shown more than once
    unfounded: set[bytes]  # said to be gone, and never stood


def compare(ledger: Ledger, shown: Hashes) -> Difference:
    """Compare what stands by the ledger with what is shown."""
    found = Difference(set(), set(), set(), set())
    for bucket in range(BUCKETS):
        entered, gone, seen = ledger.entered.bucket(bucket), ledger.gone.bucket(bucket), shown.bucket(bucket)
        standing = set(entered)
        if gone or len(standing) != len(entered):
            counts = Counter(entered)
            counts.subtract(gone)
            standing = {one for one, count in counts.items() if count > 0}
            found.unfounded.update(one for one, count in counts.items() if count < 0)
        shown_once = set(seen)
        if len(shown_once) != len(seen):
            found.twice.update(one for one, count in Counter(seen).items() if count > 1)
        found.missing.update(standing - shown_once)
        found.strange.update(shown_once - standing)
    return found


def name(line: bytes) -> str:
    """Say of which row a line is, its day first."""
    fields = fields_of(line)
    if fields[0] == "row":
        value = f"{fields[5]} {fields[6]}" if fields[4] == "counted" else fields[4]
        return f"{fields[2]} ({fields[3]}), {fields[1]}: {value}, {fields[9]}"
    if fields[0] in ("correction", "superseded"):
        return f"{fields[2]} ({fields[3]}), {fields[1]}: {fields[0]} " + ", ".join(fields[4:-1])
    return " ".join(fields)


# A file of counts


class Block(NamedTuple):
    """Rows of a file: `about` is what each says of its account, the account's number first."""

    lines: list[bytes]
    rows: list[list[str]]
    about: set[tuple[str, ...]]
    days: set[str]


class _Starts(dict[str, str]):
    """How the lines of an account begin, by its number."""

    def __init__(self, table: "Table") -> None:
        self._table = table

    def __missing__(self, account: str) -> str:
        start = self[account] = f"row\t{self._table.key(account)}\t"
        return start


class Table:
    """Rows of a snapshots.csv, each with the line that the ledger should have of it."""

    def __init__(self, path: str, ledger: Ledger) -> None:
        self._path, self._ledger = path, ledger

    def blocks(self) -> Iterator[Block]:
        """Raises Broken where the file has other columns."""
        with _open(self._path) as raw, io.TextIOWrapper(raw, "utf-8", newline="") as text:
            rows = csv.reader(text)
            head = next(rows, [])
            if missing := [name for name in NEEDED if name not in head]:
                raise Broken(f"The file is no plain snapshots.csv: it has no column {', '.join(missing)}.")
            account, day = head.index("account_id"), itemgetter(head.index("day"))
            values_of = itemgetter(*map(head.index, ROW))
            about_of = itemgetter(*map(head.index, ABOUT))
            width, withheld, join = {len(head)}, self._ledger.withheld, "\t".join
            starts = _Starts(self)
            while block := list(islice(rows, BLOCK)):
                if set(map(len, block)) != width:
                    raise Broken("A row of the file has not as many cells as its head; it may be cut.")
                # All at once where no cell needs an escape, which the breaks between cells and rows tell.
                text_lines = "\n".join([starts[row[account]] + join(values_of(row)) for row in block])
                tabs, breaks = text_lines.count("\t"), text_lines.count("\n")
                is_plain = tabs == len(block) * (len(ROW) + 1) and breaks == len(block) - 1
                if withheld or not is_plain or any(sign in text_lines for sign in BROKEN_BY):
                    lines = [self._line(self.key(row[account]), values_of(row)) for row in block]
                else:
                    lines = text_lines.encode().split(b"\n")
                yield Block(lines, block, set(map(about_of, block)), set(map(day, block)))

    def key(self, account: str) -> str:
        """Return by what name an account of this installation stands in the ledger."""
        return self._ledger.accounts.get(account, "account " + account)

    def _line(self, key: str, values: Sequence[str]) -> bytes:
        cells = list(values)
        if cells[ROW.index("source")] in self._ledger.withheld and cells[ROW.index("followers")]:
            cells[ROW.index("followers")] = "withheld"
        return line_of(["row", key, *cells])


def _open(path: str) -> BinaryIO:
    if path.endswith(".gz"):
        return io.BufferedReader(gzip.open(path), BUFFER)
    return open(path, "rb", buffering=BUFFER)


def is_described(known: list[list[str]], told: Sequence[str]) -> bool:
    """Tell whether a row's account is described as one of the account's lines does: today's, or one from before."""
    platform, handle, slug, kind, actor = told
    return any(
        [platform, handle, slug, kind] == [one[2], one[3], one[5], one[6]] and actor in one[7:10]
        for one in known
    )


class Verdict(NamedTuple):
    """What a file has come to, each row named with its day."""

    problems: list[str]
    since: list[str]  # rows of the past that were recorded, replaced or removed since the newest number
    pending: int  # rows of a day that the newest number could not hold
    replaced: int


def check_table(path: str, ledger_path: str, ledger: Ledger, *, whole: bool, part: bool) -> Verdict:
    """Compare a file with the ledger."""
    shown, days, about = Hashes(), set[str](), set[tuple[str, ...]]()
    table = Table(path, ledger)
    for block in table.blocks():
        shown.add_all(leaves_of(block.lines))
        days |= block.days
        about |= block.about
    found = compare(ledger, shown)
    verdict, fresh = _strange_rows(table, ledger_path, ledger, found)
    missing = found.missing - ledger.small
    if missing and days and (fresh or not part):
        keys = {table.key(told[0]) for told in about}
        first, last = min(days), max(days)
        for line in _standing_lines(ledger_path, missing):
            fields = fields_of(line)
            why = ledger.tonight.leaving.get(leaf(line))
            if tuple(fields[1:4]) in fresh:
                if why is None:
                    verdict.problems.append(
                        f"changed, and nothing in the open says why; it stood: {name(line)}"
                    )
            elif part or ledger.is_excused(fields):
                continue
            elif whole or (fields[1] in keys and first <= fields[2] <= last):
                if why is None:
                    verdict.problems.append(
                        f"stands in the ledger and not in the file (dropped or changed): {name(line)}"
                    )
                else:
                    verdict.since.append(f"{why} since, to be sealed tonight: {name(line)}")
    for account, *told in sorted(about):
        key = table.key(account)
        if account in ledger.accounts and not is_described(ledger.described.get(key, []), told):
            verdict.problems.append(f"the account is described in another way: {key}: {', '.join(told)}")
    return verdict


def _strange_rows(
    table: Table, ledger_path: str, ledger: Ledger, found: Difference
) -> tuple[Verdict, set[tuple[str, ...]]]:
    """Sort out the rows that do not stand in the ledger. Returns with them which rows of the past (account, day, span)
    have a line that never stood."""
    problems, since, fresh = list[str](), list[str](), set[tuple[str, ...]]()
    pending = replaced = 0
    if found.strange or found.twice:
        ever = {leaf(line)[:SHORT] for line in _standing_lines(ledger_path, found.strange)}
        for line in (line for block in table.blocks() for line in block.lines):
            short = leaf(line)[:SHORT]
            if short in found.twice:
                problems.append(f"twice: {name(line)}")
            if short not in found.strange:
                continue
            if short in ever:
                replaced += 1
                continue
            row = tuple(fields_of(line)[1:4])
            fresh.add(row)
            if row[1] >= ledger.chain.head.day:
                pending += 1
            elif short in ledger.tonight.rows:
                since.append(f"recorded since, to be sealed tonight: {name(line)}")
            else:
                problems.append(f"not in the ledger (changed, added or back-dated): {name(line)}")
    return Verdict(problems, since, pending, replaced), fresh


def _standing_lines(path: str, wanted: set[bytes]) -> Iterator[bytes]:
    with _open(path) as file:
        yield from lines_with(file, wanted)


def lines_with(file: Iterable[bytes], wanted: set[bytes]) -> Iterator[bytes]:
    """Yield the ledger's lines that have these short hashes, once each."""
    seen = set[bytes]()
    for sealed in seals(file, {}):
        for block in sealed.blocks:
            for line, found in zip(block, leaves_of(block)):
                if (short := found[:SHORT]) in wanted and short not in seen:
                    seen.add(short)
                    yield line


# One number


def check_proof(told: dict[str, Any], key: str = "") -> str:
    """Return what a proof shows. Raises Broken."""
    try:
        header = header_of(told["header"])
        line, signature = str(told["line"]).encode(), bytes.fromhex(told["signature"])
        path = [bytes.fromhex(step) for step in told["path"]]
        root = root_by_path(leaf(line), int(told["index"]), header.lines, path)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Broken("The proof cannot be read.") from None
    if root.hex() != header.root:
        raise Broken("The line is not one of those that were sealed.")
    if key and key != header.key:
        raise Broken(f"Signed by another key: {header.key}.")
    if not is_signed(header.text.encode(), signature, bytes.fromhex(header.key)):
        raise Broken("The signature does not hold.")
    return f"Sealed in number {header.number}-{header.head[:12]} of {header.day}: {name(line)}"


def tell(verdict: Verdict) -> int:
    """Print what a file has come to and return the exit code."""
    if verdict.replaced:
        print(
            f"{verdict.replaced} rows stood once and were replaced or removed since, in the open: see the ledger."
        )
    if verdict.pending:
        print(f"{verdict.pending} rows are younger than the newest number and not sealed yet.")
    for named in (verdict.since, verdict.problems):
        for one in named[:MOST_NAMED]:
            print(one)
        if len(named) > MOST_NAMED:
            print(f"and {len(named) - MOST_NAMED} more")
    if verdict.problems:
        print("The file is not as it was sealed.")
        return 1
    if verdict.since:
        print(
            f"The file is as it was sealed, but for {len(verdict.since)} rows of the past that were written or removed since."
        )
        return 3
    print("The file is as it was sealed.")
    return 0


def check(asked: argparse.Namespace) -> int:
    """Check what is asked for and return the exit code. Raises Broken."""
    if asked.proof:
        with open(asked.proof, "rb") as file:
            told = json.load(file)
        for one in told["proofs"] if isinstance(told, dict) and "proofs" in told else [told]:
            print(check_proof(one, asked.key))
    if not asked.ledger:
        return 0
    ledger = Ledger(Chain(asked.key, asked.known))
    with _open(asked.ledger) as lines:
        ledger.read(lines)
    newest = ledger.chain.head
    print(f"The chain holds: {newest.number} numbers, {ledger.counts['lines']} lines, key {newest.key}")
    print(f"Newest: {newest.number}-{newest.head[:12]} of {newest.day}")
    for note in ledger.chain.notes:
        print(f"Note: {note}")
    if not asked.table:
        return 0
    return tell(check_table(asked.table, asked.ledger, ledger, whole=asked.whole, part=asked.part))


def main(arguments: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS
    )
    parser.add_argument("ledger", nargs="?")
    parser.add_argument("table", nargs="?")
    parser.add_argument("--proof")
    parser.add_argument("--key", default="")
    parser.add_argument("--known", action="append", default=[])
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--part", action="store_true")
    asked = parser.parse_args(arguments)
    if not asked.ledger and not asked.proof:
        parser.print_help()
        return 2
    gc.disable()  # nothing here goes round in circles, and tens of millions of rows would be looked through
    try:
        return check(asked)
    except Broken as broken:
        print(f"BROKEN: {broken}")
        return 1
    except (OSError, EOFError, UnicodeError, csv.Error, json.JSONDecodeError) as error:
        print(f"Cannot be read: {error}")
        return 2
    finally:
        gc.enable()


if __name__ == "__main__":
    sys.exit(main())
