"""Checks a claim against two recorded counts, within what their rounding and bounds leave open."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from apps.standings import overtakes
from apps.standings.league import league
from apps.standings.types import Row, Scope, Value


class ClaimKind(StrEnum):
    """What a claim is about."""

    AHEAD = "ahead"  # the first has more
    BEHIND = "behind"
    PASSED = "passed"  # the first has more, and once had fewer
    MORE_BY = "more_by"  # by how many
    FEWER_BY = "fewer_by"
    TIMES = "times"  # how many times as many
    COUNT = "count"  # how many the first has


class ClaimVerdict(StrEnum):
    HOLDS = "holds"
    FAILS = "fails"
    OPEN = "open"


class VerdictReason(StrEnum):
    """Why a verdict is what it is."""

    NUMBERS = "numbers"  # the numbers say so
    ROUNDING = "rounding"  # rounding or a bound leaves it open
    NO_COUNT = "no_count"  # of one of the two nothing is recorded that day
    OLD = "old"  # what is recorded is last known only
    NEVER_BEHIND = "never_behind"  # ahead, and no count shows it behind before
    ZERO = "zero"  # nothing is times 0


@dataclass(frozen=True)
class Range:
    """Where a number may lie, both ends in it."""

    low: float
    high: float

    def is_within(self, other: "Range") -> bool:
        return other.low <= self.low and self.high <= other.high

    def is_apart(self, other: "Range") -> bool:
        return self.high < other.low or other.high < self.low


@dataclass(frozen=True)
class Claimed:
    """A claim as it was understood. number: with what its way of writing leaves open; None where none is claimed."""

    kind: ClaimKind
    number: Range | None = None


@dataclass(frozen=True)
class Result:
    verdict: ClaimVerdict
    reason: VerdictReason
    one: Row | None
    other: Row | None


def check(claim: Claimed, actor: str, other: str, platform: str, on: date) -> Result:
    """Return whether the claim about the actor (and the other, "" where it is about a number alone) holds on the day."""
    slugs = (actor, other) if other else (actor,)
    rows = {row.actor_slug: row for row in league(Scope(platform=platform, actors=slugs), on, None).rows}
    pair = [rows.get(slug) for slug in slugs]
    verdict, reason = judge(claim, [row.now if row else None for row in pair])
    if (
        claim.kind == ClaimKind.PASSED
        and verdict == ClaimVerdict.HOLDS
        and not was_behind(actor, other, platform, on)
    ):
        verdict, reason = ClaimVerdict.OPEN, VerdictReason.NEVER_BEHIND
    return Result(verdict, reason, pair[0], pair[1] if other else None)


def judge(claim: Claimed, values: Sequence[Value | None]) -> tuple[ClaimVerdict, VerdictReason]:
    """Return the verdict that one count, or two, allow, and why."""
    counts = [value for value in values if value is not None and value.followers is not None]
    if len(counts) < len(values):
        return ClaimVerdict.OPEN, VerdictReason.NO_COUNT
    if not all(value.is_fresh for value in counts):
        return ClaimVerdict.OPEN, VerdictReason.OLD
    ranges = [range_of(value) for value in counts]
    if claim.kind == ClaimKind.COUNT:
        return compare_ranges(ranges[0], claim.number)
    one, other = ranges
    difference = Range(one.low - other.high, one.high - other.low)
    match claim.kind:
        case ClaimKind.AHEAD | ClaimKind.PASSED:
            return judge_sign(difference)
        case ClaimKind.BEHIND:
            return judge_sign(Range(-difference.high, -difference.low))
        case ClaimKind.MORE_BY:
            return compare_ranges(difference, claim.number)
        case ClaimKind.FEWER_BY:
            return compare_ranges(Range(-difference.high, -difference.low), claim.number)
    if other.high == 0:
        return ClaimVerdict.OPEN, VerdictReason.ZERO
    return compare_ranges(
        Range(one.low / other.high, one.high / other.low if other.low else math.inf), claim.number
    )


def range_of(value: Value) -> Range:
    """Return where the true count may lie: the platform rounds down, print rounds either way, a bound has one open end."""
    count = value.followers or 0
    step = 0 if value.precision == "exact" else value.step
    low = count if value.precision == "3sf" else count - step
    high = max(count + step - (value.precision == "3sf"), count)
    match value.bound:
        case ">" | ">=":
            return Range(low if value.bound == ">=" else max(low, count), math.inf)
        case "<":
            return Range(0, count)
        case "~":
            return Range(0, math.inf)
    return Range(max(low, 0), high)


def compare_ranges(actual: Range, claimed: Range | None) -> tuple[ClaimVerdict, VerdictReason]:
    if claimed is None:
        return ClaimVerdict.OPEN, VerdictReason.ROUNDING
    if actual.is_within(claimed):
        return ClaimVerdict.HOLDS, VerdictReason.NUMBERS
    if actual.is_apart(claimed):
        return ClaimVerdict.FAILS, VerdictReason.NUMBERS
    return ClaimVerdict.OPEN, VerdictReason.ROUNDING


def judge_sign(difference: Range) -> tuple[ClaimVerdict, VerdictReason]:
    """Return whether a difference is above zero."""
    if difference.low > 0:
        return ClaimVerdict.HOLDS, VerdictReason.NUMBERS
    if difference.high <= 0:
        return ClaimVerdict.FAILS, VerdictReason.NUMBERS
    return ClaimVerdict.OPEN, VerdictReason.ROUNDING


def was_behind(actor: str, other: str, platform: str, on: date) -> bool:
    """Say whether the record shows the actor overtaking the other by the day."""
    passes = overtakes.within(Scope(platform=platform, actors=(actor, other)), None, on, of=(actor,))
    return any(one.winner == actor and one.loser == other for one in passes)
