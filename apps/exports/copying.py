"""Rows straight from PostgreSQL's COPY, block by block, without ever holding a table in memory."""

import select
import threading
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, Self

import psycopg
from django.db import connections
from psycopg import errors

from apps.common import reading
from apps.exports import columns
from apps.exports.columns import Column
from apps.exports.statements import Statement

BLOCK = 64 * 1024  # bytes
COUNTED_UP_TO = (
    200_000  # rows, as the planner guesses; counting millions takes seconds and would hold up the first row
)
COUNT_WITHIN = 1000  # milliseconds, should the guess be wrong
CANCEL_WITHIN = 5.0  # seconds
# So many exports of a process read from PostgreSQL at one moment, a block each; the others' queries wait with full
# sockets. So a crowd of downloads leaves the machine to the pages too. Whoever gets no turn goes on without.
TURNS = threading.BoundedSemaphore(2)
TURN_WITHIN = 1.0  # seconds
# So many of a process are open, each with a connection; others wait and hold none. The threads of a process are more than
# that, and the processes together must leave connections to the pages and to collecting.
MOST_OPEN = 10
OPEN = threading.BoundedSemaphore(MOST_OPEN)
OPEN_WITHIN = 30.0  # seconds
ACTIVE = psycopg.pq.TransactionStatus.ACTIVE
COPY_OUT = psycopg.pq.ExecStatus.COPY_OUT
COMMAND_OK = psycopg.pq.ExecStatus.COMMAND_OK
CSV = "FORMAT csv, HEADER, DELIMITER '{delimiter}', ENCODING 'UTF8'"
# Of lines that are one text, without a control character in it: so COPY neither quotes nor doubles anything.
ONE_TEXT = "FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01', ENCODING 'UTF8'"

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True)
class Dialect:
    """An output format of the rows: a SELECT over the statement's rows, and COPY's options."""

    select: Callable[[Statement], str]
    options: str
    delimiter: str = ""
    has_header: bool = False
    start: bytes = b""
    between: bytes = b""  # stands before every row but the first


def _cells(cell: Callable[[Column], str]) -> Callable[[Statement], str]:
    def rows(statement: Statement) -> str:
        cells = ", ".join(f'{cell(column)} AS "{column.name}"' for column in statement.columns)
        return f"SELECT {cells} FROM ({statement.sql}) line"  # noqa: S608 our own words; values are parameters

    return rows


def _objects(statement: Statement) -> str:
    return f"SELECT row_to_json(cells) FROM ({_cells(columns.json_cell)(statement)}) cells"  # noqa: S608 our own words


PLAIN = Dialect(_cells(columns.plain), CSV.format(delimiter=","), delimiter=",", has_header=True)
EXCEL = Dialect(
    _cells(columns.excel),
    CSV.format(delimiter=";"),
    delimiter=";",
    has_header=True,
    start=b"\xef\xbb\xbf",
)
OBJECTS = Dialect(_objects, ONE_TEXT, between=b",")


class NoConnection(Exception):
    """PostgreSQL cannot be reached or takes no more connections, or too many exports of this process are open."""


class TooManyRows(Exception):
    """There are more rows than the file can hold."""


class Rows:
    """An open export: `row_count` is known (or None, where counting takes too long); start() lets the blocks follow.

    It has a connection of its own, so that the request's is free and a hang-up can cancel the query. close() ends
    both at any moment. Count and rows are of one moment. With `most` the rows are counted however long that takes.
    `written` is how many rows were read so far. Raises NoConnection, TooManyRows and psycopg.Error.
    """

    def __init__(self, statement: Statement, *, most: int | None = None) -> None:
        self._statement = statement
        self._connection = _connect()
        self._is_open = True
        self._blocks: Iterator[bytes] = iter(())
        self._first = b""
        self.written = 0
        try:
            if most:
                self.row_count: int | None = _few(self._connection, statement, most)
            else:
                self.row_count = _quick_count(self._connection, statement)
        except BaseException:
            self.close()
            raise

    def start(self, dialect: Dialect) -> Self:
        """Fetch the first row: until then an error is still an ordinary error."""
        try:
            self._blocks = self._read(dialect)
            self._first = next(self._blocks, b"")
        except BaseException:
            self.close()
            raise
        return self

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if self._first:
            first, self._first = self._first, b""
            return first
        try:
            return next(self._blocks)
        except BaseException:  # the end as well as an error
            self.close()
            raise

    def close(self) -> None:
        """Cancel what still runs and give the connection back."""
        if not self._is_open:
            return
        self._is_open = False
        try:
            if self._connection.pgconn.transaction_status == ACTIVE:
                self._connection.cancel_safe(timeout=CANCEL_WITHIN)
        finally:
            _disconnect(self._connection)

    def _read(self, dialect: Dialect) -> Generator[bytes]:
        """Yield the header with the first row, then blocks of at least BLOCK bytes.

        psycopg's own reader waits for every row by itself, which takes longer than PostgreSQL takes to make it; so
        what has arrived is taken from libpq here, and only then is waited for more.
        """
        pgconn = self._connection.pgconn
        copy_sql = f"COPY ({dialect.select(self._statement)}) TO STDOUT WITH ({dialect.options})"
        # COPY takes no parameters on the server; psycopg quotes them into the statement.
        quoted = psycopg.ClientCursor(self._connection).mogrify(copy_sql.encode(), self._statement.parameters)
        _expect(pgconn.exec_(quoted.encode()), COPY_OUT)
        take, between = pgconn.get_copy_data, dialect.between
        block = bytearray(dialect.start)
        enough = 1  # the first row leaves at once
        taken = 0  # rows, the header too
        wait = select.poll()
        wait.register(pgconn.socket, select.POLLIN)
        is_over = False
        while not is_over:
            has_turn = TURNS.acquire(timeout=TURN_WITHIN)
            try:
                while len(block) < enough or taken <= dialect.has_header:
                    size, row = take(1)
                    if size == 0:  # all that had arrived is taken
                        wait.poll()
                        pgconn.consume_input()
                    elif size < 0:
                        is_over = True
                        break
                    else:
                        if between and taken:
                            block += between
                        block += row
                        taken += 1
            finally:
                if has_turn:
                    TURNS.release()
            if not is_over:
                self.written = taken - dialect.has_header
                yield bytes(block)
                block.clear()
                enough = BLOCK
        while result := pgconn.get_result():
            _expect(result, COMMAND_OK)
        self.written = max(taken - dialect.has_header, 0)
        if block:
            yield bytes(block)


class Packed:
    """Blocks made of rows. Closing it closes the rows too, even when nothing was ever read."""

    def __init__(self, rows: Rows, blocks: Iterator[bytes]) -> None:
        self._rows = rows
        self._blocks = blocks

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        return next(self._blocks)

    def close(self) -> None:
        if isinstance(self._blocks, Generator):
            self._blocks.close()
        self._rows.close()


def count(statement: Statement, most: int | None = None) -> int:
    """Return how many rows the file has, however long counting takes. Raises NoConnection and TooManyRows."""
    connection = _connect()
    try:
        if most:
            return _few(connection, statement, most)
        return _count(connection, statement, within=0) or 0
    finally:
        _disconnect(connection)


def _expect(result: psycopg.pq.abc.PGresult, status: psycopg.pq.ExecStatus) -> None:
    """Raises the psycopg.Error that PostgreSQL answered with."""
    if result.status != status:
        raise errors.error_from_result(result)


def _connect() -> Connection:
    """Connect with Django's settings, inside a transaction that sees one moment. _disconnect() ends it."""
    if not OPEN.acquire(timeout=OPEN_WITHIN):
        raise NoConnection
    try:
        wrapper = connections[reading.database()].copy()
        try:
            wrapper.connect()
        except psycopg.OperationalError as error:
            raise NoConnection from error
        connection: Connection = wrapper.connection
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.execute("SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL jit = off")
    except BaseException:
        OPEN.release()
        raise
    return connection


def _disconnect(connection: Connection) -> None:
    connection.close()
    OPEN.release()


def _quick_count(connection: Connection, statement: Statement) -> int | None:
    """Return the number of rows, or None where there are so many that counting would hold up the first."""
    guess = f"EXPLAIN (FORMAT JSON) SELECT 1 {statement.guessed}"
    told: Any = connection.execute(guess.encode(), statement.count_parameters).fetchone()
    if told[0][0]["Plan"]["Plan Rows"] > COUNTED_UP_TO:
        return None
    return _count(connection, statement, COUNT_WITHIN)


def _count(connection: Connection, statement: Statement, within: int) -> int | None:
    """Return the number of rows, or None where counting takes longer than `within` milliseconds (0: no limit)."""
    sql = f"SELECT count(*) {statement.counted}"
    try:
        with connection.transaction(force_rollback=True):  # the time limit goes with it
            if within:
                connection.execute(f"SET LOCAL statement_timeout = {within:d}".encode())
            counted = connection.execute(sql.encode(), statement.count_parameters).fetchone()
    except errors.QueryCanceled:
        return None
    return int(str(counted[0])) if counted else None


def _few(connection: Connection, statement: Statement, most: int) -> int:
    """Return the number of rows. Raises TooManyRows where there are more than `most`, without counting them all."""
    sql = f"SELECT count(*) FROM (SELECT 1 {statement.counted} LIMIT {most + 1:d}) few"  # noqa: S608 our own words; values are parameters
    counted = connection.execute(sql.encode(), statement.count_parameters).fetchone()
    found = int(str(counted[0])) if counted else 0
    if found > most:
        raise TooManyRows
    return found


def gzip(content: bytes) -> bytes:
    return b"".join(compress(iter([content])))


def compress(blocks: Iterator[bytes]) -> Generator[bytes]:
    """Yield the same bytes as gzip; every block leaves at once, the first row too."""
    packer = zlib.compressobj(
        level=3, wbits=31
    )  # 31 writes a gzip header; higher levels cost more than they save
    for block in blocks:
        yield packer.compress(block) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()
