"""Rows straight from PostgreSQL's COPY, block by block, without ever holding a table in memory."""

import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Self

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import errors

from apps.exports import columns
from apps.exports.columns import Column
from apps.exports.statements import Statement

BLOCK = 64 * 1024  # bytes
COUNT_WITHIN = 100  # milliseconds; counting everything takes seconds and would hold up the first row
CANCEL_WITHIN = 5.0  # seconds
ACTIVE = psycopg.pq.TransactionStatus.ACTIVE


@dataclass(frozen=True)
class Dialect:
    """How the same rows are written for whom."""

    cell: Callable[[Column], str]
    delimiter: str
    start: bytes = b""


PLAIN = Dialect(columns.plain, ",")
EXCEL = Dialect(columns.excel, ";", b"\xef\xbb\xbf")


class NoConnection(Exception):
    """PostgreSQL cannot be reached, or takes no more connections."""


class Rows:
    """An open export: `row_count` is known (or None, where counting takes too long), the blocks follow.

    It has a connection of its own, so that the request's is free and a hang-up can cancel the query. close() ends
    both at any moment. The first row is fetched on opening: until then an error is still an ordinary error.
    Count and rows are of one moment. Raises NoConnection and psycopg.Error.
    """

    def __init__(self, statement: Statement, dialect: Dialect, *, gzip: bool = False) -> None:
        self._connection = _connect()
        try:
            self.row_count = _count(self._connection, statement, COUNT_WITHIN)
            blocks = _blocks(self._connection, statement, dialect)
            self._blocks = _gzipped(blocks) if gzip else blocks
            self._first = next(self._blocks, b"")
        except BaseException:
            self.close()
            raise

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
        if self._connection.closed:
            return
        try:
            if self._connection.pgconn.transaction_status == ACTIVE:
                self._connection.cancel_safe(timeout=CANCEL_WITHIN)
        finally:
            self._connection.close()


def count(statement: Statement) -> int:
    """How many rows the file has, however long counting takes."""
    connection = _connect()
    try:
        return _count(connection, statement, within=0) or 0
    finally:
        connection.close()


def _connect() -> psycopg.Connection[tuple[object, ...]]:
    """A new connection with Django's settings, inside a transaction that sees one moment."""
    wrapper = connections[DEFAULT_DB_ALIAS].copy()
    try:
        wrapper.connect()
    except psycopg.OperationalError as error:
        raise NoConnection from error
    connection: psycopg.Connection[tuple[object, ...]] = wrapper.connection
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    connection.execute("SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL jit = off")
    return connection


def _count(
    connection: psycopg.Connection[tuple[object, ...]], statement: Statement, within: int
) -> int | None:
    """The number of rows, or None where counting takes longer than `within` milliseconds (0: no limit)."""
    try:
        with connection.transaction(force_rollback=True):  # the time limit goes with it
            if within:
                connection.execute(f"SET LOCAL statement_timeout = {within:d}".encode())
            counted = connection.execute(statement.count_sql.encode(), statement.count_parameters).fetchone()
    except errors.QueryCanceled:
        return None
    return int(str(counted[0])) if counted else None


def _blocks(
    connection: psycopg.Connection[tuple[object, ...]], statement: Statement, dialect: Dialect
) -> Generator[bytes]:
    """The header with the first row, then blocks of at least BLOCK bytes."""
    cells = ", ".join(f'{dialect.cell(column)} AS "{column.name}"' for column in statement.columns)
    rows = f"SELECT {cells} FROM ({statement.sql}) line"  # noqa: S608 our own words; values are parameters
    copy_sql = f"COPY ({rows}) TO STDOUT WITH (FORMAT csv, HEADER, DELIMITER %s, ENCODING 'UTF8')"
    # COPY takes no parameters on the server; psycopg quotes them into the statement.
    with connection.cursor().copy(copy_sql.encode(), (*statement.parameters, dialect.delimiter)) as copy:
        read = copy.read
        yield dialect.start + bytes(read()) + bytes(read())
        block = bytearray()
        while row := read():
            block += row
            if len(block) >= BLOCK:
                yield bytes(block)
                block.clear()
        if block:
            yield bytes(block)


def gzip(content: bytes) -> bytes:
    return b"".join(_gzipped(iter([content])))


def _gzipped(blocks: Iterator[bytes]) -> Generator[bytes]:
    """The same bytes as gzip; every block leaves at once, the first row too."""
    packer = zlib.compressobj(
        level=3, wbits=31
    )  # 31 writes a gzip header; higher levels cost more than they save
    for block in blocks:
        yield packer.compress(block) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()
