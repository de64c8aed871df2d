"""The Internet Archive's Wayback Machine: which captures there are of a page, and the page as it was captured.

https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server (the index) and captures with "id_", which
come as they were, without the archive's own bar.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from urllib.parse import quote

from apps.collectors.archived.pages import NoNumber, NoNumberReason
from apps.collectors.http import Answer, printable
from apps.collectors.patience import MAX_BYTES, Patient
from apps.collectors.types import Unavailable

SHOWN_AT: Final = "https://web.archive.org"  # for people; a test server does not change it
# The archive stops answering those who pass about fifteen requests a minute (not promised anywhere).
PAUSE: Final = 4.0
ROWS: Final = 500  # captures an answer of the index
MOST_ANSWERS: Final = 20
FIRST: Final = date(2004, 1, 1)  # before that none of the platforms was there
STAMP: Final = re.compile(r"[0-9]{14}")
ORIGINAL: Final = re.compile(r"https?://[\x21-\x7e]{3,800}")


@dataclass(frozen=True)
class Capture:
    """One page at one instant, as the index has it."""

    at: datetime  # UTC
    original: str
    digest: str = ""  # of the page; the same digest is the same page

    @property
    def stamp(self) -> str:
        return f"{self.at:%Y%m%d%H%M%S}"

    @property
    def address(self) -> str:
        """Return where people see the capture."""
        return f"{SHOWN_AT}/web/{self.stamp}/{self.original}"


@dataclass(frozen=True)
class Kept:
    """A captured page as it was."""

    capture: Capture
    body: bytes
    content_type: str  # in small letters


def monthly(archive: Patient, address: str, since: date | None, until: date | None) -> list[Capture]:
    """Return the first good capture of every month, of one address, in order of time.

    Raises PlatformFailure, and NoNumber where the archive may not show the address. What is no capture is left out.
    """
    asked = [
        ("url", address),
        ("output", "json"),
        ("fl", "timestamp,original,digest"),
        ("filter", "statuscode:200"),
        ("collapse", "timestamp:6"),
        ("limit", str(ROWS)),
        ("showResumeKey", "true"),
        ("from", f"{max(since or FIRST, FIRST):%Y%m%d}"),
    ]
    if until:
        asked.append(("to", f"{until:%Y%m%d}"))
    found: dict[str, Capture] = {}
    key = ""
    for _ in range(MOST_ANSWERS):
        answer = archive.get("/cdx/search/cdx", asked + ([("resumeKey", key)] if key else []))
        if answer.status == 403 or b"AdministrativeAccessControl" in answer.body[:2000]:
            raise NoNumber(NoNumberReason.EXCLUDED, address)
        rows, key = _rows(answer)
        for row in rows:
            capture = _capture(row, answer.at)
            if capture:
                found.setdefault(capture.stamp[:6], capture)
        if not key:
            break
    return sorted(found.values(), key=lambda capture: capture.at)


def fetch(archive: Patient, capture: Capture) -> Kept:
    """Return the captured page; raises PlatformFailure, and NoNumber where the archive cannot give this one any more."""
    try:
        answer = archive.get(f"/web/{capture.stamp}id_/{quote(capture.original, safe=_UNRESERVED)}")
    except Unavailable as unavailable:
        if unavailable.code == "too_large":
            raise NoNumber(NoNumberReason.TOO_LARGE) from None
        if unavailable.code == "encoding":
            raise NoNumber(NoNumberReason.DAMAGED) from None
        raise
    if 300 <= answer.status < 400:
        raise NoNumber(NoNumberReason.REDIRECT, answer.headers.get("location", ""))
    if answer.status == 403:
        raise NoNumber(NoNumberReason.EXCLUDED)
    if answer.status != 200:
        raise NoNumber(NoNumberReason.NOT_KEPT, f"HTTP {answer.status}")
    content_type = printable(answer.headers.get("content-type", ""), 100).lower()
    return Kept(capture, _unpack(answer.body), content_type)


_UNRESERVED: Final = ":/?&=%@+,;~!$'()*#"


def _rows(answer: Answer) -> tuple[Sequence[object], str]:
    """Return the rows of an answer without the names of the columns, and the key of the next answer, "" where it is
    the last."""
    body = answer.ok().json()
    if not isinstance(body, list):
        raise Unavailable("bad_shape", "no list of captures")
    if not body:
        return [], ""
    if body[0] != ["timestamp", "original", "digest"]:
        raise Unavailable("bad_shape", "other columns than asked for")
    key = ""
    if len(body) >= 3 and body[-2] == [] and isinstance(body[-1], list) and len(body[-1]) == 1:
        key = body[-1][0] if isinstance(body[-1][0], str) else ""
        body = body[:-2]
    return body[1:], key


def _capture(row: object, now: datetime) -> Capture | None:
    if not isinstance(row, list) or len(row) != 3 or not all(isinstance(cell, str) for cell in row):
        return None
    stamp, original, digest = row
    if not STAMP.fullmatch(stamp) or not ORIGINAL.fullmatch(original):
        return None
    try:
        at = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return Capture(at, original, printable(digest, 64)) if at.date() >= FIRST and at <= now else None


def _unpack(body: bytes) -> bytes:
    """Unpack captures that were kept as they were sent, and are given out so without saying it."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        unfold = zlib.decompressobj(wbits=31)
        page = unfold.decompress(body, MAX_BYTES)
    except zlib.error:
        raise NoNumber(NoNumberReason.DAMAGED) from None
    if unfold.unconsumed_tail:
        raise NoNumber(NoNumberReason.TOO_LARGE)
    return page
