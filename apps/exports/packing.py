"""Formats around the rows: a JSON document, or a ZIP with metadata and README."""

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator

from apps.exports.about import About, datapackage, dump, lines, metadata
from apps.exports.archive import pack

LARGE = 5_000_000  # rows; more of them, or an unknown number, may exceed 2 GiB


def document(about: About, rows: Iterable[bytes]) -> Generator[bytes]:
    """Yield {"metadata": {..}, "rows": [{..}, ..]}; the rows are objects with commas between."""
    head = dump({"metadata": metadata(about)}).rstrip(b"}\n \t")
    yield head + b"\n  },\n" + b'  "rows": [\n'
    yield from rows
    yield b"]}\n"


def bundle(about: About, csv: Iterable[bytes], written: Callable[[], int]) -> Generator[bytes]:
    """Yield a ZIP of README.md, metadata.json, data.csv and datapackage.json. `written`: rows the CSV had, once it is
    read."""
    large = about.row_count is None or about.row_count > LARGE
    yield from pack(_parts(about, csv, written), large=large)


def _parts(
    about: About, csv: Iterable[bytes], written: Callable[[], int]
) -> Iterator[tuple[str, Iterable[bytes]]]:
    yield "README.md", ["".join(f"{line}\n" for line in lines(about)).encode()]
    yield "metadata.json", [dump(metadata(about))]
    size, digest = 0, hashlib.sha256()

    def told() -> Iterator[bytes]:
        nonlocal size
        for block in csv:
            size += len(block)
            digest.update(block)
            yield block

    yield "data.csv", told()
    # Last, because only now its bytes are known.
    yield "datapackage.json", [datapackage(about, size, digest.hexdigest(), written())]
