"""Making outcomes: what may be a number, what may be a name, and that nobody is forgotten."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from apps.collectors.http import printable
from apps.collectors.types import Kind, Outcome, PlatformFailure, Target, Unavailable

MOST: Final = 2**63 - 1  # what a database column holds
TITLE_LENGTH: Final = 500
NAME_LENGTH: Final = 255  # of handles and ids
FETCH_SECONDS = 80.0  # of one fetch, and once more where a batch falls apart; a worker's task may take 270

Read = Callable[[Sequence[Target]], Sequence[Outcome]]


def number(value: object) -> int | None:
    """Return a count as a program may take it: a whole number from 0 to 2**63-1. None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= MOST else None


@dataclass(frozen=True)
class Facts:
    """What an answer says of the account besides its count, as it came; cleaned when an outcome is made of it."""

    platform_id: object = ""
    handle: object = ""
    title: object = ""
    verified: bool | None = None


NOTHING: Final = Facts()


def count_outcome(
    target: Target, value: object, at: datetime, facts: Facts = NOTHING, *, precision: str = "exact"
) -> Outcome:
    """Return the count the platform gave; an ERROR with the detail "not_a_count" where it is not one."""
    followers = number(value)
    if followers is None:
        return other_outcome(target, Kind.ERROR, at, f"not_a_count: {_quote(value)}", facts)
    return _outcome(target, Kind.COUNTED, at, "", facts, followers, precision)


def other_outcome(
    target: Target, kind: Kind, at: datetime | None = None, detail: str = "", facts: Facts = NOTHING
) -> Outcome:
    """Return every outcome that is no number. `detail` begins with a code where there is one."""
    return _outcome(target, kind, at, detail, facts)


def _outcome(
    target: Target,
    kind: Kind,
    at: datetime | None,
    detail: str,
    facts: Facts,
    followers: int | None = None,
    precision: str = "exact",
) -> Outcome:
    return Outcome(
        target,
        kind,
        followers,
        precision,
        observed_at=at,
        platform_id=printable(facts.platform_id, NAME_LENGTH),
        handle=printable(facts.handle, NAME_LENGTH),
        title=printable(facts.title, TITLE_LENGTH),
        verified=facts.verified,
        detail=detail[:300],
    )


def _quote(value: object) -> str:
    """Return what stood in place of a count, shortly; a number of many digits is not even written out."""
    if isinstance(value, int) and abs(value) > MOST:
        return "too large"
    return printable(repr(value), 60) if isinstance(value, str | int | float | None) else type(value).__name__


def fit(
    targets: Sequence[Target], fits: Callable[[Target], object], detail: str
) -> tuple[list[Target], list[Outcome]]:
    """Return the targets that may be asked for, and an ERROR with the detail for each of the others."""
    good: list[Target] = []
    bad: list[Outcome] = []
    for target in targets:
        if fits(target):
            good.append(target)
        else:
            bad.append(other_outcome(target, Kind.ERROR, detail=detail))
    return good, bad


def gather(targets: Sequence[Target], plan: Sequence[tuple[Sequence[Target], int, Read]]) -> list[Outcome]:
    """Read as planned and give one outcome per target, in the order of the targets.

    The plan: which targets go together, at most how many in one call, and the call. When the platform fails in the
    middle, or answers so slowly that the time of a whole fetch is over, the failure carries what was answered until
    then, and for whom the call that failed was. A target no call answered is an ERROR, "no_answer".
    """
    answered: dict[Target, Outcome] = {}
    asked: Sequence[Target] = ()
    ends_at = time.monotonic() + FETCH_SECONDS
    try:
        for group, size, read in plan:
            unique = list(dict.fromkeys(group))
            for start in range(0, len(unique), size):
                asked = ()
                if time.monotonic() > ends_at:
                    raise Unavailable("timeout", f"the batch took more than {FETCH_SECONDS:.0f} s")
                asked = unique[start : start + size]
                for outcome in read(asked):
                    answered[outcome.target] = outcome
    except PlatformFailure as failure:
        for outcome in failure.outcomes:
            answered[outcome.target] = outcome
        failure.outcomes = tuple(answered.values())
        failure.asked = failure.asked or tuple(target for target in asked if target not in answered)
        raise
    return [
        answered.get(target) or other_outcome(target, Kind.ERROR, detail="no_answer") for target in targets
    ]


def more(done: Sequence[Outcome], targets: Sequence[Target], size: int, read: Read) -> list[Outcome]:
    """Return what is answered already and what reading these gives; a failure carries both."""
    try:
        return [*done, *gather(targets, [(targets, size, read)])]
    except PlatformFailure as failure:
        failure.outcomes = (*done, *failure.outcomes)
        raise


def halve(done: Sequence[Outcome], targets: Sequence[Target], read: Read) -> list[Outcome]:
    """Read the halves of a request that was refused for one of its targets, where nobody says for which."""
    return more(done, targets, (len(targets) + 1) // 2, read)


def same(one: str, other: str) -> bool:
    """Tell whether two handles are the same to a platform."""
    return one.casefold() == other.casefold()


def dig(value: object, *keys: str) -> object:
    """Return what lies under the keys of nested JSON objects; None where one is missing or is no object."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def objects(value: object) -> list[dict[str, object]]:
    """Return the objects of a JSON array; whatever else is in it is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def word(value: object) -> str:
    """Return a JSON string, or a whole number as one (ids come as either); "" for anything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
