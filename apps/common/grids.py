"""Tables that people send, as rows of typed cells: CSV and TSV in any common encoding, XLSX, ODS, pasted cells, our JSON.

Nothing in a file is trusted but its content. A file is kept once, in a folder of its own (`keep`): a workbook is unfolded
there by a process that may die alone. From then on there is one way to read a table (`Kept.records`).
"""

import codecs
import csv
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from django.utils.translation import gettext as _

from apps.common.tables import csv_lines

MEGABYTE: Final = 1024 * 1024
MOST_TEXT = 96 * MEGABYTE  # a million rows of counts are about 60
MOST_WORKBOOK = 32 * MEGABYTE
MOST_JSON = 32 * MEGABYTE
MOST_UNFOLDED = 400 * MEGABYTE
MOST_ROWS = 1_048_576  # a sheet of a workbook has no more
MOST_COLUMNS = 1000
UNFOLDING_SECONDS = 90
UNFOLD: Final = "apps.common.workbooks.unfold"
ROOT: Final = Path(__file__).parents[2]
CHUNK = 1 << 20
SAMPLE = 1 << 16  # characters by which the separator is told
# Python's names, and those that people know
ENCODINGS: Final = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "cp1251": "Windows-1251",
    "kz1048": "KZ-1048",
    "koi8-r": "KOI8-R",
    "cp866": "DOS (866)",
    "mac-cyrillic": "Mac Cyrillic",
}
MARKS: Final = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
JSON: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{|\[\s*[{\]])")
ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f]")
SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?\s*\r?\n?", re.IGNORECASE)
SEPARATORS: Final = "\t;,|"
MARK: Final = "\x01"  # begins a typed cell, see workbooks/typed_cells.py
PART: Final = "\x1f"


class NoTable(ValueError):
    """A file that is not read; the text says why and what to send instead."""


class Cell(NamedTuple):
    """A cell of a workbook that is more than text. `text` is its value as text: a number's digits, an ISO date."""

    kind: str  # "" text | number | percent | date | bool | error
    text: str
    format: str = ""


class Record(NamedTuple):
    """One row. `line` is the line it begins on, or its number in the sheet; `broken` says why it could not be taken apart."""

    line: int
    cells: list[str]
    broken: str = ""


@dataclass(frozen=True)
class Sheet:
    """What is known of a sheet beside its rows. Rows count from 1 as in the sheet, columns from 0."""

    name: str = ""
    state: str = "visible"  # visible | hidden | veryhidden
    rows: int = 0
    columns: int = 0
    hidden_rows: list[list[int]] = field(default_factory=list)
    hidden_columns: list[list[int]] = field(default_factory=list)
    merged: list[list[int]] = field(default_factory=list)  # first row, first column, last row, last column
    links: dict[str, str] = field(default_factory=dict)  # "row,column" -> address


@dataclass(frozen=True)
class Kept:
    """A table in its folder."""

    folder: Path
    encoding: str  # as detected; a key of ENCODINGS
    size: int  # bytes as sent
    form: str  # text | workbook | json
    sheets: tuple[Sheet, ...]
    separator: str = ""  # of a text; "" where it is told by the rows

    @property
    def is_workbook(self) -> bool:
        return self.form != "text"

    def records(
        self, sheet: int = 0, encoding: str = "", progress: Callable[[int], None] | None = None
    ) -> Iterator[Record]:
        """Yield each row that is not blank, in the file's order; merged cells and links are as the file has them.

        `progress` is told now and then how many bytes were read.
        """
        path = self.folder / f"{sheet}.csv"
        if self.form == "workbook":
            return _xlsx_rows(path, progress)
        separator = "," if self.form == "json" else self.separator
        return _text_rows(
            path, "utf-8" if self.form == "json" else encoding or self.encoding, separator, progress
        )


def read_cell(text: str) -> Cell:
    """Take a cell of an unfolded workbook apart; plain text is a cell without a kind."""
    if not text.startswith(MARK):
        return Cell("", text)
    kind, value, code = (*text[1:].split(PART), "", "")[:3]
    return Cell(kind, value, code)


def keep(source: BinaryIO, folder: Path, *, separator: str = "") -> Kept:
    """Copy what was sent into a new folder; `separator` where it is known. Raises NoTable, then nothing is left there; OSError when there is no room."""
    folder.mkdir(parents=True)
    try:
        kept = replace(_keep(source, folder), separator=separator)
        (folder / "kept.json").write_text(json.dumps({**asdict(kept), "folder": ""}))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return kept


def open_kept(folder: Path) -> Kept:
    """Return what `keep` left in the folder. Raises FileNotFoundError when it is gone."""
    described = json.loads((folder / "kept.json").read_text())
    described["sheets"] = tuple(Sheet(**sheet) for sheet in described["sheets"])
    return Kept(**{**described, "folder": folder})


def _keep(source: BinaryIO, folder: Path) -> Kept:
    path = folder / "0.csv"
    size = _copy(source, path)
    with path.open("rb") as file:
        beginning = file.read(64)
    if beginning.startswith(OLD_EXCEL):
        raise NoTable(
            _(
                "This is an Excel file of the old kind (.xls), or one with a password. Save it as .xlsx or as CSV."
            )
        )
    if beginning.startswith(ZIP):
        return Kept(folder, "utf-8", size, "workbook", _unfold(path, folder, size))
    if beginning.startswith(b"%PDF"):
        raise NoTable(_("This is a PDF. Copy the table out of it and paste it here."))
    encoding = detect(path)
    if JSON.match(beginning):  # a line that begins with [words](address) is none
        _write_json_rows(path, size)
        return Kept(folder, "utf-8", size, "json", (Sheet(),))
    return Kept(folder, encoding, size, "text", (Sheet(),))


def _copy(source: BinaryIO, target: Path) -> int:
    size = 0
    with target.open("xb") as file:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > MOST_TEXT:
                raise NoTable(too_large(MOST_TEXT))
            file.write(chunk)
    if not size:
        raise NoTable(_("The file is empty."))
    return size


def too_large(limit: int) -> str:
    """Return the sentence for a file of more than `limit` bytes."""
    return _("The file is too large: up to %(limit)d MB can be read. Send it in parts.") % {
        "limit": limit // MEGABYTE
    }


# Text


def detect(path: Path) -> str:
    """Tell the encoding of a text: by its mark, by where its zeros are, by whether it holds together as UTF-8.

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
    return _utf8_or_older(path)


def _utf8_or_older(path: Path) -> str:
    """Tell UTF-8 from an older encoding: a few bad bytes in much good UTF-8 are damage, to be said in their rows; in
    an older encoding nearly all are bad."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    good = bad = zeros = size = 0
    sample = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            zeros, size = zeros + chunk.count(0), size + len(chunk)
            if zeros > max(8, size // 1000):
                raise NoTable(_("This is not a table: the file holds bytes that are no text."))
            if chunk.isascii():
                continue
            sample = sample or chunk
            text = decoder.decode(chunk)
            wrong = text.count("\ufffd")
            bad += wrong
            good += len(text) - wrong - len(text.encode("ascii", "ignore"))
    return "utf-8" if bad <= good / 2 else _older(sample)


_FREQUENT: Final = frozenset("оеаинтсрвлкмдпуыяОЕАИНТСРВЛКМДПәіңғүұқөһ")
_LETTERS: Final = frozenset(
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯәіңғүұқөһӘІҢҒҮҰҚӨҺ№«»–— "
)


def _older(sample: bytes) -> str:
    """Choose among the one-byte encodings of Cyrillic by how much of it reads as Russian or Kazakh; Windows-1251 in doubt."""
    high = bytes(sign for sign in sample if sign > 127)
    scores = {
        encoding: _likeness(high, encoding)
        for encoding in ("cp1251", "kz1048", "koi8-r", "cp866", "mac-cyrillic")
    }
    best = max(scores, key=lambda encoding: scores[encoding])
    if best == "kz1048":
        return best if scores[best] > scores["cp1251"] else "cp1251"
    return best if scores[best] > scores["cp1251"] + max(8, len(high) / 10) else "cp1251"


def _likeness(high: bytes, encoding: str) -> int:
    text = high.decode(encoding, errors="replace")
    return sum((sign in _LETTERS) + (sign in _FREQUENT) + sign.islower() for sign in text)


def _text_rows(
    path: Path, encoding: str, separator: str, progress: Callable[[int], None] | None
) -> Iterator[Record]:
    with (
        path.open("rb") as raw,
        io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline="") as file,
    ):
        sample = file.read(SAMPLE)
        named = SEPARATOR_LINE.match(sample)
        separator = separator or (named[1] if named else separator_of(sample))
        file.seek(0)
        if named:
            file.readline()
        elif sample.startswith("\ufeff"):
            file.read(1)
        skipped = 1 if named else 0
        for line, cells, wrong in csv_lines(file, separator):
            if wrong or any(cells):
                yield Record(line + skipped, cells, wrong)
            if line % 20_000 < 2 and progress:
                progress(raw.tell())


def separator_of(sample: str) -> str:
    """Tell by which sign the lines fall into the same number of cells; a tab before all others."""
    lines = sample.splitlines()
    lines = [
        line for line in lines[: -1 if len(lines) > 1 and len(sample) >= SAMPLE else None] if line.strip()
    ][:60]

    def evenness(separator: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
        except csv.Error:
            return 0.0, 0
        usual = max(set(widths), key=widths.count, default=1)
        widest = max(widths, default=1)
        if widest < 2:
            return 0.0, 0
        return (widths.count(usual) / len(widths) if usual > 1 else 0.1), usual

    return max(SEPARATORS, key=evenness)


def _write_json_rows(path: Path, size: int) -> None:
    """Write the list of objects that a JSON file holds as a table."""
    if size > MOST_JSON:
        raise NoTable(too_large(MOST_JSON))
    try:
        rows = _objects(json.loads(path.read_bytes()))
    except (ValueError, RecursionError):
        raise NoTable(_("The file begins as JSON does and cannot be read as such.")) from None
    if not rows:
        raise NoTable(_("The JSON holds no list of rows."))
    names = list(dict.fromkeys(name for row in rows for name in row))[:MOST_COLUMNS]
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(["" if row.get(name) is None else str(row[name]) for name in names] for row in rows)


def _objects(found: Any) -> list[dict[str, Any]]:
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        found = max(lists, key=len, default=[])
    if not isinstance(found, list):
        return []
    return [
        {str(key): value for key, value in row.items() if not isinstance(value, dict | list)}
        for row in found[:MOST_ROWS]
        if isinstance(row, dict)
    ]


# Workbooks


def _xlsx_rows(path: Path, progress: Callable[[int], None] | None) -> Iterator[Record]:
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding="utf-8", newline="") as file:
        csv.field_size_limit(1 << 20)
        for row in csv.reader(file):
            line = int(row[0])
            yield Record(line, row[1:])
            if progress and line % 20_000 < 2:
                progress(raw.tell())


def _unfold(path: Path, folder: Path, size: int) -> tuple[Sheet, ...]:
    """Turn the workbook into a CSV a sheet, in a process that has little memory and time."""
    if size > MOST_WORKBOOK:
        raise NoTable(too_large(MOST_WORKBOOK))
    workbook = folder / "workbook"
    path.replace(workbook)
    limits = [str(MOST_ROWS), str(MOST_COLUMNS), str(MOST_UNFOLDED)]
    try:
        child = subprocess.run(  # noqa: S603 (our own program; the file's name is ours too)
            [sys.executable, "-P", "-m", UNFOLD, str(workbook), str(folder), *limits],
            env={"PYTHONPATH": str(ROOT)},  # no settings and no keys go with it
            capture_output=True,
            timeout=UNFOLDING_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NoTable(_refusal("")) from None
    if child.returncode:
        raise NoTable(_refusal(child.stderr.decode(errors="replace")))
    workbook.unlink()
    return tuple(
        Sheet(**sheet) for sheet in json.loads((folder / "workbook.json").read_text(encoding="utf-8"))
    )


def _refusal(code: str) -> str:
    sentences = {
        "rows": _("The sheet has more than %(count)d rows. Send it in parts.") % {"count": MOST_ROWS},
        "columns": _("The sheet has more than %(count)d columns.") % {"count": MOST_COLUMNS},
        "strings": _("The workbook holds more text than can be read. Send it in parts, or as CSV."),
        "sheets": _("The workbook has too many sheets."),
        "empty": _("The workbook has no sheet."),
        "locked": _("The workbook has a password. Save it without one."),
        "outside": _("The workbook holds a part whose name leads out of it. It was not opened."),
        "unpacked": _("The workbook unpacks to far more than its size. It was not opened."),
        "archive": _("This is an archive, not a workbook. Send .xlsx, .ods or CSV."),
    }
    return sentences.get(
        code, _("The workbook cannot be read. Open it, save it as .xlsx or as CSV, and send that.")
    )


def covers(ranges: Iterable[list[int]], number: int) -> bool:
    """Tell whether a row or column lies in one of the ranges."""
    return any(first <= number <= last for first, last in ranges)
