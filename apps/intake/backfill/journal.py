"""Journal of questions to the Wayback Machine: a file an account, one line more for every answer.

Captures never change, so a page that was read is not asked for again; a run that is broken off goes on where it was.
The file may be deleted at any time: nothing is lost but the asking.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from apps.collectors.archived.pages import MOST, NoNumber, NoNumberReason, Shown
from apps.collectors.archived.sites import READERS
from apps.collectors.outcomes import number
from apps.collectors.types import Target
from apps.collectors.wayback import Capture

LISTS_LAST: Final = timedelta(days=30)  # then the index is asked for newer captures
PRECISIONS: Final = ("exact", "3sf", "abbrev")


@dataclass(frozen=True)
class _Page:
    target: list[str]
    readers: int
    shown: Shown | None
    why: NoNumber | None


class Journal:
    """The answers for one account. A line that is broken (the machine went down in it) counts as not asked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lists: dict[str, tuple[datetime, list[Capture]]] = {}
        self._pages: dict[tuple[str, str], _Page] = {}
        self._digests: dict[str, _Page] = {}
        if path.exists():
            for line in path.read_text("utf-8", errors="replace").splitlines():
                self._take(line)

    def captures(self, question: str) -> list[Capture] | None:
        """Return the captures that the index gave for the question, None where it has to be asked."""
        at, found = self._lists.get(question, (None, []))
        return found if at and datetime.now(UTC) - at < LISTS_LAST else None

    def page(self, target: Target, capture: Capture) -> Shown | NoNumber | None:
        """Return what was read from the capture, or from another of the same page; None where it has to be asked for."""
        page = self._pages.get((capture.stamp, capture.original)) or self._digests.get(capture.digest)
        if page is None or page.target != _target_row(target):
            return None
        # A number stays what it was; what gave none may give one to readers that have learnt since.
        return page.shown or (page.why if page.readers == READERS else None)

    def asked(self, question: str, captures: Sequence[Capture]) -> None:
        rows = [[capture.at.isoformat(), capture.original, capture.digest] for capture in captures]
        self._add({"asked": question, "at": datetime.now(UTC).isoformat(), "captures": rows})

    def saw(self, target: Target, capture: Capture, seen: Shown | NoNumber) -> None:
        entry: dict[str, object] = {
            "capture": [capture.at.isoformat(), capture.original, capture.digest],
            "of": _target_row(target),
            "readers": READERS,
        }
        if isinstance(seen, Shown):
            entry["shown"] = [seen.followers, seen.precision, seen.words, seen.platform_id]
        else:
            entry["why"] = [str(seen.code), seen.seen]
        self._add(entry)

    def _add(self, entry: dict[str, object]) -> None:
        line = json.dumps(entry, ensure_ascii=False)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        self._take(line)

    def _take(self, line: str) -> None:
        try:
            entry = json.loads(line)
            if "asked" in entry:
                captures = [_capture(row) for row in entry["captures"]]
                self._lists[entry["asked"]] = (datetime.fromisoformat(entry["at"]), captures)
                return
            capture = _capture(entry["capture"])
            page = _Page(
                [str(part) for part in entry["of"]],
                int(entry["readers"]),
                _read_shown(entry["shown"]) if "shown" in entry else None,
                NoNumber(NoNumberReason(entry["why"][0]), entry["why"][1]) if "why" in entry else None,
            )
        except (ValueError, TypeError, KeyError, IndexError, RecursionError):
            return
        self._pages[capture.stamp, capture.original] = page
        if capture.digest:
            self._digests[capture.digest] = page


def _target_row(target: Target) -> list[str]:
    return [target.platform, target.handle, target.platform_id]


def _capture(row: Sequence[str]) -> Capture:
    at, original, digest = row
    return Capture(datetime.fromisoformat(at).astimezone(UTC), original, digest)


def _read_shown(row: Sequence[object]) -> Shown:
    """Raises ValueError for what no reader can have written."""
    followers, precision, words, platform_id = row
    count = number(followers)
    if count is None or count > MOST or precision not in PRECISIONS:
        raise ValueError("not a count")
    return Shown(count, str(precision), str(words), str(platform_id))
