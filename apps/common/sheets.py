"""Tables that people send: CSV in any common encoding, or XLSX. Nothing in a file is trusted but its content.

A workbook is made a CSV once, when it comes (`keep`); from then on there is one way to read a table (`records`).
"""

import codecs
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from django.utils.translation import gettext as _

from apps.common.tables import csv_lines

MEGABYTE: Final = 1024 * 1024
MOST_CSV = 96 * MEGABYTE  # a million rows of counts are about 60
MOST_XLSX = 32 * MEGABYTE
MOST_UNFOLDED = 400 * MEGABYTE
MOST_ROWS = 1_048_576  # an XLSX has no more
MOST_COLUMNS = 1000
LONGEST_CELL = 20_000
UNFOLDING_SECONDS = 90
CHUNK = 1 << 20
# Python's names, and those that people know
ENCODINGS: Final = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "cp1251": "Windows-1251",
}
MARKS: Final = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
ZIP = b"PK\x03\x04"
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f]")
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


class NoTable(ValueError):
    """A file that is not read; the text says why and what to send instead."""


@dataclass(frozen=True)
class Kept:
    path: Path  # a CSV
    encoding: str  # as detected; a key of ENCODINGS
    is_workbook: bool  # its encoding is no question
    size: int  # bytes as sent


def keep(source: BinaryIO, target: Path) -> Kept:
    """Copy what was sent to `target` as CSV. Raises NoTable, then nothing is left there; OSError when there is no room."""
    try:
        size = _copy(source, target)
        with target.open("rb") as file:
            beginning = file.read(8)
        if beginning.startswith(OLD_EXCEL):
            raise NoTable(_("This is an Excel file of the old kind (.xls). Save it as .xlsx or as CSV."))
        if beginning.startswith(ZIP):
            _unfold(target, size)
            return Kept(target, "utf-8", True, size)
        encoding = detect(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return Kept(target, encoding, False, size)


def _copy(source: BinaryIO, target: Path) -> int:
    size = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > MOST_CSV:
                raise NoTable(too_large(MOST_CSV))
            file.write(chunk)
    if not size:
        raise NoTable(_("The file is empty."))
    return size


def too_large(limit: int) -> str:
    return _("The file is too large: up to %(limit)d MB can be read. Send it in parts.") % {
        "limit": limit // MEGABYTE
    }


def detect(path: Path) -> str:
    """Return the encoding of a text, by its mark, by where its zeros are, by whether it holds together as UTF-8.

    Raises NoTable where it is no text at all.
    """
    with path.open("rb") as file:
        sample = file.read(4096)
    for mark, encoding in MARKS.items():
        if sample.startswith(mark):
            return encoding
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) > len(sample) / 8:
        encoding = "utf-16-le" if odd > even else "utf-16-be"
        text = sample[: len(sample) // 2 * 2].decode(encoding, errors="replace")
        if not CONTROLS.search(text):
            return encoding
    return _utf8_or_windows(path)


def _utf8_or_windows(path: Path) -> str:
    """Choose between the two: a few bad bytes in much good UTF-8 are damage, to be said in their rows; in Windows-1251
    nearly all are bad."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    good = bad = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if b"\0" in chunk:
                raise NoTable(_("This is not a table: the file holds bytes that are no text."))
            if chunk.isascii():
                continue
            text = decoder.decode(chunk)
            wrong = text.count("\ufffd")
            bad += wrong
            good += len(text) - wrong - len(text.encode("ascii", "ignore"))
    return "utf-8" if bad <= good / 2 else "cp1251"


def _unfold(path: Path, size: int) -> None:
    """Write the workbook as a CSV in its place."""
    if size > MOST_XLSX:
        raise NoTable(too_large(MOST_XLSX))
    _look_inside(path)
    made = path.with_suffix(".unfolding")
    limits = [str(MOST_ROWS), str(MOST_COLUMNS), str(MOST_UNFOLDED)]
    script = Path(__file__).with_name("xlsx_rows.py")
    try:
        child = subprocess.run(  # noqa: S603 (our own script; the file's name is ours too)
            [sys.executable, "-P", str(script), str(path), str(made), *limits],
            capture_output=True,
            timeout=UNFOLDING_SECONDS,
            check=False,
        )
        if child.returncode:
            raise NoTable(_refusal(child.stderr.decode(errors="replace")))
        made.replace(path)
    except subprocess.TimeoutExpired:
        raise NoTable(_refusal("")) from None
    finally:
        made.unlink(missing_ok=True)


def _refusal(code: str) -> str:
    if code == "rows":
        return _("The sheet has more than %(count)d rows. Send it in parts.") % {"count": MOST_ROWS}
    if code == "columns":
        return _("The sheet has more than %(count)d columns.") % {"count": MOST_COLUMNS}
    if code == "empty":
        return _("The workbook has no sheet.")
    return _("The workbook cannot be read. Open it, save it as .xlsx or as CSV, and send that.")


def _look_inside(path: Path) -> None:
    """Refuse what is no workbook, and one whose parts are far larger than it is, before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if any(member.filename.startswith("/") or ".." in member.filename for member in members):
                raise NoTable(_("The workbook holds a part whose name leads out of it. It was not opened."))
            if "xl/workbook.xml" not in {member.filename for member in members}:
                raise NoTable(_("This is an archive, not a workbook. Send .xlsx or CSV."))
            if sum(member.file_size for member in members) > MOST_UNFOLDED:
                raise NoTable(_("The workbook unpacks to far more than its size. It was not opened."))
            # What an archive says of its sizes may be a lie: a wrong one breaks the check sum.
            broken = archive.testzip()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        if isinstance(error, NoTable):
            raise
        raise NoTable(_refusal("")) from None
    if broken:
        raise NoTable(_refusal(""))


@dataclass(frozen=True)
class Record:
    """One row. `line` is the number of the line it begins on; `broken` says why it could not be taken apart."""

    line: int
    cells: list[str]
    broken: str = ""


def records(path: Path, encoding: str, progress: Callable[[int], None] | None = None) -> Iterator[Record]:
    """Yield each row that is not blank, in the file's order. `progress` is told now and then how many bytes were read."""
    with (
        path.open("rb") as raw,
        io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline="") as file,
    ):
        if file.read(1) != "\ufeff":
            file.seek(0)
        start = file.tell()
        delimiter = _delimiter(file.readline(200_000))
        file.seek(start)
        for line, cells, wrong in csv_lines(file, delimiter):
            if wrong or any(cells):
                yield Record(line, cells, wrong)
            if progress and line % 20_000 < 2:
                progress(raw.tell())


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)
