"""Parquet: the rows of the plain CSV with their kinds, packed column by column while they come.

pyarrow is loaded where the first such file is asked for: a process without one does without its 60 MB.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Any

from apps.exports.archive import Sink
from apps.exports.columns import Column, ColumnKind

BLOCK = 1 << 18  # bytes of CSV that are read together; pyarrow reads up to 32 of them ahead, each in memory
GROUP = 50_000  # rows, about, that stand together in the file: some 17 MB before they are packed


def pack(columns: Sequence[Column], csv: Iterable[bytes], about: bytes) -> Generator[bytes]:
    """Yield the Parquet file of a plain CSV. `about` is JSON that stands in its metadata under "kzmedia"."""
    import pyarrow
    from pyarrow import csv as reading
    from pyarrow import parquet

    kinds = {column.name: _kind(pyarrow, column) for column in columns}
    schema = pyarrow.schema(list(kinds.items()), metadata={"kzmedia": about})
    sink = Sink()
    # Texts come again and again; counts and instants do not, and a dictionary of them makes the file 1.7 times as large.
    texts = [name for name, kind in kinds.items() if kind == pyarrow.string()]
    with parquet.ParquetWriter(
        pyarrow.PythonFile(sink, mode="w"), schema, compression="zstd", use_dictionary=texts
    ) as writer:
        rows = reading.open_csv(
            pyarrow.PythonFile(_Source(iter(csv)), mode="r"),
            read_options=reading.ReadOptions(use_threads=False, block_size=BLOCK),
            parse_options=reading.ParseOptions(newlines_in_values=True),
            convert_options=reading.ConvertOptions(
                column_types=kinds,
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        for group in _groups(rows):
            writer.write_table(
                pyarrow.Table.from_batches(group).replace_schema_metadata(schema.metadata),
                row_group_size=2 * GROUP,
            )
            if ready := sink.take():
                yield ready
    yield sink.take()


def _groups(batches: Iterable[Any]) -> Iterator[list[Any]]:
    """Gather batches until they have GROUP rows; the last group may have fewer."""
    group, count = list[Any](), 0
    for batch in batches:
        group.append(batch)
        count += batch.num_rows
        if count >= GROUP:
            yield group
            group, count = list[Any](), 0
    if group:
        yield group


def _kind(pyarrow: Any, column: Column) -> Any:
    match column.kind:
        case ColumnKind.INTEGER:
            return pyarrow.int64()
        case ColumnKind.DECIMAL:
            return pyarrow.float64()
        case ColumnKind.BOOLEAN:
            return pyarrow.bool_()
        case ColumnKind.DAY:
            return pyarrow.date32()
        case ColumnKind.INSTANT:
            return pyarrow.timestamp("ms", "UTC")
        case _:
            return pyarrow.string()


class _Source:
    """Blocks of bytes as a file that is read once, from the front."""

    closed = False

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._waiting = bytearray()

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._waiting) < size:
            block = next(self._blocks, None)
            if block is None:
                break
            self._waiting += block
        end = len(self._waiting) if size < 0 else size
        content = bytes(self._waiting[:end])
        del self._waiting[:end]
        return content

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True
