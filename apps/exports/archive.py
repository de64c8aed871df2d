"""ZIP files that are written while their contents come."""

import zipfile
from collections.abc import Generator, Iterable

LEVEL = 3  # higher levels cost more than they save


class Sink:
    """A buffer that a file is written into and that is emptied block by block. It cannot seek, so nothing is patched later."""

    closed = False

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: bytes, /) -> int:
        self._waiting += content
        return len(content)

    def flush(self) -> None:
        """Do nothing: nothing is held back."""

    def close(self) -> None:
        """Do nothing: nothing is held open."""

    def take(self) -> bytes:
        content = bytes(self._waiting)
        self._waiting.clear()
        return content


def pack(parts: Iterable[tuple[str, Iterable[bytes]]], *, large: bool = False) -> Generator[bytes]:
    """Yield a ZIP of (name, contents). A part is asked for once the one before it is written.

    When contents break, so does the generator, and the file has no directory at its end: no program takes it for a
    whole one. `large`: a part may exceed 2 GiB. Equal contents give equal bytes.
    """
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for name, contents in parts:
            with archive.open(name, "w", force_zip64=large) as part:
                for content in contents:
                    part.write(content)
                    if ready := sink.take():
                        yield ready
    yield sink.take()
