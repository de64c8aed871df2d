"""Telling an account that cannot be read from a platform that cannot be read.

A request that fails for many accounts is halved until the failing one stands alone. Whether the platform answers at
all is shown by a witness: an account that answered lately, the adapter's own probe, or a mate of the batch.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Final

from apps.collectors.http import impatience
from apps.collectors.outcomes import other_outcome
from apps.collectors.types import Kind, Outcome, PlatformFailure, Target, Unavailable

MOST_CALLS: Final = 90  # of one batch: ten culprits among a hundred accounts are found within them
SECONDS: Final = 100.0  # of one batch, the last call not counted; a worker's task may take 270
# Of a platform that has answered in this hunt: one that fails may be the next culprit. One that has answered nobody is
# asked no more than twice a minute, the first request and one witness; another witness follows when it is tried again.
WITNESSES_ASKED: Final = 2
OF_THE_KEY: Final = ("bad_token", "token_expired", "not_enabled", "credit", "quota")  # no account's fault

Fetch = Callable[[Sequence[Target]], Sequence[Outcome]]


@dataclass(frozen=True)
class Witnesses:
    """Accounts that show whether the platform answers, the surest first.

    `sure` answered within the last day, drawn by lot.
    """

    sure: tuple[Target, ...] = ()
    probe: Target | None = (
        None  # the adapter's own choice; that it is not found or not permitted is an answer too
    )
    mates: tuple[Target, ...] = ()  # of the batch, asked where nobody surer is known; their answers count


@dataclass
class Harvest:
    """What reading a batch came to; a target that is not among the outcomes was not answered."""

    outcomes: dict[Target, Outcome] = field(default_factory=dict)
    failure: PlatformFailure | None = None  # why the platform (or the server) may not be asked now
    others: list[Outcome] = field(default_factory=list)  # of witnesses that are not of the batch
    is_alive: bool = False  # whether anybody was answered at all


def read(
    fetch: Fetch,
    targets: Sequence[Target],
    witnesses: Callable[[], Witnesses],
    *,
    is_on_trial: bool = False,
    ends_at: float | None = None,
) -> Harvest:
    """Read the targets; each is answered, blamed by name with an ERROR outcome, or left for a later run.

    `witnesses` is called at the first failure, not before. `is_on_trial`: the platform failed when it was last asked, so a witness goes first. `ends_at`: on the monotonic
    clock, when nothing new is begun any more.
    """
    hunt = _Hunt(fetch, witnesses, set(targets), ends_at or time.monotonic() + SECONDS)
    hunt.run(list(dict.fromkeys(targets)), is_on_trial)
    return hunt.harvest


class _Hunt:
    def __init__(
        self, fetch: Fetch, witnesses: Callable[[], Witnesses], batch: set[Target], ends_at: float
    ) -> None:
        self.harvest = Harvest()
        self._fetch = fetch
        self._witnesses = cache(witnesses)
        self._batch = batch
        self._ends_at = ends_at
        self._calls = 0
        self._failures = 0  # since the platform last answered
        self._was_slow = False
        self._unproven: dict[Target, Outcome] = {}  # blamed, and nobody has answered since

    def run(self, targets: list[Target], is_on_trial: bool) -> None:
        waiting = deque([targets])
        if is_on_trial and not self._has_witness():
            return
        while waiting and not self._is_over():
            group = [target for target in waiting.popleft() if not self._is_settled(target)]
            failure = self._ask(group, is_hurried=self._was_slow) if group else None
            if failure is None:
                continue
            left = [target for target in group if target not in self.harvest.outcomes]
            blamed = [target for target in failure.asked if target in left]
            if failure.is_certain or not (blamed or self.harvest.is_alive):
                self.harvest.failure = failure
                return
            if not blamed:
                return  # out of time, no fault of anybody
            is_doubtful = not self.harvest.is_alive or self._failures > 1
            if is_doubtful and not self._has_witness(failure, blamed):
                return
            waiting.extend(self._suspects(failure, blamed))
            waiting.appendleft([target for target in left if target not in blamed])
        if self._unproven:
            self._has_witness()

    def _is_settled(self, target: Target) -> bool:
        return target in self.harvest.outcomes or target in self._unproven

    def _is_over(self) -> bool:
        return self._calls >= MOST_CALLS or time.monotonic() > self._ends_at

    def _suspects(self, failure: PlatformFailure, blamed: list[Target]) -> list[list[Target]]:
        """Return the halves among which the culprit is; one who stands alone is blamed."""
        each = [outcome for outcome in failure.each if outcome.target in blamed]
        if len(blamed) == 1 and not each:
            each = [other_outcome(blamed[0], Kind.ERROR, datetime.now(UTC), str(failure))]
        if each:
            self._unproven |= {outcome.target: outcome for outcome in each}
            if not self._failures:
                self._have_answer()  # a witness has answered since
            return []
        middle = (len(blamed) + 1) // 2
        return [blamed[:middle], blamed[middle:]]

    def _ask(self, group: Sequence[Target], *, is_hurried: bool = False) -> PlatformFailure | None:
        """Ask for these and keep what is answered; return why the others were not."""
        self._calls += 1
        try:
            with impatience() if is_hurried else nullcontext():
                outcomes = self._fetch(group)
        except PlatformFailure as failure:
            self._keep(failure.outcomes)
            self._failures += 1
            self._was_slow = self._was_slow or failure.code == "timeout"
            return failure
        self._keep(outcomes)
        self._have_answer()
        return None

    def _keep(self, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.target in self._batch:
                self.harvest.outcomes[outcome.target] = outcome
            else:
                self.harvest.others.append(outcome)
            if outcome.observed_at is not None:
                self._have_answer()

    def _have_answer(self) -> None:
        self.harvest.is_alive = True
        self._failures = 0
        self.harvest.outcomes |= self._unproven
        self._unproven = {}

    def _has_witness(self, failure: PlatformFailure | None = None, blamed: Sequence[Target] = ()) -> bool:
        """Say whether somebody is answered now; where nobody is, set down the failure and blame nobody.

        An account for which nobody can bear witness is blamed, unless it is the key that is refused: its own back-off
        asks as rarely as a pause would.
        """
        probe = self._witnesses().probe
        candidates = self._candidates(failure, blamed)
        for target in candidates[: WITNESSES_ASKED if self.harvest.is_alive else 1]:
            met = self._ask([target])
            if met is None:
                return True
            if failure and target == probe and failure.code != met.code == "no_permission":
                self._have_answer()  # the platform answers, though not for this one
                return True
            failure = met
            if met.is_certain or target == probe:
                break
        if not candidates and (failure is None or self.harvest.is_alive or failure.code not in OF_THE_KEY):
            self._have_answer()
            return True
        self._unproven = {}
        self.harvest.failure = failure
        return False

    def _candidates(self, failure: PlatformFailure | None, blamed: Sequence[Target]) -> list[Target]:
        """Return whom to ask: the probe, the sure ones, mates that were answered a moment ago, then the other mates.

        A platform that is tried again, where no failure is met yet, is asked for another one than its probe: a probe
        that fails by itself cannot hold it up.
        """
        known = self._witnesses()
        probe = [known.probe] if known.probe else []
        sure = [*probe, *known.sure] if failure else [*known.sure[:1], *probe, *known.sure[1:]]
        mates = [target for target in known.mates if target not in self._unproven]
        answered = [target for target in mates if self._was_good(target)]
        rest = [
            target for target in mates if target not in self.harvest.outcomes and [target] != list(blamed)
        ]
        return [target for target in sure if target not in blamed] + answered + rest

    def _was_good(self, target: Target) -> bool:
        outcome = self.harvest.outcomes.get(target)
        return outcome is not None and outcome.kind != Kind.ERROR


def guard(
    fetch: Fetch, log: Callable[[Exception], object], passing: tuple[type[Exception], ...] = ()
) -> Fetch:
    """Return a fetch whose own errors are met like failures of the platform, so that the culprit is found.

    Errors of the `passing` classes are nobody's of the batch: they are raised as they are.
    """

    def guarded(targets: Sequence[Target]) -> Sequence[Outcome]:
        try:
            return fetch(targets)
        except PlatformFailure:
            raise
        except passing:
            raise
        except Exception as error:  # whatever it is, it is one account's and not the batch's
            log(error)
            failure = Unavailable("broken", type(error).__name__)
            failure.asked = tuple(targets)
        raise failure

    return guarded
