"""Checks the database against its ledger: what stands in the one stands in the other, or is told by its day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from apps.ledger import lines, reads, sealing
from apps.ledger.sealing import Night
from tools import verify


@dataclass
class Report:
    """What a check has come to: `problems` are named by day, `pending` is what the next seal will take in."""

    numbers: int = 0
    label: str = ""
    key: str = ""
    lines: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    more: int = 0  # problems and pending lines that are not named


def check(now: datetime | None = None, key: str = "", known: Sequence[str] = ()) -> Report:
    """Read the whole ledger and the whole database, and compare. Ten years of 4,000 accounts take about a minute."""
    report = Report()
    ledger = verify.Ledger(verify.Chain(key, known))
    with transaction.atomic():
        try:
            ledger.read(reads.plain())
        except verify.Broken as broken:
            report.problems.append(str(broken))
            return report
        newest = ledger.chain.head
        report.numbers, report.key, report.lines = newest.number, newest.key, ledger.counts["lines"]
        report.label = f"{newest.number}-{newest.head[:12]}"
        report.notes = ledger.chain.notes
        with sealing.tonight(now) as night:
            _compare(ledger, report, night)
    return report


def _compare(ledger: verify.Ledger, report: Report, night: Night) -> None:
    _enter(ledger, night, report)
    shown = verify.Hashes()
    for line in _now(night):
        shown.add(verify.leaf(line))
    found = verify.compare(ledger, shown)
    if found.strange:
        for line in _now(night):
            if verify.leaf(line)[: verify.SHORT] in found.strange:
                _name(report.problems, f"changed, added or back-dated: {verify.name(line)}", report)
    if found.missing:
        pending = {verify.leaf(line)[: verify.SHORT] for line in night.entered}
        for line in verify.lines_with(reads.plain(), found.missing - pending):
            if not ledger.is_excused(verify.fields_of(line)):
                _name(
                    report.problems,
                    f"sealed, and not so any more (changed or dropped): {verify.name(line)}",
                    report,
                )
    report.problems += ["A line is said to be gone that never stood."] * bool(found.unfounded)


def _enter(ledger: verify.Ledger, night: Night, report: Report) -> None:
    """Let what the next seal will take in count as if it were sealed."""
    entered = [*night.entered, *sealing.rows_of_new_accounts(night)]
    for line in sorted(entered):
        ledger.entered.add(verify.leaf(line))
        _name(report.pending, verify.name(line), report)
        if line.startswith((b"hidden\t", b"closed\t")):
            kind, name = verify.fields_of(line)
            getattr(ledger, kind).add(name)
    for line, why in night.gone:
        ledger.gone.add(verify.leaf(line))
        _name(report.pending, f"{why}: {verify.name(line)}", report)


def _now(night: Night) -> Iterator[bytes]:
    """Yield all lines as the database has them, but rows of the day that is not over."""
    yield from lines.small(night.parameters)
    yield from lines.rows("s.day < %(day)s", night.parameters)


def _name(names: list[str], name: str, report: Report) -> None:
    if len(names) < verify.MOST_NAMED:
        names.append(name)
    else:
        report.more += 1
